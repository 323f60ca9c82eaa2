//! The pictures that are marked: one list in the program, what may be on it, and how it is printed or written.
//!
//! A mark is never trusted: groups and scans take marks away ([`Marks`]), and each file is looked at again before its path is
//! told to anybody ([`check`]).

pub mod check;
mod groups;
mod list;
mod mark;
pub mod print;

pub use groups::Groups;
pub use list::{Marks, Settled};
pub use mark::{Mark, MarkedFile, Origin};
