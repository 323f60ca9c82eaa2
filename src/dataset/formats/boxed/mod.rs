//! Pictures in boxes (HEIF). HEIC and AVIF differ only in their codec. The file's own crop, rotation and mirroring are
//! applied, so EXIF's orientation isn't.

mod codec;
mod items;
mod libavif;
mod lifted;
mod planes;
mod rgb;

use std::marker::PhantomData;

use heifer_isobmff::HeifFile;
use image::DynamicImage;
use image::metadata::Orientation;

pub use codec::Codec;
pub use planes::{Chroma, Colours, Planes};
pub use rgb::Like;

use super::decoder::{Decoder, Source};
use crate::dataset::look::FileFormat;
use crate::dataset::memory::MAX_DECODED_BYTES;
use crate::dataset::unreadable::Unreadable;

/// The whole file is in memory.
const MAX_FILE_BYTES: u64 = 256 << 20;

struct Boxed<C> {
    bytes: Vec<u8>,
    dimensions: (u32, u32),
    bytes_of_a_pixel: u64,
    codec: PhantomData<C>,
}

pub fn open<C: Codec>(source: Source) -> Result<Box<dyn Decoder>, Unreadable> {
    let mut file = source.file;
    let bytes = file.read_whole(MAX_FILE_BYTES)?;
    let parsed = HeifFile::parse(&bytes).map_err(C::broken)?;
    let (dimensions, bytes_of_a_pixel) = (items::dimensions::<C>(&parsed)?, C::bytes_of_a_pixel(&parsed));
    Ok(Box::new(Boxed { bytes, dimensions, bytes_of_a_pixel, codec: PhantomData::<C> }))
}

impl<C: Codec> Decoder for Boxed<C> {
    fn dimensions(&self) -> (u32, u32) {
        self.dimensions
    }

    fn decoded_bytes(&self) -> u64 {
        let (width, height) = self.dimensions;
        u64::from(width) * u64::from(height) * self.bytes_of_a_pixel + self.bytes.len() as u64
    }

    fn is_unstoppable(&self) -> bool {
        true
    }

    fn orientation(&mut self) -> Orientation {
        Orientation::NoTransforms
    }

    fn format(&self) -> FileFormat {
        C::FORMAT
    }

    fn is_lossless(&self) -> bool {
        false
    }

    fn exif(&mut self) -> Option<Vec<u8>> {
        let file = HeifFile::parse(&self.bytes).ok()?;
        file.exif(file.primary_id).ok()?
    }

    fn xmp(&mut self) -> Option<Vec<u8>> {
        let file = HeifFile::parse(&self.bytes).ok()?;
        file.xmp(file.primary_id).ok()?
    }

    fn decode(self: Box<Self>) -> Result<DynamicImage, Unreadable> {
        let file = HeifFile::parse(&self.bytes).map_err(C::broken)?;
        let max_pixels = MAX_DECODED_BYTES / self.bytes_of_a_pixel;
        let image = match items::is_known::<C>(&file, file.primary_id) {
            true => items::picture::<C>(&file, max_pixels)?,
            false => C::other(&self.bytes, max_pixels)?,
        };
        if image.dimensions() != self.dimensions {
            return Err(C::damaged(": its size isn't what it says"));
        }
        Ok(image.into())
    }
}
