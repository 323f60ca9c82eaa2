//! `features.simages`: the descriptors as they are used, opened without being read.
//!
//! It lies beside `features.npz`, which is the record; this file can be made from that one at any time, and is whenever
//! there is doubt. While a dataset is being indexed it is ahead: descriptors are appended as they are computed. Of two rows
//! of the same name the later one counts.
//!
//! In: rows, the model's name, which `features.npz` the file goes with. Out: the same, mapped into memory. What lies where
//! is in [`layout`]; what is known of rows besides their descriptors lies in columns, and how one is added is told where
//! they are made, in [`crate::descriptor::columns`].

mod head;
mod layout;
mod read;
#[cfg(test)]
mod tests;
mod version3;
mod write;

pub use layout::Identity;
pub use read::{ByRow, Sparse, names, open};
pub use write::{append, write};
