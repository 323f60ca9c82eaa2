//! Bringing a dataset's descriptors up to date, and where they are kept.
//!
//! In: a dataset's pictures and the network ([`indexer`]), or what was computed before ([`store`]). Out: a
//! [`crate::descriptor::FeatureMatrix`] to join with.

mod checkpoint;
mod decoding;
mod in_turn;
pub mod indexer;
mod known;
mod lock;
pub mod quick;
pub mod store;
