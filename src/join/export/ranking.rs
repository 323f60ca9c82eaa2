//! The results of a query as a table, JSON or CSV.

use std::io::{self, Write};

use serde::Serialize;

use crate::dataset::ContentHash;
use crate::join::compare::DescriptorKind;
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

/// Shown for a byte-identical file instead of a value.
pub const IDENTICAL: &str = "identical";

/// A key for.
#[derive(Clone, Debug)]
pub struct ResultKey {
    /// Its name, where results name their nearest key.
    pub name: String,
    /// Its content hash, if known.
    pub content: Option<ContentHash>,
}

/// A result as written.
#[derive(Serialize)]
struct ResultRecord<'a> {
    rank: usize,
    file: &'a str,
    value: f64,
    /// The descriptor that was compared.
    descriptor: &'static str,
    /// Whether its file is byte-identical to the (nearest) key's.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    identical: bool,
    /// With several keys, the nearest one.
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<&'a str>,
}

impl<'a> ResultRecord<'a> {
    fn new(rank: usize, found: &'a Neighbour, descriptor: DescriptorKind, keys: &'a [ResultKey]) -> ResultRecord<'a> {
        let key = keys.get(found.nearest);
        ResultRecord {
            rank,
            file: &found.row.name,
            value: found.value,
            descriptor: descriptor.name(),
            identical: found.row.is_identical(key.and_then(|key| key.content)),
            nearest: key.filter(|_| keys.len() > 1).map(|key| key.name.as_str()),
        }
    }
}

impl ResultFormat {
    /// Writes `results` with ranks (from 1) to `writer`, compared by this descriptor and metric. `keys`: the keys for.
    pub fn write(
        self,
        results: &[(usize, &Neighbour)],
        (descriptor, metric): (DescriptorKind, Metric),
        keys: &[ResultKey],
        writer: &mut dyn Write,
    ) -> io::Result<()> {
        let records: Vec<_> =
            results.iter().map(|(rank, found)| ResultRecord::new(*rank, found, descriptor, keys)).collect();
        match self {
            ResultFormat::Table => table(&records, metric, writer)?,
            ResultFormat::Json => {
                serde_json::to_writer(&mut *writer, &records)?;
                writeln!(writer)?;
            }
            ResultFormat::Csv => {
                let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(&mut *writer);
                match keys.len() {
                    ..=1 => {
                        csv.write_record(["rank", "file", "value"])?;
                        records.iter().try_for_each(|r| csv.serialize((r.rank, r.file, r.value)))?;
                    }
                    _ => {
                        csv.write_record(["rank", "file", "value", "nearest"])?;
                        records.iter().try_for_each(|r| csv.serialize((r.rank, r.file, r.value, r.nearest)))?;
                    }
                }
                csv.flush()?;
            }
        }
        writer.flush()
    }
}

/// A table for people. With several keys, a last column has the nearest one.
fn table(records: &[ResultRecord], metric: Metric, writer: &mut dyn Write) -> io::Result<()> {
    // With several keys, the value says more than that the file equals one of them.
    let value = |r: &ResultRecord| match r.identical && r.nearest.is_none() {
        true => IDENTICAL.into(),
        false => metric.format(r.value),
    };
    let wide = records.iter().filter(|r| r.nearest.is_some()).map(|r| printable(r.file).chars().count()).max();
    let wide = wide.unwrap_or_default().max("file".len());
    match records.iter().any(|r| r.nearest.is_some()) {
        true => writeln!(writer, "{:>4}  {:>10}  {:<wide$}  nearest key", "rank", metric.name(), "file")?,
        false => writeln!(writer, "{:>4}  {:>10}  file", "rank", metric.name())?,
    }
    for r in records {
        let (value, file) = (value(r), printable(r.file));
        match r.nearest {
            Some(key) => writeln!(writer, "{:>4}  {value:>10}  {file:<wide$}  {}", r.rank, printable(key))?,
            None => writeln!(writer, "{:>4}  {value:>10}  {file}", r.rank)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{Descriptor, Row};
    use std::sync::Arc;

    /// Of so many keys.
    fn written(format: ResultFormat, count: usize) -> String {
        let neighbour =
            |name: &str, value| Neighbour::new(Arc::new(Row::new(name, None, Descriptor::default())), value);
        let other = Neighbour { nearest: count - 1, ..neighbour("a, \"b\"\u{1b}[31m.png", 0.25) };
        let neighbours = [neighbour("birds_duck.jpg", 0.412), other];
        let ranked: Vec<_> = neighbours.iter().enumerate().map(|(i, n)| (i + 1, n)).collect();
        let keys: Vec<_> = ["key.jpg", "other\n.jpg"].map(|name| ResultKey { name: name.into(), content: None }).into();
        let mut out = Vec::new();
        format.write(&ranked, (DescriptorKind::Full, Metric::Cosine), &keys[..count], &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_format_is_what_its_readers_expect() {
        assert_eq!(
            written(ResultFormat::Json, 1),
            "[{\"rank\":1,\"file\":\"birds_duck.jpg\",\"value\":0.412,\"descriptor\":\"full\"},\
             {\"rank\":2,\"file\":\"a, \\\"b\\\"\\u001b[31m.png\",\"value\":0.25,\"descriptor\":\"full\"}]\n"
        );
        assert_eq!(
            written(ResultFormat::Csv, 1),
            "rank,file,value\n1,birds_duck.jpg,0.412\n2,\"a, \"\"b\"\"\u{1b}[31m.png\",0.25\n"
        );
        assert_eq!(
            written(ResultFormat::Table, 1),
            "rank      cosine  file\n   1       0.412  birds_duck.jpg\n   2       0.250  a, \"b\"\\u{1b}[31m.png\n"
        );
    }
    #[test]
    fn of_several_keys_each_result_says_the_nearest() {
        assert_eq!(
            written(ResultFormat::Json, 2),
            "[{\"rank\":1,\"file\":\"birds_duck.jpg\",\"value\":0.412,\"descriptor\":\"full\",\"nearest\":\"key.jpg\"},\
             {\"rank\":2,\"file\":\"a, \\\"b\\\"\\u001b[31m.png\",\"value\":0.25,\"descriptor\":\"full\",\"nearest\":\"other\\n.jpg\"}]\n"
        );
        assert_eq!(
            written(ResultFormat::Csv, 2),
            "rank,file,value,nearest\n1,birds_duck.jpg,0.412,key.jpg\n\
             2,\"a, \"\"b\"\"\u{1b}[31m.png\",0.25,\"other\n.jpg\"\n"
        );
        assert_eq!(
            written(ResultFormat::Table, 2),
            "rank      cosine  file                  nearest key\n   \
             1       0.412  birds_duck.jpg        key.jpg\n   \
             2       0.250  a, \"b\"\\u{1b}[31m.png  other\\n.jpg\n"
        );
    }
}
