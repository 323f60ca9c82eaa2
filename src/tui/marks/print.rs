//! The paths of marked pictures, told at the end: on stdout those that are still what they were, on stderr the others.

use std::io::Write;
use std::path::PathBuf;

use super::check::{CheckedMarks, check};
use super::list::Marks;
use super::mark::Mark;
use crate::error::{Error, Result};
use crate::text::{count, printable};

/// What follows each path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    Line,
    Null,
}

/// Writes the paths of `marks`, as bytes, to `out`; what is left out, and why, to `doubts`. A path that holds the separator is an
/// error, and nothing is written then.
pub fn print(marks: &Marks, separator: Separator, out: &mut dyn Write, doubts: &mut dyn Write) -> Result<()> {
    let in_doubt = |mark: &Mark| marks.is_unsettled() && mark.kept().is_some();
    let (unsettled, settled): (Vec<_>, Vec<_>) = marks.iter().cloned().partition(in_doubt);
    let CheckedMarks { paths, mut left_out } = check(&settled);
    let being_joined =
        |mark: Mark| (mark.file.path, "was of a group, and groups were being looked for anew".to_owned());
    left_out.extend(unsettled.into_iter().map(being_joined));
    for (path, why) in &left_out {
        // Whoever closed it wants to know nothing.
        let _ = writeln!(doubts, "left out: {} {}", printable(&path.display().to_string()), printable(why));
    }
    if !left_out.is_empty() {
        let _ = writeln!(doubts, "{} left out, {} printed", count(left_out.len(), "mark"), paths.len());
    }
    out.write_all(&joined(&paths, separator)?).and_then(|()| out.flush()).map_err(Error::io("the list of marks"))
}

/// All paths as bytes, each followed by the separator.
pub fn joined(paths: &[PathBuf], separator: Separator) -> Result<Vec<u8>> {
    let byte = match separator {
        Separator::Line => b'\n',
        Separator::Null => 0,
    };
    let mut bytes = Vec::new();
    for path in paths {
        let path_bytes = path.as_os_str().as_encoded_bytes();
        if path_bytes.contains(&byte) {
            let path = path.display();
            let remedy =
                "its name holds a line break, so it is no line of a list; with --print0 the screens print such names";
            return Err(Error::Input(format!("{path}: {remedy}")));
        }
        bytes.extend_from_slice(path_bytes);
        bytes.push(byte);
    }
    Ok(bytes)
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
    }
}
