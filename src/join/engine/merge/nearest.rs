//! Finds the k nearest among candidates sorted by upper bound, computing as few exact values as possible.

use super::exact::DenseKey;
use crate::descriptor::Descriptor;
use crate::join::engine::candidate::Candidate;
use crate::join::engine::closeness::Exact;
use crate::join::engine::selection::Hit;
use crate::join::metric::Metric;

/// Candidates compared at a time: as many as are summed side by side.
const TOGETHER: usize = 4;

/// What is known so far about a key's k nearest.
pub struct Nearest {
    metric: Metric,
    k: usize,
    /// Values that different rows reach at least, best first; at most k.
    best: Vec<f64>,
}

/// A candidate whose inner product is known.
struct CloseRow<'a> {
    number: u32,
    row: &'a Descriptor,
    dot: f64,
    /// Its upper bound of closeness, in terms of [`Metric::around`].
    upper: f64,
}

impl Nearest {
    /// `elsewhere`: the values of hits that aren't among the candidates, best first.
    pub fn new(metric: Metric, k: usize, elsewhere: &[f64]) -> Nearest {
        Nearest { metric, k, best: elsewhere[..elsewhere.len().min(k)].to_vec() }
    }

    /// The hits among `candidates` that may be among the k nearest, with their values; may include others. `needed` is
    /// the closeness, in terms of the candidates' bounds, that a row needs to be as good as a value.
    pub fn among(
        mut self,
        mut candidates: &[Candidate],
        key: &DenseKey,
        rows: &[&Descriptor],
        needed: impl Fn(f64) -> f32,
    ) -> Vec<Hit> {
        let mut compared = Vec::with_capacity(candidates.len());
        while !candidates.is_empty() {
            // With fewer than k values, no candidate can be skipped.
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
            // Differences take longer than products, which were enough to find the nearest.
            Exact::Differences(_) => key.values(&rows, self.metric),
        };
        compared.iter().zip(values).map(|(one, value)| Hit { row: one.number, value }).collect()
    }

    /// The value that a row must reach to be among the nearest; None while any will do.
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
