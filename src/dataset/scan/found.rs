//! The result of a scan.

use std::collections::BTreeMap;

use crate::dataset::further_name::FurtherName;
use crate::dataset::left_out::LeftOut;
use crate::dataset::picture::{ImageFile, Skipped};
use crate::text::{count, thousands};

/// How many kinds of other files are named.
const KINDS: usize = 4;

/// The contents of a dataset's folder.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Sorted by name, with distinct names, each file once.
    pub images: Vec<ImageFile>,
    /// Files and folders that could not be read, such as a folder without permission.
    pub skipped: Vec<Skipped>,
    /// Other paths to pictures and folders already listed.
    pub further_names: Vec<FurtherName>,
    /// What was excluded.
    pub left_out: Vec<LeftOut>,
    /// How many files don't have the name of a picture, by lower-case extension.
    pub others: BTreeMap<String, usize>,
}

impl Scan {
    /// `212 files of other kinds (180 .cr3, 32 .mp4)`, so that nobody thinks they were read. None if there are none.
    pub fn others_in_words(&self) -> Option<String> {
        others_in_words(&self.others)
    }
}

/// [`Scan::others_in_words`], from the counts of a scan.
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

/// The progress of a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanProgress {
    pub folders: usize,
    pub pictures: usize,
}
