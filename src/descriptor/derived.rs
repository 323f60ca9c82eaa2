//! What is derived from a descriptor, to compare pictures by instead of it: pooled descriptors, and regions. Each is made
//! when it is first asked for; or taken from `features.simages`, where all were stored when the descriptor was.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::columns::{Column, Columns};
use super::geometry::CHANNELS;
use super::pooling::Pooling;
use super::regions::{self, RegionSet};
use super::sparse::Descriptor;
use super::words::Words;

/// One of the things that are derived. A part is stored under its name: what is made in another way takes another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Pooled(Pooling),
    Regions,
}

impl Part {
    /// Each of them, as they are stored.
    pub fn all() -> impl Iterator<Item = Part> {
        Pooling::ALL.into_iter().map(Part::Pooled).chain([Part::Regions])
    }

    pub fn name(self) -> &'static str {
        match self {
            Part::Pooled(pooling) => pooling.name(),
            Part::Regions => "regions",
        }
    }

    /// Of a pooled descriptor 512 float32 values, of regions codes.
    pub fn row_bytes(self) -> usize {
        match self {
            Part::Pooled(_) => CHANNELS * size_of::<f32>(),
            Part::Regions => regions::LEN,
        }
    }

    pub fn column(self) -> Column {
        Column::new(self.name(), self.row_bytes()).expect("names and lengths are as columns' are")
    }

    /// Of a descriptor's 25,088 values.
    fn make(self, dense: &[f32]) -> Vec<u8> {
        match self {
            Part::Pooled(pooling) => bytemuck::cast_slice(&pooling.pooled(dense)).to_vec(),
            Part::Regions => RegionSet::new(dense).bytes().to_vec(),
        }
    }
}

#[derive(Default)]
pub struct Derived {
    /// What a file holds, also under names that only another version knows. It is checked when it is used: most never is.
    stored: Columns,
    pooled: [OnceLock<Box<Descriptor>>; Pooling::ALL.len()],
    regions: OnceLock<Box<RegionSet>>,
}

impl Derived {
    pub fn stored(stored: Columns) -> Derived {
        Derived { stored, ..Derived::default() }
    }

    /// What `pooling` makes of `descriptor`.
    pub fn pooled(&self, descriptor: &Descriptor, pooling: Pooling) -> &Descriptor {
        let stored = || Descriptor::from_dense(bytemuck::cast_slice(self.part(Part::Pooled(pooling))?.get()));
        let made = || Descriptor::from_dense(&pooling.pooled(&descriptor.to_dense()));
        self.pooled[pooling as usize].get_or_init(|| {
            let pooled = stored().or_else(made);
            Box::new(pooled.expect("one of 512 values, of length 1, or zero"))
        })
    }

    /// The regions of `descriptor`.
    pub fn regions(&self, descriptor: &Descriptor) -> &RegionSet {
        let stored = || RegionSet::from_codes(self.part(Part::Regions)?);
        let made = || RegionSet::new(&descriptor.to_dense());
        self.regions.get_or_init(|| Box::new(stored().unwrap_or_else(made)))
    }

    /// What is stored, if it is sound.
    fn part(&self, part: Part) -> Option<Words> {
        self.stored.words(part.name()).filter(|words| words.bytes().len() == part.row_bytes())
    }

    /// The bytes of all parts, in their order. What isn't stored is made, and not kept: who writes doesn't compare.
    pub fn parts(&self, descriptor: &Descriptor) -> Vec<Cow<'_, [u8]>> {
        let dense = OnceLock::new();
        let bytes = |part: Part| match self.stored.get(part.name()).filter(|bytes| bytes.len() == part.row_bytes()) {
            Some(bytes) => Cow::Borrowed(bytes),
            None => Cow::Owned(part.make(dense.get_or_init(|| descriptor.to_dense()))),
        };
        Part::all().map(bytes).collect()
    }

    /// What a file holds.
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
            Part::all().map(|part| (part.name(), part.row_bytes(), part.column().row_bytes())).collect();
        let expected = [("gap", 2048), ("gem", 2048), ("mac", 2048), ("rmac", 2048), ("regions", 7168)];
        // A new one comes after them.
        assert_eq!(parts[..5], expected.map(|(name, bytes)| (name, bytes, bytes)));
    }
}
