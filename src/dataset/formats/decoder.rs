//! What a format of pictures has to offer.

use std::path::PathBuf;
use std::sync::Arc;

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

use super::super::patience::{Watch, WatchedFile};
use super::super::sample::Sampled;
use super::super::unreadable::Unreadable;

/// A picture's file, open, at its beginning.
pub struct Source {
    pub path: PathBuf,
    pub file: WatchedFile,
    /// Who waits for it.
    pub watch: Arc<Watch>,
}

/// A picture whose header was read.
pub trait Decoder {
    /// Width and height in pixels, as it is stored.
    fn dimensions(&self) -> (u32, u32);

    /// Bytes that it takes when it is decoded.
    fn decoded_bytes(&self) -> u64;

    /// How what is stored is turned upright.
    fn orientation(&mut self) -> Orientation;

    /// The pixels as they are stored.
    fn decode(self: Box<Self>) -> Result<DynamicImage, Unreadable>;

    /// Some of the pixels. A format that can decode them without all the others does so.
    fn sample(self: Box<Self>, mut wanted: Sampled) -> Result<RgbImage, Unreadable> {
        let width = self.dimensions().0 as usize;
        let image = self.decode()?.into_rgb8();
        for (y, row) in (0..).zip(image.as_chunks().0.chunks_exact(width)) {
            wanted.take_row(y, row);
        }
        Ok(wanted.finish())
    }
}

/// Reads the header of a picture.
pub type Opener = fn(Source) -> Result<Box<dyn Decoder>, Unreadable>;
