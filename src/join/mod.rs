//! The similarity join: which pictures are like the key.
//!
//! In: a key's descriptor, a feature matrix, a [`Metric`] and a [`Predicate`]. Out: a [`Ranking`], all neighbours in
//! order, and the [`Neighbour`]s that the predicate lets pass.

mod engine;
pub mod export;
mod metric;
mod predicate;
mod query;
mod set_join;

pub use engine::{Engine, Plan};
pub use metric::Metric;
pub use predicate::{Kind, Predicate};
pub use query::{Neighbour, Ranking, query};
pub use set_join::{Group, Progress, SetJoin, With};
