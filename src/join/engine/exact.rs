//! The values that are shown: float64 sums in index order, the same to the bit as those of two descriptors compared
//! alone, for many rows at a time.

use pulp::NullaryFnOnce;

use super::integers::{Integers, WithIntegers, with};
use crate::features::{Descriptor, cosine};
use crate::join::Metric;
use crate::vgg16::{DESCRIPTOR_LEN, Instructions};

/// Rows whose sums are computed side by side: one alone would wait for each addition.
const ROWS: usize = 4;
/// Rows whose differences are computed side by side.
const LANES: usize = 16;
const CHANNELS: usize = 512;

/// A key, zeros included, so that values are found by their index.
pub struct DenseKey {
    values: Vec<f32>,
    squared_norm: f64,
    instructions: Instructions,
}

impl DenseKey {
    pub fn new(key: &Descriptor, instructions: Instructions) -> DenseKey {
        DenseKey { values: key.to_dense(), squared_norm: key.squared_norm(), instructions }
    }

    /// `metric`'s values of the key and each row.
    pub fn values(&self, rows: &[&Descriptor], metric: Metric) -> Vec<f64> {
        match metric {
            Metric::Cosine => {
                let dots = self.dots(rows);
                dots.iter().zip(rows).map(|(dot, r)| cosine(*dot, self.squared_norm, r.squared_norm())).collect()
            }
            Metric::Euclidean => {
                let chunks = rows.chunks(LANES);
                chunks.flat_map(|rows| self.squared_distances(rows)).map(f64::sqrt).collect()
            }
        }
    }

    pub fn squared_norm(&self) -> f64 {
        self.squared_norm
    }

    /// Inner products.
    pub fn dots(&self, rows: &[&Descriptor]) -> Vec<f64> {
        let (fours, rest) = rows.as_chunks::<ROWS>();
        let fours = fours.iter().flat_map(|rows| self.dot(*rows));
        fours.chain(rest.iter().flat_map(|row| self.dot([*row]))).collect()
    }

    fn dot<const N: usize>(&self, rows: [&Descriptor; N]) -> [f64; N] {
        let key = self.values.as_slice();
        let (distances, values) = (rows.map(Descriptor::distances), rows.map(Descriptor::values));
        let together = distances.iter().map(|d| d.len()).min().unwrap_or(0);
        let (mut index, mut sums) = ([0; N], [0f64; N]);
        let mut add = |row: usize, at: usize| {
            index[row] += usize::from(distances[row][at]);
            sums[row] += f64::from(values[row][at]) * f64::from(key[index[row]]);
        };
        for at in 0..together {
            (0..N).for_each(|row| add(row, at));
        }
        for (row, distances) in distances.iter().enumerate() {
            (together..distances.len()).for_each(|at| add(row, at));
        }
        sums
    }

    /// Squared Euclidean distances of up to [`LANES`] rows.
    fn squared_distances(&self, rows: &[&Descriptor]) -> Vec<f64> {
        struct Differences<'a>(&'a DenseKey, &'a [&'a Descriptor]);
        impl WithIntegers for Differences<'_> {
            type Output = [f64; LANES];
            fn call<I: Integers>(self, integers: I) -> [f64; LANES] {
                integers.run(self)
            }
        }
        impl NullaryFnOnce for Differences<'_> {
            type Output = [f64; LANES];
            #[inline(always)]
            fn call(self) -> [f64; LANES] {
                self.0.differences(self.1)
            }
        }
        with(self.instructions, Differences(self, rows))[..rows.len()].to_vec()
    }

    /// Position by position, so that the rows' values there stay in the first-level cache. Adding a difference of two
    /// zeros changes no sum.
    #[inline(always)]
    fn differences(&self, rows: &[&Descriptor]) -> [f64; LANES] {
        let mut sums = [0f64; LANES];
        let mut entries: [_; LANES] = std::array::from_fn(|lane| rows.get(lane).map(|row| Cursor::new(row)));
        let mut tile = vec![[0f32; LANES]; CHANNELS];
        for begin in (0..DESCRIPTOR_LEN).step_by(CHANNELS) {
            tile.fill([0.0; LANES]);
            for (lane, cursor) in entries.iter_mut().enumerate() {
                let Some(cursor) = cursor else { continue };
                while let Some((index, value)) = cursor.next_before(begin + CHANNELS) {
                    tile[index - begin][lane] = value;
                }
            }
            for (values, key) in tile.iter().zip(&self.values[begin..]) {
                for (sum, value) in sums.iter_mut().zip(values) {
                    let difference = f64::from(*key) - f64::from(*value);
                    *sum += difference * difference;
                }
            }
        }
        sums
    }
}

/// Where one is in a descriptor.
struct Cursor<'a> {
    distances: &'a [u8],
    values: &'a [f32],
    at: usize,
    /// Index of the entry at `at`.
    index: usize,
}

impl<'a> Cursor<'a> {
    fn new(descriptor: &'a Descriptor) -> Cursor<'a> {
        let (distances, values) = (descriptor.distances(), descriptor.values());
        Cursor { distances, values, at: 0, index: distances.first().map_or(0, |d| usize::from(*d)) }
    }

    /// The next entry, if its index is below `end`.
    #[inline(always)]
    fn next_before(&mut self, end: usize) -> Option<(usize, f32)> {
        let (index, value) = (self.index, *self.values.get(self.at)?);
        if index >= end {
            return None;
        }
        self.at += 1;
        self.index += self.distances.get(self.at).map_or(0, |d| usize::from(*d));
        Some((index, value))
    }
}
