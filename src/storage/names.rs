//! What the files are called.

use std::ffi::OsStr;

/// The record of a dataset's descriptors.
pub const NPZ: &str = "features.npz";
/// The same as it is used.
pub const SIMAGES: &str = "features.simages";

/// Whether a file of this name is one that only we write.
pub fn is_ours(name: &OsStr) -> bool {
    [NPZ, SIMAGES].iter().any(|ours| name == *ours)
}
