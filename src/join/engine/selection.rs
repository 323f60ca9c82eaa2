//! The query for a key's rows, and its outcome.

use std::cmp::Ordering;

use crate::join::metric::Metric;
use crate::join::predicate::Predicate;

/// A row, by its index in the order of names, and its exact value for a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    pub row: u32,
    pub value: f64,
}

/// Selects the results among a key's hits.
#[derive(Clone, Copy, Debug)]
pub struct Selection {
    pub metric: Metric,
    pub predicate: Predicate,
}

impl Selection {
    /// The better value first; ties by name.
    pub fn order(self, a: &Hit, b: &Hit) -> Ordering {
        self.metric.compare(a.value, b.value).then(a.row.cmp(&b.row))
    }
}
