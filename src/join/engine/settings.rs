//! How joins are computed: what they may use, and the way they are told to go.

use super::plan::Plan;
use crate::simd::Instructions;

/// How joins are computed. None of it changes a result.
#[derive(Clone, Copy, Debug)]
pub struct Engine {
    pub instructions: Instructions,
    /// None: the cheapest, by a sample.
    pub plan: Option<Plan>,
    /// Candidates in memory before a join goes on with fewer keys at a time: 16 bytes each at most.
    pub candidates: usize,
}

impl Default for Engine {
    fn default() -> Self {
        Engine { instructions: Instructions::fastest(), plan: None, candidates: 1 << 24 }
    }
}
