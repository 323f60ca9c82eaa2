//! The last check of marked pictures before their paths are printed.

use super::output::say;
use super::teller::{Count, SharedTeller};
use crate::cancel::Cancel;
use crate::duplicates::{Verdicts, VerdictsFile};
use crate::marks::{CheckedMarks, LastCheck};

/// Runs a check, and reports its progress if it takes a while. Verdicts are read again: other programs may have added
/// some.
pub fn told(cancel: &Cancel, verdicts: &VerdictsFile, check: impl FnOnce(LastCheck) -> CheckedMarks) -> CheckedMarks {
    let verdicts = verdicts.read().unwrap_or_else(|error| {
        say(&format!("warning: pairs declared no duplicates may be among the paths: {error}"));
        Verdicts::default()
    });
    let teller = SharedTeller::new("reading identical pictures again", Count::Percent);
    let checked = check(LastCheck {
        cancel,
        progress: &|progress| teller.share(progress),
        are_parted: &|a, b| verdicts.part_contents(a, b),
    });
    teller.clear();
    checked
}
