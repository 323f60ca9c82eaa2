//! A key's results: selected from hits, and merged from the results of parts of the rows.

use crate::join::engine::selection::{Hit, Selection};
use crate::join::predicate::Predicate;

impl Selection {
    /// The results among `hits`, best first. Each hit must be of another row.
    pub fn results(self, mut hits: Vec<Hit>) -> Vec<Hit> {
        let order = |a: &Hit, b: &Hit| self.order(a, b);
        match self.predicate {
            Predicate::Knn(k) if k < hits.len() => {
                hits.select_nth_unstable_by(k, order);
                hits.truncate(k);
            }
            Predicate::Knn(_) => {}
            Predicate::Range(limit) => hits.retain(|hit| self.metric.compare(hit.value, limit).is_le()),
        }
        hits.sort_unstable_by(order);
        hits
    }

    /// The results of some rows, from the results of two parts of them. Associative and commutative: the k best of a
    /// union are among the k best of each part.
    pub fn merge(self, results: Vec<Hit>, more: Vec<Hit>) -> Vec<Hit> {
        self.results([results, more].concat())
    }

    /// Keeps those of some rows' `results` that remain results next to hits of other rows with these values, best
    /// first. A result that ties with the last of those stays.
    pub fn beside(self, mut results: Vec<Hit>, elsewhere: &[f64]) -> Vec<Hit> {
        if let Predicate::Knn(k) = self.predicate {
            let better = |hit: &Hit| elsewhere.partition_point(|value| self.metric.compare(*value, hit.value).is_lt());
            let mut before = 0;
            results.retain(|hit| {
                before += 1;
                before - 1 + better(hit) < k
            });
        }
        results
    }

    /// The value that another hit must reach to be a result too; None if any value will do.
    pub fn limit(self, results: &[Hit]) -> Option<f64> {
        match self.predicate {
            Predicate::Knn(k) => results.get(k - 1).map(|kth| kth.value),
            Predicate::Range(limit) => Some(limit),
        }
    }
}
