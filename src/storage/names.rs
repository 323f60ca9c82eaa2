//! What the files are called that hold a dataset's descriptors.

use std::ffi::OsStr;

/// The record, which other programs read too.
pub const NPZ_FILE: &str = "features.npz";
/// The same as it is used.
pub const SPARSE_FILE: &str = "features.simages";

/// Whether a file of this name is one that only we write.
pub fn is_for_descriptors(name: &OsStr) -> bool {
    [NPZ_FILE, SPARSE_FILE].iter().any(|ours| name == *ours)
}
