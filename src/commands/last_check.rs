//! The last check of marked pictures before their paths are printed.

use super::teller::{Count, SharedTeller};
use crate::cancel::Cancel;
use crate::marks::{CheckedMarks, LastCheck};

/// Runs a check, and reports its progress if it takes a while.
pub fn told(cancel: &Cancel, check: impl FnOnce(LastCheck) -> CheckedMarks) -> CheckedMarks {
    let teller = SharedTeller::new("reading identical pictures again", Count::Percent);
    let checked = check(LastCheck { cancel, progress: &|progress| teller.share(progress) });
    teller.clear();
    checked
}
