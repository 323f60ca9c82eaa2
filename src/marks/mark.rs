//! One picture that is marked, as it was then.

use std::path::PathBuf;

use crate::dataset::{FileId, Stamp};

/// A picture's file, as the last scan found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkedFile {
    pub path: PathBuf,
    /// In its dataset.
    pub name: String,
    /// By number.
    pub dataset: usize,
    pub stamp: Stamp,
    pub id: FileId,
    /// No program can set it: another file in this place, or other bytes in it, have another one.
    pub ctime_ns: i64,
}

/// Where a mark comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    ByHand,
    /// A pair or group of a join, of which this picture is kept.
    Group(MarkedFile),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub file: MarkedFile,
    pub origin: Origin,
}

impl Mark {
    /// The picture that is kept in its place, if it is one of a group.
    pub fn kept(&self) -> Option<&MarkedFile> {
        match &self.origin {
            Origin::ByHand => None,
            Origin::Group(kept) => Some(kept),
        }
    }
}

impl MarkedFile {
    /// Its dataset and its name there.
    pub fn id(&self) -> (usize, &str) {
        (self.dataset, &self.name)
    }
}
