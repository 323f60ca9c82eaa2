//! The similarity join: which pictures are similar to a key.
//!
//! Input: a key's descriptor, a feature matrix, a [`DescriptorKind`], a [`Metric`] and a [`Predicate`]. Output: a
//! [`Ranking`] of all neighbours, and the [`Neighbour`]s that pass the predicate; also for several keys
//! ([`SoughtKeys`]). A [`SetJoin`] does the same for every key of a matrix, and [`export`] writes the results.
//! `compare` has how each kind of descriptor is compared; `engine`, how that is done fast.

mod approximate;
mod best_pairs;
mod compare;
mod engine;
mod expand;
pub mod export;
mod fold;
mod import;
mod joined_files;
mod kept;
mod metric;
mod neighbour;
mod predicate;
mod quality;
mod query;
mod ranking;
mod sensible;
mod set_join;
mod several;
mod stars;

pub use approximate::{Approximation, MeasuredRecall};
pub use best_pairs::{BestPairs, Pair};
pub use compare::{Comparison, DescriptorKind};
pub use engine::{
    Candidate, CodedSet, CodedSides, Engine, EngineJoin, Hit, Observer, Plan, Selection, Shortlist, Sides,
};
pub use import::{ImportedPairs, read_pairs};
pub use joined_files::JoinedFiles;
pub use kept::KeptJoin;
pub use metric::{Lengths, Metric, RangeSteps};
pub use neighbour::Neighbour;
pub use predicate::{Kind, Predicate};
pub use quality::{AskedBy, Means, Measures, PerKey, leave_one_out};
pub use query::query;
pub use ranking::Ranking;
pub use set_join::{Group, How, SetJoin, With};
pub use several::{SoughtKeys, combined};
pub use stars::{Edge, Star, stars};
