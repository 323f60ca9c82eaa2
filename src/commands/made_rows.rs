//! Made-up rows with the statistics of real ones, to measure large sets without pictures.
//!
//! A row takes two thirds of its channels from one real row, and the others from two more; every 33rd instead repeats
//! an earlier row with a tenth of its values missing, a near-duplicate of about 0.95. A smaller set is the beginning of
//! a larger one.

use std::sync::Arc;

use crate::dataset::{ContentHash, Stamp};
use crate::descriptor::{CHANNELS, Crops, DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Row};
use crate::error::Result;
use crate::index::store::Store;
use crate::parallel;
use crate::vgg16::{Network, NetworkOptions};

/// Rows in memory at a time.
const TOGETHER: usize = 4096;
/// One row in so many repeats another.
const REPEATED: usize = 33;

/// Writes `count` rows made of `real` ones as `features.simages`, a few thousand at a time.
pub fn write(real: &FeatureMatrix, store: &Store, count: usize) -> Result<()> {
    let model = Network::new(NetworkOptions::default()).weights()?.model(Crops::Whole);
    store.prepare(&FeatureMatrix::default(), &model)?;
    for begin in (0..count).step_by(TOGETHER) {
        let numbers = begin..(begin + TOGETHER).min(count);
        let rows = parallel::map(numbers.len(), |at| Arc::new(row(real, numbers.start + at)));
        store.append(&rows)?;
    }
    Ok(())
}

fn row(real: &FeatureMatrix, number: usize) -> Row {
    let mut random = fastrand::Rng::with_seed(!number as u64);
    let (mut dense, of) = if number % REPEATED == REPEATED - 1 {
        let of = random.usize(..number) / REPEATED * REPEATED + random.usize(..REPEATED - 1);
        (mixed(real, of), of)
    } else {
        (mixed(real, number), number)
    };
    if of != number {
        dense.iter_mut().filter(|_| random.u8(..10) == 0).for_each(|value| *value = 0.0);
    }
    let stamp = Stamp { size: 100_000 + number as u64, mtime_ns: 1_700_000_000_000_000_000 + number as i64 };
    let content = ContentHash(std::array::from_fn(|_| random.u8(..)));
    let descriptor = Descriptor::from_dense(&dense).expect("as finite as its parents");
    let row = Row::new(format!("{number:07}.jpg"), Some(stamp), descriptor);
    Row { columns: parents(real, of)[0].columns.clone(), ..row }.with_content(content)
}

/// The three rows that the row `number` is made of.
fn parents(real: &FeatureMatrix, number: usize) -> [&Row; 3] {
    let mut random = fastrand::Rng::with_seed(number as u64);
    [0; 3].map(|_| &*real.rows()[random.usize(..real.len())])
}

/// All 25,088 values of the row `number`, if it doesn't repeat another.
fn mixed(real: &FeatureMatrix, number: usize) -> Vec<f32> {
    let dense = parents(real, number).map(|parent| parent.descriptor.to_dense());
    let mut random = fastrand::Rng::with_seed(number as u64 ^ 1 << 40);
    let chosen: Vec<usize> = (0..CHANNELS).map(|_| [0, 0, 0, 0, 1, 2][random.usize(..6)]).collect();
    let mut mixed = Vec::with_capacity(DESCRIPTOR_LEN);
    for position in 0..DESCRIPTOR_LEN / CHANNELS {
        mixed.extend((0..CHANNELS).map(|channel| dense[chosen[channel]][position * CHANNELS + channel]));
    }
    mixed
}
