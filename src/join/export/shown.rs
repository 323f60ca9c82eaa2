//! The results of one key with all that tells what they are, as the screens write them.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::extension::by_extension;
use super::pairs::io_error;
use super::parquet::ParquetWriter;
use crate::dataset::ContentHash;
use crate::descriptor::{Descriptor, Row};
use crate::error::Result;
use crate::join::compare::DescriptorKind;
use crate::join::metric::Metric;
use crate::join::neighbour::Neighbour;

/// Results, and whose they are.
#[derive(Clone, Debug)]
pub struct ShownResults {
    pub key: PathBuf,
    /// What the key's file holds, where that is known.
    pub content: Option<ContentHash>,
    pub descriptor: DescriptorKind,
    pub metric: Metric,
    /// The dataset's folder.
    pub root: PathBuf,
    /// With their ranks, from 1.
    pub results: Vec<(usize, Neighbour)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownFormat {
    /// rank, file, value.
    Csv,
    /// One object: key, metric, descriptor, dataset, and the results with their absolute paths.
    Json,
    /// Absolute paths, one a line.
    Paths,
    /// As pairs of a join: key, rank, file, value.
    Parquet,
}

#[derive(Serialize)]
struct ShownRecord<'a> {
    key: &'a Path,
    metric: &'static str,
    descriptor: &'static str,
    dataset: &'a Path,
    results: Vec<ShownResult<'a>>,
}

#[derive(Serialize)]
struct ShownResult<'a> {
    rank: usize,
    file: &'a str,
    path: PathBuf,
    value: f64,
    /// Whether its file is the same to the byte as the key's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    identical: bool,
}

impl ShownFormat {
    /// By a file's extension. [`crate::Error::Input`] if that is none of theirs.
    pub fn by_extension(path: &Path) -> Result<ShownFormat> {
        let formats = [
            ("csv", ShownFormat::Csv),
            ("json", ShownFormat::Json),
            ("parquet", ShownFormat::Parquet),
            ("txt", ShownFormat::Paths),
        ];
        by_extension(path, &formats)
    }
}

impl ShownResults {
    /// Absolute paths of the results, in their order.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.results.iter().map(|(_, found)| self.root.join(&found.row.name)).collect()
    }

    /// Writes them to `to`; but no paths, which may hold bytes that no text has.
    pub fn write(&self, format: ShownFormat, mut to: &mut (dyn Write + Send)) -> io::Result<()> {
        match format {
            ShownFormat::Paths => {}
            ShownFormat::Csv => {
                let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(&mut *to);
                csv.write_record(["rank", "file", "value"]).map_err(io_error)?;
                for (rank, found) in &self.results {
                    csv.serialize((rank, &found.row.name, found.value)).map_err(io_error)?;
                }
                csv.flush()?;
            }
            ShownFormat::Json => {
                let results = self.results.iter().map(|(rank, found)| ShownResult {
                    rank: *rank,
                    file: &found.row.name,
                    path: self.root.join(&found.row.name),
                    value: found.value,
                    identical: found.row.is_identical(self.content),
                });
                let record = ShownRecord {
                    key: &self.key,
                    metric: self.metric.name(),
                    descriptor: self.descriptor.name(),
                    dataset: &self.root,
                    results: results.collect(),
                };
                serde_json::to_writer(&mut *to, &record)?;
                writeln!(to)?;
            }
            ShownFormat::Parquet => {
                let key = Arc::new(Row::new(self.key.to_string_lossy(), None, Descriptor::default()));
                let mut parquet = ParquetWriter::new(&mut to)?;
                self.results.iter().try_for_each(|(rank, found)| parquet.add(&key, *rank as i64, found))?;
                parquet.finish()?;
            }
        }
        to.flush()
    }
}
