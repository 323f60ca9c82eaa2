//! Compares some keys with some rows; soon rules out most pairs.

use pulp::NullaryFnOnce;

use super::bound::PowerSums;
use super::bounded::{BoundedKey, BoundedKeys, BoundedRow};
use super::gram::TOGETHER;
use super::key::dot;
use super::products::{ENDS, Products, STOPS};
use crate::descriptor::cosine;
use crate::simd::{Instructions, Integers, Kernel, WithInstructions};

/// The number of pairs tried before deciding whether a stop is worth it.
const TRIED: u32 = 32;
/// From this cosine similarity on, few pairs pass the bound from Gram matrices.
const FEW: f64 = 0.4;

/// Keys and rows to compare, and the closeness that pairs need.
pub struct Compare<'a, N, V> {
    pub keys: &'a BoundedKeys,
    pub rows: &'a [BoundedRow<'a>],
    /// The least cosine similarity for a key and a row. None: skip this pair.
    pub needed: N,
    /// The minimum over all pairs.
    pub least: f64,
    /// Called with the key, the row and the exact cosine similarity, for all pairs that reach what they need, and some
    /// others.
    pub visit: V,
}

impl<N: FnMut(usize, usize) -> Option<f64>, V: FnMut(usize, usize, f64)> Compare<'_, N, V> {
    pub fn run(self, instructions: Instructions) {
        instructions.with(self);
    }
}

impl<N: FnMut(usize, usize) -> Option<f64>, V: FnMut(usize, usize, f64)> WithInstructions for Compare<'_, N, V> {
    type Output = ();
    fn call<K: Kernel, I: Integers>(self, floats: K, integers: I) {
        let squares = (self.least >= FEW).then(|| {
            let rows: Vec<_> = self.rows.iter().map(|row| &row.gram).collect();
            self.keys.grams.squares(floats, &rows)
        });
        integers.run(Comparing { integers, pairs: self, squares });
    }
}

struct Comparing<'a, I, N, V> {
    integers: I,
    pairs: Compare<'a, N, V>,
    /// Bounds from Gram matrices, row by row, if they are likely to rule out many pairs.
    squares: Option<Vec<[f32; TOGETHER]>>,
}

impl<I: Integers, N: FnMut(usize, usize) -> Option<f64>, V: FnMut(usize, usize, f64)> NullaryFnOnce
    for Comparing<'_, I, N, V>
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Comparing { integers, pairs: Compare { keys, rows, least, mut needed, mut visit }, squares } = self;
        let BoundedKeys { keys, grams } = keys;
        let mut stops = [Stop::default(); STOPS];
        for (at_row, row) in rows.iter().enumerate() {
            let mut may_be = [true; TOGETHER];
            if let Some(squares) = &squares {
                let upper = grams.upper(&squares[at_row], (&row.gram, &row.rests[0]));
                for at_key in 0..keys.len() {
                    may_be[at_key] = f64::from(upper[at_key]) >= least * (keys[at_key].norm * row.norm);
                }
            }
            for at_key in 0..keys.len() {
                if !may_be[at_key] {
                    continue;
                }
                let key = &keys[at_key];
                let Some(cosine_needed) = needed(at_key, at_row) else { continue };
                let norms = key.norm * row.norm;
                // If a vector is zero, the cosine is 0.
                let needed = if norms > 0.0 { (cosine_needed * norms) as f32 } else { f32::NEG_INFINITY };
                if let Some(dot) = compared(integers, key, row, needed, &mut stops) {
                    visit(at_key, at_row, cosine(dot, key.squared_norm, row.set.squared_norm()));
                }
            }
        }
    }
}

/// The number of pairs that reached a stop, and that passed it.
#[derive(Clone, Copy, Default)]
struct Stop {
    tried: u32,
    passed: u32,
}

impl Stop {
    /// Whether the stop rules out enough pairs to be worth it. Once it isn't, it isn't for the rest of the block.
    fn is_worth_it(self) -> bool {
        self.tried < TRIED || self.passed * 4 < self.tried * 3
    }
}

/// The inner product; None if it is below `needed`.
#[inline(always)]
fn compared<I: Integers>(
    integers: I,
    key: &BoundedKey,
    row: &BoundedRow,
    needed: f32,
    stops: &mut [Stop; STOPS],
) -> Option<f64> {
    let (mut products, mut begin) = (Products::none(), 0);
    for stop in 0..STOPS {
        if needed == f32::NEG_INFINITY || !stops[stop].is_worth_it() {
            continue;
        }
        products.add(integers, &key.codes, &row.codes, begin..ENDS[stop]);
        begin = ENDS[stop];
        let sums = PowerSums::new(&products, &row.codes.excess[stop], &key.scales, &row.scales);
        let passes = sums.upper(&key.rests[stop], &row.rests[stop]) >= needed;
        stops[stop].tried += 1;
        stops[stop].passed += u32::from(passes);
        if !passes {
            return None;
        }
    }
    products.add(integers, &key.codes, &row.codes, begin..ENDS[STOPS]);
    Some(dot(&products, &row.codes.excess[STOPS], &key.scales, &row.scales))
}
