//! What is asked of the rows that a key is compared with, and what comes of it.

use std::cmp::Ordering;

use crate::join::metric::Metric;
use crate::join::predicate::Predicate;

/// A row, by its place in the order of names, and its exact value to a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    pub row: u32,
    pub value: f64,
}

/// Which hits of a key are its results.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    pub metric: Metric,
    pub predicate: Predicate,
}

impl Selection {
    /// The better value first; of equal value, the first by name.
    pub fn order(self, a: &Hit, b: &Hit) -> Ordering {
        self.metric.compare(a.value, b.value).then(a.row.cmp(&b.row))
    }
}
