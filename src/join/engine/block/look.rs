//! The first look at pairs: compares a panel of keys with some rows, by their codes.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use pulp::NullaryFnOnce;

use super::codes::{BLOCK, Code, CodedVector, Scale};
use super::grouped::{GroupedRows, Panel};
use crate::descriptor::Descriptor;
use crate::join::engine::closeness::{Bounds, Closeness, KeyScales};
use crate::mapped::Mapped;
use crate::simd::{Instructions, Integers, KEYS, Kernel, LINE, Line, Quads, Sums, WithInstructions, prefetch};

/// The codes of some rows. Clones share them.
#[derive(Clone)]
pub struct CodedRows {
    coded: Arc<Grouped>,
    /// The numbers of these rows.
    pub range: Range<usize>,
}

struct Grouped {
    rows: GroupedRows,
    scales: Vec<Scale>,
}

impl CodedRows {
    /// Encodes the rows of `all` in `range`.
    pub fn new(all: &[&Descriptor], range: Range<usize>, code: Code) -> CodedRows {
        let coded = CodedVector::all(&all[range.clone()], code);
        let rows = GroupedRows::new(&coded, code);
        let scales = coded.into_iter().map(|c| c.scale).collect();
        CodedRows { coded: Arc::new(Grouped { rows, scales }), range }
    }

    /// The codes at `at` in `file`, as [`CodedRows::write`] wrote them. None if the bytes there can't be codes.
    pub fn mapped(file: &Arc<Mapped>, at: usize, range: Range<usize>, code: Code) -> Option<CodedRows> {
        let scales = file.get(at..)?.get(..range.len().checked_mul(size_of::<Scale>())?)?;
        let rows = GroupedRows::mapped(file, at + scales.len(), range.len(), code)?;
        let scales = bytemuck::pod_collect_to_vec(scales);
        Some(CodedRows { coded: Arc::new(Grouped { rows, scales }), range })
    }

    /// The same rows, with other numbers.
    pub fn at(self, range: Range<usize>) -> CodedRows {
        CodedRows { range, ..self }
    }

    pub fn write(&self, to: &mut dyn io::Write) -> io::Result<()> {
        to.write_all(bytemuck::cast_slice(&self.coded.scales))?;
        to.write_all(self.coded.rows.bytes())
    }

    /// The number of bytes that [`CodedRows::write`] writes.
    pub fn size(&self) -> usize {
        size_of_val(&*self.coded.scales) + self.coded.rows.bytes().len()
    }
}

/// A panel: the codes of up to [`KEYS`] keys.
#[derive(Default)]
pub struct CodedKeys {
    panel: Panel,
    scales: KeyScales,
    /// The numbers of these keys.
    pub range: Range<usize>,
}

impl CodedKeys {
    /// Replaces the keys by those of `all` in `range`.
    pub fn set(&mut self, all: &[&Descriptor], range: Range<usize>, code: Code, closeness: &Closeness) {
        let coded = CodedVector::all(&all[range.clone()], code);
        self.panel.set(&coded, code);
        (self.scales, self.range) = (closeness.key_scales(coded.iter().map(|c| c.scale)), range);
    }

    /// Replaces the keys by those of `rows` in `range`, which must lie within theirs.
    pub fn set_among(&mut self, rows: &CodedRows, range: Range<usize>, closeness: &Closeness) {
        let (first, Grouped { rows, scales }) = (range.start - rows.range.start, &*rows.coded);
        self.panel.set_among(rows, first, range.len());
        let scales = scales[first..first + range.len()].iter().copied();
        (self.scales, self.range) = (closeness.key_scales(scales), range);
    }
}

/// Calls `visit` with each row of `rows` and its bounds with respect to all keys.
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

/// Lines per panel.
const LINES: usize = KEYS / LINE;

fn lines<T>(panel: &[T; KEYS]) -> &[[T; LINE]; LINES] {
    panel.as_chunks().0.try_into().expect("a multiple")
}

/// With each row, the codes of later rows are requested: those this many groups ahead.
const AHEAD: usize = 256;

struct Looking<'a, I, V>(I, Look<'a, V>);

impl<I: Integers, V: FnMut(usize, &Bounds)> NullaryFnOnce for Looking<'_, I, V> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Looking(integers, Look { keys, rows, closeness, mut visit }) = self;
        let Grouped { rows: grouped, scales } = &*rows.coded;
        let mut all_sums = vec![Sums([0; KEYS]); grouped.len()];
        // With each row, a share of the keys' next block is requested, a cache line at a time. A line of codes is as long.
        let share = (BLOCK * LINES).div_ceil(grouped.len().max(1));
        for (block, (counts, groups, quads)) in keys.panel.blocks().zip(grouped.blocks()) {
            let mut at = 0;
            let mut next = block.as_ptr_range().end.cast::<Line>();
            for (sums, count) in all_sums.iter_mut().zip(counts) {
                for _ in 0..share {
                    prefetch::later(next);
                    next = next.wrapping_add(1);
                }
                prefetch::soon(groups.as_ptr().wrapping_add(at + AHEAD));
                prefetch::soon(quads.as_ptr().wrapping_add(at + AHEAD));
                prefetch::soon(quads.as_ptr().wrapping_add(at + AHEAD + LINE));
                let end = at + usize::from(*count);
                add_row(integers, sums, block, &groups[at..end], &quads[at..end]);
                at = end;
            }
        }
        for ((row, sums), scale) in rows.range.clone().zip(&all_sums).zip(scales) {
            visit(row, &closeness.bounds(sums, scale, &keys.scales));
        }
    }
}

/// Adds the products of a row's groups in a block of keys. Each addition to a sum waits for the one before it. So if the
/// registers have room for two sets of sums, every other group is added to the second.
#[inline(always)]
fn add_row<I: Integers>(integers: I, sums: &mut Sums, block: &[Quads; BLOCK], groups: &[u8], quads: &[[u8; 4]]) {
    let has_room = const { I::LINES >= 2 * LINES };
    let mut even = lines(&sums.0).map(|line| integers.load(&line));
    let mut odd = [integers.load(&[0; LINE]); LINES];
    let pairs = if has_room { groups.as_chunks::<2>().0 } else { &[] };
    for (pair, quads) in pairs.iter().zip(quads.as_chunks::<2>().0) {
        add(integers, &mut even, &block[usize::from(pair[0])], quads[0]);
        add(integers, &mut odd, &block[usize::from(pair[1])], quads[1]);
    }
    let paired = pairs.as_flattened().len();
    for (group, quad) in groups[paired..].iter().zip(&quads[paired..]) {
        add(integers, &mut even, &block[usize::from(*group)], *quad);
    }
    for (line, sums) in sums.0.as_chunks_mut().0.iter_mut().enumerate() {
        *sums = integers.store(if has_room { integers.merge(even[line], odd[line]) } else { even[line] });
    }
}

/// Adds the products of one group.
#[inline(always)]
fn add<I: Integers>(integers: I, sums: &mut [I::Registers; LINES], keys: &Quads, codes: [u8; 4]) {
    let keys = lines(&keys.0);
    for line in 0..LINES {
        sums[line] = integers.add(sums[line], &keys[line], bytemuck::cast(codes));
    }
}
