//! A result: a picture, and how alike the key it is.

use std::sync::Arc;

use super::engine::Hit;
use crate::descriptor::{FeatureMatrix, Row};

/// A picture of the dataset and its value to the key, or to several.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbour {
    pub row: Arc<Row>,
    pub value: f64,
    /// Of several keys, the one that it is nearest to: its place among those for, from 0.
    pub nearest: usize,
}

impl Neighbour {
    /// Of one key.
    pub fn new(row: Arc<Row>, value: f64) -> Neighbour {
        Neighbour { row, value, nearest: 0 }
    }

    /// The pictures of `matrix` that were hit, in the same order.
    pub fn all(hits: Vec<Hit>, matrix: &FeatureMatrix) -> Vec<Neighbour> {
        let neighbour = |hit: Hit| Neighbour::new(matrix.rows()[hit.row as usize].clone(), hit.value);
        hits.into_iter().map(neighbour).collect()
    }
}
