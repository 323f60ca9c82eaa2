//! JPEG 2000, as a codestream or in boxes (JP2), decoded by hayro-jpeg2000 in safe Rust. Samples of more than 8 bits
//! are cut to their upper 8, as Pillow does.

use hayro_jpeg2000::{ColorSpace, DecodeSettings, DecoderContext, Image};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};

use super::decoder::{Decoder, Source};
use crate::dataset::look::FileFormat;
use crate::dataset::unreadable::Unreadable;

/// Bytes per sample during decoding: coded, transformed, and as part of the picture.
const BYTES_OF_A_SAMPLE: u64 = 9;
/// The most channels in real pictures: colours, transparency, and one more.
const MAX_CHANNELS: u16 = 5;
const MAX_FILE_BYTES: u64 = 256 << 20;
/// The most boxes and markers examined.
const MOST: usize = 100_000;
const CODESTREAM: &[u8] = b"\xff\x4f\xff\x51";

struct Jpeg2000 {
    bytes: Vec<u8>,
    size: Size,
    exif: Option<Vec<u8>>,
}

/// The first facts in the codestream.
#[derive(Clone, Copy)]
struct Size {
    width: u32,
    height: u32,
    /// Including the area left out around the picture.
    pixels: u64,
    channels: u16,
}

pub fn open(source: Source) -> Result<Box<dyn Decoder>, Unreadable> {
    let mut file = source.file;
    let bytes = file.read_whole(MAX_FILE_BYTES)?;
    let (stream, exif) = inside(&bytes).ok_or_else(|| damaged(": there is no picture in it"))?;
    let size = size(stream).ok_or_else(|| damaged(""))?;
    if size.channels > MAX_CHANNELS {
        return Err(Unreadable::Unknown(format!("JPEG 2000: {} channels", size.channels)));
    }
    if !is_whole(stream) {
        return Err(Unreadable::EndsEarly);
    }
    let exif = exif.map(<[u8]>::to_vec);
    Ok(Box::new(Jpeg2000 { bytes, size, exif }))
}

impl Decoder for Jpeg2000 {
    fn dimensions(&self) -> (u32, u32) {
        (self.size.width, self.size.height)
    }

    fn decoded_bytes(&self) -> u64 {
        // A palette turns one channel into three.
        let channels = u64::from(self.size.channels.max(3));
        self.size.pixels.saturating_mul(channels * BYTES_OF_A_SAMPLE).saturating_add(self.bytes.len() as u64)
    }

    fn is_unstoppable(&self) -> bool {
        true
    }

    fn orientation(&mut self) -> Orientation {
        Orientation::NoTransforms
    }

    fn format(&self) -> FileFormat {
        FileFormat::Jpeg2000
    }

    fn is_lossless(&self) -> bool {
        // Lossless files can't be recognized: most lossy ones use the same transformation.
        false
    }

    fn exif(&mut self) -> Option<Vec<u8>> {
        self.exif.clone()
    }

    fn decode(self: Box<Self>) -> Result<DynamicImage, Unreadable> {
        let image = Image::new(&self.bytes, &DecodeSettings::default()).map_err(unreadable)?;
        let (width, height) = self.dimensions();
        if (image.width(), image.height()) != (width, height) {
            return Err(damaged(": its size isn't what it says"));
        }
        let colours = match image.color_space() {
            ColorSpace::Gray => 1,
            ColorSpace::RGB => 3,
            ColorSpace::Icc { profile, num_channels } if matches!(profile.get(16..20), Some(b"RGB " | b"GRAY")) => {
                usize::from(*num_channels)
            }
            _ => return Err(Unreadable::Unknown("JPEG 2000: its colours are neither grey nor RGB".into())),
        };
        let mut context = DecoderContext::default();
        let decoded = image.decode(&mut context).map_err(unreadable)?;
        let channels = decoded.components();
        let count = width as usize * height as usize;
        if channels.len() < colours || channels.iter().any(|channel| channel.samples().len() < count) {
            return Err(damaged(": some of its pixels are missing"));
        }
        let level = |sample: f32, depth: u8| {
            let sample = sample.round().max(0.0) as u32;
            (if depth > 8 { sample >> (depth - 8) } else { sample << (8 - depth) }).min(255) as u8
        };
        let channel = |at: usize| {
            let depth = channels[at].bit_depth();
            channels[at].samples()[..count].iter().map(move |sample| level(*sample, depth))
        };
        let image = match colours {
            1 => GrayImage::from_raw(width, height, channel(0).collect()).map(DynamicImage::from),
            _ => {
                let mut pixels = vec![[0u8; 3]; count];
                for at in 0..3 {
                    pixels.iter_mut().zip(channel(at)).for_each(|(pixel, level)| pixel[at] = level);
                }
                RgbImage::from_raw(width, height, pixels.into_flattened()).map(DynamicImage::from)
            }
        };
        image.ok_or_else(|| damaged(": some of its pixels are missing"))
    }
}

