//! A marked picture, as it was when marked.

use std::path::PathBuf;

use crate::dataset::{ContentHash, FileId, Stamp};

/// A picture's file, as of the last scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkedFile {
    pub path: PathBuf,
    /// In its dataset.
    pub name: String,
    /// By index.
    pub dataset: usize,
    pub stamp: Stamp,
    pub id: FileId,
    /// No program can set it, so a replaced or rewritten file has another one.
    pub ctime_ns: i64,
    /// Of its bytes when it was indexed, if it was.
    pub content: Option<ContentHash>,
}

/// The origin of a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    ByHand,
    /// A pair or group of a join, in which this picture is kept.
    Group(MarkedFile),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub file: MarkedFile,
    pub origin: Origin,
}

impl Mark {
    /// The picture that is kept in its place, if the mark is from a group.
    pub fn kept(&self) -> Option<&MarkedFile> {
        match &self.origin {
            Origin::ByHand => None,
            Origin::Group(kept) => Some(kept),
        }
    }

    /// The kept picture, if both had the same bytes when they were indexed.
    pub fn identical(&self) -> Option<&MarkedFile> {
        self.kept().filter(|kept| kept.content.is_some() && kept.content == self.file.content)
    }
}

impl MarkedFile {
    /// Its dataset and its name there.
    pub fn id(&self) -> (usize, &str) {
        (self.dataset, &self.name)
    }
}
