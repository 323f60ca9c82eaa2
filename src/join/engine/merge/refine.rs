//! Computes exact values of candidates, for as few as possible.

use super::exact::DenseKey;
use crate::descriptor::Descriptor;
use crate::join::engine::closeness::Exact;
use crate::join::engine::selection::{Hit, Selection};
use crate::join::predicate::Predicate;

/// The values between `key` and the `chosen` rows. May omit rows that don't pass `selection`.
pub fn refine(key: &DenseKey, rows: &[&Descriptor], chosen: Vec<u32>, selection: Selection) -> Vec<Hit> {
    let chosen = match selection.metric.exact() {
        Exact::Products(_) => chosen,
        // Differences take longer than products, which are enough to find the near rows.
        Exact::Differences(_) => near(key, rows, chosen, selection),
    };
    let values = key.values(&descriptors(rows, &chosen), selection.metric);
    chosen.into_iter().zip(values).map(|(row, value)| Hit { row, value }).collect()
}

fn descriptors<'a>(rows: &[&'a Descriptor], chosen: &[u32]) -> Vec<&'a Descriptor> {
    chosen.iter().map(|row| rows[*row as usize]).collect()
}

/// Those of `chosen` that may be within the limit, or among the k nearest.
fn near(key: &DenseKey, rows: &[&Descriptor], mut chosen: Vec<u32>, selection: Selection) -> Vec<u32> {
    let rows = descriptors(rows, &chosen);
    let around =
        |(dot, row): (&f64, &&Descriptor)| selection.metric.around(*dot, key.squared_norm(), row.squared_norm());
    let (lower, upper): (Vec<f64>, Vec<f64>) = key.dots(&rows).iter().zip(&rows).map(around).unzip();
    let needed = match selection.predicate {
        Predicate::Range(limit) => selection.metric.needed(limit),
        Predicate::Knn(k) if k < chosen.len() => {
            let mut lower = lower;
            *lower.select_nth_unstable_by(k - 1, |a, b| b.total_cmp(a)).1
        }
        Predicate::Knn(_) => f64::NEG_INFINITY,
    };
    let mut upper = upper.into_iter();
    chosen.retain(|_| upper.next().is_some_and(|upper| upper >= needed));
    chosen
}
