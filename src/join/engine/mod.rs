//! The engine: fast ways to exactly the pairs that the plain double loop finds.
//!
//! A join is made of three parts. **Blocks** ([`blocks`], [`block`]): some keys against some rows, from thresholds to
//! candidates, each with what its closeness lies between. **Merge** ([`merge`]): the candidates of a key, of whatever
//! blocks, become a shortlist; what is left on it at the end is compared by the values that are shown; and results of
//! parts of the rows become results of all. A **schedule** ([`schedule`]) says which blocks there are, who computes
//! them, and what is known by then. Blocks and merge are pure and take everything in any order and grouping, so the
//! answer is the same to the bit with every schedule, plan, instruction set and number of threads; a block may only not
//! lose anything.
//!
//! What depends on a metric stands in [`closeness`]; one key against all rows, which has a way of its own, in
//! [`query`].

mod block;
mod blocks;
mod candidate;
mod closeness;
mod merge;
mod plan;
mod query;
mod regions;
mod schedule;
mod selection;
mod settings;
mod sides;
#[cfg(test)]
mod tests;

pub use block::{Code, Coded, CodedSet, CodedSides, EveryPair, Regional, Vectors};
pub use candidate::Candidate;
pub use merge::Nearest;
pub use merge::exact::{DenseKey, value};
pub use plan::Plan;
pub use query::query;
pub use regions::RegionKey;
pub use schedule::{Observer, choose, run, run_to};
pub use selection::{Hit, Selection};
pub use settings::Engine;
pub use sides::{EngineJoin, Sides};
