//! The first look at pairs: a panel of keys against some rows, by their codes.

use std::ops::Range;

use pulp::NullaryFnOnce;

use super::codes::{Code, CodedVector, GroupedRows, Panel, Scale};
use crate::descriptor::Descriptor;
use crate::join::engine::closeness::{Bounds, Closeness, KeyScales};
use crate::simd::{Instructions, Integers, KEYS, Kernel, LINE, Sums, WithInstructions};

/// Some rows of many, coded.
pub struct CodedRows {
    rows: GroupedRows,
    scales: Vec<Scale>,
    /// Which they are.
    pub range: Range<usize>,
}

impl CodedRows {
    /// Those of `all` in `range`.
    pub fn new(all: &[&Descriptor], range: Range<usize>, code: Code) -> CodedRows {
        let coded: Vec<_> = all[range.clone()].iter().map(|row| CodedVector::new(row, code)).collect();
        let rows = GroupedRows::new(&coded, code);
        let scales = coded.into_iter().map(|c| c.scale).collect();
        CodedRows { rows, scales, range }
    }
}

/// A panel: up to [`KEYS`] keys, coded.
pub struct CodedKeys {
    panel: Panel,
    scales: KeyScales,
    /// Which they are.
    pub range: Range<usize>,
}

impl CodedKeys {
    /// Those of `all` in `range`.
    pub fn new(all: &[&Descriptor], range: Range<usize>, code: Code, closeness: &Closeness) -> CodedKeys {
        let coded: Vec<_> = all[range.clone()].iter().map(|key| CodedVector::new(key, code)).collect();
        let scales = closeness.key_scales(coded.iter().map(|c| c.scale));
        CodedKeys { panel: Panel::new(&coded, code), scales, range }
    }

    /// Those of `rows` in `range`, which cover it.
    pub fn among(rows: &CodedRows, range: Range<usize>, closeness: &Closeness) -> CodedKeys {
        let first = range.start - rows.range.start;
        let scales = closeness.key_scales(rows.scales[first..first + range.len()].iter().copied());
        CodedKeys { panel: Panel::among(&rows.rows, first, range.len()), scales, range }
    }
}

/// Calls `visit` with each row of `rows` and its bounds to all keys.
pub fn look<V: FnMut(usize, &Bounds)>(
    keys: &CodedKeys,
    rows: &CodedRows,
    closeness: &Closeness,
    instructions: Instructions,
    visit: V,
) {
    instructions.with(Look { keys, rows, closeness, visit });
}

struct Look<'a, V> {
    keys: &'a CodedKeys,
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

/// Lines of a panel.
const LINES: usize = KEYS / LINE;

fn lines<T>(panel: &[T; KEYS]) -> &[[T; LINE]; LINES] {
    panel.as_chunks().0.try_into().expect("a multiple")
}

struct Looking<'a, I, V>(I, Look<'a, V>);

impl<I: Integers, V: FnMut(usize, &Bounds)> NullaryFnOnce for Looking<'_, I, V> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Looking(integers, Look { keys, rows, closeness, mut visit }) = self;
        let mut all_sums = vec![Sums([0; KEYS]); rows.rows.len()];
        for (block, (counts, groups, quads)) in keys.panel.blocks().zip(rows.rows.blocks()) {
            let mut at = 0;
            for (sums, count) in all_sums.iter_mut().zip(counts) {
                let end = at + usize::from(*count);
                let mut registers = lines(&sums.0).map(|line| integers.load(&line));
                for (group, quad) in groups[at..end].iter().zip(&quads[at..end]) {
                    let keys = lines(&block[usize::from(*group)].0);
                    for line in 0..LINES {
                        registers[line] = integers.add(registers[line], &keys[line], bytemuck::cast(*quad));
                    }
                }
                let (stored, _) = sums.0.as_chunks_mut();
                stored.iter_mut().zip(registers).for_each(|(line, sums)| *line = integers.store(sums));
                at = end;
            }
        }
        for ((row, sums), scale) in rows.range.clone().zip(&all_sums).zip(&rows.scales) {
            visit(row, &closeness.bounds(sums, scale, &keys.scales));
        }
    }
}
