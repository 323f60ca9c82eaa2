//! Names of files as text.

use std::ffi::OsStr;
use std::path::{MAIN_SEPARATOR, Path};

pub fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// The name that a picture has in the dataset at `root`.
pub fn name_inside(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    text(inside.as_os_str()).replace(MAIN_SEPARATOR, "/")
}

/// A file name as text; bytes that aren't UTF-8 appear as `\xNN`.
pub fn text(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}
