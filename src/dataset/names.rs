//! File names as text.

use std::ffi::OsStr;
use std::path::{MAIN_SEPARATOR, Path};

pub use crate::shown::text;

pub fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// The name of the picture at `path` in the dataset at `root`.
pub fn name_inside(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    text(inside.as_os_str()).replace(MAIN_SEPARATOR, "/")
}
