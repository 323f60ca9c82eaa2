//! What a format of pictures has to offer.

use std::path::PathBuf;
use std::sync::Arc;

use image::DynamicImage;
use image::metadata::Orientation;

use super::super::look::FileFormat;
use super::super::patience::{Watch, WatchedFile};
use super::super::sample::TakesRows;
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

    /// By the content.
    fn format(&self) -> FileFormat;

    /// Whether every pixel is kept as it was.
    fn is_lossless(&self) -> bool;

    /// What the camera wrote, from the TIFF header on.
    fn exif(&mut self) -> Option<Vec<u8>>;

    /// The pixels as they are stored.
    fn decode(self: Box<Self>) -> Result<DynamicImage, Unreadable>;

    /// All rows of pixels. A format that can decode them without having all in memory does so.
    fn rows(self: Box<Self>, takes: &mut dyn TakesRows) -> Result<(), Unreadable> {
        let width = self.dimensions().0 as usize;
        let image = self.decode()?.into_rgb8();
        takes.begin();
        for (y, row) in (0..).zip(image.as_chunks().0.chunks_exact(width)) {
            takes.take_row(y, row);
        }
        Ok(())
    }
}

/// Reads the header of a picture.
pub type Opener = fn(Source) -> Result<Box<dyn Decoder>, Unreadable>;
