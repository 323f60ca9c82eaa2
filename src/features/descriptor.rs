//! One picture's descriptor: 25,088 float32 values, about nine in ten of them zero, so only the others are kept.

use std::sync::Arc;

use memmap2::Mmap;

use super::sketch::{self, Sketch};
use crate::vgg16::DESCRIPTOR_LEN;

/// The non-zero values in index order, each with its distance to the one before: 5 bytes each, 14 KB a picture instead
/// of 100 KB. And what the join engine wants to know first: the [`Sketch`], 1.5 KB.
///
/// Where two are further apart than a byte can say, zeros stand between them; they change no sum.
#[derive(Clone)]
pub struct Descriptor {
    /// `[n]` float32 values, `[n]` distances as bytes, and zeros up to a multiple of four.
    entries: Bytes,
    /// The sketch's codes. Those of all rows of a file lie one after the other, as they are read.
    sketch: Bytes,
    shape: Shape,
}

/// Values that are looked at together.
const RUN: usize = 32;

/// What tells where is what in a descriptor's bytes, and what was reckoned from them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shape {
    /// Entries: non-zero values, and the zeros between those that are far apart.
    pub entries: usize,
    /// Sum of squares.
    pub squared_norm: f64,
    /// What one step of the sketch's codes stands for.
    pub step: f64,
    /// Entries before the sketch's second and third band.
    pub bands: [u16; 2],
}

/// Bytes at an address divisible by four.
#[derive(Clone)]
enum Bytes {
    Owned(Arc<[u32]>),
    Mapped { file: Arc<Mmap>, at: usize, len: usize },
}

impl Bytes {
    fn owned(len: usize, fill: impl FnOnce(&mut [u8])) -> Bytes {
        let mut words = vec![0u32; len / 4];
        fill(bytemuck::cast_slice_mut(&mut words));
        Bytes::Owned(words.into())
    }

    /// None if they are not all in the file, or not aligned.
    fn mapped(file: &Arc<Mmap>, at: usize, len: usize) -> Option<Bytes> {
        let inside = at.is_multiple_of(4) && at.checked_add(len).is_some_and(|end| end <= file.len());
        inside.then(|| Bytes::Mapped { file: file.clone(), at, len })
    }

    fn get(&self) -> &[u8] {
        match self {
            Bytes::Owned(words) => bytemuck::cast_slice(words),
            Bytes::Mapped { file, at, len } => &file[*at..*at + *len],
        }
    }
}

impl Shape {
    /// Bytes that values and distances take.
    pub fn size(&self) -> usize {
        self.entries * size_of::<f32>() + self.entries.next_multiple_of(4)
    }
}

impl Descriptor {
    /// From all 25,088 values. None if one of them is not finite.
    pub fn from_dense(dense: &[f32]) -> Option<Descriptor> {
        assert_eq!(dense.len(), DESCRIPTOR_LEN);
        if !dense.iter().fold(true, |finite, v| finite & v.is_finite()) {
            return None;
        }
        let (mut distances, mut values) = (Vec::with_capacity(4096), Vec::with_capacity(4096));
        // Since the last entry.
        let mut distance = 0;
        for some in dense.chunks(RUN) {
            if some.iter().fold(0, |bits, v| bits | v.to_bits() << 1) == 0 {
                distance += some.len();
                continue;
            }
            // Without a branch a value: whether one is zero can't be foreseen.
            let (mut at, mut found, mut n) = ([0u8; RUN], [0f32; RUN], 0);
            for (i, v) in some.iter().enumerate() {
                (at[n], found[n]) = (i as u8, *v);
                n += usize::from(*v != 0.0);
            }
            let mut first = distance + usize::from(at[0]);
            while first > usize::from(u8::MAX) {
                distances.push(u8::MAX);
                values.push(0.0);
                first -= usize::from(u8::MAX);
            }
            let mut before = 0;
            for at in &mut at[..n] {
                (*at, before) = (*at - before, *at);
            }
            at[0] = first as u8;
            distances.extend_from_slice(&at[..n]);
            values.extend_from_slice(&found[..n]);
            distance = some.len() - usize::from(before);
        }
        Some(Descriptor::new(&values, &distances))
    }

