//! The engine: fast ways to exactly the pairs that the plain double loop finds.
//!
//! A first look ([`filter`]) at all pairs, by small integers ([`codes`]), bounds how close they are ([`closeness`]). What
//! can't be told apart that way is compared by the values that are shown ([`exact`]). The first look may only not lose
//! anything; so the answer is the same to the bit on every instruction set, thread count and [`Plan`]. Regions have small
//! integers of their own ([`regions`]).

mod candidates;
mod closeness;
mod codes;
mod exact;
mod filter;
mod half;
mod key;
mod nearest;
mod pairs;
mod plan;
mod region_pairs;
mod regions;
#[cfg(test)]
mod tests;

pub use key::Key;
pub use nearest::{Found, nearest};
pub use pairs::Pairs;
pub use plan::Plan;
pub use region_pairs::RegionPairs;

use super::Progress;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::simd::Instructions;

/// A join that is being computed.
pub trait Join {
    /// What the predicate lets pass, of each of the keys that come next, in their order. None when there are no more keys.
    fn next(&mut self, cancel: &Cancel, progress: &(dyn Fn(Progress) + Sync)) -> Result<Option<Vec<Found>>>;

    fn progress(&self) -> Progress;
}

/// How joins are computed.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    pub instructions: Instructions,
    /// None: the cheapest, by a sample.
    pub plan: Option<Plan>,
    /// Candidates in memory before a join goes on with fewer keys at a time: 12 bytes each.
    pub candidates: usize,
}

impl Default for Engine {
    fn default() -> Self {
        Engine { instructions: Instructions::fastest(), plan: None, candidates: 1 << 24 }
    }
}
