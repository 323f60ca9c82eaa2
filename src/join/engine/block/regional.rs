//! Compares pictures by their regions: exactly wherever they may be close enough, so that no second comparison is
//! needed.

use std::ops::Range;

use super::pairing::{Pairing, covers};
use crate::descriptor::{Descriptor, all_regions};
use crate::join::engine::blocks::{Blocks, Candidates, Thresholds};
use crate::join::engine::candidate::Known;
use crate::join::engine::regions::{BoundedKeys, BoundedRow, Compare, TOGETHER};
use crate::join::engine::selection::{Hit, Selection};
use crate::simd::Instructions;

/// Full descriptors in the order of their names; regions are computed on first use.
pub struct Regional<'a> {
    pub keys: Vec<&'a Descriptor>,
    /// None: the keys.
    pub rows: Option<Vec<&'a Descriptor>>,
    pub selection: Selection,
    pub instructions: Instructions,
}

pub struct KeysByRegions {
    keys: BoundedKeys,
    range: Range<usize>,
}

pub struct RowsByRegions<'a> {
    rows: Vec<BoundedRow<'a>>,
    range: Range<usize>,
}

impl<'a> Regional<'a> {
    fn all_rows(&self) -> &[&'a Descriptor] {
        self.rows.as_ref().unwrap_or(&self.keys)
    }
}

impl<'a> Blocks for Regional<'a> {
    type Candidate = Known;
    type Keys = KeysByRegions;
    type Rows = RowsByRegions<'a>;

    const KEYS: usize = TOGETHER;
    const ROWS: usize = 256;

    fn selection(&self) -> Selection {
        self.selection
    }

    fn keys(&self) -> usize {
        self.keys.len()
    }

    fn rows(&self) -> usize {
        self.all_rows().len()
    }

    fn is_self_join(&self) -> bool {
        self.rows.is_none()
    }

    fn closeness(&self, value: f64) -> f32 {
        self.selection.metric.as_closeness(value) as f32
    }

    fn batch(&self) -> usize {
        128 * Self::KEYS
    }

    fn serves_both(&self) -> bool {
        true
    }

    fn prepare_rows(&self, range: Range<usize>) -> RowsByRegions<'a> {
        let rows = BoundedRow::all(&all_regions(&self.all_rows()[range.clone()]), self.instructions);
        RowsByRegions { rows, range }
    }

    fn prepare_keys(
        &self,
        range: Range<usize>,
        prepared: &[RowsByRegions<'a>],
        _: Option<KeysByRegions>,
    ) -> KeysByRegions {
        let keys = match prepared.iter().find(|rows| self.is_self_join() && covers(&rows.range, &range)) {
            Some(rows) => {
                let first = range.start - rows.range.start;
                BoundedKeys::new(&rows.rows[first..first + range.len()])
            }
            None => {
                let rows = BoundedRow::all(&all_regions(&self.keys[range.clone()]), self.instructions);
                BoundedKeys::new(&rows)
            }
        };
        KeysByRegions { keys, range }
    }

    fn block(
        &self,
        keys: &KeysByRegions,
        rows: &RowsByRegions,
        pairing: Pairing,
        needed: Thresholds,
    ) -> Candidates<Known> {
        let mut found = Candidates::default();
        let metric = self.selection.metric;
        let begin = pairing.first_row(keys.range.start).clamp(rows.range.start, rows.range.end);
        let needed_by_row = |row: usize| needed.rows.map_or(f32::INFINITY, |needed| needed[row - rows.range.start]);
        let asked = |key: usize, row: usize| {
            let is_pair = pairing.contain(keys.range.start + key, begin + row);
            is_pair.then(|| metric.needed_cosine(needed.keys[key].min(needed_by_row(begin + row))))
        };
        let all_rows = &rows.rows[begin - rows.range.start..];
        let visit = |key: usize, row: usize, cosine: f64| {
            let value = metric.of_unit_vectors(cosine);
            let closeness = metric.as_closeness(value) as f32;
            let (of_key, of_row) = (keys.range.start + key, begin + row);
            if closeness >= needed.keys[key] {
                found.of_keys.push((of_key as u32, Known { row: of_row as u32, closeness, value }));
            }
            if closeness >= needed_by_row(of_row) {
                found.of_rows.push((of_row as u32, Known { row: of_key as u32, closeness, value }));
            }
        };
        let thresholds = needed.keys.iter().chain(needed.rows.into_iter().flatten());
        let least = metric.needed_cosine(thresholds.fold(f32::INFINITY, |a, b| a.min(*b)));
        Compare { keys: &keys.keys, rows: all_rows, needed: asked, least, visit }.run(self.instructions);
        found.of_keys.sort_unstable_by_key(|(key, _)| *key);
        found
    }

    fn exact(&self) -> impl FnMut(usize, Vec<Known>, &[f64]) -> Vec<Hit> {
        |_, known, _| {
            self.selection.results(known.into_iter().map(|Known { row, value, .. }| Hit { row, value }).collect())
        }
    }
}
