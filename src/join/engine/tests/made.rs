//! Sets of descriptors that are hard for an engine: ties, duplicates, zeros, values far apart.

use proptest::prelude::*;

use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Row};

/// The entries of a descriptor: index and value.
pub type Entries = Vec<(usize, f32)>;

pub fn matrix(rows: &[Entries]) -> FeatureMatrix {
    let row = |(i, entries): (usize, &Entries)| {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        entries.iter().for_each(|(at, value)| dense[*at] = *value);
        // Backwards, so that the order of names differs from that of insertion.
        let name = format!("{:03}.png", rows.len() - i);
        Row::new(name, None, Descriptor::from_dense(&dense).unwrap())
    };
    rows.iter().enumerate().map(row).collect()
}

fn entries() -> impl Strategy<Value = Entries> {
    // Few indices and few values, so ties, duplicates and zero rows are common. Some indices are far apart, some values
    // tiny or huge.
    let place = prop_oneof![(0usize..12).prop_map(|i| i * 37), 0..DESCRIPTOR_LEN];
    let value = prop_oneof![4 => Just(1.0f32), 2 => Just(2.0), 4 => 0.0f32..80.0, 1 => Just(-3.0), 1 => Just(1e-30), 1 => Just(1e20)];
    prop::collection::vec((place, value), 0..12)
}

/// Few rows, or enough for several blocks.
pub fn rows() -> impl Strategy<Value = Vec<Entries>> {
    prop_oneof![3 => prop::collection::vec(entries(), 0..12), 1 => prop::collection::vec(entries(), 60..150)]
}
