//! The interface of a picture format.

use std::io::{BufReader, Cursor, Read, Seek};
use std::path::PathBuf;
use std::sync::Arc;

use image::codecs::jpeg::JpegDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageResult, RgbImage};

use super::super::look::{FileFormat, Notes};
use super::super::patience::Watch;
use super::super::sample::TakesRows;
use super::super::unreadable::Unreadable;
use super::super::watched_file::WatchedFile;

/// Rows converted to RGB at a time: converting all at once would take a second picture's memory.
const BAND: u32 = 16;

/// A picture's file, open, at its beginning.
pub struct Source {
    pub path: PathBuf,
    pub file: WatchedFile,
    /// Whoever waits for it.
    pub watch: Arc<Watch>,
}

/// A file, or bytes in memory.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// What the `image` crate's decoders read: one type, so that each is compiled once.
pub fn buffered<'a>(from: impl Read + Seek + 'a) -> BufReader<Box<dyn ReadSeek + 'a>> {
    BufReader::new(Box::new(from))
}

/// The picture of a JPEG that is in memory as a whole.
pub fn jpeg_in_memory(jpeg: &[u8]) -> ImageResult<RgbImage> {
    let decoder = JpegDecoder::new(buffered(Cursor::new(jpeg)))?;
    Ok(DynamicImage::from_decoder(decoder)?.into_rgb8())
}

/// A picture whose header was read.
pub trait Decoder {
    /// Width and height in pixels, as stored.
    fn dimensions(&self) -> (u32, u32);

    /// The pixels reported as the file's quality: for a RAW file, those of the sensor.
    fn pixels_told(&self) -> (u32, u32) {
        self.dimensions()
    }

    /// The most bytes that decoding it as a whole takes, from the file to 8-bit RGB, with all copies.
    fn decoded_bytes(&self) -> u64;

    /// The same, for [`Decoder::rows`].
    fn rows_bytes(&self) -> u64 {
        self.decoded_bytes()
    }

    /// Whether it may neither read nor end for long, so that it can't be asked to stop. Such decoders run in a process
    /// of their own, which can be killed.
    fn is_unstoppable(&self) -> bool {
        false
    }

    /// How to turn the stored picture upright.
    fn orientation(&mut self) -> Orientation;

    /// Determined by content.
    fn format(&self) -> FileFormat;

    /// Whether every pixel is preserved exactly.
    fn is_lossless(&self) -> bool;

    /// Whether the file holds more than the picture, as far as the decoder knows.
    fn holds_more(&self) -> bool {
        false
    }

    /// The EXIF data, from the TIFF header on.
    fn exif(&mut self) -> Option<Vec<u8>>;

    /// The XMP packet.
    fn xmp(&mut self) -> Option<Vec<u8>> {
        None
    }

    /// The IPTC records, perhaps in a block of Photoshop's; in PNG as hexadecimal digits.
    fn iptc(&mut self) -> Option<Vec<u8>> {
        None
    }

    /// What is noted elsewhere.
    fn other_notes(&self) -> Notes {
        Notes::default()
    }

    /// The pixels as stored.
    fn decode(self: Box<Self>) -> Result<DynamicImage, Unreadable>;

    /// All rows of pixels. Formats that can decode row by row do so, without holding the picture in memory.
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

/// Rows of `image`; its first one is the row `y` of the picture.
fn take_all(y: u32, image: &RgbImage, takes: &mut dyn TakesRows) {
    for (y, row) in (y..).zip(image.as_chunks().0.chunks_exact(image.width() as usize)) {
        takes.take_row(y, row);
    }
}

/// Reads the header of a picture.
pub type Opener = fn(Source) -> Result<Box<dyn Decoder>, Unreadable>;
