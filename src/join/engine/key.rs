//! A key, to compare with many rows.

use super::exact::DenseKey;
use super::regions::RegionKeys;
use crate::descriptor::{Descriptor, Pooling, RegionSet};
use crate::join::Metric;
use crate::simd::Instructions;

pub enum Key {
    /// By the values of (pooled) descriptors.
    Values(Pooling, DenseKey),
    Regions(Box<RegionKeys>),
}

impl Key {
    /// `key` and the rows are full descriptors, compared by `pooling`.
    pub fn new(key: &Descriptor, pooling: Pooling, instructions: Instructions) -> Key {
        match pooling {
            Pooling::Best => Key::Regions(Box::new(RegionKeys::new(&[key.regions()], instructions))),
            _ => Key::Values(pooling, DenseKey::new(key.pooled(pooling), instructions)),
        }
    }

    /// `metric`'s values of the key and each row.
    pub fn values(&self, rows: &[&Descriptor], metric: Metric) -> Vec<f64> {
        match self {
            Key::Values(pooling, key) => {
                let rows: Vec<_> = rows.iter().map(|row| row.pooled(*pooling)).collect();
                key.values(&rows, metric)
            }
            Key::Regions(key) => {
                let rows: Vec<&RegionSet> = rows.iter().map(|row| row.regions()).collect();
                key.values(&rows, metric).into_iter().map(|[value, ..]| value).collect()
            }
        }
    }
}
