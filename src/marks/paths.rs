//! Paths as printed: bytes, with a separator after each.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The separator after each path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    Line,
    Null,
}

impl Separator {
    fn byte(self) -> u8 {
        match self {
            Separator::Line => b'\n',
            Separator::Null => 0,
        }
    }

    /// Whether a list with this separator can hold the path.
    pub fn separates(self, path: &Path) -> bool {
        !path.as_os_str().as_encoded_bytes().contains(&self.byte())
    }
}

/// All paths as bytes, each followed by the separator.
pub fn joined(paths: &[PathBuf], separator: Separator) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for path in paths {
        if !separator.separates(path) {
            let path = crate::shown::path(path);
            let remedy = "its name contains a line break, so it can't be a line of a list; use --print0";
            return Err(Error::Input(format!("{path}: {remedy}")));
        }
        bytes.extend_from_slice(path.as_os_str().as_encoded_bytes());
        bytes.push(separator.byte());
    }
    Ok(bytes)
}

/// The paths in a list, whichever the separator.
pub fn split(list: &[u8]) -> Vec<PathBuf> {
    let separator = if list.contains(&Separator::Null.byte()) { Separator::Null } else { Separator::Line };
    let paths = list.split(|byte| *byte == separator.byte()).filter(|path| !path.is_empty());
    paths.map(path_of).collect()
}

#[cfg(unix)]
pub fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
pub fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}

#[cfg(all(test, unix))]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn paths_are_bytes_and_no_line_of_a_list_is_two() {
        let odd = PathBuf::from(OsStr::from_bytes(b"/a/caf\xe9.jpg"));
        let paths = [odd.clone(), "/b.jpg".into()];
        assert_eq!(joined(&paths, Separator::Line).unwrap(), b"/a/caf\xe9.jpg\n/b.jpg\n");
        let broken = [odd, "/two\nlines.jpg".into()];
        let message = joined(&broken, Separator::Line).unwrap_err().to_string();
        assert!(message.contains("lines.jpg") && message.contains("--print0"), "{message}");
        assert_eq!(joined(&broken, Separator::Null).unwrap(), b"/a/caf\xe9.jpg\0/two\nlines.jpg\0");
        for (paths, separator) in [(&paths, Separator::Line), (&broken, Separator::Null)] {
            assert_eq!(split(&joined(paths, separator).unwrap()), paths);
        }
    }
}
