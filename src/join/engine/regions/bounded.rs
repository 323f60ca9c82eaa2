//! Pictures prepared for comparison with many others, with the data that bounds need.

use pulp::NullaryFnOnce;

use super::bound::{Rest, rests};
use super::gram::{Gram, KeyGrams};
use super::products::{ENDS, KeyCodes, Products, RowCodes, STOPS};
use super::scales::Scales;
use crate::descriptor::{REGIONS, RegionSet};
use crate::simd::{Instructions, Integers, Kernel, LINE, WithInstructions};

/// A picture, prepared to be compared as a row.
pub struct BoundedRow<'a> {
    pub set: &'a RegionSet,
    pub codes: RowCodes<'a>,
    pub scales: Scales,
    pub norm: f64,
    pub rests: [Rest; STOPS],
    pub gram: Gram,
}

impl<'a> BoundedRow<'a> {
    /// Prepares each of `sets`.
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

/// Pictures, prepared to be compared as keys.
pub struct BoundedKeys {
    pub keys: Vec<BoundedKey>,
    pub grams: KeyGrams,
}

pub struct BoundedKey {
    pub codes: KeyCodes,
    pub scales: Scales,
    pub squared_norm: f64,
    pub norm: f64,
    pub rests: [Rest; STOPS],
}

impl BoundedKeys {
    /// Prepares the pictures of these rows.
    pub fn new(rows: &[BoundedRow]) -> BoundedKeys {
        let key = |row: &BoundedRow| BoundedKey {
            codes: KeyCodes::new(row.set),
            scales: row.scales,
            squared_norm: row.set.squared_norm(),
            norm: row.norm,
            rests: row.rests,
        };
        let grams = KeyGrams::new(rows.iter().map(|row| (&row.gram, row.rests[0])));
        BoundedKeys { keys: rows.iter().map(key).collect(), grams }
    }
}
