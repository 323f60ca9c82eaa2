//! Brings a dataset's descriptors up to date, and stores them.
//!
//! Input: a dataset's pictures and the network ([`indexer`]), or earlier results ([`store`]). Output: a
//! [`crate::descriptor::FeatureMatrix`] to join with.

pub mod alone;
mod checkpoint;
mod decoding;
mod in_turn;
pub mod indexer;
mod known;
mod lock;
pub mod quick;
pub mod store;
