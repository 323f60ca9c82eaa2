//! What a scan finds.

use std::collections::BTreeMap;

use crate::dataset::further_name::FurtherName;
use crate::dataset::left_out::LeftOut;
use crate::dataset::picture::{ImageFile, Skipped};
use crate::text::{count, thousands};

/// Kinds of other files that are told.
const KINDS: usize = 4;

/// What a dataset's folder holds.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Sorted by name, names distinct, each file once.
    pub images: Vec<ImageFile>,
    /// What could not be looked at, such as a folder without permission.
    pub skipped: Vec<Skipped>,
    /// Further paths to pictures and folders that were found.
    pub further_names: Vec<FurtherName>,
    /// What was not looked at because somebody says so.
    pub left_out: Vec<LeftOut>,
    /// How many files are no pictures by their names, by extension in lower case.
    pub others: BTreeMap<String, usize>,
}

impl Scan {
    /// `212 files of other kinds (180 .cr3, 32 .mp4)`: those that somebody might take for looked at. None if there are none.
    pub fn others_in_words(&self) -> Option<String> {
        others_in_words(&self.others)
    }
}

/// [`Scan::others_in_words`] of what a scan has counted.
pub fn others_in_words(others: &BTreeMap<String, usize>) -> Option<String> {
    let all: usize = others.values().sum();
    let mut kinds: Vec<_> = others.iter().collect();
    kinds.sort_by_key(|(_, files)| std::cmp::Reverse(**files));
    let kind = |(extension, files): &(&String, &usize)| match extension.is_empty() {
        true => format!("{} without an extension", thousands(**files)),
        false => format!("{} .{extension}", thousands(**files)),
    };
    let more = if kinds.len() > KINDS { ", …" } else { "" };
    let told: Vec<_> = kinds.iter().take(KINDS).map(kind).collect();
    (all > 0).then(|| format!("{} of other kinds ({}{more})", count(all, "file"), told.join(", ")))
}

/// How far a scan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanProgress {
    pub folders: usize,
    pub pictures: usize,
}
