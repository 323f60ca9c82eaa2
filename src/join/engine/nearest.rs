//! One key against all rows: which of them the predicate lets pass.
//!
//! Channel norms bound how close a row can be, band by band of the picture. Rows that may be close are compared exactly, a
//! band at a time: with each, a bound is replaced by what is true, and most rows turn out not to be close enough.

use pulp::NullaryFnOnce;
use rayon::prelude::*;

use super::Engine;
use super::exact::{DenseKey, Partial};
use super::key::Key;
use super::plan::Plan;
use crate::descriptor::{BANDS, Descriptor, DescriptorKind, FeatureMatrix, Sketch, cosine};
use crate::join::{Metric, Predicate};
use crate::simd::{Instructions, Integers, Kernel, WithInstructions};

/// Rows by their place, and their values.
pub type Found = Vec<(u32, f64)>;

/// What float64 and its rounding may change, of numbers around 1.
const SLACK: f64 = 1e-10;
/// Rows bounded by a thread at a time.
const ROWS: usize = 64;
/// Rows compared by a thread at a time.
const FEW: usize = 16;

/// A row, and what is known of it before it is looked at.
#[derive(Clone, Copy)]
struct Bounded {
    row: u32,
    /// Upper bounds of the inner product, of each band and those after it.
    dots: [f64; BANDS],
    /// How close it can be at most.
    upper: f64,
}

/// The neighbours of `key`, best first: among all rows but `left_out`. Descriptors are full ones, compared by `descriptor`.
pub fn nearest(
    engine: &Engine,
    key: &Descriptor,
    rows: &FeatureMatrix,
    left_out: Option<usize>,
    (descriptor, metric): (DescriptorKind, Metric),
    predicate: Predicate,
) -> Found {
    let all: Vec<u32> = (0..rows.len() as u32).filter(|row| Some(*row as usize) != left_out).collect();
    if descriptor == DescriptorKind::Regions {
        let key = Key::new(key, descriptor, engine.instructions);
        let valued = |some: &[u32]| {
            let descriptors: Vec<_> = some.iter().map(|row| &rows.rows()[*row as usize].descriptor).collect();
            some.iter().copied().zip(key.values(&descriptors, metric)).collect::<Found>()
        };
        return best(all.par_chunks(ROWS).flat_map_iter(valued).collect(), metric, predicate);
    }
    let (key, rows) = (key.compared_by(descriptor), &rows.compared_by(descriptor));
    let dense = DenseKey::new(key, engine.instructions);
    if engine.plan == Some(Plan::Plain) {
        let exactly = |some: &[u32]| exactly(&dense, rows, some, metric, predicate, None);
        return best(all.par_chunks(ROWS).flat_map_iter(exactly).collect(), metric, predicate);
    }
    let query = Query { key, dense, rows, metric, predicate, instructions: engine.instructions };
    let bounded: Vec<_> = all.par_chunks(ROWS).flat_map_iter(|some| query.bounds(some)).collect();
    match predicate {
        Predicate::Range(limit) => best(query.within(&bounded, Some(limit)), metric, predicate),
        Predicate::Knn(k) => query.k_nearest(bounded, k),
    }
}

struct Query<'a> {
    key: &'a Descriptor,
    dense: DenseKey,
    rows: &'a FeatureMatrix,
    metric: Metric,
    predicate: Predicate,
    instructions: Instructions,
}

impl<'a> Query<'a> {
    fn row(&self, row: u32) -> &'a Descriptor {
        &self.rows.rows()[row as usize].descriptor
    }

    fn bounds(&self, some: &[u32]) -> Vec<Bounded> {
        let sketches: Vec<_> = some.iter().map(|row| self.row(*row).sketch()).collect();
        let dots = dots(self.key.sketch(), &sketches, self.instructions);
        let bounded = |(row, mut dots): (&u32, [f64; BANDS])| {
            (0..BANDS - 1).rev().for_each(|band| dots[band] += dots[band + 1]);
            Bounded { row: *row, dots, upper: self.closeness(dots[0], self.row(*row)) }
        };
        some.iter().zip(dots).map(bounded).collect()
    }

    /// The most promising rows first: soon hardly any other can be closer than the k-th found.
    fn k_nearest(&self, mut left: Vec<Bounded>, k: usize) -> Found {
        let mut found = Found::new();
        let mut next = k.saturating_mul(2).max(2 * FEW);
        while !left.is_empty() {
            let n = next.min(left.len());
            if n < left.len() {
                left.select_nth_unstable_by(n - 1, |a, b| b.upper.total_cmp(&a.upper));
            }
            let limit = found.get(k - 1).map(|(_, kth)| *kth);
            let some: Vec<_> = left.drain(..n).collect();
            found = best([found, self.within(&some, limit)].concat(), self.metric, self.predicate);
            if let Some((_, kth)) = found.get(k - 1) {
                let needed = needed(self.metric, *kth);
                left.retain(|row| row.upper >= needed);
            }
            next = next.saturating_mul(4);
        }
        found
    }

    /// Rows and values, of all that are within `limit` at least.
    fn within(&self, some: &[Bounded], limit: Option<f64>) -> Found {
        let needed = limit.map_or(f64::NEG_INFINITY, |limit| needed(self.metric, limit));
        let close: Vec<&Bounded> = some.iter().filter(|row| row.upper >= needed).collect();
        close.par_chunks(FEW).flat_map_iter(|some| self.band_by_band(some, needed)).collect()
    }

    fn band_by_band(&self, some: &[&Bounded], needed: f64) -> Found {
        let (mut bounds, mut partial): (Vec<_>, Vec<_>) =
            some.iter().map(|bounded| (*bounded, Partial::new(self.row(bounded.row)))).unzip();
        for band in 0..BANDS {
            self.dense.go_on(&mut partial, band);
            let rest = |bounded: &Bounded| bounded.dots.get(band + 1).copied().unwrap_or(0.0);
            let may_be = |(b, p): &(&Bounded, Partial)| self.closeness(p.dot() + rest(b), p.row) >= needed;
            (bounds, partial) = bounds.into_iter().zip(partial).filter(may_be).unzip();
        }
        let values = match self.metric {
            Metric::Cosine => {
                let value = |p: &Partial| cosine(p.dot(), self.key.squared_norm(), p.row.squared_norm());
                partial.iter().map(value).collect()
            }
            Metric::Euclidean => {
                self.dense.values(&partial.iter().map(|p| p.row).collect::<Vec<_>>(), Metric::Euclidean)
            }
        };
        bounds.iter().map(|b| b.row).zip(values).collect()
    }

    /// The closest that the key and `row` can be, with an inner product of at most `dot`: the cosine, or minus the
    /// squared distance.
    fn closeness(&self, dot: f64, row: &Descriptor) -> f64 {
        let (key, row) = (self.key.squared_norm(), row.squared_norm());
        match self.metric {
            Metric::Cosine => cosine(dot, key, row) + SLACK,
            Metric::Euclidean => 2.0 * dot - (key + row) + SLACK * (key + row),
        }
    }
}

