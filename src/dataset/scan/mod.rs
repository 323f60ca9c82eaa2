//! The pictures of a folder: recursively, following links, without hidden files and folders.
//!
//! Input: a dataset. Output: its pictures, each file once, under the name that comes first; and everything else found:
//! unreadable files, further names, exclusions ([`Scan`]). Real files and folders come first, then the targets of
//! links.

mod folder;
mod found;
#[cfg(test)]
mod tests;
mod walk;

pub use found::{Scan, ScanProgress, others_in_words};
