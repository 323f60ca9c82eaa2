//! The results of one key: table, JSON, CSV.

use std::io::{self, Write};

use serde::Serialize;

use crate::dataset::ContentHash;
use crate::join::metric::Metric;
use crate::join::neighbour::Neighbour;
use crate::text::printable;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResultFormat {
    #[default]
    Table,
    Json,
    Csv,
}

/// What is said of a file that is the same to the byte, instead of a value.
pub const IDENTICAL: &str = "identical";

/// A result as it is written.
#[derive(Serialize)]
struct ResultRecord<'a> {
    rank: usize,
    file: &'a str,
    value: f64,
    /// Whether its file is the same to the byte as the key's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    identical: bool,
}

impl<'a> ResultRecord<'a> {
    fn new(rank: usize, found: &'a Neighbour, key: Option<ContentHash>) -> ResultRecord<'a> {
        ResultRecord { rank, file: &found.row.name, value: found.value, identical: found.row.is_identical(key) }
    }
}

impl ResultFormat {
    /// Writes `results` with their ranks (from 1) to `writer`. `key`: what the key's file holds, where that is known.
    pub fn write(
        self,
        results: &[(usize, &Neighbour)],
        metric: Metric,
        key: Option<ContentHash>,
        writer: &mut dyn Write,
    ) -> io::Result<()> {
        let records: Vec<_> = results.iter().map(|(rank, found)| ResultRecord::new(*rank, found, key)).collect();
        match self {
            ResultFormat::Table => {
                writeln!(writer, "{:>4}  {:>10}  file", "rank", metric.name())?;
                for r in records {
                    let value = if r.identical { IDENTICAL.into() } else { metric.format(r.value) };
                    writeln!(writer, "{:>4}  {value:>10}  {}", r.rank, printable(r.file))?;
                }
            }
            ResultFormat::Json => {
                serde_json::to_writer(&mut *writer, &records)?;
                writeln!(writer)?;
            }
            ResultFormat::Csv => {
                let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(&mut *writer);
                csv.write_record(["rank", "file", "value"])?;
                records.iter().try_for_each(|r| csv.serialize((r.rank, r.file, r.value)))?;
                csv.flush()?;
            }
        }
        writer.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{Descriptor, Row};
    use std::sync::Arc;

    fn written(format: ResultFormat) -> String {
        let neighbour =
            |name: &str, value| Neighbour { row: Arc::new(Row::new(name, None, Descriptor::default())), value };
        let neighbours = [neighbour("birds_duck.jpg", 0.412), neighbour("a, \"b\"\u{1b}[31m.png", 0.25)];
        let ranked: Vec<_> = neighbours.iter().enumerate().map(|(i, n)| (i + 1, n)).collect();
        let mut out = Vec::new();
        format.write(&ranked, Metric::Cosine, Some(ContentHash([7; 32])), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_format_is_what_its_readers_expect() {
        assert_eq!(
            written(ResultFormat::Json),
            "[{\"rank\":1,\"file\":\"birds_duck.jpg\",\"value\":0.412},\
             {\"rank\":2,\"file\":\"a, \\\"b\\\"\\u001b[31m.png\",\"value\":0.25}]\n"
        );
        assert_eq!(
            written(ResultFormat::Csv),
            "rank,file,value\n1,birds_duck.jpg,0.412\n2,\"a, \"\"b\"\"\u{1b}[31m.png\",0.25\n"
        );
        assert_eq!(
            written(ResultFormat::Table),
            "rank      cosine  file\n   1       0.412  birds_duck.jpg\n   2       0.250  a, \"b\"\\u{1b}[31m.png\n"
        );
    }
}
