//! Pictures that are marked, for others to delete or move: what is known of each, a last look at it before its path is told,
//! and how paths are told. We never delete or move a picture ourselves.

mod check;
mod mark;
mod paths;

pub use check::{CheckedMarks, check};
pub use mark::{Mark, MarkedFile, Origin};
pub use paths::{Separator, joined};
