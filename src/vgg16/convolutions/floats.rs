//! Large arrays.

use std::ops::{Deref, DerefMut};

use memmap2::MmapMut;
use pulp::bytemuck;

use crate::limits::Limit;

/// float32 values, initially zero, aligned to a page. The memory comes directly from the system and is returned as soon
/// as they are dropped; an allocator would keep most of it.
#[derive(Default)]
pub struct Floats {
    /// None: no values.
    pages: Option<MmapMut>,
}

impl Floats {
    pub fn zeroed(len: usize) -> Result<Floats, Limit> {
        let pages = (len > 0).then(|| MmapMut::map_anon(len * size_of::<f32>()));
        let pages = pages.transpose().map_err(|_| Limit::Memory)?;
        // In huge pages, the processor has fewer addresses to translate. Systems without them work as well.
        #[cfg(target_os = "linux")]
        let _ = pages.as_ref().map(|pages| pages.advise(memmap2::Advice::HugePage));
        Ok(Floats { pages })
    }

    /// Makes them at least `len` long; the contents may be lost.
    pub fn grow(&mut self, len: usize) -> Result<(), Limit> {
        if self.len() < len {
            *self = Floats::default();
            *self = Floats::zeroed(len)?;
        }
        Ok(())
    }
}

impl Deref for Floats {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        self.pages.as_deref().map_or(&[], bytemuck::cast_slice)
    }
}

impl DerefMut for Floats {
    fn deref_mut(&mut self) -> &mut [f32] {
        self.pages.as_deref_mut().map_or(&mut [], bytemuck::cast_slice_mut)
    }
}
