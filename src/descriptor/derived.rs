//! Data derived from a descriptor, by which pictures are compared instead: pooled descriptors, and regions. Each is
//! computed on first use, or read from `features.simages`, where all of them are stored with the descriptor.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::columns::{Column, Columns};
use super::geometry::CHANNELS;
use super::pooling::Pooling;
use super::regions::{self, RegionSet};
use super::words::Words;
use crate::mapped::Mapped;

/// Names of parts that are no longer made: they are dropped when a file is rewritten.
pub const RETIRED: [&str; 1] = ["regions"];

/// A kind of derived data. It is stored under its name; if its computation changes, it gets another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DerivedPart {
    Pooled(Pooling),
    Regions,
}

impl DerivedPart {
    /// All of them, in the order stored.
    pub fn all() -> impl Iterator<Item = DerivedPart> {
        Pooling::ALL.into_iter().map(DerivedPart::Pooled).chain([DerivedPart::Regions])
    }

    pub fn name(self) -> &'static str {
        match self {
            DerivedPart::Pooled(pooling) => pooling.name(),
            DerivedPart::Regions => "regions2",
        }
    }

    /// 512 float32 values of a pooled descriptor, or the codes of regions.
    pub fn row_bytes(self) -> usize {
        match self {
            DerivedPart::Pooled(_) => CHANNELS * size_of::<f32>(),
            DerivedPart::Regions => regions::LEN,
        }
    }

    pub fn column(self) -> Column {
        Column::new(self.name(), self.row_bytes()).expect("names and lengths are as columns' are")
    }

    /// Computes it from a descriptor's 25,088 values.
    fn make(self, dense: &[f32]) -> Vec<u8> {
        match self {
            DerivedPart::Pooled(pooling) => bytemuck::cast_slice(&pooling.pooled(dense)).to_vec(),
            DerivedPart::Regions => RegionSet::new(dense).bytes().to_vec(),
        }
    }
}

/// Data derived from one descriptor. `D` is the type of pooled ones.
pub struct Derived<D> {
    /// Stored data, including names that only another version knows. Checked on use, because most of it never is used.
    stored: Columns,
    pooled: [OnceLock<Box<D>>; Pooling::ALL.len()],
    regions: OnceLock<Box<RegionSet>>,
}

impl<D> Derived<D> {
    pub fn stored(stored: Columns) -> Derived<D> {
        Derived { stored, pooled: Default::default(), regions: OnceLock::new() }
    }

    /// The result of `pooling` on the descriptor's values, `dense`; `of` turns it into a descriptor.
    pub fn pooled(&self, pooling: Pooling, dense: impl Fn() -> Vec<f32>, of: impl Fn(&[f32]) -> Option<D>) -> &D {
        let stored = || of(bytemuck::cast_slice(self.part(DerivedPart::Pooled(pooling))?.get()));
        let made = || of(&pooling.pooled(&dense()));
        self.pooled[pooling as usize].get_or_init(|| {
            let pooled = stored().or_else(made);
            Box::new(pooled.expect("one of 512 values, of length 1, or zero"))
        })
    }

    /// The stored result of `pooling`, as float32 values.
    pub fn stored_pooled(&self, pooling: Pooling) -> Option<Words> {
        self.part(DerivedPart::Pooled(pooling))
    }

    /// The regions of the descriptor's values, `dense`.
    pub fn regions(&self, dense: impl Fn() -> Vec<f32>) -> &RegionSet {
        let stored = || RegionSet::from_codes(self.part(DerivedPart::Regions)?);
        let made = || RegionSet::new(&dense());
        self.regions.get_or_init(|| Box::new(stored().unwrap_or_else(made)))
    }

    /// The place of the regions in a file, if they will be used for the first time.
    pub fn unused_regions(&self) -> Option<(&Arc<Mapped>, Range<usize>)> {
        self.regions.get().is_none().then(|| self.stored.place(DerivedPart::Regions.name())).flatten()
    }

    /// The stored data, if it is valid.
    fn part(&self, part: DerivedPart) -> Option<Words> {
        self.stored.words(part.name()).filter(|words| words.bytes().len() == part.row_bytes())
    }

    /// The bytes of all parts, in their order. Parts that aren't stored are computed from the descriptor's values,
    /// `dense`, and not cached: whoever writes doesn't compare.
    pub fn parts(&self, dense: impl Fn() -> Vec<f32>) -> Vec<Cow<'_, [u8]>> {
        let values = OnceLock::new();
        let bytes = |part: DerivedPart| match self.stored.get(part.name()).filter(|b| b.len() == part.row_bytes()) {
            Some(bytes) => Cow::Borrowed(bytes),
            None => Cow::Owned(part.make(values.get_or_init(&dense))),
        };
        DerivedPart::all().map(bytes).collect()
    }

    /// The stored data.
    pub fn columns(&self) -> &Columns {
        &self.stored
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_disk_stay() {
        let parts: Vec<_> =
            DerivedPart::all().map(|part| (part.name(), part.row_bytes(), part.column().row_bytes())).collect();
        let expected = [("gap", 2048), ("gem", 2048), ("mac", 2048), ("rmac", 2048), ("regions2", 7168)];
        // A new one comes after them.
        assert_eq!(parts[..5], expected.map(|(name, bytes)| (name, bytes, bytes)));
    }
}
