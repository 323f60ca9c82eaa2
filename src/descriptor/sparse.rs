//! One picture's descriptor: 25,088 float32 values, of which about nine in ten are zero, so only the others are stored.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::columns::Columns;
use super::derived::Derived;
use super::entries::{self, Entries, EntryEncoder};
use super::first_use::{FirstUse, RowChecksums};
use super::geometry::{BANDS, DESCRIPTOR_LEN, ENDS};
use super::pooling::Pooling;
use super::regions::RegionSet;
use super::sketch::{self, Sketch};
use super::words::Words;
use crate::error::Result;
use crate::mapped::Mapped;

/// The non-zero values in index order, 4 bytes each: 12 KB per picture instead of 100 KB ([`Entries`]). Plus the
/// [`Sketch`], 2.5 KB, which the join engine compares first.
#[derive(Clone)]
pub struct Descriptor {
    /// `[n]` entries, `[m]` float32 values that don't fit an entry.
    entries: Words,
    /// The sketch's codes. Those of all rows of a file are contiguous, because they are read together.
    sketch: Words,
    shape: Shape,
    /// For stored descriptors that are checked on first use.
    first_use: Option<FirstUse>,
    /// Derived data for comparisons; shared by clones.
    derived: Arc<Derived<Descriptor>>,
}

/// Layout and cached norms of a stored descriptor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shape {
    /// Sum of squares.
    pub squared_norm: f64,
    /// The size of one step of the sketch's codes.
    pub step: f64,
    /// The number of entries: non-zero values, and the zeros between those that are far apart.
    pub entries: u16,
    /// The number of values that don't fit an entry.
    pub others: u16,
    /// The entries' values are multiplied by 2 to this power.
    pub shift: u16,
    /// The number of entries before the end of each band but the last.
    pub bands: [u16; BANDS - 1],
}

impl Shape {
    /// Bytes of entries and other values.
    pub fn size(&self) -> usize {
        (usize::from(self.entries) + usize::from(self.others)) * size_of::<u32>()
    }

    /// The number of entries up to the end of each band.
    fn all_bands(&self) -> [usize; BANDS] {
        std::array::from_fn(|i| usize::from(*self.bands.get(i).unwrap_or(&self.entries)))
    }

    /// Checks everything that its users rely on.
    fn is_sound(&self) -> bool {
        self.shift <= entries::LARGEST_SHIFT
            && (0.0..f64::INFINITY).contains(&self.squared_norm)
            && (0.0..f64::INFINITY).contains(&self.step)
            && self.all_bands().is_sorted()
    }
}

impl Descriptor {
    /// From all 25,088 values, or from the first ones if the rest are zero. None if one of them is not finite.
    pub fn from_dense(dense: &[f32]) -> Option<Descriptor> {
        assert!(dense.len() <= DESCRIPTOR_LEN);
        let furthest = dense.iter().fold(0, |bits, v| bits.max(v.to_bits() << 1)) >> 1;
        if !f32::from_bits(furthest).is_finite() {
            return None;
        }
        let mut encoder = EntryEncoder::new(furthest);
        let mut ends = [0; BANDS];
        let mut begin = 0;
        for (end, entries) in ENDS.into_iter().zip(&mut ends) {
            let end = end.min(dense.len());
            encoder.extend(&dense[begin..end]);
            (begin, *entries) = (end, encoder.words.len() as u16);
        }
        let EntryEncoder { mut words, others, shift, .. } = encoder;
        let entries = Entries::new(&words, &others, shift);
        // Not `sum`: the sum of no values is -0.0.
        let squared_norm = entries.iter().fold(0.0, |sum, (_, v)| sum + f64::from(v) * f64::from(v));
        let (codes, step) = sketch::codes(entries.iter());
        let [bands @ .., entries] = ends;
        let shape = Shape { squared_norm, step, entries, others: others.len() as u16, shift, bands };
        words.extend(others.iter().map(|v| v.to_bits()));
        let (entries, sketch) = (Words::Owned(words.into()), Words::of_bytes(&codes));
        let derived = Arc::new(Derived::stored(Columns::default()));
        Some(Descriptor { entries, sketch, shape, first_use: None, derived })
    }

    /// A descriptor with this shape, whose entries and sketch are at these positions of `file`, with its derived data.
    /// None if the bytes are invalid.
    pub fn mapped(
        file: &Arc<Mapped>,
        entries: usize,
        sketch: usize,
        shape: Shape,
        derived: Columns,
    ) -> Option<Descriptor> {
        Descriptor::stored(file, [entries, sketch], shape, derived, None)
            .filter(|descriptor| descriptor.stored_entries().are_sound())
    }

    /// The same without reading sketch and entries: they are checked when they are first used. If they are damaged
    /// then, they count as zero, and [`Descriptor::check_whole`] returns an error.
    pub fn checked_on_use(
        file: &Arc<Mapped>,
        entries: usize,
        sketch: usize,
        shape: Shape,
        derived: Columns,
        checksums: RowChecksums,
    ) -> Option<Descriptor> {
        Descriptor::stored(file, [entries, sketch], shape, derived, Some(FirstUse::new(checksums)))
    }

