//! JPEG XL, decoded by the Rust decoder of libjxl's team: the first frame, upright. The file is fed to it piece by
//! piece, so that it can be stopped. We ask for 16-bit levels and round them here, because the decoder would dither.

use std::io::{self, BufReader, IoSliceMut, Read, Seek, SeekFrom};

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use jxl::api::{
    Endianness, Event, ExtraChannel, JxlBasicInfo, JxlBitstreamInput, JxlColorType, JxlDataFormat, JxlDecoder,
    JxlDecoderOptions, JxlOutputBuffer, JxlPixelFormat,
};
use jxl::error::Error;

use super::decoder::{Decoder, Source};
use crate::dataset::look::FileFormat;
use crate::dataset::memory::MAX_DECODED_BYTES;
use crate::dataset::unreadable::Unreadable;
use crate::dataset::watched_file::WatchedFile;

/// Bytes per sample of the picture during decoding.
const BYTES_OF_A_SAMPLE: u64 = 6;
/// The memory of the decoder itself.
const BYTES_OF_A_DECODER: u64 = 8 << 20;
/// Bytes read at a time; few, so that the time can be checked in between.
const PIECE: usize = 64 << 10;
const MAX_METADATA_BYTES: u64 = 1 << 20;

/// The file's contents besides the picture.
#[derive(Default)]
struct Beside {
    exif: Option<Vec<u8>>,
    xmp: Option<Vec<u8>>,
    /// The data to restore the original JPEG.
    was_a_jpeg: bool,
}

struct Jxl {
    decoder: JxlDecoder,
    pieces: FilePieces,
    dimensions: (u32, u32),
    samples: u64,
    is_grey: bool,
    is_animated: bool,
    is_lossless: bool,
    exif: Option<Vec<u8>>,
    xmp: Option<Vec<u8>>,
}

pub fn open(source: Source) -> Result<Box<dyn Decoder>, Unreadable> {
    let mut file = source.file;
    let beside = beside(&mut file).unwrap_or_default();
    file.rewind().map_err(Unreadable::Io)?;
    let mut pieces = FilePieces(BufReader::with_capacity(PIECE, file));
    let mut options = JxlDecoderOptions::default();
    options.sample_limit = Some((MAX_DECODED_BYTES / BYTES_OF_A_SAMPLE) as usize);
    let mut decoder = JxlDecoder::new(options);
    until(&mut decoder, &mut pieces, None, |event| *event == Event::BasicInfo)?;
    let info = decoder.basic_info().ok_or(Unreadable::EndsEarly)?.clone();
    let format = decoder.current_pixel_format().ok_or(Unreadable::EndsEarly)?;
    let is_grey = format.color_type.is_grayscale();
    if info.extra_channels.iter().any(|channel| channel.ec_type == ExtraChannel::Black) {
        return Err(Unreadable::Unknown("JPEG XL: its colours are those of a printer (CMYK)".into()));
    }
    let (width, height) = info.size;
    let dimensions = match (u32::try_from(width), u32::try_from(height)) {
        (Ok(width), Ok(height)) => (width, height),
        _ => return Err(Unreadable::TooLarge),
    };
    let samples = (width as u64).saturating_mul(height as u64).saturating_mul(channels(&info, is_grey));
    let wanted = JxlPixelFormat {
        color_type: if is_grey { JxlColorType::Grayscale } else { JxlColorType::Rgb },
        color_data_format: Some(JxlDataFormat::U16 { endianness: Endianness::native(), bit_depth: 16 }),
        extra_channel_format: vec![None; info.extra_channels.len()],
    };
    decoder.set_pixel_format(wanted).map_err(unreadable)?;
    let (is_lossless, is_animated) = (info.uses_original_profile && !beside.was_a_jpeg, info.animation.is_some());
    Ok(Box::new(Jxl {
        decoder,
        pieces,
        dimensions,
        samples,
        is_grey,
        is_animated,
        is_lossless,
        exif: beside.exif,
        xmp: beside.xmp,
    }))
}

fn channels(info: &JxlBasicInfo, is_grey: bool) -> u64 {
    info.extra_channels.len() as u64 + if is_grey { 1 } else { 3 }
}

impl Decoder for Jxl {
    fn dimensions(&self) -> (u32, u32) {
        self.dimensions
    }

    fn decoded_bytes(&self) -> u64 {
        self.samples.saturating_mul(BYTES_OF_A_SAMPLE).saturating_add(BYTES_OF_A_DECODER)
    }

    fn is_unstoppable(&self) -> bool {
        true
    }

    fn orientation(&mut self) -> Orientation {
        // It comes out of the decoder upright.
        Orientation::NoTransforms
    }

    fn format(&self) -> FileFormat {
        FileFormat::JpegXl
    }

    fn is_lossless(&self) -> bool {
        self.is_lossless
    }

    fn holds_more(&self) -> bool {
        self.is_animated
    }

    fn exif(&mut self) -> Option<Vec<u8>> {
        self.exif.clone()
    }

    fn xmp(&mut self) -> Option<Vec<u8>> {
        self.xmp.clone()
    }

