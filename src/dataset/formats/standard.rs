//! Formats that the `image` crate reads. The content decides which; the name only if the content says nothing (TGA has
//! no signature).

use std::io::{Read, Seek};

use image::error::{ImageFormatHint, UnsupportedErrorKind};
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};

use super::super::look::{FileFormat, Notes, is_caption};
use super::super::memory::MAX_DECODED_BYTES;
use super::super::unreadable::Unreadable;
use super::decoder::{Decoder, Source, buffered};

/// For formats whose whole file is in memory during decoding.
const MAX_WHOLE_FILE_BYTES: u64 = 256 << 20;

/// More than a second's work.
const MANY_PIXELS: u64 = 16_000_000;

/// The chunks before a WebP's pixels are usually within this many bytes.
const FIRST_CHUNKS: usize = 8 << 10;

pub struct Standard {
    decoder: Box<dyn ImageDecoder>,
    format: Option<ImageFormat>,
    /// For formats that may be lossless or lossy: which this file is.
    is_lossless: bool,
    file_bytes: u64,
    /// Besides those that the crate's decoder finds.
    notes: Notes,
}

pub fn open(source: Source) -> Result<Box<dyn Decoder>, Unreadable> {
    Ok(Box::new(Standard::open(source)?))
}

impl Standard {
    /// A decoder of the crate, for a lossless format, with the file's size.
    pub fn of(decoder: Box<dyn ImageDecoder>, format: ImageFormat, file_bytes: u64) -> Standard {
        Standard { decoder, format: Some(format), is_lossless: true, file_bytes, notes: Notes::default() }
    }

    /// With more notes.
    pub fn noted(self, notes: Notes) -> Standard {
        Standard { notes: self.notes.and(notes), ..self }
    }

    pub fn open(source: Source) -> Result<Standard, Unreadable> {
        let mut source = source;
        let len = source.file.len();
        let mut head = Vec::with_capacity(FIRST_CHUNKS);
        source.file.by_ref().take(FIRST_CHUNKS as u64).read_to_end(&mut head).map_err(Unreadable::Io)?;
        source.file.rewind().map_err(Unreadable::Io)?;
        let mut reader = ImageReader::new(buffered(source.file));
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
        let format = reader.format();
        let decoder = Box::new(reader.into_decoder().map_err(unreadable)?);
        let has_words = format == Some(ImageFormat::Png) && png_has_words(&head);
        let notes = Notes { has_words, ..Notes::default() };
        Ok(Standard { decoder, format, is_lossless: is_lossless(format, &head), file_bytes: len, notes })
    }
}

impl Decoder for Standard {
    fn dimensions(&self) -> (u32, u32) {
        self.decoder.dimensions()
    }

    fn decoded_bytes(&self) -> u64 {
        let rgb = if self.decoder.color_type() == ColorType::Rgb8 { 0 } else { 3 * self.pixels() };
        self.rows_bytes() + rgb
    }

    fn rows_bytes(&self) -> u64 {
        let picture = self.decoder.total_bytes();
        picture + self.bytes_besides(picture)
    }

    fn is_unstoppable(&self) -> bool {
        match self.format {
            // Even a small one may have large layers or tiles.
            Some(ImageFormat::OpenExr | ImageFormat::Tiff) => true,
            Some(ImageFormat::WebP) => self.pixels() > MANY_PIXELS,
            _ => false,
        }
    }

    fn orientation(&mut self) -> Orientation {
        self.decoder.orientation().unwrap_or(Orientation::NoTransforms)
    }

    fn format(&self) -> FileFormat {
        FileFormat::of(self.format)
    }

    fn is_lossless(&self) -> bool {
        self.is_lossless
    }

    fn exif(&mut self) -> Option<Vec<u8>> {
        self.decoder.exif_metadata().ok().flatten()
    }

    fn xmp(&mut self) -> Option<Vec<u8>> {
        self.decoder.xmp_metadata().ok().flatten()
    }

