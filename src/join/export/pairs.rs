//! A join's pairs as CSV, JSON Lines or Parquet, written as they are found, so that memory doesn't grow with the
//! result.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::extension::by_extension;
use super::parquet::ParquetWriter;
use crate::error::Result;
use crate::join::compare::DescriptorKind;
use crate::join::set_join::Group;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PairFormat {
    Csv,
    Jsonl,
    Parquet,
}

/// A pair as written.
#[derive(Serialize)]
struct PairRecord<'a> {
    key: &'a str,
    rank: usize,
    file: &'a str,
    value: f64,
    /// The descriptor that was compared, if known.
    #[serde(skip_serializing_if = "Option::is_none")]
    descriptor: Option<&'static str>,
    /// Whether both files are byte-identical.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    identical: bool,
}

impl PairFormat {
    pub const ALL: [PairFormat; 3] = [PairFormat::Csv, PairFormat::Jsonl, PairFormat::Parquet];

    /// Its name, which is also a file's extension.
    pub fn name(self) -> &'static str {
        match self {
            PairFormat::Csv => "csv",
            PairFormat::Jsonl => "jsonl",
            PairFormat::Parquet => "parquet",
        }
    }

    /// Chosen by a file's extension. [`crate::Error::Input`] for any other.
    pub fn by_extension(path: &Path) -> Result<PairFormat> {
        by_extension(path, &PairFormat::ALL.map(|format| (format.name(), format)))
    }
}

/// Writes the groups of a join as records of key, rank (from 1 within the key), file and value.
pub struct PairWriter<'a> {
    output: PairOutput<'a>,
    descriptor: Option<DescriptorKind>,
    written: u64,
}

enum PairOutput<'a> {
    Csv(Box<csv::Writer<&'a mut (dyn Write + Send)>>),
    Jsonl(&'a mut (dyn Write + Send)),
    Parquet(Box<ParquetWriter<'a>>),
}

impl<'a> PairWriter<'a> {
    /// `descriptor`: the descriptor compared, which JSON records; None if unknown.
    pub fn new(
        format: PairFormat,
        descriptor: Option<DescriptorKind>,
        to: &'a mut (dyn Write + Send),
    ) -> io::Result<PairWriter<'a>> {
        let output = match format {
            PairFormat::Csv => {
                // We write the header ourselves, so that a join without results has one too.
                let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(to);
                csv.write_record(["key", "rank", "file", "value"]).map_err(io_error)?;
                PairOutput::Csv(Box::new(csv))
            }
            PairFormat::Jsonl => PairOutput::Jsonl(to),
            PairFormat::Parquet => PairOutput::Parquet(Box::new(ParquetWriter::new(to)?)),
        };
        Ok(PairWriter { output, descriptor, written: 0 })
    }

    pub fn take(&mut self, group: &Group) -> io::Result<()> {
        self.written += group.neighbours.len() as u64;
        if let PairOutput::Parquet(parquet) = &mut self.output {
            return parquet.take(group);
        }
        for (rank, neighbour) in (1..).zip(&group.neighbours) {
            let identical = neighbour.row.is_identical(group.key.content());
            let (key, file, value) = (&group.key.name, &neighbour.row.name, neighbour.value);
            let descriptor = self.descriptor.map(DescriptorKind::name);
            match &mut self.output {
                PairOutput::Csv(csv) => csv.serialize((key, rank, file, value)).map_err(io_error)?,
                PairOutput::Jsonl(to) => {
                    serde_json::to_writer(&mut *to, &PairRecord { key, rank, file, value, descriptor, identical })?;
                    to.write_all(b"\n")?;
                }
                PairOutput::Parquet(_) => unreachable!("returned above"),
            }
        }
        Ok(())
    }

    /// Records so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes the remaining records.
    pub fn finish(self) -> io::Result<()> {
        match self.output {
            PairOutput::Csv(mut csv) => csv.flush(),
            PairOutput::Jsonl(to) => to.flush(),
            PairOutput::Parquet(parquet) => parquet.finish(),
        }
    }
}

/// The system's error; the csv crate's own conversion hides a broken pipe.
pub fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(source) => source,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::descriptor::{Descriptor, Row};
    use crate::join::Neighbour;

    fn row(name: &str) -> Arc<Row> {
        Arc::new(Row::new(name, None, Descriptor::default()))
    }

    fn written(format: PairFormat) -> String {
        let mut bytes = Vec::new();
        let mut writer = PairWriter::new(format, Some(DescriptorKind::Full), &mut bytes).unwrap();
        let neighbour = |name, value| Neighbour::new(row(name), value);
        for (key, neighbours) in [
            ("a.jpg", vec![neighbour("b, \"c\"\u{1b}[31m.png", 1.0), neighbour("d.jpg", 0.1 + 0.2)]),
            ("alone.jpg", vec![]),
            ("z.jpg", vec![neighbour("a.jpg", 0.0)]),
        ] {
            writer.take(&Group { key: row(key), neighbours }).unwrap();
        }
        assert_eq!(writer.written(), 3);
        writer.finish().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn each_line_is_a_pair_with_all_digits() {
        assert_eq!(
            written(PairFormat::Csv),
            "key,rank,file,value\na.jpg,1,\"b, \"\"c\"\"\u{1b}[31m.png\",1.0\na.jpg,2,d.jpg,0.30000000000000004\n\
             z.jpg,1,a.jpg,0.0\n"
        );
        assert_eq!(
            written(PairFormat::Jsonl),
            "{\"key\":\"a.jpg\",\"rank\":1,\"file\":\"b, \\\"c\\\"\\u001b[31m.png\",\"value\":1.0,\"descriptor\":\"full\"}\n\
             {\"key\":\"a.jpg\",\"rank\":2,\"file\":\"d.jpg\",\"value\":0.30000000000000004,\"descriptor\":\"full\"}\n\
             {\"key\":\"z.jpg\",\"rank\":1,\"file\":\"a.jpg\",\"value\":0.0,\"descriptor\":\"full\"}\n"
        );
    }

    #[test]
    fn the_extension_says_the_format() {
        assert_eq!(PairFormat::by_extension(Path::new("a/pairs.CSV")).unwrap(), PairFormat::Csv);
        assert_eq!(PairFormat::by_extension(Path::new("pairs.parquet")).unwrap(), PairFormat::Parquet);
        for name in ["pairs", "pairs.json", "pairs.xlsx"] {
            assert!(PairFormat::by_extension(Path::new(name)).unwrap_err().to_string().contains(".jsonl"), "{name}");
        }
    }
}
