//! Descriptor files: `features.npz`, the record that other programs read too ([`npz`]), and `features.simages`, the
//! same data for fast opening ([`sparse`]). [`crate::index`] knows where these files are and who may write them.

mod failure;
mod names;
pub mod npz;
pub mod sparse;
mod stored;

pub use failure::Failure;
pub use names::{NPZ, SIMAGES, holds_descriptors, is_ours};
pub use stored::{Prepared, Stored};
