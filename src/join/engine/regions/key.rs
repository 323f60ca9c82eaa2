//! Compares one key with complete rows, without bounds, for queries.

use pulp::NullaryFnOnce;

use super::products::{ENDS, KeyCodes, Products, RowCodes, STOPS};
use super::scales::{KEY_WEIGHTS, Scales};
use crate::descriptor::{REGIONS, RegionSet, WEIGHTS, cosine, cube};
use crate::join::metric::Metric;
use crate::simd::{Instructions, Integers, Kernel, LINE, WithInstructions};

/// A key, prepared for comparison with complete rows.
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

    /// The values of `metric` between the key and each row.
    pub fn values(&self, rows: &[&RegionSet], metric: Metric) -> Vec<f64> {
        let dots = self.instructions.with(Dots(self, rows));
        let value =
            |(dot, row): (f64, &&RegionSet)| metric.of_unit_vectors(cosine(dot, self.squared_norm, row.squared_norm()));
        dots.into_iter().zip(rows).map(value).collect()
    }
}

/// The inner product, given all products.
#[inline(always)]
pub fn dot(products: &Products, excess: &[i32; REGIONS], key: &Scales, row: &Scales) -> f64 {
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