    fn new(values: &[f32], distances: &[u8]) -> Descriptor {
        // Not `sum`: the sum of nothing is -0.0.
        let squared_norm = values.iter().fold(0.0, |sum, v| sum + f64::from(*v) * f64::from(*v));
        let entries = indices(distances).zip(values.iter().copied());
        let (codes, step) = sketch::codes(entries);
        let before = |end: usize| indices(distances).take_while(|index| *index < end).count() as u16;
        let bands = [before(sketch::ENDS[0]), before(sketch::ENDS[1])];
        let shape = Shape { entries: values.len(), squared_norm, step, bands };
        let entries = Bytes::owned(shape.size(), |bytes| {
            let (to_values, to_distances) = bytes.split_at_mut(size_of_val(values));
            to_values.copy_from_slice(bytemuck::cast_slice(values));
            to_distances[..distances.len()].copy_from_slice(distances);
        });
        let sketch = Bytes::owned(sketch::LEN, |bytes| bytes.copy_from_slice(&codes));
        Descriptor { entries, sketch, shape }
    }

    /// The one of this shape with entries and sketch at these bytes of `file`. None if what lies there can't be one.
    pub fn mapped(file: &Arc<Mmap>, entries: usize, sketch: usize, shape: Shape) -> Option<Descriptor> {
        if shape.entries > DESCRIPTOR_LEN {
            return None;
        }
        let entries = Bytes::mapped(file, entries, shape.size())?;
        let descriptor = Descriptor { entries, sketch: Bytes::mapped(file, sketch, sketch::LEN)?, shape };
        descriptor.is_sound().then_some(descriptor)
    }

    /// Whether no index leaves the descriptor, and all values are finite: what whoever uses it relies on.
    fn is_sound(&self) -> bool {
        let end: u32 = self.distances().iter().map(|d| u32::from(*d)).sum();
        end < DESCRIPTOR_LEN as u32
            && self.values().iter().fold(true, |finite, v| finite & v.is_finite())
            && (0.0..f64::INFINITY).contains(&self.shape.squared_norm)
            && (0.0..f64::INFINITY).contains(&self.shape.step)
            && self.sketch().is_sound()
            && self.shape.bands.is_sorted()
            && usize::from(self.shape.bands[1]) <= self.shape.entries
    }

    /// Values and distances, as [`Descriptor::mapped`] takes them.
    pub fn bytes(&self) -> &[u8] {
        self.entries.get()
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// `[n]` values in index order.
    pub fn values(&self) -> &[f32] {
        bytemuck::cast_slice(&self.bytes()[..self.shape.entries * size_of::<f32>()])
    }

    /// `[n]` distances: of the first value from index 0, of each other from the one before.
    pub fn distances(&self) -> &[u8] {
        let from = self.shape.entries * size_of::<f32>();
        &self.bytes()[from..from + self.shape.entries]
    }

    /// Where the entries of each of the sketch's bands end.
    pub fn bands(&self) -> [usize; 3] {
        let [first, second] = self.shape.bands.map(usize::from);
        [first, second, self.shape.entries]
    }

    pub fn sketch(&self) -> Sketch<'_> {
        Sketch { codes: self.sketch.get(), step: self.shape.step }
    }

    /// All values, zeros included.
    pub fn to_dense(&self) -> Vec<f32> {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        self.entries().for_each(|(index, value)| dense[index] = value);
        dense
    }

    /// Indices, each larger than the one before, and the values there; some may be zero.
    pub fn entries(&self) -> impl Iterator<Item = (usize, f32)> {
        indices(self.distances()).zip(self.values().iter().copied())
    }

    /// Sum of squares, float64, in index order.
    pub fn squared_norm(&self) -> f64 {
        self.shape.squared_norm
    }

    /// Inner product: float64 sum of exact products, in index order.
    pub fn dot(&self, other: &Descriptor) -> f64 {
        let mut sum = 0.0;
        self.merge(other, |a, b| sum += a * b);
        sum
    }

