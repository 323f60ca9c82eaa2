//! JPEG, bit-identical to libjpeg-turbo. Keras uses it (through Pillow), and a deep network amplifies a single grey
//! level of difference. With these pixels the golden descriptors are matched at cosine 1.0000; with the `image` crate's
//! decoder, at 0.9992 to 0.9999 (measured on the starter datasets).

use std::io::{BufRead, Cursor};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use image::codecs::jpeg::JpegDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, RgbImage};
use mozjpeg::decompress::DecompressStarted;
use mozjpeg::{ColorSpace, Decompress};

use super::super::look::FileFormat;
use super::super::memory::MAX_DECODED_BYTES;
use super::super::patience::Watch;
use super::super::pieces::PiecesInMemory;
use super::super::sample::TakesRows;
use super::super::unreadable::Unreadable;
use super::decoder::{Decoder, Source, buffered, take_rows};
use super::jpeg_extras;
use super::jpeg_frame::JpegFrame;
use super::standard::unreadable;
use crate::limits::Limit;

/// The whole file is in memory.
const MAX_FILE_BYTES: u64 = 256 << 20;
/// The most scans. Encoders make about ten; libjpeg-turbo's authors advise stopping at 500.
const MAX_SCANS: usize = 500;
/// Pixels, counted in every scan, that take seconds to decode.
const MUCH_WORK: u64 = 1_000_000_000;

/// Rows decoded at a time if only some pixels are wanted: they stay in the processor's cache.
const ROWS: usize = 16;

/// A JPEG, whose header the `image` crate has read.
struct Jpeg {
    bytes: Vec<u8>,
    dimensions: (u32, u32),
    frame: JpegFrame,
    /// For the `image` crate's decoder.
    total_bytes: u64,
    orientation: Orientation,
    exif: Option<Vec<u8>>,
    xmp: Option<Vec<u8>>,
    iptc: Option<Vec<u8>>,
    watch: Arc<Watch>,
}

pub fn recognizes(head: &[u8]) -> bool {
    head.starts_with(b"\xff\xd8\xff")
}

pub fn open(source: Source) -> Result<Box<dyn Decoder>, Unreadable> {
    let Source { mut file, watch, .. } = source;
    let bytes = file.read_whole(MAX_FILE_BYTES)?;
    let mut header = JpegDecoder::new(buffered(Cursor::new(&bytes))).map_err(unreadable)?;
    let (dimensions, total_bytes) = (header.dimensions(), header.total_bytes());
    let orientation = header.orientation().unwrap_or(Orientation::NoTransforms);
    let exif = header.exif_metadata().ok().flatten();
    let (xmp, iptc) = (header.xmp_metadata().ok().flatten(), header.iptc_metadata().ok().flatten());
    drop(header);
    let frame = JpegFrame::read(&bytes).ok_or(Unreadable::EndsEarly)?;
    if frame.scans > MAX_SCANS {
        return Err(Unreadable::Damaged { format: "JPEG".into(), detail: format!(" ({} scans)", frame.scans) });
    }
    Ok(Box::new(Jpeg { bytes, dimensions, frame, total_bytes, orientation, exif, xmp, iptc, watch }))
}

impl Jpeg {
    fn pixels(&self) -> u64 {
        u64::from(self.dimensions.0) * u64::from(self.dimensions.1)
    }

    fn is_much_work(&self) -> bool {
        self.pixels() * self.frame.scans as u64 > MUCH_WORK
    }

    /// Whether libjpeg converts it to RGB.
    fn is_usual(&self) -> bool {
        self.frame.components < 4
    }

    /// The memory of the `image` crate's decoder, besides the file.
    fn lenient_bytes(&self) -> u64 {
        self.frame.kept_bytes + self.total_bytes
    }

    /// Applies `decode`, which uses libjpeg.
    fn by_libjpeg<T>(&self, decode: impl FnOnce(&mut PiecesInMemory) -> ByLibjpeg<T>) -> Result<Option<T>, Unreadable> {
        let mut file = PiecesInMemory::new(&self.bytes, self.frame.scans > 1, &self.watch);
        let decoded = decode(&mut file);
        self.watch.check()?;
        let decoded = decoded.map_err(Unreadable::Limit)?;
        // libjpeg would invent the missing end; Keras rejects such files too.
        if file.ended() { Err(Unreadable::EndsEarly) } else { Ok(decoded) }
    }

    /// The `image` crate's decoder, for files that libjpeg doesn't decode. It can't be stopped.
    fn lenient(self) -> Result<impl ImageDecoder, Unreadable> {
        if self.lenient_bytes() > MAX_DECODED_BYTES || self.is_much_work() && !self.watch.can_be_ended() {
            return Err(Unreadable::TooLarge);
        }
        self.watch.take_memory(self.lenient_bytes() + 2 * self.bytes.len() as u64);
        JpegDecoder::new(buffered(Cursor::new(self.bytes))).map_err(unreadable)
    }
}

