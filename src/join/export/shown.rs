//! The results of a search with their context, as the screens write them.

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
use crate::shown;

/// Results, and the search they belong to.
#[derive(Clone, Debug)]
pub struct ShownResults {
    /// The keys for, at least one.
    pub like: Vec<PathBuf>,
    /// The keys against.
    pub unlike: Vec<PathBuf>,
    /// Content hashes of the keys for, where known.
    pub contents: Vec<Option<ContentHash>>,
    pub descriptor: DescriptorKind,
    pub metric: Metric,
    /// The dataset's folder.
    pub root: PathBuf,
    pub results: Vec<RankedResult>,
}

/// A result to write.
#[derive(Clone, Debug)]
pub struct RankedResult {
    /// From 1.
    pub rank: usize,
    /// Where its file is: the row only has its name as displayed.
    pub path: PathBuf,
    pub found: Neighbour,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownFormat {
    /// rank, file, value; with several keys for, also the nearest one.
    Csv,
    /// One object: key (or keys for and against), metric, descriptor, dataset, and the results with their absolute
    /// paths.
    Json,
    /// Absolute paths, one per line.
    Paths,
    /// As pairs of a join: (nearest) key, rank, file, value.
    Parquet,
}

/// Paths are text here, as displayed: JSON can't hold other bytes.
#[derive(Serialize)]
struct ShownRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// If there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    like: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unlike: Option<Vec<String>>,
    metric: &'static str,
    descriptor: &'static str,
    dataset: String,
    results: Vec<ShownResult>,
}

#[derive(Serialize)]
struct ShownResult {
    rank: usize,
    file: String,
    path: String,
    value: f64,
    /// Whether its file is byte-identical to the (nearest) key's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    identical: bool,
    /// With several keys for, the nearest one.
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<String>,
}

impl ShownFormat {
    /// Chosen by a file's extension. [`crate::Error::Input`] for any other.
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
        self.results.iter().map(|result| result.path.clone()).collect()
    }

    /// The key that a result is nearest to, if there are several.
    fn nearest(&self, found: &Neighbour) -> Option<String> {
        self.like.get(found.nearest).filter(|_| self.like.len() > 1).map(shown::path)
    }

    /// Writes them to `to`, except as paths: those may contain bytes that aren't text.
    pub fn write(&self, format: ShownFormat, to: &mut (dyn Write + Send)) -> io::Result<()> {
        match format {
            ShownFormat::Paths => {}
            ShownFormat::Csv => {
                let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(&mut *to);
                let header = ["rank", "file", "value", "nearest"];
                let columns = if self.like.len() > 1 { header.len() } else { 3 };
                csv.write_record(&header[..columns]).map_err(io_error)?;
                for RankedResult { rank, found, .. } in &self.results {
                    let (name, value) = (&found.row.name, found.value);
                    match self.nearest(found) {
                        Some(nearest) => csv.serialize((rank, name, value, nearest)),
                        None => csv.serialize((rank, name, value)),
                    }
                    .map_err(io_error)?;
                }
                csv.flush()?;
            }
            ShownFormat::Json => {
                let results = self.results.iter().map(|RankedResult { rank, path, found }| ShownResult {
                    rank: *rank,
                    file: found.row.name.clone(),
                    path: shown::path(path),
                    value: found.value,
                    identical: found.row.is_identical(self.contents.get(found.nearest).copied().flatten()),
                    nearest: self.nearest(found),
                });
                let all = |keys: &[PathBuf]| keys.iter().map(shown::path).collect();
                let is_one = self.like.len() == 1 && self.unlike.is_empty();
                let record = ShownRecord {
                    key: self.like.first().filter(|_| is_one).map(shown::path),
                    like: (!is_one).then(|| all(&self.like)),
                    unlike: (!is_one).then(|| all(&self.unlike)),
                    metric: self.metric.name(),
                    descriptor: self.descriptor.name(),
                    dataset: shown::path(&self.root),
                    results: results.collect(),
                };
                serde_json::to_writer(&mut *to, &record)?;
                writeln!(to)?;
            }
            ShownFormat::Parquet => {
                let key = |key: &PathBuf| Arc::new(Row::new(shown::path(key), None, Descriptor::default()));
                let keys: Vec<_> = self.like.iter().map(key).collect();
                let mut parquet = ParquetWriter::new(to)?;
                for RankedResult { rank, found, .. } in &self.results {
                    parquet.add(&keys[found.nearest], *rank as i64, found)?;
                }
                parquet.finish()?;
            }
        }
        to.flush()
    }
}
