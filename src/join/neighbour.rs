//! A result: a picture, and how alike the key it is.

use std::sync::Arc;

use super::engine::Hit;
use crate::descriptor::{FeatureMatrix, Row};

/// A picture of the dataset and its value to the key.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbour {
    pub row: Arc<Row>,
    pub value: f64,
}

impl Neighbour {
    /// The pictures of `matrix` that were hit, in the same order.
    pub fn all(hits: Vec<Hit>, matrix: &FeatureMatrix) -> Vec<Neighbour> {
        let neighbour = |hit: Hit| Neighbour { row: matrix.rows()[hit.row as usize].clone(), value: hit.value };
        hits.into_iter().map(neighbour).collect()
    }
}