    fn decode(mut self: Box<Self>) -> Result<DynamicImage, Unreadable> {
        let (width, height) = self.dimensions;
        let samples = width as usize * if self.is_grey { 1 } else { 3 };
        let row = 2 * samples;
        let mut pixels = vec![0u8; row * height as usize];
        let buffer = JxlOutputBuffer::new(&mut pixels, height as usize, row);
        let is_done = |event: &Event| matches!(event, Event::FrameComplete { .. });
        until(&mut self.decoder, &mut self.pieces, Some(buffer), is_done)?;
        drop(self.decoder);
        round(&mut pixels);
        let image = match self.is_grey {
            true => image::GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
            false => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
        };
        image.ok_or_else(|| damaged(": some of its pixels are missing"))
    }
}

/// Rounds 16-bit levels to 8 bits.
fn round(pixels: &mut Vec<u8>) {
    let count = pixels.len() / 2;
    for at in 0..count {
        let level = u16::from_ne_bytes([pixels[2 * at], pixels[2 * at + 1]]);
        pixels[at] = ((u32::from(level) + 128) / 257) as u8;
    }
    pixels.truncate(count);
}

/// Decodes until one of these events.
fn until(
    decoder: &mut JxlDecoder,
    pieces: &mut FilePieces,
    buffer: Option<JxlOutputBuffer>,
    is_wanted: impl Fn(&Event) -> bool,
) -> Result<(), Unreadable> {
    let mut buffers: Vec<JxlOutputBuffer> = buffer.into_iter().collect();
    loop {
        let buffers = if buffers.is_empty() { None } else { Some(&mut buffers[..]) };
        match decoder.process(pieces, buffers, None).map_err(unreadable)? {
            event if is_wanted(&event) => return Ok(()),
            Event::NeedMoreInput { .. } if pieces.has_ended()? => return Err(damaged(": it ends too early")),
            Event::Complete => return Err(damaged(": there is no picture in it")),
            _ => {}
        }
    }
}

/// The file, a piece at a time.
struct FilePieces(BufReader<WatchedFile>);

impl FilePieces {
    fn has_ended(&mut self) -> Result<bool, Unreadable> {
        let at = self.0.stream_position().map_err(Unreadable::Io)?;
        Ok(at >= self.0.get_ref().len())
    }
}

impl JxlBitstreamInput for FilePieces {
    fn available_bytes(&mut self) -> io::Result<usize> {
        let at = self.0.stream_position()?;
        Ok(self.0.get_ref().len().saturating_sub(at).min(PIECE as u64) as usize)
    }

    fn read(&mut self, buffers: &mut [IoSliceMut]) -> io::Result<usize> {
        self.0.read_vectored(buffers)
    }

    fn skip(&mut self, bytes: usize) -> io::Result<usize> {
        let at = self.0.stream_position()?;
        let left = self.0.get_ref().len().saturating_sub(at).min(bytes as u64);
        self.0.seek_relative(left as i64)?;
        Ok(left as usize)
    }
}

/// Found in the boxes of the file, if it has any.
fn beside(file: &mut WatchedFile) -> io::Result<Beside> {
    let mut found = Beside::default();
    let (len, mut at) = (file.len(), 0);
    while at + 8 <= len {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 16];
        file.read_exact(&mut head[..8])?;
        let small = u32::from_be_bytes([head[0], head[1], head[2], head[3]]);
        let (bytes, header) = match small {
            0 => (len - at, 8),
            1 => {
                file.read_exact(&mut head[8..])?;
                (u64::from_be_bytes(*head.last_chunk().expect("16 bytes")), 16)
            }
            small => (u64::from(small), 8),
        };
        let Some(content) = bytes.checked_sub(header) else { break };
        match &head[4..8] {
            b"Exif" => found.exif = exif(&mut file.take(content)),
            b"xml " => found.xmp = limited(&mut file.take(content)),
            // Compressed, after its name.
            b"brob" if content > 4 => {
                let mut kind = [0; 4];
                file.read_exact(&mut kind)?;
                let mut raw = brotli_decompressor::Decompressor::new(file.take(content - 4), PIECE);
                match &kind {
                    b"Exif" => found.exif = exif(&mut raw),
                    b"xml " => found.xmp = limited(&mut raw),
                    _ => {}
                }
            }
            b"jbrd" => found.was_a_jpeg = true,
            _ => {}
        }
        at = at.saturating_add(bytes);
    }
    Ok(found)
}

fn limited(raw: &mut dyn Read) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    raw.take(MAX_METADATA_BYTES).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// After four bytes with its position.
fn exif(raw: &mut dyn Read) -> Option<Vec<u8>> {
    let bytes = limited(raw)?;
    let skipped = 4 + u32::from_be_bytes(*bytes.first_chunk()?) as usize;
    bytes.get(skipped..).map(<[u8]>::to_vec)
}

fn damaged(detail: &str) -> Unreadable {
    Unreadable::Broken { format: "JPEG XL", detail: detail.into() }
}

fn unreadable(error: Error) -> Unreadable {
    match error {
        Error::IOError(error) => error.into(),
        Error::OutOfBounds(_) => damaged(": it ends too early"),
        Error::ImageSizeTooLarge(..) | Error::OutOfMemory(_) | Error::ImageOutOfMemory(..) => Unreadable::TooLarge,
        other => {
            tracing::debug!("JPEG XL: {other}");
            damaged(": the content makes no sense, or part of it is missing")
        }
    }
}
