//! File names as text.

use std::ffi::OsStr;
use std::path::{MAIN_SEPARATOR, Path};

pub use crate::shown::text;

pub fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// The last part of a path; all of it, if it ends in none.
pub fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| crate::shown::path(path), text)
}

/// The name of the picture at `path` in the dataset at `root`.
pub fn name_inside(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    text(inside.as_os_str()).replace(MAIN_SEPARATOR, "/")
}
