//! What is derived from a descriptor, to compare pictures by instead of it: pooled descriptors, and regions. Each is made
//! when it is first asked for; or taken from `features.simages`, where all were stored when the descriptor was.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use memmap2::Mmap;

use super::geometry::CHANNELS;
use super::pooling::Pooling;
use super::regions::{self, RegionSet};
use super::sparse::Descriptor;
use super::words::Words;
use crate::checksum::is_sound;

const POOLED: usize = Pooling::ALL.len();
/// Each pooling, and the regions.
pub const PARTS: usize = POOLED + 1;
/// Bytes of each part: 512 float32 values; codes.
pub const LENS: [usize; PARTS] = {
    let mut lens = [CHANNELS * size_of::<f32>(); PARTS];
    lens[REGIONS] = regions::LEN;
    lens
};
const REGIONS: usize = PARTS - 1;

#[derive(Default)]
pub struct Derived {
    stored: Option<Stored>,
    pooled: [OnceLock<Box<Descriptor>>; POOLED],
    regions: OnceLock<Box<RegionSet>>,
}

/// Where the parts lie in a file. They are checked when they are used: most never are.
struct Stored {
    file: Arc<Mmap>,
    at: [usize; PARTS],
    checksums: [u32; PARTS],
}

impl Derived {
    pub fn stored(file: &Arc<Mmap>, at: [usize; PARTS], checksums: [u32; PARTS]) -> Derived {
        Derived { stored: Some(Stored { file: file.clone(), at, checksums }), ..Derived::default() }
    }

    /// What `pooling` makes of `descriptor`.
    pub fn pooled(&self, descriptor: &Descriptor, pooling: Pooling) -> &Descriptor {
        let part = pooling as usize;
        let stored = || Descriptor::from_dense(bytemuck::cast_slice(self.part(part)?.get()));
        let made = || Descriptor::from_dense(&pooling.pooled(&descriptor.to_dense()));
        self.pooled[part].get_or_init(|| {
            let pooled = stored().or_else(made);
            Box::new(pooled.expect("one of 512 values, of length 1, or zero"))
        })
    }

    /// The regions of `descriptor`.
    pub fn regions(&self, descriptor: &Descriptor) -> &RegionSet {
        let stored = || RegionSet::from_codes(self.part(REGIONS)?);
        let made = || RegionSet::new(&descriptor.to_dense());
        self.regions.get_or_init(|| Box::new(stored().unwrap_or_else(made)))
    }

    /// The bytes of all parts. What isn't stored is made, and not kept: who writes doesn't compare.
    pub fn parts(&self, descriptor: &Descriptor) -> [Cow<'_, [u8]>; PARTS] {
        let dense = OnceLock::new();
        std::array::from_fn(|part| {
            if let Some(stored) = &self.stored
                && let Some(bytes) = stored.bytes(part)
            {
                return Cow::Borrowed(bytes);
            }
            let dense = dense.get_or_init(|| descriptor.to_dense());
            Cow::Owned(match Pooling::ALL.get(part) {
                Some(pooling) => bytemuck::cast_slice(&pooling.pooled(dense)).to_vec(),
                None => RegionSet::new(dense).bytes().to_vec(),
            })
        })
    }

    /// What is stored, if it is sound.
    fn part(&self, part: usize) -> Option<Words> {
        let stored = self.stored.as_ref()?;
        stored.bytes(part)?;
        Words::mapped(&stored.file, stored.at[part], LENS[part])
    }
}

impl Stored {
    fn bytes(&self, part: usize) -> Option<&[u8]> {
        let at = self.at[part];
        let bytes = self.file.get(at..at.checked_add(LENS[part])?)?;
        is_sound(&[bytes], self.checksums[part]).then_some(bytes)
    }
}