/// The codestream of a file, and the EXIF data in its boxes, if it has any.
fn inside(bytes: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    if bytes.starts_with(CODESTREAM) {
        return Some((bytes, None));
    }
    let (mut rest, mut stream, mut exif) = (bytes, None, None);
    for _ in 0..MOST {
        let Some((head, after)) = rest.split_first_chunk::<8>() else { break };
        let small = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let (content, next) = match small {
            0 => (after, &[][..]),
            1 => {
                let (large, after) = after.split_first_chunk()?;
                let len = usize::try_from(u64::from_be_bytes(*large)).ok()?.checked_sub(16)?;
                after.split_at(len.min(after.len()))
            }
            small => after.split_at(small.checked_sub(8)?.min(after.len())),
        };
        match &head[4..] {
            b"jp2c" if stream.is_none() => stream = Some(content),
            b"uuid" => exif = exif.or_else(|| content.strip_prefix(b"JpgTiffExif->JP2")),
            _ => {}
        }
        rest = next;
    }
    Some((stream.filter(|stream| stream.starts_with(CODESTREAM))?, exif))
}

/// Read from the first marker.
fn size(stream: &[u8]) -> Option<Size> {
    let number = |at: usize| Some(u32::from_be_bytes(*stream.get(at..)?.first_chunk()?));
    let (right, bottom, left, top) = (number(8)?, number(12)?, number(16)?, number(20)?);
    let channels = u16::from_be_bytes(*stream.get(40..)?.first_chunk()?);
    let (width, height) = (right.checked_sub(left)?, bottom.checked_sub(top)?);
    // Tiles are decoded where they lie, however far from the picture.
    let pixels = u64::from(right) * u64::from(bottom);
    let (wide, high) = (number(24)?, number(28)?);
    (wide > 0 && high > 0 && channels > 0).then_some(Size { width, height, pixels, channels })
}

/// Follows the main header, then the tiles by their lengths.
fn is_whole(stream: &[u8]) -> bool {
    let number = |at: usize| Some(u16::from_be_bytes(*stream.get(at..)?.first_chunk()?));
    let (mut at, mut tiles) = (2, 0);
    for _ in 0..MOST {
        tiles += usize::from(number(at) == Some(0xff90));
        match number(at) {
            // A tile; a length of 0 means the last one.
            Some(0xff90) => match stream.get(at + 6..).and_then(|len| len.first_chunk()) {
                Some([0, 0, 0, 0]) => return stream.ends_with(b"\xff\xd9"),
                Some(len) => at = at.saturating_add(u32::from_be_bytes(*len) as usize),
                None => return false,
            },
            Some(0xffd9) => return tiles > 0,
            Some(0xff00..) => match number(at + 2) {
                Some(len) => at += 2 + usize::from(len),
                None => return false,
            },
            // Data that encoders append after the last tile; or nothing at all, if the end is missing.
            Some(_) => return tiles > 0,
            None => return tiles > 0 && at == stream.len(),
        }
    }
    false
}

fn damaged(detail: &str) -> Unreadable {
    Unreadable::Broken { format: "JPEG 2000", detail: detail.to_owned() }
}

fn unreadable(error: hayro_jpeg2000::DecodeError) -> Unreadable {
    tracing::debug!("JPEG 2000: {error}");
    damaged(": the content makes no sense, or part of it is missing")
}
