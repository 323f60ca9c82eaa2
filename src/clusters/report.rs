//! Writes clusters: a table, JSON, CSV, or paths.

use std::io::{self, Write};

use serde::Serialize;

use super::clustering::{Cluster, Clustering};
use crate::duplicates::Collection;
use crate::shown;
use crate::text::{count, printable};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClusterFormat {
    /// A line for each cluster.
    #[default]
    Table,
    Json,
    /// A line for each picture.
    Csv,
    /// The absolute paths of all pictures.
    Paths,
}

impl ClusterFormat {
    pub const ALL: [ClusterFormat; 4] =
        [ClusterFormat::Table, ClusterFormat::Json, ClusterFormat::Csv, ClusterFormat::Paths];

    pub fn name(self) -> &'static str {
        match self {
            ClusterFormat::Table => "table",
            ClusterFormat::Json => "json",
            ClusterFormat::Csv => "csv",
            ClusterFormat::Paths => "paths",
        }
    }
}

/// A cluster as written.
#[derive(Serialize)]
struct ClusterRecord {
    /// The largest is 1.
    cluster: usize,
    /// The most central first.
    pictures: Vec<String>,
}

/// Writes all clusters, or only the one with this number, which is at least 1; but no paths.
pub fn write(
    collection: &Collection,
    clustering: &Clustering,
    only: Option<usize>,
    format: ClusterFormat,
    to: &mut dyn Write,
) -> io::Result<()> {
    let path = |picture: &u32| shown::path(&collection.image(*picture).path);
    let numbered = || clustering.numbered(only);
    match format {
        ClusterFormat::Table => {
            let size = |cluster: &Cluster| count(cluster.pictures.len(), "picture");
            let width = clustering.clusters.iter().map(|cluster| size(cluster).len()).max().unwrap_or(0);
            for (number, cluster) in numbered() {
                let central = cluster.pictures.first().map(path).unwrap_or_default();
                writeln!(to, "{number:>4}  {:>width$}  {}", size(cluster), printable(&central))?;
            }
        }
        ClusterFormat::Json => {
            let record = |(cluster, of): (usize, &Cluster)| ClusterRecord {
                cluster,
                pictures: of.pictures.iter().map(path).collect(),
            };
            serde_json::to_writer(&mut *to, &numbered().map(record).collect::<Vec<_>>())?;
            writeln!(to)?;
        }
        ClusterFormat::Csv => {
            let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(&mut *to);
            csv.write_record(["cluster", "size", "rank", "path"])?;
            for (number, cluster) in numbered() {
                for (rank, picture) in (1..).zip(&cluster.pictures) {
                    csv.serialize((number, cluster.pictures.len(), rank as u32, path(picture)))?;
                }
            }
            csv.flush()?;
        }
        // Paths may contain any bytes.
        ClusterFormat::Paths => {}
    }
    to.flush()
}
