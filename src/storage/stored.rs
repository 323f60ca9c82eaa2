//! What is found in a dataset's files.

use crate::descriptor::FeatureMatrix;

/// What a `features.npz` holds.
#[derive(Debug, PartialEq)]
pub struct Stored {
    pub matrix: FeatureMatrix,
    /// None in files we didn't write.
    pub model: Option<String>,
    pub prepared: Prepared,
    /// Whether `features.npz` lacks rows that were appended to `features.simages` since.
    pub is_behind: bool,
}

/// Whether `features.simages` holds the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// As it is written today: it is opened at once, and rows can be appended.
    Current,
    /// It is opened at once, but it is of an older format, or lacks something that is derived: it is written anew before rows
    /// are appended, or when nothing else is to be done.
    Older,
    /// It is to be made: it is missing, of another time, of a version that can't be read, or damaged.
    No,
}

impl Prepared {
    /// Whether it is opened at once.
    pub fn at_once(self) -> bool {
        self != Prepared::No
    }

    /// Whether rows can be appended to it.
    pub fn takes_rows(self) -> bool {
        self == Prepared::Current
    }
}
