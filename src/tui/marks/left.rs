//! What the screens leave at their end: the marks, and where their paths go.

use std::path::PathBuf;

use super::cut_off::keep_and_tell;
use super::list::Marks;
use super::print::{checked, print};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::marks::{CheckedMarks, LastCheck, Separator};
use crate::tui::stdout::Stdout;

pub struct LeftMarks {
    pub(crate) marks: Marks,
    pub(crate) out: Stdout,
    pub(crate) separator: Separator,
    /// The folder where marks are kept that can't be printed.
    pub(crate) folder: Option<PathBuf>,
}

impl LeftMarks {
    /// Checks the marks right before they are printed.
    pub fn checked(&self, checking: LastCheck) -> CheckedMarks {
        checked(&self.marks, checking)
    }

    /// Prints the paths. If that fails, or the check was cancelled, keeps them in a file instead.
    pub fn print(mut self, checked: &CheckedMarks, cancel: &Cancel) -> Result<()> {
        let printed = match cancel.check() {
            Ok(()) => print(checked, self.separator, &mut self.out, &mut std::io::stderr()),
            cancelled => cancelled,
        };
        if printed.is_err() {
            keep_and_tell(checked, self.folder.as_deref());
        }
        printed
    }
}
