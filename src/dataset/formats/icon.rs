//! Icons: decodes the picture that Pillow picks, which is the largest; a PNG, or a bitmap.

use std::io::Cursor;

use image::codecs::ico::IcoDecoder;
use image::codecs::png::PngDecoder;
use image::{ImageDecoder, ImageFormat, Limits};

use super::decoder::{Decoder, Source, buffered};
use super::standard::{self, Standard};
use crate::dataset::memory::MAX_DECODED_BYTES;
use crate::dataset::unreadable::Unreadable;

/// No icon is larger: 100 pictures of 256 x 256 pixels.
const MAX_FILE_BYTES: u64 = 64 << 20;
const HEADER: usize = 6;
const ENTRY: usize = 16;

pub fn recognizes(head: &[u8]) -> bool {
    head.starts_with(b"\0\0\x01\0")
}

pub fn open(source: Source) -> Result<Box<dyn Decoder>, Unreadable> {
    let mut file = source.file;
    let bytes = file.read_whole(MAX_FILE_BYTES)?;
    let count =
        bytes.get(4..HEADER).and_then(|count| count.first_chunk()).map_or(0, |count| u16::from_le_bytes(*count));
    let entries = bytes.get(HEADER..).unwrap_or_default().as_chunks::<ENTRY>().0.iter().take(count.into());
    let entry = entries.min_by_key(|entry| (std::cmp::Reverse(pixels(entry)), depth(entry)));
    let entry = *entry.ok_or(Unreadable::EndsEarly)?;
    let [len, begin] = [8, 12].map(|at| u32::from_le_bytes(*entry[at..].first_chunk().expect("16 bytes")) as usize);
    let data = bytes.get(begin..).filter(|data| !data.is_empty()).ok_or(Unreadable::EndsEarly)?;
    let data = &data[..len.min(data.len())];
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    let decoder: Box<dyn ImageDecoder> = if data.starts_with(b"\x89PNG\r\n\x1a\n") {
        Box::new(PngDecoder::with_limits(buffered(Cursor::new(data.to_vec())), limits).map_err(standard::unreadable)?)
    } else {
        Box::new(IcoDecoder::new(buffered(Cursor::new(alone(entry, data)))).map_err(standard::unreadable)?)
    };
    Ok(Box::new(Standard::of(decoder, ImageFormat::Ico, bytes.len() as u64)))
}

/// 0 stands for 256.
fn pixels(entry: &[u8; ENTRY]) -> u32 {
    let edge = |edge: u8| if edge == 0 { 256 } else { u32::from(edge) };
    edge(entry[0]) * edge(entry[1])
}

/// As given by the entry, or else by its number of colours.
fn depth(entry: &[u8; ENTRY]) -> u32 {
    match (u16::from_le_bytes([entry[6], entry[7]]), entry[2]) {
        (0, 0) => 256,
        (0, colours) => u32::from(colours).next_power_of_two().ilog2(),
        (bits, _) => bits.into(),
    }
}

/// An icon with only this bitmap, which states its own size.
fn alone(mut entry: [u8; ENTRY], data: &[u8]) -> Vec<u8> {
    if let Some([width, height]) = data.get(4..12).map(|edges| [0, 4].map(|at| edges[at])) {
        // The stated height is doubled, for the mask.
        let high = data.get(9).map_or(0, |upper| u32::from(*upper) << 8) + u32::from(height);
        (entry[0], entry[1]) = (width, (high / 2) as u8);
    }
    entry[8..12].copy_from_slice(&(data.len() as u32).to_le_bytes());
    entry[12..].copy_from_slice(&((HEADER + ENTRY) as u32).to_le_bytes());
    [b"\0\0\x01\0\x01\0", &entry[..], data].concat()
}
