//! A join in blocks: some keys against some rows, each block by itself, in any order, wherever one likes.
//!
//! A block is pure: what it finds follows from its keys, its rows and the thresholds it is given. Thresholds are what
//! others have found so far: with any of them, from none to the final ones, nothing is lost that is a result in the end;
//! with better ones less is left to be merged. Which blocks there are, who computes them and what is known when is a
//! schedule's business.

use std::ops::Range;

use super::block::Pairing;
use super::candidate::Bounded;
use super::selection::{Hit, Selection};
use crate::join::predicate::Predicate;

/// A join that can be computed in blocks. Rows and keys are numbered in the order of their names.
pub trait Blocks: Sync {
    type Candidate: Bounded;
    /// Keys as a block takes them, at most [`Blocks::KEYS`].
    type Keys;
    /// Rows as blocks take them, at most [`Blocks::ROWS`]. They may be used for many blocks.
    type Rows: Send + Sync;

    const KEYS: usize;
    const ROWS: usize;

    fn selection(&self) -> Selection;

    /// How many keys there are.
    fn keys(&self) -> usize;

    /// How many rows there are.
    fn rows(&self) -> usize;

    /// Whether the rows are the keys.
    fn is_self_join(&self) -> bool;

    /// How close a row must be to be as good as `value`. It lets more pass rather than less.
    fn closeness(&self, value: f64) -> f32;

    /// How close a row must be to be a result, whatever else is found.
    fn needed(&self) -> f32 {
        match self.selection().predicate {
            Predicate::Range(limit) => self.closeness(limit),
            Predicate::Knn(_) => f32::NEG_INFINITY,
        }
    }

    /// Keys that one does well to finish before others are begun. A multiple of [`Blocks::KEYS`].
    fn batch(&self) -> usize;

    /// Whether what is found of a pair tells both pictures enough to be kept for both.
    fn serves_both(&self) -> bool;

    fn prepare_rows(&self, rows: Range<usize>) -> Self::Rows;

    /// Where the rows are the keys, `prepared` are some of them; the keys may be among these.
    /// The memory of the `last` ones may be used.
    fn prepare_keys(&self, keys: Range<usize>, prepared: &[Self::Rows], last: Option<Self::Keys>) -> Self::Keys;

    /// Those of the block's pairs, as `pairing` says which, that are as close as the thresholds ask.
    fn block(
        &self,
        keys: &Self::Keys,
        rows: &Self::Rows,
        pairing: Pairing,
        needed: Thresholds,
    ) -> Candidates<Self::Candidate>;

    /// From a key, all its candidates, those that may be closest first, and the values of hits elsewhere, best first, to its
    /// results, with exact values. Those that aren't results beside the hits elsewhere may be missing.
    fn exact(&self) -> impl FnMut(usize, Vec<Self::Candidate>, &[f64]) -> Vec<Hit>;
}

/// How close a pair must be to be worth a note.
#[derive(Clone, Copy, Debug)]
pub struct Thresholds<'a> {
    /// For each key of the block.
    pub keys: &'a [f32],
    /// For each row of the block, where candidates of rows are wanted too.
    pub rows: Option<&'a [f32]>,
}

/// What a block leaves: candidates, each with the number of whom it is one of, sorted by that.
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
