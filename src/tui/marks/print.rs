//! Prints the paths of marked pictures at the end: unchanged ones on stdout, the others on stderr.

use std::io::Write;

use super::list::Marks;
use crate::error::{Error, Result};
use crate::marks::{CheckedMarks, LastCheck, Mark, MarkRecord, Separator, check, joined};
use crate::text::count;

/// Checks all marks; those in doubt are left out.
pub fn checked(marks: &Marks, checking: LastCheck) -> CheckedMarks {
    let in_doubt = |mark: &Mark| marks.is_unsettled() && mark.kept().is_some();
    let (unsettled, settled): (Vec<_>, Vec<_>) = marks.iter().cloned().partition(in_doubt);
    let mut checked = check(&settled, checking);
    let being_joined =
        |mark: Mark| (mark.file.path, "belonged to a group, and groups were being recomputed".to_owned());
    checked.unsettled = unsettled.iter().map(|mark| mark.file.path.clone()).collect();
    checked.records.extend(unsettled.iter().map(|mark| (mark.file.path.clone(), MarkRecord::of(mark))));
    checked.left_out.extend(unsettled.into_iter().map(being_joined));
    checked
}

/// Writes the paths, as bytes, to `out`, and the pictures left out, with reasons, to `doubts`. If a path contains the
/// separator, that is an error, and nothing is written.
pub fn print(checked: &CheckedMarks, separator: Separator, out: &mut dyn Write, doubts: &mut dyn Write) -> Result<()> {
    let CheckedMarks { paths, left_out, .. } = checked;
    for doubt in checked.doubts() {
        // Whoever closed it doesn't want to know.
        let _ = writeln!(doubts, "{doubt}");
    }
    if !left_out.is_empty() {
        let _ = writeln!(doubts, "{} left out, {} printed", count(left_out.len(), "mark"), paths.len());
    }
    out.write_all(&joined(paths, separator)?).and_then(|()| out.flush()).map_err(Error::io("the list of marks"))
}
