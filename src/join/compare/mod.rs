//! How pictures are compared by each kind of descriptor: a file for each kind, all behind one trait.
//!
//! In: full descriptors. Out: exact values, queries, joins, and why two pictures are alike. The kinds differ in what of a
//! descriptor is compared, and in which of the engine's ways does it.

mod comparison;
mod full;
mod kind;
mod pooled;
mod regions;
mod vectors;

pub use comparison::Comparison;
pub use kind::DescriptorKind;
