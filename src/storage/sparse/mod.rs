//! `features.simages`: the descriptors in the form in which they are used. Opens without being read.
//!
//! It lies beside `features.npz`, which is the record. In any doubt it is made again from that file; but if that one is
//! gone or damaged, its rows still count, for each has a checksum. While a dataset is being indexed it is ahead:
//! computed descriptors are appended to it. Of two rows with the same name, the later one counts.
//!
//! Input: rows, the model's name, and the identity of the matching `features.npz`. Output: the same, mapped into
//! memory. `layout` describes the file. Data about the rows besides their descriptors is in columns;
//! [`crate::descriptor::columns`] says how to add one.

mod head;
mod layout;
mod read;
#[cfg(test)]
mod tests;
mod update;
mod version3;
mod write;

pub use layout::{Identity, MAGIC};
pub use read::{ByRow, Sparse, open, open_large};
pub use update::lacking;
pub use write::{append, write};
