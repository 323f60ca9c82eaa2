//! Decoded pictures, kept for who needs them next: to be shown at another size, flipped to, compared.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::RgbImage;
use lru::LruCache;
use parking_lot::Mutex;

use crate::dataset::thumbnails::Thumbnails;
use crate::dataset::{Stamp, decode, thumbnail};
use crate::error::Result;

/// Thumbnails of some pages.
const THUMBNAILS: usize = 64;
/// Full pictures: the two that are compared, and the next two.
const FULL: usize = 4;

pub struct Decoded {
    on_disk: Thumbnails,
    thumbnails: Kept,
    full: Kept,
}

/// A picture's pixels, or fewer of them.
#[derive(Clone)]
pub struct Pixels {
    pub bitmap: Arc<RgbImage>,
    /// The picture's own width and height.
    pub size: (u32, u32),
}

type Kept = Mutex<LruCache<(PathBuf, Option<Stamp>), Pixels>>;

impl Decoded {
    pub fn new(on_disk: Thumbnails) -> Decoded {
        let kept = |n| Mutex::new(LruCache::new(NonZeroUsize::new(n).expect("not zero")));
        Decoded { on_disk, thumbnails: kept(THUMBNAILS), full: kept(FULL) }
    }

    pub fn thumbnail(&self, path: &Path, stamp: Option<Stamp>) -> Result<Pixels> {
        kept(&self.thumbnails, path, stamp, || {
            let (bitmap, size) = self.on_disk.open(path, stamp)?;
            Ok(Pixels { bitmap: Arc::new(bitmap), size })
        })
    }

    pub fn full(&self, path: &Path, stamp: Option<Stamp>) -> Result<Pixels> {
        kept(&self.full, path, stamp, || {
            let bitmap = thumbnail::flatten(decode::open(path)?);
            let size = bitmap.dimensions();
            Ok(Pixels { bitmap: Arc::new(bitmap), size })
        })
    }
}

fn kept(kept: &Kept, path: &Path, stamp: Option<Stamp>, open: impl FnOnce() -> Result<Pixels>) -> Result<Pixels> {
    let key = (path.to_owned(), stamp);
    if let Some(pixels) = kept.lock().get(&key) {
        return Ok(pixels.clone());
    }
    let pixels = open()?;
    kept.lock().put(key, pixels.clone());
    Ok(pixels)
}