/// How close a row must be to be at least as good as `value`.
fn needed(metric: Metric, value: f64) -> f64 {
    match metric {
        Metric::Cosine => value,
        Metric::Euclidean => -value * value * (1.0 + SLACK),
    }
}

/// The values of `key` and these rows. Left out are some that `predicate` does not let pass, or that are worse than
/// `limit`.
pub fn exactly(
    key: &DenseKey,
    rows: &FeatureMatrix,
    chosen: &[u32],
    metric: Metric,
    predicate: Predicate,
    limit: Option<f64>,
) -> Found {
    let descriptors = |chosen: &[u32]| -> Vec<&Descriptor> {
        chosen.iter().map(|row| &rows.rows()[*row as usize].descriptor).collect()
    };
    let limit = match predicate {
        Predicate::Range(limit) => Some(limit),
        Predicate::Knn(_) => limit,
    };
    let chosen = match metric {
        Metric::Cosine => chosen.to_vec(),
        // Differences take longer than products, which tell who is near.
        Metric::Euclidean => near(key, &descriptors(chosen), chosen, predicate, limit.unwrap_or(f64::INFINITY)),
    };
    let values = key.values(&descriptors(&chosen), metric);
    chosen.into_iter().zip(values).collect()
}

/// Those of `chosen` that may be within `limit`, and among the k nearest.
fn near(key: &DenseKey, rows: &[&Descriptor], chosen: &[u32], predicate: Predicate, limit: f64) -> Vec<u32> {
    let squares = rows.iter().map(|row| key.squared_norm() + row.squared_norm());
    let distances: Vec<_> = key.dots(rows).iter().zip(squares).map(|(dot, s)| (s - 2.0 * dot, SLACK * s)).collect();
    let mut limit = limit * limit * (1.0 + SLACK);
    if let Predicate::Knn(k) = predicate
        && k < chosen.len()
    {
        let mut farthest: Vec<f64> = distances.iter().map(|(distance, off)| distance + off).collect();
        limit = limit.min(*farthest.select_nth_unstable_by(k - 1, f64::total_cmp).1);
    }
    let may_be = |(distance, off): (f64, f64)| distance - off <= limit;
    chosen.iter().zip(distances).filter(|(_, distance)| may_be(*distance)).map(|(row, _)| *row).collect()
}

/// Those that `predicate` lets pass, best first; rows are sorted by name, so of equal value the first comes first.
pub fn best(mut found: Found, metric: Metric, predicate: Predicate) -> Found {
    let order = |a: &(u32, f64), b: &(u32, f64)| metric.compare(a.1, b.1).then(a.0.cmp(&b.0));
    match predicate {
        Predicate::Knn(k) if k < found.len() => {
            found.select_nth_unstable_by(k, order);
            found.truncate(k);
        }
        Predicate::Knn(_) => {}
        Predicate::Range(limit) => found.retain(|(_, value)| metric.compare(*value, limit).is_le()),
    }
    found.sort_unstable_by(order);
    found
}

/// Upper bounds of the inner products of a key and some rows, of each band.
fn dots(key: Sketch, rows: &[Sketch], instructions: Instructions) -> Vec<[f64; BANDS]> {
    struct Dots<'a>(Sketch<'a>, &'a [Sketch<'a>]);
    impl WithInstructions for Dots<'_> {
        type Output = Vec<[f64; BANDS]>;
        fn call<K: Kernel, I: Integers>(self, _: K, integers: I) -> Self::Output {
            integers.run(self)
        }
    }
    impl NullaryFnOnce for Dots<'_> {
        type Output = Vec<[f64; BANDS]>;
        #[inline(always)]
        fn call(self) -> Self::Output {
            let Dots(key, rows) = self;
            let mut dots = vec![[0.0; BANDS]; rows.len()];
            // Loops, for they are compiled here, for the vectors there are; an iterator's insides would not be.
            for (dots, row) in dots.iter_mut().zip(rows) {
                for ((dot, a), b) in dots.iter_mut().zip(key.bands()).zip(row.bands()) {
                    let mut sum = 0;
                    for (a, b) in a.iter().zip(b) {
                        sum += i32::from(*a) * i32::from(*b);
                    }
                    *dot = f64::from(sum) * key.step * row.step;
                }
            }
            dots
        }
    }
    instructions.with(Dots(key, rows))
}