impl Decoder for Jpeg {
    fn dimensions(&self) -> (u32, u32) {
        self.dimensions
    }

    fn decoded_bytes(&self) -> u64 {
        self.rows_bytes() + 3 * self.pixels()
    }

    fn rows_bytes(&self) -> u64 {
        let decoder = match self.is_usual() {
            // Some rows, in several stages.
            true => self.frame.kept_bytes + 256 * u64::from(self.dimensions.0),
            false => self.lenient_bytes(),
        };
        decoder + self.bytes.len() as u64
    }

    fn is_unstoppable(&self) -> bool {
        self.is_much_work() || !self.is_usual() && self.frame.scans > 1
    }

    fn orientation(&mut self) -> Orientation {
        self.orientation
    }

    fn format(&self) -> FileFormat {
        FileFormat::Jpeg
    }

    fn is_lossless(&self) -> bool {
        false
    }

    fn holds_more(&self) -> bool {
        jpeg_extras::holds_more(&self.bytes)
    }

    fn exif(&mut self) -> Option<Vec<u8>> {
        self.exif.clone()
    }

    fn xmp(&mut self) -> Option<Vec<u8>> {
        self.xmp.clone()
    }

    fn iptc(&mut self) -> Option<Vec<u8>> {
        self.iptc.clone()
    }

    fn decode(self: Box<Self>) -> Result<DynamicImage, Unreadable> {
        match self.by_libjpeg(|file| like_libjpeg(file, self.dimensions))? {
            Some(image) => Ok(image.into()),
            None => DynamicImage::from_decoder(self.lenient()?).map_err(unreadable),
        }
    }

    fn rows(self: Box<Self>, takes: &mut dyn TakesRows) -> Result<(), Unreadable> {
        match self.by_libjpeg(|file| rows(file, self.dimensions, takes))? {
            Some(()) => Ok(()),
            None => {
                take_rows(DynamicImage::from_decoder(self.lenient()?).map_err(unreadable)?, takes);
                Ok(())
            }
        }
    }
}

/// None if anything is unusual or wrong; an error if memory ran out.
type ByLibjpeg<T> = Result<Option<T>, Limit>;

/// The beginning of libjpeg's message when it is refused memory.
const NO_MEMORY: &str = "Insufficient memory";

/// The picture in `file`, not turned, known to have this size. None if anything is unusual (four colour components) or
/// wrong: then the more lenient `image` crate decides.
pub fn like_libjpeg(file: impl BufRead, dimensions: (u32, u32)) -> ByLibjpeg<RgbImage> {
    with_decoder(file, dimensions, |mut rows| {
        let pixels: Vec<[u8; 3]> = rows.read_scanlines().ok()?;
        RgbImage::from_raw(dimensions.0, dimensions.1, pixels.into_flattened())
    })
}

/// Row by row; unless it is progressive, the whole picture is never in memory.
fn rows(file: impl BufRead, dimensions: (u32, u32), takes: &mut dyn TakesRows) -> ByLibjpeg<()> {
    let (width, height) = (dimensions.0 as usize, dimensions.1);
    with_decoder(file, dimensions, |mut rows| {
        let mut buffer = vec![[0u8; 3]; width * ROWS];
        takes.begin();
        for y in (0..height).step_by(ROWS) {
            let count = ROWS.min((height - y) as usize);
            let read: &mut [[u8; 3]] = rows.read_scanlines_into(&mut buffer[..width * count]).ok()?;
            for (y, row) in (y..).zip(read.chunks_exact(width)) {
                takes.take_row(y, row);
            }
        }
        Some(())
    })
}

fn with_decoder<T, R: BufRead>(
    file: R,
    (width, height): (u32, u32),
    read: impl FnOnce(DecompressStarted<R>) -> Option<T>,
) -> ByLibjpeg<T> {
    let decode = || {
        let decoder = Decompress::new_reader(file).ok()?;
        let usual =
            matches!(decoder.color_space(), ColorSpace::JCS_YCbCr | ColorSpace::JCS_RGB | ColorSpace::JCS_GRAYSCALE);
        if !usual || decoder.size() != (width as usize, height as usize) {
            return None;
        }
        // Not finished after the last row: something may be missing.
        read(decoder.rgb().ok()?)
    };
    // libjpeg reports errors by unwinding.
    catch_unwind(AssertUnwindSafe(decode)).or_else(|error| match error.downcast_ref::<String>() {
        Some(message) if message.contains(NO_MEMORY) => Err(Limit::Memory),
        _ => Ok(None),
    })
}
