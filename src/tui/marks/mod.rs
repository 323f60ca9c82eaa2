//! The marked pictures: the program's only list of them, its rules, and how it is printed or written.
//!
//! A mark is never trusted. Groups and scans remove marks ([`Marks`]), and each file is checked again before its path
//! is printed or written ([`crate::marks::check`]).

mod groups;
mod left;
mod list;
pub mod print;
pub mod rescued;

pub use crate::marks::{Mark, MarkedFile, Origin};
pub use groups::{DuplicateRows, Groups};
pub use left::LeftMarks;
pub use list::{Marks, Settled};
