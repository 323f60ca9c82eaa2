//! Settings for the computation of joins: resources and plan.

use super::plan::Plan;
use crate::simd::Instructions;

/// Settings for the computation of joins. None affects a result.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    pub instructions: Instructions,
    /// None: the cheapest, by a sample.
    pub plan: Option<Plan>,
    /// The most candidates in memory (up to 16 bytes each) before a join takes fewer keys at a time.
    pub candidates: usize,
}

impl Default for Engine {
    fn default() -> Self {
        Engine { instructions: Instructions::fastest(), plan: None, candidates: 1 << 26 }
    }
}
