//! The pictures that are marked: one list in the program, what may be on it, and how it is printed or written.
//!
//! A mark is never trusted: groups and scans take marks away ([`Marks`]), and each file is looked at again before its path is
//! told to anybody ([`crate::marks::check`]).

mod groups;
mod list;
pub mod print;

pub use crate::marks::{Mark, MarkedFile, Origin};
pub use groups::{DuplicateRows, Groups};
pub use list::{Marks, Settled};
