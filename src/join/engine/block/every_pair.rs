//! Computes the value of every pair. The fastest plan for few pairs, and the reference for all others.

use std::ops::Range;

use super::pairing::Pairing;
use super::vectors::Vectors;
use crate::join::engine::blocks::{Blocks, Candidates, Thresholds};
use crate::join::engine::candidate::Candidate;
use crate::join::engine::selection::{Hit, Selection};

pub struct EveryPair<'a>(pub Vectors<'a>);

impl Blocks for EveryPair<'_> {
    type Candidate = Candidate;
    type Keys = Range<usize>;
    type Rows = Range<usize>;

    const KEYS: usize = 64;
    const ROWS: usize = 256;

    fn selection(&self) -> Selection {
        self.0.selection
    }

    fn keys(&self) -> usize {
        self.0.keys.len()
    }

    fn rows(&self) -> usize {
        self.0.rows().len()
    }

    fn is_self_join(&self) -> bool {
        self.0.rows.is_none()
    }

    fn closeness(&self, _: f64) -> f32 {
        f32::NEG_INFINITY
    }

    /// Small, because every row is a candidate of every key.
    fn batch(&self) -> usize {
        Self::KEYS
    }

    fn serves_both(&self) -> bool {
        false
    }

    fn prepare_rows(&self, rows: Range<usize>) -> Range<usize> {
        rows
    }

    fn prepare_keys(&self, keys: Range<usize>, _: &[Range<usize>], _: Option<Range<usize>>) -> Range<usize> {
        keys
    }

    fn block(
        &self,
        keys: &Range<usize>,
        rows: &Range<usize>,
        pairing: Pairing,
        needed: Thresholds,
    ) -> Candidates<Candidate> {
        let candidates = |of: Range<usize>, others: &Range<usize>, is_pair: &dyn Fn(usize, usize) -> bool| {
            let all = of.flat_map(|of| others.clone().map(move |other| (of, other)));
            all.filter(|(of, other)| is_pair(*of, *other))
                .map(|(of, other)| (of as u32, Candidate::unknown(other)))
                .collect()
        };
        Candidates {
            of_keys: candidates(keys.clone(), rows, &|key, row| pairing.contain(key, row)),
            of_rows: match needed.rows {
                Some(_) => candidates(rows.clone(), keys, &|row, key| pairing.contain(key, row)),
                None => Vec::new(),
            },
        }
    }

    fn exact(&self) -> impl FnMut(usize, Vec<Candidate>, &[f64]) -> Vec<Hit> {
        self.0.exact(|_| f32::NEG_INFINITY)
    }
}
