//! The k nearest of candidates that come with the closest first: as few exact values as can be.

use super::exact::DenseKey;
use crate::descriptor::Descriptor;
use crate::join::engine::candidate::Candidate;
use crate::join::engine::closeness::Exact;
use crate::join::engine::selection::Hit;
use crate::join::metric::Metric;

/// Candidates that are compared at a time: as many as are summed up side by side.
const TOGETHER: usize = 4;

/// What is known of a key's k nearest.
pub struct Nearest {
    metric: Metric,
    k: usize,
    /// Values that different rows are at least as good as, best first; k at most.
    best: Vec<f64>,
}

/// A candidate, and what was found of it.
struct CloseRow<'a> {
    number: u32,
    row: &'a Descriptor,
    dot: f64,
    /// How close it can be at most, in terms of [`Metric::around`].
    upper: f64,
}

impl Nearest {
    /// With hits of these values, best first, that aren't among the candidates.
    pub fn new(metric: Metric, k: usize, elsewhere: &[f64]) -> Nearest {
        Nearest { metric, k, best: elsewhere[..elsewhere.len().min(k)].to_vec() }
    }

    /// Those of `candidates`, with their values, that are among the k nearest, and some that aren't. `needed` says how close a
    /// row must be, in terms of candidates' bounds, to be as good as a value.
    pub fn among(
        mut self,
        mut candidates: &[Candidate],
        key: &DenseKey,
        rows: &[&Descriptor],
        needed: impl Fn(f64) -> f32,
    ) -> Vec<Hit> {
        let mut compared = Vec::with_capacity(candidates.len());
        while !candidates.is_empty() {
            // Without k values nothing can be left out.
            let next = (self.k - self.best.len()).max(TOGETHER).min(candidates.len());
            let close = self.kth().map_or(next, |kth| {
                let needed = needed(kth);
                candidates[..next].partition_point(|candidate| candidate.upper >= needed)
            });
            let (some, rest) = candidates.split_at(close);
            let descriptors: Vec<_> = some.iter().map(|candidate| rows[candidate.row as usize]).collect();
            for ((candidate, row), dot) in some.iter().zip(&descriptors).zip(key.dots(&descriptors)) {
                let (lower, upper) = self.metric.around(dot, key.squared_norm(), row.squared_norm());
                self.add(self.metric.at_least(lower));
                compared.push(CloseRow { number: candidate.row, row, dot, upper });
            }
            candidates = if close < next { &[] } else { rest };
        }
        let needed = self.kth().map_or(f64::NEG_INFINITY, |kth| self.metric.needed(kth));
        compared.retain(|one| one.upper >= needed);
        let rows: Vec<_> = compared.iter().map(|one| one.row).collect();
        let values: Vec<f64> = match self.metric.exact() {
            Exact::Products(value) => {
                compared.iter().map(|one| value(one.dot, key.squared_norm(), one.row.squared_norm())).collect()
            }
            // They take longer than products, which told who is near.
            Exact::Differences(_) => key.values(&rows, self.metric),
        };
        compared.iter().zip(values).map(|(one, value)| Hit { row: one.number, value }).collect()
    }

    /// The value that one must be as good as to be among them; None while anyone is.
    fn kth(&self) -> Option<f64> {
        self.best.get(self.k - 1).copied()
    }

    fn add(&mut self, value: f64) {
        let at = self.best.partition_point(|better| self.metric.compare(*better, value).is_le());
        if at < self.k {
            self.best.truncate(self.k - 1);
            self.best.insert(at, value);
        }
    }
}
