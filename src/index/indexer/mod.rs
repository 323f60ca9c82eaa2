//! Brings a dataset's `features.npz` up to date: computes what is missing or changed, and nothing else.
//!
//! Input: a dataset and the network. Output: its descriptors, and progress as [`Event`]s. Pictures are decoded on
//! threads of their own while the network works on earlier ones. Every batch is reported when done, and saved every few
//! seconds; a kill loses those seconds, never the file.

mod adopting;
mod computing;
mod describing;
mod elsewhere;
mod event;
mod existing;
mod gone;
mod indexing;
mod looking;
mod run;
mod sorted;
#[cfg(test)]
mod tests;
mod validity;

pub use describing::{ReadKey, describe};
pub use elsewhere::{MissingRows, describe_all, missing, take_rows};
pub use event::{Event, Summary};
pub use indexing::{index, index_scanned, prune, survey, update_npz};
pub use looking::look;
pub use run::{PutOff, ToIndex};