    fn other_notes(&self) -> Notes {
        self.notes
    }

    fn iptc(&mut self) -> Option<Vec<u8>> {
        self.decoder.iptc_metadata().ok().flatten()
    }

    fn decode(self: Box<Self>) -> Result<DynamicImage, Unreadable> {
        DynamicImage::from_decoder(self.decoder).map_err(unreadable)
    }
}

impl Standard {
    fn pixels(&self) -> u64 {
        let (width, height) = self.decoder.dimensions();
        u64::from(width) * u64::from(height)
    }

    /// Memory needed besides a picture of this many bytes.
    fn bytes_besides(&self, picture: u64) -> u64 {
        match self.format {
            // Row by row.
            Some(ImageFormat::Png | ImageFormat::Bmp | ImageFormat::Qoi | ImageFormat::Hdr) => 0,
            // The file, and the equivalent of two frames with transparency.
            Some(ImageFormat::WebP) => 8 * self.pixels() + self.file_bytes,
            // A second picture.
            _ => picture,
        }
    }
}

/// WebP may be either; GIF and DDS both reduce colours, so neither is.
fn is_lossless(format: Option<ImageFormat>, head: &[u8]) -> bool {
    match format {
        Some(ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::Dds) | None => false,
        Some(ImageFormat::WebP) => webp_is_lossless(head),
        Some(_) => true,
    }
}

/// Whether the first chunks have a title or description as text.
fn png_has_words(head: &[u8]) -> bool {
    let mut chunks = head.get(8..).unwrap_or_default();
    while let Some((len, rest)) = chunks.split_first_chunk::<4>() {
        let Some((kind, rest)) = rest.split_first_chunk::<4>() else { return false };
        let len = u32::from_be_bytes(*len) as usize;
        let content = rest.get(..len).unwrap_or_default();
        let texts = [&b"Title\0"[..], b"Description\0"].map(|keyword| content.strip_prefix(keyword));
        let is_text = matches!(kind, b"tEXt" | b"zTXt" | b"iTXt");
        if is_text && texts.into_iter().flatten().any(is_caption) {
            return true;
        }
        chunks = rest.get(len.saturating_add(4)..).unwrap_or_default();
    }
    false
}

/// Determined by the first chunks.
fn webp_is_lossless(head: &[u8]) -> bool {
    let mut chunks = head.get(12..).unwrap_or_default();
    while let Some((kind, rest)) = chunks.split_first_chunk::<4>() {
        let Some((len, rest)) = rest.split_first_chunk() else { return false };
        match kind {
            b"VP8L" => return true,
            b"VP8 " => return false,
            _ => chunks = rest.get(u32::from_le_bytes(*len).next_multiple_of(2) as usize..).unwrap_or_default(),
        }
    }
    false
}

pub fn unreadable(error: ImageError) -> Unreadable {
    match error {
        ImageError::Unsupported(error) => {
            tracing::debug!(%error, "not supported");
            let format = hint(&error.format_hint());
            Unreadable::Unknown(match error.kind() {
                UnsupportedErrorKind::Color(_) => format!("{format} with a rare colour type"),
                UnsupportedErrorKind::GenericFeature(_) => format!("{format} of a rare kind"),
                _ => "of an unknown format".into(),
            })
        }
        ImageError::Limits(_) => Unreadable::TooLarge,
        ImageError::IoError(error) => error.into(),
        ImageError::Decoding(error) => {
            // A decoder's internal message only helps those who look into the decoder.
            tracing::debug!(%error, "damaged");
            Unreadable::Damaged { format: hint(&error.format_hint()), detail: String::new() }
        }
        other => {
            tracing::debug!(error = %other, "not decoded");
            Unreadable::Garbled
        }
    }
}

fn hint(format: &ImageFormatHint) -> String {
    match format {
        ImageFormatHint::Exact(format) => format!("{format:?}").to_uppercase(),
        _ => "picture".into(),
    }
}
