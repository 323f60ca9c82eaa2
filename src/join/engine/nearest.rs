//! One key against all rows: which of them the predicate lets pass.

use rayon::prelude::*;

use super::Engine;
use super::exact::DenseKey;
use super::plan::Plan;
use crate::features::{Descriptor, FeatureMatrix, Sketch};
use crate::join::{Metric, Predicate};

/// Rows by their place, and their values.
pub type Found = Vec<(u32, f64)>;

/// What float64 and its rounding may change, of numbers around 1.
const SLACK: f64 = 1e-10;
/// Rows compared exactly by a thread at a time.
const ROWS: usize = 64;

/// The neighbours of `key`, best first: among all rows but `left_out`.
pub fn nearest(
    engine: &Engine,
    key: &Descriptor,
    rows: &FeatureMatrix,
    left_out: Option<usize>,
    metric: Metric,
    predicate: Predicate,
) -> Found {
    let dense = DenseKey::new(key, engine.instructions);
    let exactly = |left: &[u32], limit: Option<f64>| -> Found {
        let parts = left.par_chunks(ROWS);
        parts.flat_map_iter(|part| exactly(&dense, rows, part, metric, predicate, limit)).collect()
    };
    let all = (0..rows.len() as u32).filter(|row| Some(*row as usize) != left_out);
    if engine.plan == Some(Plan::Plain) {
        return best(exactly(&all.collect::<Vec<_>>(), None), metric, predicate);
    }
    let bound = |row: u32| {
        let row = &rows.rows()[row as usize].descriptor;
        closeness(metric, dot(key.sketch(), row.sketch()), key, row)
    };
    let mut bounded: Vec<(u32, f64)> = all.collect::<Vec<_>>().into_par_iter().map(|row| (row, bound(row))).collect();
    let k = match predicate {
        Predicate::Range(limit) => {
            let needed = needed(metric, limit);
            let left: Vec<u32> = bounded.iter().filter(|(_, upper)| *upper >= needed).map(|(row, _)| *row).collect();
            return best(exactly(&left, None), metric, predicate);
        }
        Predicate::Knn(k) => k,
    };
    // The most promising first: soon hardly any other can be closer than the k-th found.
    let mut found = Found::new();
    let mut next = k.saturating_mul(2).max(2 * ROWS);
    while !bounded.is_empty() {
        let n = next.min(bounded.len());
        if n < bounded.len() {
            bounded.select_nth_unstable_by(n - 1, |a, b| b.1.total_cmp(&a.1));
        }
        let left: Vec<u32> = bounded.drain(..n).map(|(row, _)| row).collect();
        let limit = found.get(k - 1).map(|(_, kth)| *kth);
        found = best([found, exactly(&left, limit)].concat(), metric, predicate);
        if let Some((_, kth)) = found.get(k - 1) {
            let needed = needed(metric, *kth);
            bounded.retain(|(_, upper)| *upper >= needed);
        }
        next = next.saturating_mul(4);
    }
    found
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

/// Upper bound of the inner product.
fn dot(a: Sketch, b: Sketch) -> f64 {
    // Codes are at most 127, so their products fit; the compiler makes vectors of it.
    let products = a.codes.iter().zip(b.codes).map(|(a, b)| i32::from(i16::from(*a) * i16::from(*b)));
    f64::from(products.sum::<i32>()) * a.step * b.step
}

/// The closest that two descriptors can be, with an inner product of at most `dot`: the cosine, or minus the squared
/// distance.
fn closeness(metric: Metric, dot: f64, a: &Descriptor, b: &Descriptor) -> f64 {
    let squares = a.squared_norm() + b.squared_norm();
    match metric {
        Metric::Cosine => crate::features::cosine(dot, a.squared_norm(), b.squared_norm()) + SLACK,
        Metric::Euclidean => 2.0 * dot - squares + SLACK * squares,
    }
}

/// How close a row must be to be at least as good as `value`.
fn needed(metric: Metric, value: f64) -> f64 {
    match metric {
        Metric::Cosine => value,
        Metric::Euclidean => -value * value * (1.0 + SLACK),
    }
}
