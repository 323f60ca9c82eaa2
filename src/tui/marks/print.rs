//! The paths of marked pictures, told at the end: on stdout those that are still what they were, on stderr the others.

use std::io::Write;

use super::list::Marks;
use crate::error::{Error, Result};
use crate::marks::{CheckedMarks, Mark, Separator, check, joined};
use crate::text::{count, printable};

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
        let _ = writeln!(doubts, "left out: {} {}", printable(&crate::shown::path(path)), printable(why));
    }
    if !left_out.is_empty() {
        let _ = writeln!(doubts, "{} left out, {} printed", count(left_out.len(), "mark"), paths.len());
    }
    out.write_all(&joined(&paths, separator)?).and_then(|()| out.flush()).map_err(Error::io("the list of marks"))
}
