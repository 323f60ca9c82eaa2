//! The first look at all pairs: a panel of keys against some rows, by their codes.

use pulp::NullaryFnOnce;

use super::closeness::{Bounds, Closeness, Keys};
use super::codes::{Code, Coded, Panel, Rows, Scale};
use crate::descriptor::{FeatureMatrix, Row};
use crate::simd::{Instructions, Integers, KEYS, Kernel, Sums, WithInstructions};
use std::ops::Range;
use std::sync::Arc;

/// Rows that are looked at together: their sums stay in the second-level cache.
pub const ROWS: usize = 128;

/// Some rows of a matrix, coded.
pub struct CodedRows {
    rows: Rows,
    scales: Vec<Scale>,
    /// Which they are.
    pub range: Range<usize>,
}

impl CodedRows {
    pub fn new(matrix: &FeatureMatrix, range: Range<usize>, code: Code) -> CodedRows {
        let mut coded: Vec<_> = matrix.rows()[range.clone()].iter().map(|r| Coded::new(&r.descriptor, code)).collect();
        let rows = Rows::new(&coded, code);
        let scales = coded.drain(..).map(|c| c.scale).collect();
        CodedRows { rows, scales, range }
    }

    /// Whether all of these are among the rows.
    pub fn covers(&self, rows: &Range<usize>) -> bool {
        self.range.start <= rows.start && rows.end <= self.range.end
    }
}

/// Some keys, coded, and room for what is computed with them. Used again and again by a thread.
pub struct CodedKeys {
    panel: Panel,
    keys: Keys,
    sums: Vec<Sums>,
}

impl CodedKeys {
    pub fn new() -> CodedKeys {
        CodedKeys { panel: Panel::default(), keys: Keys::default(), sums: Vec::new() }
    }

    pub fn fill(&mut self, keys: &[Arc<Row>], code: Code, closeness: &Closeness) {
        let coded: Vec<_> = keys.iter().map(|row| Coded::new(&row.descriptor, code)).collect();
        self.panel.fill(&coded, code);
        self.keys = closeness.keys(coded.iter().map(|c| c.scale));
    }

    /// As [`CodedKeys::fill`], with keys that are among `rows`: those in `keys`.
    pub fn fill_from(&mut self, rows: &CodedRows, keys: Range<usize>, closeness: &Closeness) {
        let first = keys.start - rows.range.start;
        self.panel.fill_from(&rows.rows, first, keys.len());
        self.keys = closeness.keys(rows.scales[first..first + keys.len()].iter().copied());
    }

    /// Calls `visit` with each row of `rows` and its bounds to all keys.
    pub fn look<V: FnMut(usize, &Bounds)>(
        &mut self,
        rows: &CodedRows,
        closeness: &Closeness,
        instructions: Instructions,
        visit: V,
    ) {
        instructions.with(Look { keys: self, rows, closeness, visit });
    }
}

struct Look<'a, V> {
    keys: &'a mut CodedKeys,
    rows: &'a CodedRows,
    closeness: &'a Closeness,
    visit: V,
}

impl<V: FnMut(usize, &Bounds)> WithInstructions for Look<'_, V> {
    type Output = ();
    fn call<K: Kernel, I: Integers>(self, _: K, integers: I) {
        integers.run(Looking(integers, self));
    }
}

struct Looking<'a, I, V>(I, Look<'a, V>);

impl<I: Integers, V: FnMut(usize, &Bounds)> NullaryFnOnce for Looking<'_, I, V> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Looking(integers, Look { keys, rows, closeness, mut visit }) = self;
        keys.sums.clear();
        keys.sums.resize(rows.rows.len(), Sums([0; KEYS]));
        for (block, (counts, groups, quads)) in keys.panel.blocks().zip(rows.rows.blocks()) {
            let mut at = 0;
            for (sums, count) in keys.sums.iter_mut().zip(counts) {
                let end = at + usize::from(*count);
                let mut registers = integers.load(sums);
                for (group, quad) in groups[at..end].iter().zip(&quads[at..end]) {
                    registers = integers.add(registers, &block[usize::from(*group)], *quad);
                }
                integers.store(registers, sums);
                at = end;
            }
        }
        for ((row, sums), scale) in rows.range.clone().zip(&keys.sums).zip(&rows.scales) {
            visit(row, &closeness.bounds(sums, scale, &keys.keys));
        }
    }
}
