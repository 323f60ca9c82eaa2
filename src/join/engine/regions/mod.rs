//! Pictures compared by their regions ([`RegionSet`]): all pairs of regions, by inner products of small integers. They are
//! exact, so nothing is left to be looked at again; and of most pairs the first axes tell that they are not close enough
//! ([`bound`]).

mod bound;
mod gram;
mod products;

use pulp::NullaryFnOnce;

use crate::descriptor::{REGIONS, RegionSet, WEIGHTS, cosine, cube};
use crate::join::metric::Metric;
use crate::simd::{Instructions, Integers, Kernel, LINE, WithInstructions};
use bound::{Rest, Sums, rests};
pub use gram::TOGETHER;
use gram::{Gram, KeyGrams};
use products::{ENDS, KeyCodes, Products, RowCodes, STOPS};

/// Weights of a key's regions, and of places without one.
const KEY_WEIGHTS: [f64; LINE] = {
    let (mut weights, mut i) = ([0.0; LINE], 0);
    while i < REGIONS {
        weights[i] = WEIGHTS[i];
        i += 1;
    }
    weights
};

/// Pairs after which a stop is known to be worth it or not.
const TRIED: u32 = 32;
/// From this cosine similarity on, few pairs get past their Gram matrices.
const FEW: f64 = 0.4;

/// What a picture's products are multiplied by to be cosines, region by region; 0 where there is none.
struct Scales {
    exact: [f64; LINE],
    rounded: [f32; LINE],
}

impl Scales {
    fn new(set: &RegionSet) -> Scales {
        let exact = std::array::from_fn(|i| set.scales().get(i).copied().unwrap_or(0.0));
        Scales { exact, rounded: exact.map(|scale| scale as f32) }
    }
}

/// A key, to be compared with whole rows.
pub struct RegionKey {
    codes: KeyCodes,
    scales: Scales,
    squared_norm: f64,
    instructions: Instructions,
}

impl RegionKey {
    pub fn new(key: &RegionSet, instructions: Instructions) -> RegionKey {
        RegionKey {
            codes: KeyCodes::new(key),
            scales: Scales::new(key),
            squared_norm: key.squared_norm(),
            instructions,
        }
    }

    /// `metric`'s values of each row and the key.
    pub fn values(&self, rows: &[&RegionSet], metric: Metric) -> Vec<f64> {
        let dots = self.instructions.with(Dots(self, rows));
        let value =
            |(dot, row): (f64, &&RegionSet)| metric.of_unit_vectors(cosine(dot, self.squared_norm, row.squared_norm()));
        dots.into_iter().zip(rows).map(value).collect()
    }
}

/// The inner product, from all products.
#[inline(always)]
fn dot(products: &Products, excess: &[i32; REGIONS], key: &Scales, row: &Scales) -> f64 {
    let mut parts = [0f64; LINE];
    for (i, line) in products.0.iter().enumerate() {
        let (scale, weight) = (row.exact[i], WEIGHTS[i]);
        for j in 0..LINE {
            parts[j] += weight * cube(f64::from(line[j] - excess[i]), key.exact[j] * scale);
        }
    }
    parts.iter().zip(&KEY_WEIGHTS).map(|(part, weight)| part * weight).sum()
}

struct Dots<'a>(&'a RegionKey, &'a [&'a RegionSet]);

impl WithInstructions for Dots<'_> {
    type Output = Vec<f64>;
    fn call<K: Kernel, I: Integers>(self, _: K, integers: I) -> Vec<f64> {
        struct Summing<'a, I>(I, Dots<'a>);
        impl<I: Integers> NullaryFnOnce for Summing<'_, I> {
            type Output = Vec<f64>;
            #[inline(always)]
            fn call(self) -> Vec<f64> {
                let Summing(integers, Dots(key, rows)) = self;
                let mut dots = Vec::with_capacity(rows.len());
                for row in rows {
                    let (codes, scales, mut products) = (RowCodes::new(row), Scales::new(row), Products::none());
                    products.add(integers, &key.codes, &codes, 0..ENDS[STOPS]);
                    dots.push(dot(&products, &codes.excess[STOPS], &key.scales, &scales));
                }
                dots
            }
        }
        integers.run(Summing(integers, self))
    }
}

/// A picture, to be compared with many as a row.
pub struct BoundedRow<'a> {
    set: &'a RegionSet,
    codes: RowCodes<'a>,
    scales: Scales,
    norm: f64,
    rests: [Rest; STOPS],
    gram: Gram,
}

impl<'a> BoundedRow<'a> {
    /// Of each of `sets`.
    pub fn all(sets: &[&'a RegionSet], instructions: Instructions) -> Vec<BoundedRow<'a>> {
        instructions.with(Bounding(sets))
    }

    #[inline(always)]
    fn new<I: Integers>(integers: I, set: &'a RegionSet) -> BoundedRow<'a> {
        let (key, codes, scales) = (KeyCodes::new(set), RowCodes::new(set), Scales::new(set));
        let mut stops = [const { Products([[0; LINE]; REGIONS]) }; STOPS];
        let (mut products, mut begin) = (Products::none(), 0);
        for stop in 0..STOPS {
            products.add(integers, &key, &codes, begin..ENDS[stop]);
            stops[stop] = products.clone();
            begin = ENDS[stop];
        }
        products.add(integers, &key, &codes, begin..ENDS[STOPS]);
        let rests = rests(&stops, &codes.excess, &products, &scales);
        BoundedRow { set, codes, scales, norm: set.squared_norm().sqrt(), rests, gram: Gram::new(set) }
    }
}

struct Bounding<'a, 's>(&'s [&'a RegionSet]);

impl<'a> WithInstructions for Bounding<'a, '_> {
    type Output = Vec<BoundedRow<'a>>;
    fn call<K: Kernel, I: Integers>(self, _: K, integers: I) -> Self::Output {
        struct Each<'a, 's, I>(I, &'s [&'a RegionSet]);
        impl<'a, I: Integers> NullaryFnOnce for Each<'a, '_, I> {
            type Output = Vec<BoundedRow<'a>>;
            #[inline(always)]
            fn call(self) -> Self::Output {
                let mut all = Vec::with_capacity(self.1.len());
                for set in self.1 {
                    all.push(BoundedRow::new(self.0, set));
                }
                all
            }
        }
        integers.run(Each(integers, self.0))
    }
}

/// Some pictures, at most [`TOGETHER`], to be compared with many as keys.
pub struct BoundedKeys {
    keys: Vec<BoundedKey>,
    grams: KeyGrams,
}

struct BoundedKey {
    codes: KeyCodes,
    scales: Scales,
    squared_norm: f64,
    norm: f64,
    rests: [Rest; STOPS],
}

impl BoundedKeys {
    /// The pictures of these rows.
    pub fn new(rows: &[BoundedRow]) -> BoundedKeys {
        let key = |row: &BoundedRow| BoundedKey {
            codes: KeyCodes::new(row.set),
            scales: Scales::new(row.set),
            squared_norm: row.set.squared_norm(),
            norm: row.norm,
            rests: row.rests,
        };
        let grams = KeyGrams::new(rows.iter().map(|row| (&row.gram, row.rests[0])));
        BoundedKeys { keys: rows.iter().map(key).collect(), grams }
    }
}

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
    /// Whether enough pairs end there for a look.
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
        let sums = Sums::new(&products, &row.codes.excess[stop], &key.scales, &row.scales);
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
