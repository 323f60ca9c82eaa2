//! Pairs as Parquet: key and file as dictionary-encoded strings, rank as int64, value as double; Snappy.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use crate::descriptor::Row;
use crate::join::neighbour::Neighbour;
use crate::join::set_join::Group;

const SCHEMA: &str = "message pairs {
    required binary key (STRING);
    required int64 rank;
    required binary file (STRING);
    required double value;
}";
/// Rows per row group; as many are buffered, 32 bytes each.
const ROW_GROUP: usize = 1 << 18;
/// Values passed to the encoder at a time.
const BATCH: usize = 1 << 12;

pub struct ParquetWriter<'a> {
    file: SerializedFileWriter<&'a mut (dyn Write + Send)>,
    waiting: Vec<WaitingRecord>,
}

struct WaitingRecord {
    key: Arc<Row>,
    rank: i64,
    file: Arc<Row>,
    value: f64,
}

impl<'a> ParquetWriter<'a> {
    pub fn new(to: &'a mut (dyn Write + Send)) -> io::Result<ParquetWriter<'a>> {
        let schema = parse_message_type(SCHEMA).expect("a constant that tests parse");
        let properties = WriterProperties::builder()
            .set_created_by(concat!("simages ", env!("CARGO_PKG_VERSION")).into())
            .set_compression(Compression::SNAPPY)
            // Values hardly ever repeat.
            .set_column_dictionary_enabled(ColumnPath::from("value"), false)
            .build();
        let file = SerializedFileWriter::new(to, Arc::new(schema), Arc::new(properties)).map_err(io_error)?;
        Ok(ParquetWriter { file, waiting: Vec::new() })
    }

    pub fn take(&mut self, group: &Group) -> io::Result<()> {
        (1..).zip(&group.neighbours).try_for_each(|(rank, neighbour)| self.add(&group.key, rank, neighbour))
    }

    pub fn add(&mut self, key: &Arc<Row>, rank: i64, found: &Neighbour) -> io::Result<()> {
        self.waiting.push(WaitingRecord { key: key.clone(), rank, file: found.row.clone(), value: found.value });
        if self.waiting.len() == ROW_GROUP {
            self.write_waiting().map_err(io_error)?;
        }
        Ok(())
    }

    /// Writes the remaining records.
    pub fn finish(mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.write_waiting().map_err(io_error)?;
        }
        self.file.into_inner().map_err(io_error)?.flush()
    }

    fn write_waiting(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        let name = |row: &Row| ByteArray::from(row.name.as_str());
        column::<ByteArrayType>(&mut group, &self.waiting, |record| name(&record.key))?;
        column::<Int64Type>(&mut group, &self.waiting, |record| record.rank)?;
        column::<ByteArrayType>(&mut group, &self.waiting, |record| name(&record.file))?;
        column::<DoubleType>(&mut group, &self.waiting, |record| record.value)?;
        group.close()?;
        self.waiting.clear();
        Ok(())
    }
}

/// Writes the next column of `group`.
fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut (dyn Write + Send)>,
    records: &[WaitingRecord],
    value: impl Fn(&WaitingRecord) -> T::T,
) -> Result<(), ParquetError> {
    let mut column = group.next_column()?.expect("as many columns as the schema has");
    for batch in records.chunks(BATCH) {
        let values: Vec<_> = batch.iter().map(&value).collect();
        column.typed::<T>().write_batch(&values, None, None)?;
    }
    column.close()
}

/// The disk's error, if that is the cause.
fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        other => io::Error::other(other),
    }
}
