//! A result: a picture and its value to the key.

use std::sync::Arc;

use super::engine::Hit;
use crate::descriptor::{FeatureMatrix, Row};

/// A picture of the dataset, and its value to the key or keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbour {
    pub row: Arc<Row>,
    pub value: f64,
    /// With several keys for, the index of the nearest one.
    pub nearest: usize,
}

impl Neighbour {
    /// With a single key.
    pub fn new(row: Arc<Row>, value: f64) -> Neighbour {
        Neighbour { row, value, nearest: 0 }
    }

    /// The pictures of `matrix` for these hits, in the same order.
    pub fn all(hits: Vec<Hit>, matrix: &FeatureMatrix) -> Vec<Neighbour> {
        let neighbour = |hit: Hit| Neighbour::new(matrix.rows()[hit.row as usize].clone(), hit.value);
        hits.into_iter().map(neighbour).collect()
    }
}
