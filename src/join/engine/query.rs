//! One key against all rows: finds its results.
//!
//! Channel norms bound how close a row can be, band by band of the picture. Rows that may be close are compared
//! exactly, a band at a time: each band replaces a bound by the exact sum, and soon rules out most rows.

use std::ops::Range;

use pulp::NullaryFnOnce;

use super::closeness::Exact;
use super::merge::exact::{DenseKey, Partial};
use super::merge::refine;
use super::plan::Plan;
use super::selection::{Hit, Selection};
use super::settings::Engine;
use crate::descriptor::{BANDS, Descriptor, Sketch, fetch_entries, fetch_sketches};
use crate::join::predicate::Predicate;
use crate::parallel;
use crate::simd::{Instructions, Integers, Kernel, WithInstructions};

/// Rows bounded by a thread at a time.
const ROWS: usize = 64;
/// Rows compared by a thread at a time.
const FEW: usize = 16;

/// A row with the bounds from its sketch.
#[derive(Clone, Copy)]
struct Sketched {
    row: u32,
    /// Upper bounds of the inner product, from each band to the last.
    dots: [f64; BANDS],
    /// The upper bound of its closeness.
    upper: f64,
}

/// The results of `key` among all rows except `left_out`, best first.
pub fn query(
    engine: &Engine,
    key: &Descriptor,
    rows: &[&Descriptor],
    left_out: Option<usize>,
    selection: Selection,
) -> Vec<Hit> {
    let all: Vec<u32> = (0..rows.len() as u32).filter(|row| Some(*row as usize) != left_out).collect();
    let dense = DenseKey::new(key, engine.instructions);
    if engine.plan == Some(Plan::Plain) {
        let exactly = |some: Range<usize>| refine(&dense, rows, all[some].to_vec(), selection);
        return selection.results(parallel::in_parts(all.len(), ROWS, exactly));
    }
    let query = BandedQuery { key, dense, rows, selection, instructions: engine.instructions };
    let sketched = parallel::in_parts(all.len(), ROWS, |some| query.sketched(&all[some]));
    match selection.predicate {
        Predicate::Range(limit) => selection.results(query.within(&sketched, Some(limit))),
        Predicate::Knn(k) => query.k_nearest(sketched, k),
    }
}

struct BandedQuery<'a> {
    key: &'a Descriptor,
    dense: DenseKey,
    rows: &'a [&'a Descriptor],
    selection: Selection,
    instructions: Instructions,
}

impl<'a> BandedQuery<'a> {
    fn row(&self, row: u32) -> &'a Descriptor {
        self.rows[row as usize]
    }

    fn sketched(&self, some: &[u32]) -> Vec<Sketched> {
        let rows: Vec<_> = some.iter().map(|row| self.row(*row)).collect();
        fetch_sketches(&rows);
        let sketches: Vec<_> = rows.iter().map(|row| row.sketch()).collect();
        let dots = dots(self.key.sketch(), &sketches, self.instructions);
        let sketched = |(row, mut dots): (&u32, [f64; BANDS])| {
            (0..BANDS - 1).rev().for_each(|band| dots[band] += dots[band + 1]);
            Sketched { row: *row, dots, upper: self.closest(dots[0], self.row(*row)) }
        };
        some.iter().zip(dots).map(sketched).collect()
    }

    /// Takes the most promising rows first: soon hardly any other can be closer than the k-th found.
    fn k_nearest(&self, mut left: Vec<Sketched>, k: usize) -> Vec<Hit> {
        let mut found = Vec::new();
        let mut next = k.saturating_mul(2).max(2 * FEW);
        while !left.is_empty() {
            let n = next.min(left.len());
            if n < left.len() {
                left.select_nth_unstable_by(n - 1, |a, b| b.upper.total_cmp(&a.upper));
            }
            let some: Vec<_> = left.drain(..n).collect();
            let more = self.within(&some, self.selection.limit(&found));
            found = self.selection.merge(found, more);
            if let Some(kth) = self.selection.limit(&found) {
                let needed = self.selection.metric.needed(kth);
                left.retain(|row| row.upper >= needed);
            }
            next = next.saturating_mul(4);
        }
        found
    }

    /// The rows that may be within `limit`, with their values. May include some beyond it.
    fn within(&self, some: &[Sketched], limit: Option<f64>) -> Vec<Hit> {
        let needed = limit.map_or(f64::NEG_INFINITY, |limit| self.selection.metric.needed(limit));
        let close: Vec<&Sketched> = some.iter().filter(|row| row.upper >= needed).collect();
        parallel::in_parts(close.len(), FEW, |some| self.band_by_band(&close[some], needed))
    }

    fn band_by_band(&self, some: &[&Sketched], needed: f64) -> Vec<Hit> {
        fetch_entries(some.iter().map(|sketched| self.row(sketched.row)));
        let (mut left, mut partial): (Vec<_>, Vec<_>) =
            some.iter().map(|sketched| (*sketched, Partial::new(self.row(sketched.row)))).unzip();
        for band in 0..BANDS {
            self.dense.go_on(&mut partial, band);
            let rest = |sketched: &Sketched| sketched.dots.get(band + 1).copied().unwrap_or(0.0);
            let may_be = |(s, p): &(&Sketched, Partial)| self.closest(p.dot() + rest(s), p.row) >= needed;
            (left, partial) = left.into_iter().zip(partial).filter(may_be).unzip();
        }
        let values: Vec<f64> = match self.selection.metric.exact() {
            Exact::Products(value) => {
                let value = |p: &Partial| value(p.dot(), self.key.squared_norm(), p.row.squared_norm());
                partial.iter().map(value).collect()
            }
            Exact::Differences(_) => {
                self.dense.values(&partial.iter().map(|p| p.row).collect::<Vec<_>>(), self.selection.metric)
            }
        };
        left.iter().zip(values).map(|(s, value)| Hit { row: s.row, value }).collect()
    }

    /// The upper bound of the closeness of the key and `row`, given an inner product of at most `dot`.
    fn closest(&self, dot: f64, row: &Descriptor) -> f64 {
        self.selection.metric.around(dot, self.key.squared_norm(), row.squared_norm()).1
    }
}

/// Upper bounds of the inner products of a key and some rows, for each band.
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
            // Loops, because they are compiled here with the current instruction set; the code inside iterators would
            // not be.
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