    /// Cosine similarity: <x, y> / (|x| |y|); 0 if either is zero.
    pub fn cosine(&self, other: &Descriptor) -> f64 {
        cosine(self.dot(other), self.squared_norm(), other.squared_norm())
    }

    /// Squared Euclidean distance: float64 sum of squared differences, in index order.
    pub fn squared_distance(&self, other: &Descriptor) -> f64 {
        let mut sum = 0.0;
        self.merge(other, |a, b| sum += (a - b) * (a - b));
        sum
    }

    /// Calls `visit` with both values at each index where either is not zero, in index order.
    fn merge(&self, other: &Descriptor, mut visit: impl FnMut(f64, f64)) {
        let (mut left, mut right) = (self.entries().peekable(), other.entries().peekable());
        loop {
            let at = match (left.peek(), right.peek()) {
                (Some((i, _)), Some((j, _))) => *i.min(j),
                (Some((at, _)), None) | (None, Some((at, _))) => *at,
                (None, None) => return,
            };
            let a = left.next_if(|(i, _)| *i == at).map_or(0.0, |(_, v)| f64::from(v));
            let b = right.next_if(|(j, _)| *j == at).map_or(0.0, |(_, v)| f64::from(v));
            visit(a, b);
        }
    }
}

/// Cosine similarity from an inner product and both sums of squares.
pub fn cosine(dot: f64, squared_norm: f64, other_squared_norm: f64) -> f64 {
    let norms = squared_norm * other_squared_norm;
    // Rounding may exceed 1 by a hair between pictures that are the same.
    if norms > 0.0 { (dot / norms.sqrt()).min(1.0) } else { 0.0 }
}

fn indices(distances: &[u8]) -> impl Iterator<Item = usize> {
    distances.iter().scan(0, |index, distance| {
        *index += usize::from(*distance);
        Some(*index)
    })
}

impl Default for Descriptor {
    /// All zeros.
    fn default() -> Self {
        Descriptor::new(&[], &[])
    }
}

impl PartialEq for Descriptor {
    fn eq(&self, other: &Self) -> bool {
        self.values() == other.values() && self.distances() == other.distances()
    }
}

impl std::fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_list().entries(self.entries()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Few indices, few values: zeros, ties and shared positions are common.
    fn dense() -> impl Strategy<Value = Vec<f32>> {
        let entry = (0..DESCRIPTOR_LEN, prop_oneof![Just(0.0f32), Just(1.0), 0.0f32..100.0]);
        prop::collection::vec(entry, 0..60).prop_map(|entries| {
            let mut dense = vec![0.0; DESCRIPTOR_LEN];
            for (i, v) in entries {
                dense[i % 97 * 7] = v;
                dense[i] = v;
            }
            dense
        })
    }

    proptest! {
        #[test]
        fn sparse_equals_the_dense_double_loop_to_the_bit(a in dense(), b in dense()) {
            let (x, y) = (Descriptor::from_dense(&a).unwrap(), Descriptor::from_dense(&b).unwrap());
            let mut dot = 0.0f64;
            let mut distance = 0.0f64;
            for (p, q) in a.iter().zip(&b) {
                let (p, q) = (f64::from(*p), f64::from(*q));
                dot += p * q;
                distance += (p - q) * (p - q);
            }
            prop_assert_eq!(x.dot(&y).to_bits(), dot.to_bits());
            prop_assert_eq!(x.squared_distance(&y).to_bits(), distance.to_bits());
            prop_assert_eq!(x.squared_norm().to_bits(), x.dot(&x).to_bits());
            prop_assert_eq!(x.to_dense(), a);
        }
    }

    #[test]
    fn values_that_are_not_finite_are_refused() {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        dense[7] = f32::NAN;
        assert_eq!(Descriptor::from_dense(&dense), None);
        dense[7] = f32::INFINITY;
        assert_eq!(Descriptor::from_dense(&dense), None);
    }
}
