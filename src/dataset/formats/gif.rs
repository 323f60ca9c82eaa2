//! GIF: the first frame on its canvas, converted to RGB like Pillow does. The rest of the canvas has the transparent
//! colour, or else the palette's first one. Transparent pixels have their palette colour. A frame that extends beyond
//! the canvas enlarges it.

use std::io::{BufReader, Chain, Cursor, Read};
use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, DecodingError, MemoryLimit};
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

use super::decoder::{Decoder, Source};
use crate::dataset::look::FileFormat;
use crate::dataset::memory::MAX_DECODED_BYTES;
use crate::dataset::unreadable::Unreadable;
use crate::dataset::watched_file::WatchedFile;

/// Three for the canvas, one for the frame.
const BYTES_OF_A_PIXEL: u64 = 4;
const MAGIC: &[u8] = b"GIF8";

pub fn recognizes(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// The length of the file's header, before a palette, and the position of the byte that announces one.
const HEADER: usize = 13;
const FLAGS: usize = 10;
/// A palette of 256 colours.
const HAS_PALETTE: u8 = 0x80;
const OF_256: u8 = 0x87;

/// The file, with a grey palette if it has no global one: the decoder requires it.
type File = Chain<Cursor<Vec<u8>>, WatchedFile>;

struct Gif {
    decoder: gif::Decoder<BufReader<File>>,
    /// Of the canvas.
    dimensions: (u32, u32),
    frame: Frame,
}

/// The first frame.
struct Frame {
    left: usize,
    top: usize,
    width: usize,
    height: usize,
    transparent: Option<u8>,
    palette: [[u8; 3]; 256],
}

pub fn open(source: Source) -> Result<Box<dyn Decoder>, Unreadable> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.check_frame_consistency(false);
    options.set_memory_limit(MemoryLimit::Bytes(NonZeroU64::new(MAX_DECODED_BYTES).expect("more than none")));
    let mut decoder = options.read_info(BufReader::new(with_palette(source.file)?)).map_err(unreadable)?;
    let (width, height) = (decoder.width(), decoder.height());
    let first = decoder.next_frame_info().map_err(unreadable)?.ok_or_else(|| damaged(": there is no picture in it"))?;
    let (left, top) = (u32::from(first.left), u32::from(first.top));
    let (right, bottom) = (left + u32::from(first.width), top + u32::from(first.height));
    let (frame_width, frame_height, transparent) = (first.width.into(), first.height.into(), first.transparent);
    let own = first.palette.clone();
    let colours = own.as_deref().or(decoder.global_palette()).unwrap_or_default();
    // Levels of grey where there are no colours.
    let mut palette: [[u8; 3]; 256] = std::array::from_fn(|level| [level as u8; 3]);
    palette.iter_mut().zip(colours.as_chunks().0).for_each(|(to, colour)| *to = *colour);
    if right == left || bottom == top {
        return Err(Unreadable::NoPixels(right - left, bottom - top));
    }
    let (left, top) = (left as usize, top as usize);
    let frame = Frame { left, top, width: frame_width, height: frame_height, transparent, palette };
    let dimensions = (right.max(width.into()), bottom.max(height.into()));
    Ok(Box::new(Gif { decoder, dimensions, frame }))
}

fn with_palette(mut file: WatchedFile) -> Result<File, Unreadable> {
    let mut head = Vec::with_capacity(HEADER);
    file.by_ref().take(HEADER as u64).read_to_end(&mut head).map_err(Unreadable::Io)?;
    if let Some(flags) = head.get_mut(FLAGS).filter(|flags| **flags & HAS_PALETTE == 0) {
        *flags |= OF_256;
        head.extend((0..=255).flat_map(|level| [level; 3]));
    }
    Ok(Cursor::new(head).chain(file))
}

impl Decoder for Gif {
    fn dimensions(&self) -> (u32, u32) {
        self.dimensions
    }

    fn decoded_bytes(&self) -> u64 {
        u64::from(self.dimensions.0) * u64::from(self.dimensions.1) * BYTES_OF_A_PIXEL
    }

    fn orientation(&mut self) -> Orientation {
        Orientation::NoTransforms
    }

    fn format(&self) -> FileFormat {
        FileFormat::Gif
    }

    fn is_lossless(&self) -> bool {
        // Reducing the colours has lost information.
        false
    }

    fn exif(&mut self) -> Option<Vec<u8>> {
        None
    }

    fn decode(mut self: Box<Self>) -> Result<DynamicImage, Unreadable> {
        let Frame { left, top, width, height, transparent, palette } = self.frame;
        let mut indices = vec![0; width * height];
        self.decoder.read_into_buffer(&mut indices).map_err(unreadable)?;
        let (canvas_width, canvas_height) = (self.dimensions.0 as usize, self.dimensions.1 as usize);
        let mut pixels = vec![palette[usize::from(transparent.unwrap_or(0))]; canvas_width * canvas_height];
        let rows = pixels.chunks_exact_mut(canvas_width).skip(top);
        for (row, indices) in rows.zip(indices.chunks_exact(width)) {
            row[left..].iter_mut().zip(indices).for_each(|(pixel, index)| *pixel = palette[usize::from(*index)]);
        }
        let image = RgbImage::from_raw(self.dimensions.0, self.dimensions.1, pixels.into_flattened());
        image.map(DynamicImage::from).ok_or_else(|| damaged(": some of its pixels are missing"))
    }
}

fn damaged(detail: &str) -> Unreadable {
    Unreadable::Damaged { format: "GIF".into(), detail: detail.to_owned() }
}

fn unreadable(error: DecodingError) -> Unreadable {
    match error {
        DecodingError::Io(error) => error.into(),
        DecodingError::MemoryLimit | DecodingError::OutOfMemory => Unreadable::TooLarge,
        other => {
            tracing::debug!(error = %other, "GIF");
            damaged("")
        }
    }
}
