//! The names of the files.

use std::ffi::OsStr;
use std::io::Read;
use std::path::Path;

use super::npz;
use super::sparse::MAGIC;
use crate::whole_file;

/// The record of a dataset's descriptors.
pub const NPZ: &str = "features.npz";
/// The same data for fast opening.
pub const SIMAGES: &str = "features.simages";

/// Whether a file of this name is written only by us.
pub fn is_ours(name: &OsStr) -> bool {
    [NPZ, SIMAGES].iter().any(|ours| name == *ours)
}

/// Whether the file at `place`, which a link of our name `ours` leads to, may be replaced: it holds descriptors.
pub fn holds_descriptors(ours: &OsStr, place: &Path) -> bool {
    match ours == SIMAGES {
        true => {
            let mut begin = [0; MAGIC.len()];
            whole_file::open(place).and_then(|mut file| file.read_exact(&mut begin)).is_ok() && begin == MAGIC
        }
        false => npz::has_descriptors(place),
    }
}
