//! Pairs as text: CSV with a header, or JSON Lines. Columns and fields are found by name; there may be others.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;

use super::{FilePair, Take, unreadable};
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::text::count;

/// The columns that a CSV file must have; there may be others.
const COLUMNS: [&str; 3] = ["key", "file", "value"];

#[derive(Deserialize)]
struct TextRecord {
    key: String,
    file: String,
    value: f64,
}

impl TextRecord {
    fn pair(&self) -> Option<FilePair<'_>> {
        FilePair::new(&self.key, &self.file, self.value)
    }
}

pub fn read_csv(path: &Path, take: Take) -> Result<()> {
    let (file, bytes) = open(path)?;
    let mut csv = csv::Reader::from_reader(file);
    let failed = |error: csv::Error| {
        let line = error.position().map_or(0, csv::Position::line);
        match error.into_kind() {
            csv::ErrorKind::Io(error) => Error::io(path)(error),
            csv::ErrorKind::Deserialize { err, .. } => unreadable(path, format!("line {line}: {err}")),
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                let (has, wanted) = (count(len as usize, "field"), count(expected_len as usize, "column"));
                unreadable(path, format!("line {line} has {has}, the header {wanted}"))
            }
            _ => unreadable(path, format!("line {line} isn't UTF-8")),
        }
    };
    let header = csv.headers().map_err(failed)?;
    if let Some(column) = COLUMNS.iter().find(|column| !header.iter().any(|name| name == **column)) {
        return Err(unreadable(path, format!("there is no column {column}")));
    }
    let mut records = csv.deserialize::<TextRecord>();
    while let Some(record) = records.next() {
        let record = record.map_err(failed)?;
        let (line, read) = (records.reader().position().line(), records.reader().position().byte());
        let pair =
            record.pair().ok_or_else(|| unreadable(path, format!("before line {line}: {}", FilePair::NO_VALUE)))?;
        take(pair, Progress::pairs(read, bytes))?;
    }
    Ok(())
}

pub fn read_jsonl(path: &Path, take: Take) -> Result<()> {
    let (mut file, bytes) = open(path)?;
    let (mut line, mut read) = (Vec::new(), 0);
    for number in 1.. {
        line.clear();
        read += file.read_until(b'\n', &mut line).map_err(Error::io(path))? as u64;
        if line.is_empty() {
            break;
        }
        let wrong = |why: String| unreadable(path, format!("line {number}: {why}"));
        let record: TextRecord = serde_json::from_slice(&line).map_err(|error| wrong(error.to_string()))?;
        let pair = record.pair().ok_or_else(|| wrong(FilePair::NO_VALUE.into()))?;
        take(pair, Progress::pairs(read, bytes))?;
    }
    Ok(())
}

/// The file, and its size.
fn open(path: &Path) -> Result<(BufReader<File>, u64)> {
    let file = File::open(path).map_err(Error::io(path))?;
    let bytes = file.metadata().map_err(Error::io(path))?.len();
    Ok((BufReader::with_capacity(1 << 16, file), bytes))
}
