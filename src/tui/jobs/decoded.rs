//! A cache of decoded pictures, for showing them at another size, flipping, or comparing.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::RgbImage;
use lru::LruCache;
use parking_lot::Mutex;

use crate::dataset::thumbnails::Thumbnails;
use crate::dataset::{Stamp, decode, thumbnail};
use crate::error::Result;

/// Thumbnails of several pages.
const THUMBNAILS: usize = 64;
/// The longer edge, in pixels, to which a picture too large for memory is reduced.
const FULL_EDGE: u32 = 8192;
/// Full pictures: the two being compared, and the next two.
const FULL: usize = 4;

pub struct Decoded {
    on_disk: Thumbnails,
    thumbnails: Bitmaps,
    full: Bitmaps,
}

/// A picture's pixels, perhaps reduced.
#[derive(Clone)]
pub struct Bitmap {
    pub image: Arc<RgbImage>,
    /// The picture's own width and height.
    pub size: (u32, u32),
}

type Bitmaps = Mutex<LruCache<(PathBuf, Option<Stamp>), Bitmap>>;

impl Decoded {
    pub fn new(on_disk: Thumbnails) -> Decoded {
        let kept = |n| Mutex::new(LruCache::new(NonZeroUsize::new(n).expect("not zero")));
        Decoded { on_disk, thumbnails: kept(THUMBNAILS), full: kept(FULL) }
    }

    pub fn thumbnail(&self, path: &Path, stamp: Option<Stamp>) -> Result<Bitmap> {
        kept(&self.thumbnails, path, stamp, || {
            let (bitmap, size) = self.on_disk.open(path, stamp)?;
            Ok(Bitmap { image: Arc::new(bitmap), size })
        })
    }

    pub fn full(&self, path: &Path, stamp: Option<Stamp>) -> Result<Bitmap> {
        kept(&self.full, path, stamp, || {
            let (picture, size) = decode::shown(path, FULL_EDGE)?;
            Ok(Bitmap { image: Arc::new(thumbnail::flatten(picture)), size })
        })
    }
}

fn kept(bitmaps: &Bitmaps, path: &Path, stamp: Option<Stamp>, open: impl FnOnce() -> Result<Bitmap>) -> Result<Bitmap> {
    let key = (path.to_owned(), stamp);
    if let Some(bitmap) = bitmaps.lock().get(&key) {
        return Ok(bitmap.clone());
    }
    let bitmap = open()?;
    bitmaps.lock().put(key, bitmap.clone());
    Ok(bitmap)
}
