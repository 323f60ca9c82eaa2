//! Exact values, as users see them: float64 sums in index order, for many rows at a time. Bit-identical to comparing
//! two descriptors on their own.

use pulp::NullaryFnOnce;

use crate::descriptor::entries::{Entries, distance};
use crate::descriptor::{BANDS, CHANNELS, DESCRIPTOR_LEN, Descriptor, fetch_entries};
use crate::join::engine::closeness::Exact;
use crate::join::metric::Metric;
use crate::simd::{Instructions, Integers, Kernel, WithInstructions};

/// Rows summed side by side: a single sum would wait for each addition.
const ROWS: usize = 4;
/// Rows whose differences are summed side by side.
const LANES: usize = 16;
const PADDED: usize = DESCRIPTOR_LEN.next_power_of_two();

/// The value of two vectors.
pub fn value(metric: Metric, a: &Descriptor, b: &Descriptor) -> f64 {
    match metric.exact() {
        Exact::Products(value) => value(a.dot(b), a.squared_norm(), b.squared_norm()),
        Exact::Differences(value) => value(a.squared_distance(b)),
    }
}

/// The value of two vectors, from their inner product and squared norms, or from their squared distance, whichever the
/// metric needs.
pub fn exact_value(metric: Metric, dot: f64, squared_norms: [f64; 2], squared_distance: impl FnOnce() -> f64) -> f64 {
    match metric.exact() {
        Exact::Products(value) => value(dot, squared_norms[0], squared_norms[1]),
        Exact::Differences(value) => value(squared_distance()),
    }
}

/// A key with its zeros, so that values are found by index.
pub struct DenseKey {
    /// Longer than a descriptor, so that indices need no check, only a mask to 15 bits.
    values: Box<[f64; PADDED]>,
    /// The indices of the values that aren't zero, and perhaps of some that are.
    set: Vec<u16>,
    squared_norm: f64,
    instructions: Instructions,
}

impl DenseKey {
    pub fn new(key: &Descriptor, instructions: Instructions) -> DenseKey {
        let values = vec![0.0; PADDED].into_boxed_slice().try_into().expect("created with this length");
        let mut dense = DenseKey { values, set: Vec::new(), squared_norm: 0.0, instructions };
        dense.set(key);
        dense
    }

    /// Replaces the key.
    pub fn set(&mut self, key: &Descriptor) {
        fetch_entries([key]);
        // Faster than clearing all values.
        self.set.drain(..).for_each(|index| self.values[usize::from(index) % PADDED] = 0.0);
        for (index, value) in key.entries().iter() {
            self.values[index % PADDED] = value.into();
            self.set.push(index as u16);
        }
        self.squared_norm = key.squared_norm();
    }

    /// The values of `metric` between the key and each row.
    pub fn values(&self, rows: &[&Descriptor], metric: Metric) -> Vec<f64> {
        match metric.exact() {
            Exact::Products(value) => {
                let dots = self.dots(rows);
                dots.iter().zip(rows).map(|(dot, row)| value(*dot, self.squared_norm, row.squared_norm())).collect()
            }
            Exact::Differences(value) => {
                fetch_entries(rows.iter().copied());
                rows.chunks(LANES).flat_map(|rows| self.squared_distances(rows)).map(value).collect()
            }
        }
    }

    pub fn squared_norm(&self) -> f64 {
        self.squared_norm
    }

    /// Inner products.
    pub fn dots(&self, rows: &[&Descriptor]) -> Vec<f64> {
        fetch_entries(rows.iter().copied());
        let mut partial: Vec<_> = rows.iter().map(|row| Partial::new(row)).collect();
        self.go_on(&mut partial, BANDS - 1);
        partial.iter().map(Partial::dot).collect()
    }

    /// Continues inner products up to the end of `band`.
    pub fn go_on(&self, partial: &mut [Partial], band: usize) {
        let (fours, rest) = partial.as_chunks_mut::<ROWS>();
        fours.iter_mut().for_each(|rows| self.some(rows, band));
        rest.iter_mut().for_each(|row| self.some(std::array::from_mut(row), band));
    }

    fn some<const N: usize>(&self, rows: &mut [Partial; N], band: usize) {
        let ends = rows.each_ref().map(|p| p.row.bands()[band]);
        let entries = rows.each_ref().map(|p| p.row.entries());
        let words: [_; N] = std::array::from_fn(|i| &entries[i].words()[rows[i].entries..ends[i]]);
        let together = words.iter().map(|w| w.len()).min().unwrap_or(0);
        let (mut index, mut sums) = (rows.each_ref().map(|p| p.index), rows.each_ref().map(|p| p.sum));
        let mut add = |row: usize, word: u32| {
            index[row] += distance(word);
            sums[row] += entries[row].unscaled(word) * self.values[index[row] % PADDED];
        };
        let side_by_side = words.map(|w| &w[..together]);
        (0..together).for_each(|at| (0..N).for_each(|row| add(row, side_by_side[row][at])));
        for (row, words) in words.iter().enumerate() {
            words[together..].iter().for_each(|word| add(row, *word));
        }
        for (i, partial) in rows.iter_mut().enumerate() {
            (partial.entries, partial.index, partial.sum) = (ends[i], index[i], sums[i]);
        }
    }

    /// Squared Euclidean distances of up to [`LANES`] rows.
    fn squared_distances(&self, rows: &[&Descriptor]) -> Vec<f64> {
        struct Differences<'a>(&'a DenseKey, &'a [&'a Descriptor]);
        impl WithInstructions for Differences<'_> {
            type Output = [f64; LANES];
            fn call<K: Kernel, I: Integers>(self, _: K, integers: I) -> [f64; LANES] {
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
        self.instructions.with(Differences(self, rows))[..rows.len()].to_vec()
    }

    /// Position by position, so that the rows' values there stay in the first-level cache. Adding a difference of two
    /// zeros doesn't change a sum.
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
                    let difference = key - f64::from(*value);
                    *sum += difference * difference;
                }
            }
        }
        sums
    }
}

/// An inner product in progress.
pub struct Partial<'a> {
    pub row: &'a Descriptor,
    /// The sum over the entries before `entries`, in steps of the row's scale.
    sum: f64,
    entries: usize,
    /// The index of the last of those entries.
    index: usize,
}

impl<'a> Partial<'a> {
    pub fn new(row: &'a Descriptor) -> Partial<'a> {
        Partial { row, sum: 0.0, entries: 0, index: 0 }
    }

    /// The inner product so far.
    pub fn dot(&self) -> f64 {
        self.sum * self.row.entries().scale()
    }
}

/// A reading position in a descriptor.
struct Cursor<'a> {
    entries: Entries<'a>,
    at: usize,
    /// The index of the entry at `at`.
    index: usize,
}

impl<'a> Cursor<'a> {
    fn new(descriptor: &'a Descriptor) -> Cursor<'a> {
        let entries = descriptor.entries();
        Cursor { entries, at: 0, index: entries.words().first().map_or(0, |word| distance(*word)) }
    }

    /// The next entry, if its index is below `end`.
    #[inline(always)]
    fn next_before(&mut self, end: usize) -> Option<(usize, f32)> {
        let (index, word) = (self.index, *self.entries.words().get(self.at)?);
        if index >= end {
            return None;
        }
        self.at += 1;
        self.index += self.entries.words().get(self.at).map_or(0, |word| distance(*word));
        Some((index, self.entries.value(word)))
    }
}
