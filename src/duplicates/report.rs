//! Writes groups: a table, JSON, CSV, or the paths of pictures that may go.

use std::io::{self, Write};

use serde::Serialize;

use super::collection::Collection;
use super::group::{DuplicateGroup, GroupMember};
use super::keep::time_ns;
use super::plan::GroupPlan;
use super::similar::{Likeness, SimilarPairs};
use crate::shown;
use crate::text::{bytes, count, date, printable};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupFormat {
    #[default]
    Table,
    Json,
    Csv,
    /// The absolute paths of pictures that may be marked.
    Paths,
    /// All pairs found, within the range or not.
    Pairs,
}

impl GroupFormat {
    pub const ALL: [GroupFormat; 5] =
        [GroupFormat::Table, GroupFormat::Json, GroupFormat::Csv, GroupFormat::Paths, GroupFormat::Pairs];

    pub fn name(self) -> &'static str {
        match self {
            GroupFormat::Table => "table",
            GroupFormat::Json => "json",
            GroupFormat::Csv => "csv",
            GroupFormat::Paths => "paths",
            GroupFormat::Pairs => "pairs",
        }
    }
}

/// A picture as written.
#[derive(Serialize)]
struct PictureRecord<'a> {
    /// `keep`, `mark`, or `leave`.
    action: &'static str,
    why: &'a str,
    path: String,
    /// The picture kept in its place, which the values are to.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    /// The cosine similarity.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<f64>,
    /// Differing bits of the small hashes.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance: Option<u8>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    identical: bool,
    width: Option<u32>,
    height: Option<u32>,
    bytes: u64,
    format: Option<&'static str>,
    /// The date by EXIF, else of the file.
    date: String,
}

impl<'a> PictureRecord<'a> {
    fn new(collection: &Collection, picture: u32, action: &'static str, why: &'a str) -> PictureRecord<'a> {
        let (image, facts) = (collection.image(picture), collection.picture(picture).facts);
        PictureRecord {
            action,
            why,
            path: shown::path(&image.path),
            of: None,
            value: None,
            distance: None,
            identical: false,
            width: facts.map(|facts| facts.width),
            height: facts.map(|facts| facts.height),
            bytes: image.size,
            format: facts.map(|facts| facts.format.name()),
            date: date(time_ns(collection, picture)),
        }
    }

    fn all(collection: &Collection, group: &'a DuplicateGroup) -> Vec<PictureRecord<'a>> {
        let kept = PictureRecord::new(collection, group.kept, "keep", &group.reason);
        let member = |member: &GroupMember| {
            let (action, why) = match member.judgement {
                Ok(reason) => ("mark", reason.text()),
                Err(doubt) => ("leave", doubt.text()),
            };
            PictureRecord {
                of: Some(shown::path(&collection.image(member.instead).path)),
                value: member.likeness.and_then(|likeness| likeness.value),
                distance: member.likeness.and_then(|likeness| likeness.distance).map(|(distance, _)| distance),
                identical: collection.content_of(member.picture) == collection.content_of(member.instead),
                ..PictureRecord::new(collection, member.picture, action, why)
            }
        };
        std::iter::once(kept).chain(group.members.iter().map(member)).collect()
    }
}

/// The similarity of two pictures in words: their cosine similarity, or the differing bits of their small hashes.
pub fn likeness(is_identical: bool, value: Option<f64>, distance: Option<u8>) -> String {
    match (is_identical, value, distance) {
        (true, ..) => "identical".into(),
        (false, Some(value), _) => format!("{value:.3}"),
        (false, None, Some(distance)) => count(distance.into(), "bit"),
        (false, None, None) => String::new(),
    }
}

/// The same for two compared pictures.
pub fn likeness_between(is_identical: bool, likeness_found: Option<Likeness>) -> String {
    let distance = likeness_found.and_then(|found| found.distance).map(|(distance, _)| distance);
    likeness(is_identical, likeness_found.and_then(|found| found.value), distance)
}

/// Writes all groups, or pairs; but no paths.
pub fn write(
    collection: &Collection,
    similar: &SimilarPairs,
    plan: &GroupPlan,
    format: GroupFormat,
    to: &mut dyn Write,
) -> io::Result<()> {
    match format {
        GroupFormat::Table => table(collection, plan, to)?,
        GroupFormat::Pairs => pairs(collection, similar, to)?,
        GroupFormat::Json => {
            let groups: Vec<_> = plan.groups.iter().map(|group| PictureRecord::all(collection, group)).collect();
            serde_json::to_writer(&mut *to, &groups)?;
            writeln!(to)?;
        }
        GroupFormat::Csv => {
            let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(&mut *to);
            csv.write_record([
                "group",
                "action",
                "why",
                "path",
                "value",
                "distance",
                "identical",
                "width",
                "height",
                "bytes",
                "format",
                "date",
                "of",
            ])?;
            for (number, group) in (1..).zip(&plan.groups) {
                for r in PictureRecord::all(collection, group) {
                    let facts = (r.width, r.height, r.bytes, r.format, r.date, r.of);
                    csv.serialize((number, r.action, r.why, &r.path, r.value, r.distance, r.identical, facts))?;
                }
            }
            csv.flush()?;
        }
        // Paths are written after a last check of the files.
        GroupFormat::Paths => {}
    }
    to.flush()
}

fn table(collection: &Collection, plan: &GroupPlan, to: &mut dyn Write) -> io::Result<()> {
    for (number, group) in (1..).zip(&plan.groups) {
        let records = PictureRecord::all(collection, group);
        let kept = shown::path(&collection.image(group.kept).path);
        writeln!(to, "group {number}, {}", count(records.len(), "picture"))?;
        for r in records {
            let pixels =
                r.width.zip(r.height).map_or_else(String::new, |(width, height)| format!("{width} x {height}"));
            let (likeness, bytes, format) =
                (likeness(r.identical, r.value, r.distance), bytes(r.bytes), r.format.unwrap_or_default());
            // Another one than the group's kept picture.
            let of = r.of.filter(|of| *of != kept).map(|of| format!("; compared with {}", printable(&of)));
            writeln!(
                to,
                "  {:<5}  {likeness:>9}  {pixels:>13}  {bytes:>9}  {format:<5}  {}  {}  ({}{})",
                r.action,
                r.date,
                printable(&r.path),
                printable(r.why),
                of.unwrap_or_default()
            )?;
        }
    }
    Ok(())
}

fn pairs(collection: &Collection, similar: &SimilarPairs, to: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().has_headers(false).from_writer(to);
    csv.write_record(["key", "file", "value", "distance", "identical"])?;
    let path = |picture: u32| shown::path(&collection.image(picture).path);
    for content in 0..collection.contents() as u32 {
        let (first, others) = collection.of_content(content).split_first().expect("a content is of a picture");
        for other in others {
            csv.serialize((path(*first), path(*other), Some(1.0), Some(0), true))?;
        }
    }
    for pair in &similar.pairs {
        let (a, b) = pair.contents;
        for first in collection.of_content(a) {
            for second in collection.of_content(b) {
                let distance = pair.distance.map(|(distance, _)| distance);
                csv.serialize((path(*first), path(*second), pair.value, distance, false))?;
            }
        }
    }
    csv.flush()
}
