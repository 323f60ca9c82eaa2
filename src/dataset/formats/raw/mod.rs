//! Camera RAW files (CR2, CR3, NEF, ARW, DNG, ORF, RW2, RAF, PEF and others). Uses the largest JPEG that the camera
//! embedded, turned as the RAW says. The sensor's data isn't developed, so such a file always holds more than its
//! picture.

mod directories;
mod previews;

use std::io::{Cursor, Read, Seek, SeekFrom};

use image::DynamicImage;
use image::metadata::Orientation;

use super::decoder::{Decoder, Source, jpeg_in_memory};
use super::jpeg;
use crate::dataset::look::FileFormat;
use crate::dataset::unreadable::Unreadable;
use crate::dataset::watched_file::WatchedFile;

/// Of EXIF.
const MOST_EXIF: u64 = 256 << 10;
/// Pictures with shorter edges are thumbnails.
const SMALLEST_EDGE: u32 = 160;
/// No preview is larger.
const MAX_PREVIEW_BYTES: u64 = 64 << 20;
/// The most markers of a JPEG before its size.
const MOST_MARKERS: usize = 200;

/// Three for the picture, six for the coefficients if it is progressive.
const BYTES_OF_A_PIXEL: u64 = 9;

struct Camera {
    jpeg: Vec<u8>,
    dimensions: (u32, u32),
    sensor: Option<(u32, u32)>,
    orientation: Orientation,
    exif: Option<Vec<u8>>,
}

/// Recognized by content, whatever the name. None if it isn't a RAW file.
pub fn open(source: &mut Source) -> Result<Option<Box<dyn Decoder>>, Unreadable> {
    let file = &mut source.file;
    let looked = previews::look(file).unwrap_or_default();
    let Some(raw) = looked else {
        file.rewind().map_err(Unreadable::Io)?;
        return Ok(None);
    };
    let mut best: Option<(Vec<u8>, (u32, u32))> = None;
    for (begin, bytes) in raw.previews {
        let Some(jpeg) = read(file, begin, bytes) else { continue };
        let Some(size) = size(&jpeg).filter(|(width, height)| (*width).min(*height) >= SMALLEST_EDGE) else { continue };
        let pixels = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
        if best.as_ref().is_none_or(|(_, known)| pixels(*known) < pixels(size)) {
            best = Some((jpeg, size));
        }
    }
    let Some((jpeg, dimensions)) = best else {
        return Err(Unreadable::Unknown("a camera's RAW file without a preview; develop it to JPEG or TIFF".into()));
    };
    let own = raw.exif.and_then(|at| read(file, at, MOST_EXIF)).or_else(|| exif_of(&jpeg));
    let orientation = match raw.orientation {
        // The orientation is the JPEG's.
        0 => own.as_deref().and_then(Orientation::from_exif_chunk),
        told => Orientation::from_exif(told),
    };
    let orientation = orientation.unwrap_or(Orientation::NoTransforms);
    Ok(Some(Box::new(Camera { jpeg, dimensions, sensor: raw.sensor, orientation, exif: own })))
}

/// This many bytes, or as many as there are.
fn read(file: &mut WatchedFile, begin: u64, bytes: u64) -> Option<Vec<u8>> {
    file.seek(SeekFrom::Start(begin)).ok()?;
    let mut read = Vec::new();
    file.take(bytes.min(MAX_PREVIEW_BYTES)).read_to_end(&mut read).ok()?;
    Some(read)
}

/// The size of a JPEG that can be decoded; sensor data is stored as lossless JPEGs, which can't.
fn size(jpeg: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    jpeg.strip_prefix(b"\xff\xd8\xff")?;
    for _ in 0..MOST_MARKERS {
        let [mark, kind, high, low] = *jpeg.get(at..)?.first_chunk()?;
        match (mark, kind) {
            (0xff, 0xff) => at += 1,
            (0xff, 0xc0..=0xc2) => {
                let [a, b, c, d] = *jpeg.get(at + 5..)?.first_chunk()?;
                return Some((u16::from_be_bytes([c, d]).into(), u16::from_be_bytes([a, b]).into()));
            }
            (0xff, 0xc3 | 0xda | 0xd9) => return None,
            (0xff, _) => at += 2 + usize::from(u16::from_be_bytes([high, low])),
            _ => return None,
        }
    }
    None
}

/// From the TIFF header on.
fn exif_of(jpeg: &[u8]) -> Option<Vec<u8>> {
    let begin = jpeg.windows(6).take(64 << 10).position(|window| window == b"Exif\0\0")? + 6;
    let len = usize::from(u16::from_be_bytes(*jpeg.get(begin.checked_sub(8)?..)?.first_chunk()?)).saturating_sub(8);
    Some(jpeg.get(begin..)?[..len.min(jpeg.len() - begin)].to_vec())
}

impl Decoder for Camera {
    fn dimensions(&self) -> (u32, u32) {
        self.dimensions
    }

    /// The sensor's pixels, which say how good the file is.
    fn pixels_told(&self) -> (u32, u32) {
        self.sensor.unwrap_or(self.dimensions)
    }

    fn decoded_bytes(&self) -> u64 {
        u64::from(self.dimensions.0) * u64::from(self.dimensions.1) * BYTES_OF_A_PIXEL + self.jpeg.len() as u64
    }

    fn is_unstoppable(&self) -> bool {
        true
    }

    fn orientation(&mut self) -> Orientation {
        self.orientation
    }

    fn format(&self) -> FileFormat {
        FileFormat::Raw
    }

    fn is_lossless(&self) -> bool {
        false
    }

    fn holds_more(&self) -> bool {
        true
    }

    fn exif(&mut self) -> Option<Vec<u8>> {
        self.exif.clone()
    }

    fn decode(self: Box<Self>) -> Result<DynamicImage, Unreadable> {
        let image = jpeg::like_libjpeg(Cursor::new(&self.jpeg), self.dimensions).map_err(Unreadable::Limit)?;
        if let Some(image) = image {
            return Ok(image.into());
        }
        Ok(jpeg_in_memory(&self.jpeg).map_err(super::standard::unreadable)?.into())
    }
}
