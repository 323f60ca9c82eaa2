//! What a scan finds.

use crate::dataset::further_name::FurtherName;
use crate::dataset::left_out::LeftOut;
use crate::dataset::picture::{ImageFile, Skipped};

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
}

/// How far a scan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScanProgress {
    pub folders: usize,
    pub pictures: usize,
}
