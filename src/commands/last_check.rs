//! The last check of marked pictures before their paths are printed.

use super::output::say;
use super::teller::{Count, SharedTeller};
use crate::cancel::Cancel;
use crate::marks::{CheckedMarks, LastCheck};
use crate::text::printable;

/// Runs a check, and reports its progress if it takes a while.
pub fn told(cancel: &Cancel, check: impl FnOnce(LastCheck) -> CheckedMarks) -> CheckedMarks {
    let teller = SharedTeller::new("reading identical pictures again", Count::Percent);
    let checked = check(LastCheck { cancel, progress: &|progress| teller.share(progress) });
    teller.clear();
    checked
}

/// Tells which pictures are left out, and why.
pub fn tell_left_out(checked: &CheckedMarks) {
    for (path, why) in &checked.left_out {
        say(&format!("left out: {} {}", printable(&crate::shown::path(path)), printable(why)));
    }
}
