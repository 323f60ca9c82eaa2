//! The pictures of a folder: recursively, links followed, hidden files and folders left out.
//!
//! In: a dataset. Out: its pictures, each file once, under the name that comes first; and what else there was: what can't be
//! read, further names, what is left out ([`Scan`]). What is really there goes first, then what links lead to.

mod folder;
mod found;
#[cfg(test)]
mod tests;
mod walk;

pub use found::{Scan, ScanProgress, others_in_words};
