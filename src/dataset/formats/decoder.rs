//! What a format of pictures has to offer.

use std::path::PathBuf;
use std::sync::Arc;

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

use super::super::look::FileFormat;
use super::super::patience::{Watch, WatchedFile};
use super::super::sample::TakesRows;
use super::super::unreadable::Unreadable;

/// Rows that become RGB at a time, where all of them as RGB would be a second picture in memory.
const BAND: u32 = 16;

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

    /// Those that the file is judged by: of a camera's RAW file its sensor's.
    fn pixels_told(&self) -> (u32, u32) {
        self.dimensions()
    }

    /// Bytes that it takes at most to be decoded as a whole, its file and all copies included, until it is 8-bit RGB.
    fn decoded_bytes(&self) -> u64;

    /// The same, for [`Decoder::rows`].
    fn rows_bytes(&self) -> u64 {
        self.decoded_bytes()
    }

    /// Whether it may neither read nor end for long, so that it can't be asked to stop: such are decoded by a process of
    /// their own, which can be ended.
    fn is_unstoppable(&self) -> bool {
        false
    }

    /// How what is stored is turned upright.
    fn orientation(&mut self) -> Orientation;

    /// By the content.
    fn format(&self) -> FileFormat;

    /// Whether every pixel is kept as it was.
    fn is_lossless(&self) -> bool;

    /// Whether the header tells that the file holds more than the picture.
    fn holds_more(&self) -> bool {
        false
    }

    /// What the camera wrote, from the TIFF header on.
    fn exif(&mut self) -> Option<Vec<u8>>;

    /// The pixels as they are stored.
    fn decode(self: Box<Self>) -> Result<DynamicImage, Unreadable>;

    /// All rows of pixels. A format that can decode them without having all in memory does so.
    fn rows(self: Box<Self>, takes: &mut dyn TakesRows) -> Result<(), Unreadable> {
        take_rows(self.decode()?, takes);
        Ok(())
    }
}

/// All rows of `image`, as RGB.
pub fn take_rows(image: DynamicImage, takes: &mut dyn TakesRows) {
    takes.begin();
    match image {
        DynamicImage::ImageRgb8(image) => take_all(0, &image, takes),
        other => {
            for y in (0..other.height()).step_by(BAND as usize) {
                let band = other.crop_imm(0, y, other.width(), BAND.min(other.height() - y));
                take_all(y, &band.into_rgb8(), takes);
            }
        }
    }
}

/// Rows of `image` from its first one on, which is the row `y` of the picture.
fn take_all(y: u32, image: &RgbImage, takes: &mut dyn TakesRows) {
    for (y, row) in (y..).zip(image.as_chunks().0.chunks_exact(image.width() as usize)) {
        takes.take_row(y, row);
    }
}

/// Reads the header of a picture.
pub type Opener = fn(Source) -> Result<Box<dyn Decoder>, Unreadable>;
