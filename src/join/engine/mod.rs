//! The engine: finds exactly the pairs that a plain double loop finds, but faster.
//!
//! A join has three parts. **Blocks** ([`blocks`], [`block`]) compare some keys with some rows: given thresholds, they
//! return candidates with bounds of their closeness. **Merge** ([`merge`]) collects a key's candidates from all blocks
//! in a shortlist, computes the exact values of those that remain at the end, and merges results of parts of the rows
//! into results of all. A **schedule** ([`schedule`]) decides how to cut a join into blocks, who computes them, and
//! which thresholds they get. Blocks and merge are pure and work in any order and grouping. So the answer is
//! bit-identical with every schedule, plan, instruction set and number of threads. The only requirement is that no
//! block loses a result.
//!
//! Everything that depends on a metric is in [`closeness`]. One key against all rows has its own method, in
//! [`mod@query`].

mod block;
mod blocks;
mod candidate;
mod closeness;
mod earlier_run;
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
pub use earlier_run::{BatchStage, EarlierRun};
pub use merge::exact::{DenseKey, exact_value, value};
pub use merge::{Nearest, Shortlist};
pub use plan::Plan;
pub use query::query;
pub use regions::RegionKey;
pub use schedule::{Observer, choose, run, run_to};
pub use selection::{Hit, Selection};
pub use settings::Engine;
pub use sides::{EngineJoin, Sides};
