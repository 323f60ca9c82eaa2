//! Marked pictures, for other programs to delete or move: what is known of each, a last check before its path is
//! printed, and how paths are printed. We never delete or move a picture ourselves.

mod check;
mod mark;
mod paths;
mod record;

pub use check::{CheckedMarks, LastCheck, check};
pub use mark::{Mark, MarkedFile, Origin};
pub use paths::{Separator, joined};
pub use record::{KeptRecord, ListRecords, MarkRecord};
