//! Writes a card's pictures: a table, JSON, CSV, or paths.

use std::io::{self, Write};

use serde::Serialize;

use super::card_check::{CardCheck, CardPicture};
use super::standing::StandingKind;
use crate::duplicates::{Collection, file, likeness, time_ns};
use crate::marks::{Mark, Origin};
use crate::shown;
use crate::text::{bytes, count, date, printable};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CardFormat {
    #[default]
    Table,
    Json,
    Csv,
    /// Absolute paths, one per line.
    Paths,
}

impl CardFormat {
    pub const ALL: [CardFormat; 4] = [CardFormat::Table, CardFormat::Json, CardFormat::Csv, CardFormat::Paths];

    pub fn name(self) -> &'static str {
        match self {
            CardFormat::Table => "table",
            CardFormat::Json => "json",
            CardFormat::Csv => "csv",
            CardFormat::Paths => "paths",
        }
    }
}

/// A picture as written.
#[derive(Serialize)]
struct CardRecord {
    standing: &'static str,
    why: String,
    path: String,
    /// The best match in the archive.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    best: Option<String>,
    /// The cosine similarity to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    /// Differing bits of the small hashes.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<u8>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    identical: bool,
    #[serde(flatten)]
    own: Option<FileFacts>,
    #[serde(rename = "match_facts", skip_serializing_if = "Option::is_none")]
    other: Option<FileFacts>,
}

#[derive(Clone, Serialize)]
struct FileFacts {
    width: Option<u32>,
    height: Option<u32>,
    bytes: u64,
    /// The date by EXIF, else of the file.
    date: String,
}

impl FileFacts {
    fn new(collection: &Collection, picture: u32) -> FileFacts {
        let facts = collection.picture(picture).facts;
        FileFacts {
            width: facts.map(|facts| facts.width),
            height: facts.map(|facts| facts.height),
            bytes: collection.image(picture).size,
            date: date(time_ns(collection, picture)),
        }
    }

    /// `4000x3000 4.1 MB`
    fn text(&self) -> String {
        let pixels =
            self.width.zip(self.height).map_or_else(String::new, |(width, height)| format!("{width}x{height}"));
        format!("{pixels:>11}  {:>9}", bytes(self.bytes))
    }
}

impl CardRecord {
    fn new(collection: &Collection, picture: &CardPicture) -> CardRecord {
        let path = |picture: u32| shown::path(&collection.image(picture).path);
        let likeness = picture.best.and_then(|best| best.likeness);
        CardRecord {
            standing: picture.standing.kind().name(),
            why: picture.standing.reason().to_owned(),
            path: path(picture.picture),
            best: picture.best.map(|best| path(best.picture)),
            value: likeness.and_then(|likeness| likeness.value),
            distance: likeness.and_then(|likeness| likeness.distance).map(|(distance, _)| distance),
            identical: picture.best.is_some_and(|best| best.is_identical()),
            own: Some(FileFacts::new(collection, picture.picture)),
            other: picture.best.map(|best| FileFacts::new(collection, best.picture)),
        }
    }

    fn all(collection: &Collection, check: &CardCheck, kinds: &[StandingKind]) -> Vec<CardRecord> {
        let mut records = Vec::new();
        for kind in kinds {
            records.extend(check.of(*kind).map(|picture| CardRecord::new(collection, picture)));
            if *kind == StandingKind::Unreadable {
                let root = collection.sources().first().map(|card| card.root.clone()).unwrap_or_default();
                records.extend(check.unreadable.iter().map(|skipped| CardRecord {
                    standing: kind.name(),
                    why: skipped.error.clone(),
                    path: shown::path(root.join(&skipped.file)),
                    best: None,
                    value: None,
                    distance: None,
                    identical: false,
                    own: None,
                    other: None,
                }));
            }
        }
        records
    }
}

/// Writes pictures of these kinds; but no paths.
pub fn write(
    collection: &Collection,
    check: &CardCheck,
    kinds: &[StandingKind],
    format: CardFormat,
    to: &mut dyn Write,
) -> io::Result<()> {
    let records = CardRecord::all(collection, check, kinds);
    match format {
        CardFormat::Table => table(&records, kinds, to)?,
        CardFormat::Json => {
            serde_json::to_writer(&mut *to, &records)?;
            writeln!(to)?;
        }
        CardFormat::Csv => csv(&records, to)?,
        // Paths are written after a last check of the files.
        CardFormat::Paths => {}
    }
    to.flush()
}

fn table(records: &[CardRecord], kinds: &[StandingKind], to: &mut dyn Write) -> io::Result<()> {
    for kind in kinds {
        let all: Vec<_> = records.iter().filter(|record| record.standing == kind.name()).collect();
        if all.is_empty() {
            continue;
        }
        writeln!(to, "{}: {}", kind.text(), count(all.len(), "picture"))?;
        for record in all {
            let facts = record.own.as_ref().map_or_else(String::new, FileFacts::text);
            writeln!(to, "  {facts:>22}  {}{}", printable(&record.path), record.beside())?;
        }
    }
    Ok(())
}

impl CardRecord {
    /// What follows a path in a table: its match, the similarity, and the reason.
    fn beside(&self) -> String {
        let why = if self.why.is_empty() { String::new() } else { format!("  ({})", printable(&self.why)) };
        let likeness = likeness(self.identical, self.value, self.distance);
        let facts = self.other.as_ref().map(|facts| facts.text().trim().to_owned()).unwrap_or_default();
        match &self.best {
            Some(path) if self.standing != StandingKind::New.name() => {
                format!("\n  {likeness:>22}  {}  {facts}{why}", printable(path))
            }
            _ => why,
        }
    }
}

fn csv(records: &[CardRecord], to: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(to);
    csv.write_record([
        "standing",
        "why",
        "path",
        "match",
        "value",
        "distance",
        "identical",
        "width",
        "height",
        "bytes",
        "date",
        "match_width",
        "match_height",
        "match_bytes",
        "match_date",
    ])?;
    for r in records {
        let facts = |facts: &Option<FileFacts>| match facts {
            Some(facts) => (facts.width, facts.height, Some(facts.bytes), facts.date.clone()),
            None => (None, None, None, String::new()),
        };
        let likeness = (r.value, r.distance, r.identical);
        csv.serialize((r.standing, &r.why, &r.path, &r.best, likeness, facts(&r.own), facts(&r.other)))?;
    }
    csv.flush()
}

/// The readable pictures of one kind as marks, to be checked once more before their paths are written; for those that
/// are there, with the archive's picture.
pub fn to_marks(collection: &Collection, check: &CardCheck, kind: StandingKind) -> Vec<Mark> {
    let mark = |picture: &CardPicture| {
        let origin = match picture.best.filter(|_| kind == StandingKind::There) {
            Some(best) => Origin::Group(file(collection, best.picture)),
            None => Origin::ByHand,
        };
        Mark { file: file(collection, picture.picture), origin }
    };
    check.of(kind).map(mark).collect()
}
