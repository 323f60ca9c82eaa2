//! A query: one key against all pictures of a dataset, exactly.

use super::compare::DescriptorKind;
use super::engine::{Engine, Selection};
use super::metric::Metric;
use super::neighbour::Neighbour;
use super::predicate::Predicate;
use crate::descriptor::{Descriptor, FeatureMatrix};

/// The pictures of `matrix` that `predicate` lets pass, best first; of equal value, by name. Descriptors are full ones,
/// compared by `descriptor`. `left_out` is the key itself where it is one of them.
pub fn query(
    engine: &Engine,
    key: &Descriptor,
    matrix: &FeatureMatrix,
    left_out: Option<&str>,
    (descriptor, metric): (DescriptorKind, Metric),
    predicate: Predicate,
) -> Vec<Neighbour> {
    let left_out = left_out.and_then(|name| matrix.position(name));
    let selection = Selection { metric, predicate };
    Neighbour::all(descriptor.comparison().query(engine, key, matrix.rows(), left_out, selection), matrix)
}
