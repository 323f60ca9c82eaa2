//! The names of the files.

use std::ffi::OsStr;

/// The record of a dataset's descriptors.
pub const NPZ: &str = "features.npz";
/// The same data for fast opening.
pub const SIMAGES: &str = "features.simages";

/// Whether a file of this name is written only by us.
pub fn is_ours(name: &OsStr) -> bool {
    [NPZ, SIMAGES].iter().any(|ours| name == *ours)
}
