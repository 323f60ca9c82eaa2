//! A key, to compare with many rows.

use super::exact::DenseKey;
use super::regions::RegionKeys;
use crate::descriptor::{Descriptor, DescriptorKind, RegionSet};
use crate::join::Metric;
use crate::simd::Instructions;

pub enum Key {
    /// By the values of (pooled) descriptors.
    Values(DescriptorKind, DenseKey),
    Regions(Box<RegionKeys>),
}

impl Key {
    /// `key` and the rows are full descriptors, compared by `descriptor`.
    pub fn new(key: &Descriptor, descriptor: DescriptorKind, instructions: Instructions) -> Key {
        match descriptor {
            DescriptorKind::Regions => Key::Regions(Box::new(RegionKeys::new(&[key.regions()], instructions))),
            _ => Key::Values(descriptor, DenseKey::new(key.compared_by(descriptor), instructions)),
        }
    }

    /// `metric`'s values of the key and each row.
    pub fn values(&self, rows: &[&Descriptor], metric: Metric) -> Vec<f64> {
        match self {
            Key::Values(descriptor, key) => {
                let rows: Vec<_> = rows.iter().map(|row| row.compared_by(*descriptor)).collect();
                key.values(&rows, metric)
            }
            Key::Regions(key) => {
                let rows: Vec<&RegionSet> = rows.iter().map(|row| row.regions()).collect();
                key.values(&rows, metric).into_iter().map(|[value, ..]| value).collect()
            }
        }
    }
}
