//! A join in blocks: some keys with some rows, each block independent of the others, in any order, anywhere.
//!
//! A block is pure: its output depends only on its keys, its rows and the thresholds it is given. Thresholds come from
//! results found so far. With any thresholds, from none to the final ones, no final result is lost; better ones leave
//! less to merge. A schedule decides how to cut a join into blocks, who computes them, and which thresholds they get.

use std::ops::Range;

use super::block::Pairing;
use super::candidate::Bounded;
use super::selection::{Hit, Selection};
use crate::join::predicate::Predicate;

/// A join that can be computed in blocks. Keys and rows are numbered in the order of their names.
pub trait Blocks: Sync {
    type Candidate: Bounded;
    /// Keys prepared for blocks, at most [`Blocks::KEYS`].
    type Keys;
    /// Rows prepared for blocks, at most [`Blocks::ROWS`]; many blocks may use them.
    type Rows: Send + Sync;

    const KEYS: usize;
    const ROWS: usize;

    fn selection(&self) -> Selection;

    /// The number of keys.
    fn keys(&self) -> usize;

    /// The number of rows.
    fn rows(&self) -> usize;

    /// Whether the rows are the keys.
    fn is_self_join(&self) -> bool;

    /// The closeness a row needs to be as good as `value`. Rounded so that too many rows pass rather than too few.
    fn closeness(&self, value: f64) -> f32;

    /// The closeness a row needs to be a result, apart from other results.
    fn needed(&self) -> f32 {
        match self.selection().predicate {
            Predicate::Range(limit) => self.closeness(limit),
            Predicate::Knn(_) => f32::NEG_INFINITY,
        }
    }

    /// The number of keys to finish before beginning others. A multiple of [`Blocks::KEYS`].
    fn batch(&self) -> usize;

    /// Whether the outcome for a pair is good enough to serve both pictures.
    fn serves_both(&self) -> bool;

    fn prepare_rows(&self, rows: Range<usize>) -> Self::Rows;

    /// In a self-join, `prepared` are some of the rows, which may include these keys. May reuse the memory of `last`.
    fn prepare_keys(&self, keys: Range<usize>, prepared: &[Self::Rows], last: Option<Self::Keys>) -> Self::Keys;

    /// The block's pairs, selected by `pairing`, that are as close as the thresholds require.
    fn block(
        &self,
        keys: &Self::Keys,
        rows: &Self::Rows,
        pairing: Pairing,
        needed: Thresholds,
    ) -> Candidates<Self::Candidate>;

    /// Computes the results of a key, with exact values. Takes the key, all its candidates by descending upper bound,
    /// and the values of hits elsewhere, best first. May omit hits that aren't results next to the hits elsewhere.
    fn exact(&self) -> impl FnMut(usize, Vec<Self::Candidate>, &[f64]) -> Vec<Hit>;
}

/// The closeness a pair needs to become a candidate.
#[derive(Clone, Copy, Debug)]
pub struct Thresholds<'a> {
    /// For each key of the block.
    pub keys: &'a [f32],
    /// For each row of the block, if candidates of rows are wanted too.
    pub rows: Option<&'a [f32]>,
}

/// The output of a block: candidates with the number of the key or row they are candidates of, sorted by that number.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidates<C> {
    pub of_keys: Vec<(u32, C)>,
    pub of_rows: Vec<(u32, C)>,
}

impl<C> Default for Candidates<C> {
    fn default() -> Self {
        Candidates { of_keys: Vec::new(), of_rows: Vec::new() }
    }
}
