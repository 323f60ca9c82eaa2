//! The names of the files.

use std::ffi::OsStr;
use std::path::Path;

use super::sparse::MAGIC;

/// The record of a dataset's descriptors.
pub const NPZ: &str = "features.npz";
/// The same data for fast opening.
pub const SIMAGES: &str = "features.simages";

/// Whether a file of this name is written only by us.
pub fn is_ours(name: &OsStr) -> bool {
    [NPZ, SIMAGES].iter().any(|ours| name == *ours)
}

/// Whether a file of any name may be one of ours, or one that numpy wrote, going by its first bytes.
pub fn may_be_ours(path: &Path, begin: [u8; 4]) -> bool {
    let is_npz = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("npz"));
    MAGIC.starts_with(&begin) || is_npz && begin == *b"PK\x03\x04"
}
