//! Pictures by their regions: exactly, so that nothing is left to be looked at again.

use std::ops::Range;

use super::pairing::Pairing;
use crate::descriptor::{Descriptor, RegionSet};
use crate::join::engine::blocks::{Blocks, Candidates, Thresholds};
use crate::join::engine::candidate::Known;
use crate::join::engine::regions::{RegionKeys, TOGETHER};
use crate::join::engine::selection::{Hit, Selection};
use crate::join::predicate::Predicate;
use crate::simd::Instructions;

/// Full descriptors in the order of their names; regions are made when they are looked at first.
pub struct Regional<'a> {
    pub keys: Vec<&'a Descriptor>,
    /// None: the keys.
    pub rows: Option<Vec<&'a Descriptor>>,
    pub selection: Selection,
    pub instructions: Instructions,
}

pub struct KeysByRegions {
    panel: RegionKeys,
    range: Range<usize>,
}

pub struct RowsByRegions<'a> {
    regions: Vec<&'a RegionSet>,
    range: Range<usize>,
}

impl<'a> Regional<'a> {
    fn all_rows(&self) -> &[&'a Descriptor] {
        self.rows.as_ref().unwrap_or(&self.keys)
    }
}

fn regions<'a>(descriptors: &[&'a Descriptor]) -> Vec<&'a RegionSet> {
    descriptors.iter().map(|descriptor| descriptor.regions()).collect()
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

    fn needed(&self) -> f32 {
        match self.selection.predicate {
            Predicate::Range(limit) => self.selection.metric.as_closeness(limit) as f32,
            Predicate::Knn(_) => f32::NEG_INFINITY,
        }
    }

    fn batch(&self) -> usize {
        64 * Self::KEYS
    }

    fn serves_both(&self) -> bool {
        true
    }

    fn prepare_rows(&self, range: Range<usize>) -> RowsByRegions<'a> {
        RowsByRegions { regions: regions(&self.all_rows()[range.clone()]), range }
    }

    fn prepare_keys(&self, range: Range<usize>, _: &[RowsByRegions<'a>]) -> KeysByRegions {
        KeysByRegions { panel: RegionKeys::new(&regions(&self.keys[range.clone()]), self.instructions), range }
    }

    fn block(
        &self,
        keys: &KeysByRegions,
        rows: &RowsByRegions,
        pairing: Pairing,
        needed: Thresholds,
    ) -> Candidates<Known> {
        let mut found = Candidates::default();
        let begin = pairing.first_row(keys.range.start).clamp(rows.range.start, rows.range.end);
        let regions = &rows.regions[begin - rows.range.start..];
        for (row, values) in (begin..).zip(keys.panel.values(regions, self.selection.metric)) {
            let needed_by_row = needed.rows.map_or(f32::INFINITY, |needed| needed[row - rows.range.start]);
            let keys = keys.range.clone().zip(values).zip(needed.keys);
            for ((key, value), needed_by_key) in keys.filter(|((key, _), _)| pairing.contain(*key, row)) {
                let closeness = self.selection.metric.as_closeness(value) as f32;
                if closeness >= *needed_by_key {
                    found.of_keys.push((key as u32, Known { row: row as u32, closeness, value }));
                }
                if closeness >= needed_by_row {
                    found.of_rows.push((row as u32, Known { row: key as u32, closeness, value }));
                }
            }
        }
        found.of_keys.sort_unstable_by_key(|(key, _)| *key);
        found
    }

    fn exact(&self) -> impl FnMut(usize, Vec<Known>) -> Vec<Hit> {
        |_, known| {
            self.selection.results(known.into_iter().map(|Known { row, value, .. }| Hit { row, value }).collect())
        }
    }
}
