//! A query: one key against all pictures of a dataset, exactly.

use super::compare::DescriptorKind;
use super::engine::{Engine, Selection};
use super::metric::Metric;
use super::neighbour::Neighbour;
use super::predicate::Predicate;
use crate::descriptor::{Descriptor, FeatureMatrix};
use crate::error::Result;

/// The pictures of `matrix` that pass `predicate`, best first; ties by name. Descriptors are full ones, compared by
/// `descriptor`. `left_out` is the key itself, if it is one of them.
///
/// # Errors
/// [`crate::Error::Torn`] if a file that they are read from was cut short in the meantime, [`crate::Error::Damaged`] if
/// a row was found damaged.
pub fn query(
    engine: &Engine,
    key: &Descriptor,
    matrix: &FeatureMatrix,
    left_out: Option<&str>,
    (descriptor, metric): (DescriptorKind, Metric),
    predicate: Predicate,
) -> Result<Vec<Neighbour>> {
    let left_out = left_out.and_then(|name| matrix.position(name));
    let selection = Selection { metric, predicate };
    let hits = descriptor.comparison().query(engine, key, matrix.rows(), left_out, selection);
    // The matrix names the row if one is damaged.
    matrix.check_whole().and_then(|()| key.check_whole())?;
    Ok(Neighbour::all(hits, matrix))
}
