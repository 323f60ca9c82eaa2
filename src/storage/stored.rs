//! The contents of a dataset's files.

use crate::descriptor::FeatureMatrix;

/// The contents of a `features.npz`.
#[derive(Debug, PartialEq)]
pub struct Stored {
    pub matrix: FeatureMatrix,
    /// None in files from other programs.
    pub model: Option<String>,
    pub prepared: Prepared,
    /// Whether `features.npz` lacks rows appended to `features.simages` since.
    pub is_behind: bool,
}

/// Whether `features.simages` holds the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prepared {
    /// In the current format: it opens at once, and rows can be appended.
    Current,
    /// It opens at once, but has an older format, or lacks derived data: it is rewritten before rows are appended, or
    /// when there is nothing else to do.
    Older,
    /// It must be made: it is missing, outdated, of an unreadable version, or damaged.
    No,
}

impl Prepared {
    /// Whether it opens at once.
    pub fn at_once(self) -> bool {
        self != Prepared::No
    }

    /// Whether rows can be appended to it.
    pub fn takes_rows(self) -> bool {
        self == Prepared::Current
    }
}
