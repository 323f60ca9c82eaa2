//! Pairs as Parquet, a batch of each column at a time. Files from other programs are accepted too: columns are found by
//! name, in any order, and may be nullable if no value is null.

use std::fs::File;
use std::path::Path;

use parquet::basic::Type;
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use super::{FilePair, Take, unreadable};
use crate::defects::forgive_this_thread;
use crate::error::{Error, Result};
use crate::progress::Progress;

/// Values read at a time.
const BATCH: usize = 1 << 12;

pub fn read(path: &Path, take: Take) -> Result<()> {
    let file = File::open(path).map_err(Error::io(path))?;
    // The library panics on some damaged files, so it runs where panics are caught.
    let forgiven = || {
        forgive_this_thread();
        read_file(path, file, take)
    };
    std::thread::scope(|scope| {
        let reading = std::thread::Builder::new().name("parquet".into()).spawn_scoped(scope, forgiven);
        let read = reading.map_err(Error::io(path))?.join();
        read.unwrap_or_else(|_| Err(unreadable(path, "it is damaged")))
    })
}

fn read_file(path: &Path, file: File, take: Take) -> Result<()> {
    let failed = |error: parquet::errors::ParquetError| unreadable(path, error);
    let reader = SerializedFileReader::new(file).map_err(failed)?;
    let metadata = reader.metadata().file_metadata();
    let schema = metadata.schema_descr();
    let column = |name: &str, physical: Type| {
        let mut columns = schema.columns().iter();
        let at = columns.position(|column| column.name() == name && column.physical_type() == physical);
        at.filter(|at| schema.column(*at).max_rep_level() == 0)
            .ok_or_else(|| unreadable(path, format!("there is no column {name} of {physical}")))
    };
    let (keys, files) = (column("key", Type::BYTE_ARRAY)?, column("file", Type::BYTE_ARRAY)?);
    let values = column("value", Type::DOUBLE)?;
    let (mut read, of) = (0, metadata.num_rows().max(0) as u64);
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(failed)?;
        let mut keys = PairColumn::<ByteArrayType>::new(path, &*group, keys)?;
        let mut files = PairColumn::<ByteArrayType>::new(path, &*group, files)?;
        let mut values = PairColumn::<DoubleType>::new(path, &*group, values)?;
        while let Some(keys) = keys.batch()? {
            let (files, values) = (files.batch()?.unwrap_or_default(), values.batch()?.unwrap_or_default());
            if files.len() != keys.len() || values.len() != keys.len() {
                return Err(unreadable(path, "it is damaged"));
            }
            for ((key, file), value) in keys.iter().zip(files).zip(values) {
                let (key, file) = (text(path, key)?, text(path, file)?);
                let no_value = || unreadable(path, format!("record {}: {}", read + 1, FilePair::NO_VALUE));
                let pair = FilePair::new(key, file, *value).ok_or_else(no_value)?;
                take(pair, Progress::pairs(read, of))?;
                read += 1;
            }
        }
    }
    Ok(())
}

/// A column of a row group.
struct PairColumn<'a, T: DataType> {
    reader: ColumnReaderImpl<T>,
    values: Vec<T::T>,
    path: &'a Path,
}

impl<'a, T: DataType> PairColumn<'a, T> {
    fn new(path: &'a Path, group: &dyn RowGroupReader, at: usize) -> Result<PairColumn<'a, T>> {
        let reader = group.get_column_reader(at).map_err(|error| unreadable(path, error))?;
        Ok(PairColumn { reader: get_typed_column_reader(reader), values: Vec::with_capacity(BATCH), path })
    }

    /// The next values; None at the end.
    fn batch(&mut self) -> Result<Option<&[T::T]>> {
        self.values.clear();
        let mut levels = Vec::new();
        let read = self.reader.read_records(BATCH, Some(&mut levels), None, &mut self.values);
        let (records, values, _) = read.map_err(|error| unreadable(self.path, error))?;
        if values < records {
            return Err(unreadable(self.path, "a value is missing"));
        }
        Ok((records > 0).then_some(&self.values))
    }
}

fn text<'a>(path: &Path, bytes: &'a ByteArray) -> Result<&'a str> {
    bytes.as_utf8().map_err(|_| unreadable(path, "a name isn't UTF-8"))
}
