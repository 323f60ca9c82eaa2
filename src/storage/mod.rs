//! Descriptors in files: `features.npz`, the record that other programs read too ([`npz`]), and `features.simages`, the
//! same as it is used, opened at once ([`sparse`]). Where these files lie and who may write them is known above, in
//! [`crate::index`].

mod failure;
pub mod names;
pub mod npz;
pub mod sparse;
mod stored;

pub use failure::Failure;
pub use stored::{Prepared, Stored};
