//! What the screens leave at their end: the marks, and where their paths go.

use std::path::PathBuf;

use tokio::runtime::Runtime;

use super::list::Marks;
use super::print::{checked, print};
use super::rescued::rescue;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::marks::{CheckedMarks, LastCheck, Separator};
use crate::tui::stdout::Stdout;

pub struct LeftMarks {
    /// Cancelled by a signal, also after the screens' end.
    pub cancel: Cancel,
    pub(crate) marks: Marks,
    pub(crate) out: Stdout,
    pub(crate) separator: Separator,
    /// The folder for marks that can't be printed.
    pub(crate) folder: Option<PathBuf>,
    /// Dropped last: that waits for work that was begun, such as saving a verdict.
    pub(crate) _runtime: Runtime,
}

impl LeftMarks {
    /// Checks the marks right before they are printed.
    pub fn checked(&self, checking: LastCheck) -> CheckedMarks {
        checked(&self.marks, checking)
    }

    /// Prints the paths. If that fails, or the check was cancelled, rescues them.
    pub fn print(mut self, checked: &CheckedMarks) -> Result<()> {
        let printed = match self.cancel.check() {
            Ok(()) => print(checked, self.separator, &mut self.out, &mut std::io::stderr()),
            cancelled => cancelled,
        };
        if printed.is_err() {
            rescue(checked, self.folder.as_deref());
        }
        printed
    }
}
