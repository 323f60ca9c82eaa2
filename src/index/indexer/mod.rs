//! Brings a dataset's `features.npz` up to date: computes what is missing or changed, and only that.
//!
//! In: a dataset, and the network. Out: its descriptors, and what happens meanwhile as [`Event`]s. Pictures are decoded on
//! threads of their own while the network runs on those before. Every batch is reported as it is done, and kept every few
//! seconds; a kill loses those, never the file.

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
