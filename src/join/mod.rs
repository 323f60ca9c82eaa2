//! The similarity join: which pictures are like the key.
//!
//! In: a key's descriptor, a feature matrix, a [`Metric`] and a [`Predicate`]. Out: a [`Ranking`], all neighbours in
//! order, and the [`Neighbour`]s that the predicate lets pass. A [`SetJoin`] does that for every key of a matrix, and
//! [`export`] writes what comes of it.

mod best;
mod engine;
pub mod export;
mod fold;
mod metric;
mod pace;
mod predicate;
mod quality;
mod query;
mod sensible;
mod set_join;
mod stars;

pub use best::{Best, Pair};
pub use engine::{Engine, Plan};
pub use metric::Metric;
pub use pace::Pace;
pub use predicate::{Kind, Predicate};
pub use quality::{Means, Measures, PerKey, leave_one_out};
pub use query::{Neighbour, Ranking, query};
pub use set_join::{Group, Progress, SetJoin, With};
pub use stars::stars;
