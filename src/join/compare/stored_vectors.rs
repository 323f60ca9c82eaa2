//! One key against pooled descriptors as they are stored: 512 float32 values, read in sequence.
//!
//! Sums are float64, in index order, so values are bit-identical to those of two [`Descriptor`]s. Zeros don't change a
//! sum.

use std::sync::Arc;

use crate::descriptor::{CHANNELS, Descriptor, Pooling, Row};
use crate::join::engine::{Hit, exact_value};
use crate::join::metric::Metric;
use crate::parallel;

/// Rows whose sums are computed side by side: a single sum would wait for each addition.
const TOGETHER: usize = 8;
/// Rows compared by a thread at a time.
const ROWS: usize = 32 * TOGETHER;

type Values = [f32; CHANNELS];

/// How rows are compared.
#[derive(Clone, Copy)]
pub struct StoredVectors {
    pub pooling: Pooling,
    pub metric: Metric,
}

/// Sums over all indices, for each of some rows.
#[derive(Default)]
struct RowSums {
    dots: [f64; TOGETHER],
    squares: [f64; TOGETHER],
    differences: [f64; TOGETHER],
}

impl StoredVectors {
    /// The values of `key` and all rows, in their order.
    pub fn all(self, key: &Descriptor, rows: &[Arc<Row>]) -> Vec<Hit> {
        let key = key.pooled(self.pooling);
        let values = dense(key);
        parallel::in_parts(rows.len(), ROWS, |some| {
            let found = rows[some.clone()].chunks(TOGETHER).flat_map(|rows| self.some(key, &values, rows));
            some.zip(found).map(|(row, value)| Hit { row: row as u32, value }).collect()
        })
    }

    /// The values of up to [`TOGETHER`] rows.
    fn some(self, key: &Descriptor, values: &Values, rows: &[Arc<Row>]) -> Vec<f64> {
        let stored: Vec<_> = rows.iter().map(|row| row.descriptor.stored_pooled(self.pooling)).collect();
        let none = [0.0; CHANNELS];
        let mut all = [&none; TOGETHER];
        for (values, words) in all.iter_mut().zip(&stored) {
            *values =
                words.as_ref().and_then(|words| bytemuck::cast_slice(words.get()).try_into().ok()).unwrap_or(&none);
        }
        let sums = match self.metric {
            Metric::Cosine => products(values, &all),
            Metric::Euclidean => differences(values, &all),
        };
        let value = |(at, row): (usize, &Arc<Row>)| {
            // Sums are finite if all values are.
            let is_usable = stored[at].is_some() && (sums.squares[at] + sums.differences[at]).is_finite();
            if !is_usable {
                // The same, computed from the whole descriptor and kept.
                let row = row.descriptor.pooled(self.pooling);
                return exact_value(self.metric, key.dot(row), [key, row].map(Descriptor::squared_norm), || {
                    key.squared_distance(row)
                });
            }
            let norms = [key.squared_norm(), sums.squares[at]];
            exact_value(self.metric, sums.dots[at], norms, || sums.differences[at])
        };
        rows.iter().enumerate().map(value).collect()
    }
}

fn products(key: &Values, rows: &[&Values; TOGETHER]) -> RowSums {
    let mut sums = RowSums::default();
    for (i, key) in key.iter().enumerate() {
        for (row, values) in rows.iter().enumerate() {
            let value = f64::from(values[i]);
            sums.dots[row] += f64::from(*key) * value;
            sums.squares[row] += value * value;
        }
    }
    sums
}

fn differences(key: &Values, rows: &[&Values; TOGETHER]) -> RowSums {
    let mut sums = RowSums::default();
    for (i, key) in key.iter().enumerate() {
        for (row, values) in rows.iter().enumerate() {
            let difference = f64::from(*key) - f64::from(values[i]);
            sums.differences[row] += difference * difference;
        }
    }
    sums
}

/// The values of a pooled descriptor.
fn dense(pooled: &Descriptor) -> Values {
    let mut values = [0.0; CHANNELS];
    pooled.entries().fill(&mut values);
    values
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::descriptor::{DESCRIPTOR_LEN, FeatureMatrix};
    use crate::join::{DescriptorKind, Engine, Predicate, query};
    use crate::storage::sparse::{self, Identity};

    fn made(count: usize) -> FeatureMatrix {
        let mut random = fastrand::Rng::with_seed(5);
        let row = |at: usize| {
            // Some twice, one zero.
            let mut random = if at % 5 == 4 { fastrand::Rng::with_seed(7) } else { random.fork() };
            let value = |_| if at > 0 && random.u8(..) < 30 { random.f32() * 9.0 } else { 0.0 };
            let dense: Vec<f32> = (0..DESCRIPTOR_LEN).map(value).collect();
            Row::new(format!("{at:03}"), None, Descriptor::from_dense(&dense).unwrap())
        };
        (0..count).map(row).collect()
    }

    #[test]
    fn stored_values_give_the_bits_of_a_double_loop() {
        let rows = made(21);
        let mut file = tempfile::NamedTempFile::new().unwrap();
        sparse::write(file.as_file(), rows.rows(), "a model", Identity::default()).unwrap();
        file.flush().unwrap();
        let stored = sparse::open_large(file.path()).unwrap().matrix;
        for (matrix, metric) in
            [&rows, &stored].into_iter().flat_map(|matrix| Metric::ALL.map(|metric| (matrix, metric)))
        {
            for (pooling, key) in Pooling::ALL.into_iter().zip([0, 3, 4, 9]) {
                let kind = DescriptorKind::Pooled(pooling);
                let key = &rows.rows()[key];
                let found = query(
                    &Engine::default(),
                    &key.descriptor,
                    matrix,
                    Some(&key.name),
                    (kind, metric),
                    Predicate::Knn(6),
                );
                let value = |row: &Row| kind.comparison().value(&key.descriptor, &row.descriptor, metric);
                let mut expected: Vec<_> =
                    rows.rows().iter().filter(|row| row.name != key.name).map(|row| (value(row), &row.name)).collect();
                expected.sort_by(|a, b| metric.compare(a.0, b.0).then(a.1.cmp(b.1)));
                let found: Vec<_> =
                    found.unwrap().into_iter().map(|n| (n.value.to_bits(), n.row.name.clone())).collect();
                let expected: Vec<_> =
                    expected[..6].iter().map(|(value, name)| (value.to_bits(), (*name).clone())).collect();
                assert_eq!(found, expected, "{kind} {metric}");
            }
        }
    }
}
