//! What the `image` crate reads. The content decides the format; the name where the content doesn't tell (TGA has no
//! signature).

use std::error::Error as _;
use std::io::BufReader;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::super::memory::MAX_DECODED_BYTES;
use super::super::unreadable::Unreadable;
use super::decoder::{Decoder, Source};

/// Of those formats whose files are in memory as a whole while they are decoded.
const MAX_WHOLE_FILE_BYTES: u64 = 256 << 20;

pub struct Standard(Box<dyn ImageDecoder>);

pub fn open(source: Source) -> Result<Box<dyn Decoder>, Unreadable> {
    Ok(Box::new(Standard::open(source)?))
}

impl Standard {
    pub fn open(source: Source) -> Result<Standard, Unreadable> {
        let len = source.file.len();
        let mut reader = ImageReader::new(BufReader::new(source.file));
        if let Ok(format) = ImageFormat::from_path(&source.path) {
            reader.set_format(format);
        }
        let mut reader = reader.with_guessed_format().map_err(Unreadable::Io)?;
        let mut limits = Limits::default();
        limits.max_alloc = Some(MAX_DECODED_BYTES);
        reader.limits(limits);
        let in_memory = matches!(reader.format(), Some(ImageFormat::Jpeg | ImageFormat::WebP));
        if in_memory && len > MAX_WHOLE_FILE_BYTES {
            return Err(Unreadable::TooManyBytes(len));
        }
        Ok(Standard(Box::new(reader.into_decoder().map_err(unreadable)?)))
    }
}

impl Decoder for Standard {
    fn dimensions(&self) -> (u32, u32) {
        self.0.dimensions()
    }

    fn decoded_bytes(&self) -> u64 {
        self.0.total_bytes()
    }

    fn orientation(&mut self) -> Orientation {
        self.0.orientation().unwrap_or(Orientation::NoTransforms)
    }

    fn decode(self: Box<Self>) -> Result<DynamicImage, Unreadable> {
        DynamicImage::from_decoder(self.0).map_err(unreadable)
    }
}

fn unreadable(error: ImageError) -> Unreadable {
    match error {
        ImageError::Unsupported(_) => Unreadable::Unknown(error.to_string()),
        ImageError::Limits(_) => Unreadable::TooLarge,
        ImageError::IoError(error) => error.into(),
        ImageError::Decoding(error) => Unreadable::Damaged {
            format: error.format_hint().to_string().to_uppercase(),
            detail: error.source().map(|e| format!(" ({e})")).unwrap_or_default(),
        },
        other => Unreadable::Other(other.to_string()),
    }
}
