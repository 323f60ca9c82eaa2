//! Compares vectors by small integers: their inner products bound how close two vectors can be, which settles most
//! pairs.

use std::ops::Range;

use super::coded_set::{CodedSet, CodedSides};
use super::codes::Code;
use super::look::{CodedKeys, CodedRows, look};
use super::pairing::{Pairing, covers};
use super::vectors::Vectors;
use crate::join::engine::blocks::{Blocks, Candidates, Thresholds};
use crate::join::engine::candidate::Candidate;
use crate::join::engine::closeness::Closeness;
use crate::join::engine::selection::{Hit, Selection};
use crate::simd;

pub struct Coded<'a> {
    vectors: Vectors<'a>,
    code: Code,
    closeness: Closeness,
    /// Precomputed codes.
    ready: CodedSides,
    /// Whether a pair counts for as close as it may be: exactly k candidates are left of each key then, and some
    /// results are missing.
    is_estimate: bool,
}

impl<'a> Coded<'a> {
    /// `ready` are precomputed codes, of some or all vectors.
    pub fn new(vectors: Vectors<'a>, code: Code, ready: CodedSides) -> Coded<'a> {
        let closeness = Closeness::new(vectors.selection.metric, code, vectors.norms());
        Coded { vectors, code, closeness, ready, is_estimate: false }
    }

    /// For candidates that are the k closest by their rounded values.
    pub fn estimate(vectors: Vectors<'a>) -> Coded<'a> {
        Coded { is_estimate: true, ..Coded::new(vectors, Code::Values, CodedSides::default()) }
    }

    /// The same candidate with bounds in terms of [`crate::join::Metric::around`].
    pub fn around(&self, candidate: Candidate) -> Candidate {
        self.closeness.around(candidate)
    }
}

impl Blocks for Coded<'_> {
    type Candidate = Candidate;
    type Keys = CodedKeys;
    type Rows = CodedRows;

    const KEYS: usize = simd::KEYS;
    const ROWS: usize = CodedSet::ROWS;

    fn selection(&self) -> Selection {
        self.vectors.selection
    }

    fn keys(&self) -> usize {
        self.vectors.keys.len()
    }

    fn rows(&self) -> usize {
        self.vectors.rows().len()
    }

    fn is_self_join(&self) -> bool {
        self.vectors.rows.is_none()
    }

    fn closeness(&self, value: f64) -> f32 {
        self.closeness.needed(value)
    }

    fn batch(&self) -> usize {
        64 * Self::KEYS
    }

    fn serves_both(&self) -> bool {
        true
    }

    fn prepare_rows(&self, rows: Range<usize>) -> CodedRows {
        let ready = self.ready.rows().around(&rows, self.code).filter(|ready| ready.range == rows);
        ready.cloned().unwrap_or_else(|| CodedRows::new(self.vectors.rows(), rows, self.code))
    }

    fn prepare_keys(&self, keys: Range<usize>, prepared: &[CodedRows], last: Option<CodedKeys>) -> CodedKeys {
        let mut panel = last.unwrap_or_default();
        let among = || prepared.iter().find(|rows| self.is_self_join() && covers(&rows.range, &keys));
        match self.ready.keys.around(&keys, self.code).or_else(among) {
            Some(rows) => panel.set_among(rows, keys, &self.closeness),
            None => panel.set(&self.vectors.keys, keys, self.code, &self.closeness),
        }
        panel
    }

    fn block(&self, keys: &CodedKeys, rows: &CodedRows, pairing: Pairing, needed: Thresholds) -> Candidates<Candidate> {
        let mut found = Candidates::default();
        let mut needed_by_key = [f32::INFINITY; simd::KEYS];
        needed_by_key[..needed.keys.len()].copy_from_slice(needed.keys);
        look(keys, rows, &self.closeness, self.vectors.instructions, |row, bounds| {
            let needed_by_row = needed.rows.map_or(f32::INFINITY, |needed| needed[row - rows.range.start]);
            let uppers = bounds.upper.iter().zip(&needed_by_key);
            if !uppers.fold(false, |any, (upper, by_key)| any | (*upper >= by_key.min(needed_by_row))) {
                return;
            }
            for (i, key) in keys.range.clone().enumerate().filter(|(_, key)| pairing.contain(*key, row)) {
                let upper = bounds.upper[i];
                let lower = if self.is_estimate { upper } else { bounds.lower[i] };
                if upper >= needed_by_key[i] {
                    found.of_keys.push((key as u32, Candidate { row: row as u32, lower, upper }));
                }
                if upper >= needed_by_row {
                    found.of_rows.push((row as u32, Candidate { row: key as u32, lower, upper }));
                }
            }
        });
        found.of_keys.sort_unstable_by_key(|(key, _)| *key);
        found
    }

    fn exact(&self) -> impl FnMut(usize, Vec<Candidate>, &[f64]) -> Vec<Hit> {
        self.vectors.exact(|value| self.closeness.needed(value))
    }
}
