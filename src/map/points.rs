//! The data to lay out: each picture as a point with 512 coordinates.

use std::sync::Arc;

use rayon::prelude::*;

use crate::descriptor::{CHANNELS, Pooling, Row};

/// The pooled descriptor used.
pub const POOLING: Pooling = Pooling::Gap;

/// The pooled descriptors of pictures, `[n, 512]`, row-major, float32, each of length 1 (or 0).
pub struct Points(Vec<f32>);

impl Points {
    pub fn of(rows: &[Arc<Row>]) -> Points {
        let mut values = vec![0.0; rows.len() * CHANNELS];
        values.par_chunks_exact_mut(CHANNELS).zip(rows).for_each(|(to, row)| {
            row.descriptor.pooled(POOLING).entries().fill(to);
        });
        Points(values)
    }

    #[cfg(test)]
    pub fn from_values(values: Vec<f32>) -> Points {
        assert!(values.len().is_multiple_of(CHANNELS));
        Points(values)
    }

    pub fn len(&self) -> usize {
        self.0.len() / CHANNELS
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `[n, 512]`
    pub fn values(&self) -> &[f32] {
        &self.0
    }

    pub fn point(&self, at: usize) -> &[f32] {
        &self.0[at * CHANNELS..(at + 1) * CHANNELS]
    }

    /// The squared Euclidean distance of two of them, summed in float64.
    pub fn squared_distance(&self, a: usize, b: usize) -> f64 {
        let differences = self.point(a).iter().zip(self.point(b)).map(|(a, b)| f64::from(a - b));
        differences.map(|difference| difference * difference).sum()
    }
}