    /// None if the shape is invalid, or the positions.
    fn stored(
        file: &Arc<Mapped>,
        [entries, sketch]: [usize; 2],
        shape: Shape,
        derived: Columns,
        first_use: Option<FirstUse>,
    ) -> Option<Descriptor> {
        let entries = Words::mapped(file, entries, shape.size())?;
        let sketch = Words::mapped(file, sketch, sketch::LEN)?;
        let derived = Arc::new(Derived::stored(derived));
        shape.is_sound().then_some(Descriptor { entries, sketch, shape, first_use, derived })
    }

    /// Whether the entries can be used.
    fn has_entries(&self) -> bool {
        let valid = || self.stored_entries().are_sound();
        self.first_use.as_ref().is_none_or(|checked| checked.allows_entries(&self.sketch, &self.entries, valid))
    }

    /// The file that it is read from, unless it is in memory.
    pub fn file(&self) -> Option<&Arc<Mapped>> {
        self.entries.file()
    }

    /// [`crate::Error::Torn`] if the file that it is read from was cut short in the meantime, [`crate::Error::Damaged`]
    /// if some row of it was found damaged: results computed from it are worthless.
    pub fn check_whole(&self) -> Result<()> {
        self.file().map_or(Ok(()), |file| file.check_whole())
    }

    /// The place of its sketch in a file, if it will be used for the first time.
    pub fn unused_sketch(&self) -> Option<(&Arc<Mapped>, Range<usize>)> {
        self.first_use.as_ref().filter(|first| first.is_before_sketch()).and_then(|_| self.sketch.place())
    }

    /// The same for its entries.
    pub fn unused_entries(&self) -> Option<(&Arc<Mapped>, Range<usize>)> {
        self.first_use.as_ref().filter(|first| first.is_before_entries()).and_then(|_| self.entries.place())
    }

    /// The same for its regions.
    pub fn unused_regions(&self) -> Option<(&Arc<Mapped>, Range<usize>)> {
        self.first_use.as_ref().and_then(|_| self.derived.unused_regions())
    }

    /// Entries and other values, as [`Descriptor::mapped`] takes them.
    pub fn bytes(&self) -> &[u8] {
        if self.has_entries() { self.entries.bytes() } else { &[] }
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    pub fn entries(&self) -> Entries<'_> {
        if self.has_entries() { self.stored_entries() } else { Entries::new(&[], &[], 0) }
    }

    fn stored_entries(&self) -> Entries<'_> {
        let (words, others) = self.entries.get().split_at(self.shape.entries.into());
        Entries::new(words, bytemuck::cast_slice(others), self.shape.shift)
    }

    /// The number of entries up to the end of each band.
    pub fn bands(&self) -> [usize; BANDS] {
        if self.has_entries() { self.shape.all_bands() } else { [0; BANDS] }
    }

    pub fn sketch(&self) -> Sketch<'_> {
        let checked = self.first_use.as_ref();
        let allowed = checked.is_none_or(|checked| checked.allows_sketch(&self.sketch, &self.entries));
        Sketch { codes: if allowed { self.sketch.bytes() } else { &[0; sketch::LEN] }, step: self.shape.step }
    }

    /// All values, including zeros.
    pub fn to_dense(&self) -> Vec<f32> {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        self.entries().fill(&mut dense);
        dense
    }

    /// The result of `pooling`, computed once.
    pub fn pooled(&self, pooling: Pooling) -> &Descriptor {
        self.derived.pooled(pooling, || self.to_dense(), Descriptor::from_dense)
    }

    /// The stored result of `pooling`, `[512]`, without a copy. None if none is stored.
    pub fn stored_pooled(&self, pooling: Pooling) -> Option<Words> {
        self.derived.stored_pooled(pooling)
    }

    /// Whether its entries are at `at` in `file`.
    pub fn is_at(&self, file: &Arc<Mapped>, at: usize) -> bool {
        self.entries.place().is_some_and(|(own, place)| Arc::ptr_eq(own, file) && place.start == at)
    }

    /// Its regions, computed once.
    pub fn regions(&self) -> &RegionSet {
        self.derived.regions(|| self.to_dense())
    }

    /// All derived data as stored: the bytes of each [`super::derived::DerivedPart`].
    pub fn derived(&self) -> Vec<Cow<'_, [u8]>> {
        self.derived.parts(|| self.to_dense())
    }

    /// The stored derived data, including parts that only another version knows.
    pub fn stored_columns(&self) -> &Columns {
        self.derived.columns()
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
        let (mut left, mut right) = (self.entries().iter().peekable(), other.entries().iter().peekable());
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
    // For identical pictures, rounding may slightly exceed 1.
    if norms > 0.0 { (dot / norms.sqrt()).min(1.0) } else { 0.0 }
}

impl Default for Descriptor {
    /// All zeros.
    fn default() -> Self {
        Descriptor::from_dense(&[0.0; DESCRIPTOR_LEN]).expect("finite")
    }
}

impl PartialEq for Descriptor {
    fn eq(&self, other: &Self) -> bool {
        self.shape == other.shape && self.bytes() == other.bytes()
    }
}

impl std::fmt::Debug for Descriptor {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_list().entries(self.entries().iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Few indices, few values: zeros, ties and shared positions are common; so are values of any size and sign.
    fn dense() -> impl Strategy<Value = Vec<f32>> {
        let value = prop_oneof![Just(0.0f32), Just(1.0), 0.0f32..100.0, prop::num::f32::ANY];
        let value = value.prop_filter("finite", |v| v.is_finite());
        let entry = (0..DESCRIPTOR_LEN, value);
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
