//! Some keys against some rows: of most pairs it is soon known that they are not close enough.

use pulp::NullaryFnOnce;

use super::bound::PowerSums;
use super::bounded::{BoundedKey, BoundedKeys, BoundedRow};
use super::gram::TOGETHER;
use super::key::dot;
use super::products::{ENDS, Products, STOPS};
use crate::descriptor::cosine;
use crate::simd::{Instructions, Integers, Kernel, WithInstructions};

/// Pairs after which a stop is known to be worth it or not.
const TRIED: u32 = 32;
/// From this cosine similarity on, few pairs get past their Gram matrices.
const FEW: f64 = 0.4;

/// Some keys and some rows to be compared, and how close a pair must be to be told of.
pub struct Compare<'a, N, V> {
    pub keys: &'a BoundedKeys,
    pub rows: &'a [BoundedRow<'a>],
    /// Of a key and a row the least cosine similarity. None: it isn't asked for.
    pub needed: N,
    /// No pair needs less.
    pub least: f64,
    /// Called with the key, the row and the exact cosine similarity: of all pairs that are as close as asked for, and some
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
    /// What Gram matrices say, row by row, where they tell of many pairs that they are not close enough.
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
                // Where one says nothing, the cosine is 0.
                let needed = if norms > 0.0 { (cosine_needed * norms) as f32 } else { f32::NEG_INFINITY };
                if let Some(dot) = compared(integers, key, row, needed, &mut stops) {
                    visit(at_key, at_row, cosine(dot, key.squared_norm, row.set.squared_norm()));
                }
            }
        }
    }
}

/// How many pairs were looked at there, and how many went on.
#[derive(Clone, Copy, Default)]
struct Stop {
    tried: u32,
    passed: u32,
}

impl Stop {
    /// Whether enough pairs end there for a look. Once it isn't, it isn't for the rest of the block.
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
