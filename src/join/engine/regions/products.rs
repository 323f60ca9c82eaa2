//! Inner products of all regions of a key with all regions of a row, over as many axes as needed.

use std::ops::Range;

use crate::descriptor::{CHANNELS, LARGEST_CODE, REGIONS, RegionSet};
use crate::simd::{Integers, LINE, Line};

/// The numbers of axes after which to evaluate the bounds; after the last, the products are complete.
pub const ENDS: [usize; 6] = [40, 96, 160, 224, 320, CHANNELS];
/// The number of stops before the end.
pub const STOPS: usize = ENDS.len() - 1;

/// For each region of a row, its products with all regions of a key, which fit in a line.
#[derive(Clone)]
#[repr(align(64))]
pub struct Products(pub [[i32; LINE]; REGIONS]);

impl Products {
    pub fn none() -> Products {
        Products([[0; LINE]; REGIONS])
    }

    /// Adds the products along `axes`. The sums are then too large by [`RowCodes::excess`].
    #[inline(always)]
    pub fn add<I: Integers>(&mut self, integers: I, key: &KeyCodes, row: &RowCodes, axes: Range<usize>) {
        if I::LINES >= REGIONS {
            self.add_some::<I, REGIONS>(integers, key, row, axes);
        } else if I::LINES >= REGIONS / 2 {
            self.add_some::<I, { REGIONS / 2 }>(integers, key, row, axes);
        } else {
            self.add_some::<I, 2>(integers, key, row, axes);
        }
    }

    /// Takes `N` regions of the row at a time.
    #[inline(always)]
    fn add_some<I: Integers, const N: usize>(
        &mut self,
        integers: I,
        key: &KeyCodes,
        row: &RowCodes,
        axes: Range<usize>,
    ) {
        const { assert!(REGIONS.is_multiple_of(N)) };
        let keys = &key.0[axes.start / 4..axes.end / 4];
        let regions = row.regions.as_chunks::<N>().0;
        for (sums, regions) in self.0.as_chunks_mut::<N>().0.iter_mut().zip(regions) {
            // Loops, because they are compiled here with the current instruction set; the code inside iterators would
            // not be.
            let mut registers = [integers.load(&sums[0]); N];
            let mut quads: [&[[i8; 4]]; N] = [&[]; N];
            for i in 0..N {
                registers[i] = integers.load(&sums[i]);
                quads[i] = &regions[i][axes.start..axes.end].as_chunks().0[..keys.len()];
            }
            for (at, line) in keys.iter().enumerate() {
                for i in 0..N {
                    registers[i] = integers.add(registers[i], &line.0, quads[i][at]);
                }
            }
            for i in 0..N {
                sums[i] = integers.store(registers[i]);
            }
        }
    }
}

/// The codes of a key's regions, side by side, plus [`LARGEST_CODE`] so that none is negative.
pub struct KeyCodes(Vec<Line>);

impl KeyCodes {
    pub fn new(set: &RegionSet) -> KeyCodes {
        const { assert!(REGIONS <= LINE) };
        let mut lines = vec![Line([[0; 4]; LINE]); CHANNELS / 4];
        for (place, codes) in set.regions().iter().enumerate() {
            for (line, quad) in lines.iter_mut().zip(codes.as_chunks().0) {
                line.0[place] = quad.map(|code: i8| (code + LARGEST_CODE).cast_unsigned());
            }
        }
        KeyCodes(lines)
    }
}

/// The codes of a row's regions.
pub struct RowCodes<'a> {
    regions: &'a [[i8; CHANNELS]; REGIONS],
    /// After each of [`ENDS`], for each region: the excess of the products with a key, caused by its shifted codes.
    pub excess: [[i32; REGIONS]; ENDS.len()],
}

impl<'a> RowCodes<'a> {
    pub fn new(set: &'a RegionSet) -> RowCodes<'a> {
        let regions = set.regions();
        let sum = |codes: &[i8]| codes.iter().map(|code| i32::from(*code)).sum::<i32>();
        let (mut excess, mut begin) = ([[0; REGIONS]; ENDS.len()], 0);
        for (i, end) in ENDS.into_iter().enumerate() {
            for (region, codes) in regions.iter().enumerate() {
                let before = if i == 0 { 0 } else { excess[i - 1][region] };
                excess[i][region] = before + i32::from(LARGEST_CODE) * sum(&codes[begin..end]);
            }
            begin = end;
        }
        RowCodes { regions, excess }
    }
}
