//! Prints the paths of marked pictures at the end: unchanged ones on stdout, the others on stderr.

use std::io::Write;

use super::list::Marks;
use crate::error::{Error, Result};
use crate::marks::{CheckedMarks, Mark, Separator, check, joined};
use crate::text::{bytes, count, printable};

/// Reading more than this takes a noticeable time.
const READ_SILENTLY: u64 = 200_000_000;

/// Writes the paths of `marks`, as bytes, to `out`, and the pictures left out, with reasons, to `doubts`. If a path
/// contains the separator, that is an error, and nothing is written.
pub fn print(marks: &Marks, separator: Separator, out: &mut dyn Write, doubts: &mut dyn Write) -> Result<()> {
    let in_doubt = |mark: &Mark| marks.is_unsettled() && mark.kept().is_some();
    let (unsettled, settled): (Vec<_>, Vec<_>) = marks.iter().cloned().partition(in_doubt);
    let read = settled.iter().filter(|mark| mark.identical().is_some()).map(|mark| mark.file.stamp.size).sum::<u64>();
    if read > READ_SILENTLY {
        let _ = writeln!(doubts, "reading {} of identical pictures once more", bytes(2 * read));
    }
    let CheckedMarks { paths, mut left_out } = check(&settled);
    let being_joined =
        |mark: Mark| (mark.file.path, "belonged to a group, and groups were being recomputed".to_owned());
    left_out.extend(unsettled.into_iter().map(being_joined));
    for (path, why) in &left_out {
        // Whoever closed it doesn't want to know.
        let _ = writeln!(doubts, "left out: {} {}", printable(&crate::shown::path(path)), printable(why));
    }
    if !left_out.is_empty() {
        let _ = writeln!(doubts, "{} left out, {} printed", count(left_out.len(), "mark"), paths.len());
    }
    out.write_all(&joined(&paths, separator)?).and_then(|()| out.flush()).map_err(Error::io("the list of marks"))
}
