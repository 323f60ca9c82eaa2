//! Unpacks a strip or tile into samples, pixel by pixel, in little-endian order.

use std::io::{Cursor, Read};

use weezl::BitOrder;

use super::super::jpeg;
use super::fax;
use super::header::{FirstPage, compression, damaged, photometric};
use crate::dataset::unreadable::Unreadable;

/// The bytes of a chunk of this size; `packed` is its content in the file.
pub fn unpack(header: &FirstPage, packed: Vec<u8>, height: u32) -> Result<Vec<u8>, Unreadable> {
    let bytes = usize::try_from(header.chunk_bytes(height)).map_err(|_| Unreadable::TooLarge)?;
    let size = (header.chunk.0, height);
    let mut packed = packed;
    if header.is_reversed && !header.is_jpeg() {
        packed.iter_mut().for_each(|byte| *byte = byte.reverse_bits());
    }
    let mut unpacked = match header.compression {
        compression::NONE => packed,
        compression::LZW => lzw(&packed, bytes)?,
        compression::DEFLATE | compression::OLD_DEFLATE => {
            taken(flate2::read::ZlibDecoder::new(Cursor::new(packed)), bytes)?
        }
        compression::PACK_BITS => pack_bits(&packed, bytes),
        compression::ZSTD => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(Cursor::new(packed));
            taken(decoder.map_err(|error| nonsense(&error))?, bytes)?
        }
        compression::HUFFMAN | compression::FAX3 | compression::FAX4 if header.bits == 1 && header.samples == 1 => {
            let unpacked = fax::unpack(&packed, header.compression, header.fax_options, size);
            unpacked.ok_or_else(|| damaged(": invalid fax codes"))?
        }
        compression::JPEG if header.photometric == photometric::YCBCR => return of_jpeg(header, &packed, size),
        other => return Err(Unreadable::Unknown(format!("TIFF: compression {other} is not supported"))),
    };
    if unpacked.len() < bytes {
        return Err(Unreadable::EndsEarly);
    }
    unpacked.truncate(bytes);
    let row = usize::try_from(header.row_bytes()).map_err(|_| Unreadable::TooLarge)?;
    for row in unpacked.chunks_exact_mut(row.max(1)) {
        to_little_endian(header, row);
        predict(header, row)?;
    }
    Ok(unpacked)
}

fn nonsense(error: &dyn std::fmt::Display) -> Unreadable {
    tracing::debug!("TIFF: {error}");
    damaged(": the compressed data makes no sense")
}

fn taken(from: impl Read, bytes: usize) -> Result<Vec<u8>, Unreadable> {
    let mut out = Vec::with_capacity(bytes);
    from.take(bytes as u64).read_to_end(&mut out).map_err(|error| nonsense(&error))?;
    Ok(out)
}

/// As far as it goes: the end may be missing.
fn lzw(packed: &[u8], bytes: usize) -> Result<Vec<u8>, Unreadable> {
    let mut decoder = weezl::decode::Decoder::with_tiff_size_switch(BitOrder::Msb, 8);
    let mut out = vec![0; bytes];
    let (mut read, mut written) = (0, 0);
    while written < bytes {
        let step = decoder.decode_bytes(&packed[read..], &mut out[written..]);
        (read, written) = (read + step.consumed_in, written + step.consumed_out);
        match step.status {
            Ok(weezl::LzwStatus::Ok) => {}
            Ok(_) => break,
            Err(error) => return Err(nonsense(&error)),
        }
    }
    out.truncate(written);
    Ok(out)
}

/// Runs of a byte, and literal bytes.
fn pack_bits(packed: &[u8], bytes: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes);
    let mut rest = packed;
    while let Some((count, after)) = rest.split_first()
        && out.len() < bytes
    {
        rest = match *count as i8 {
            -128 => after,
            count @ 0.. => {
                let (plain, after) = after.split_at((count as usize + 1).min(after.len()));
                out.extend(plain);
                after
            }
            count => {
                let Some((byte, after)) = after.split_first() else { break };
                out.extend(std::iter::repeat_n(*byte, 1 + usize::from(count.unsigned_abs())));
                after
            }
        };
    }
    out
}

/// Like libtiff: converted to RGB by libjpeg.
fn of_jpeg(header: &FirstPage, packed: &[u8], (width, height): (u32, u32)) -> Result<Vec<u8>, Unreadable> {
    // The tables end with a marker, and the picture starts with one.
    let tables = header.jpeg_tables.len().checked_sub(2).map(|len| &header.jpeg_tables[..len]);
    let whole = match tables {
        Some(tables) => [tables, packed.get(2..).unwrap_or_default()].concat(),
        None => packed.to_vec(),
    };
    // The last strip may be stored at full height.
    let heights = [height, header.chunk.1];
    let decoded = |height: &u32| jpeg::like_libjpeg(Cursor::new(&whole), (width, *height)).transpose();
    let first = heights.iter().find_map(decoded).ok_or_else(|| damaged(": a JPEG inside can't be decoded"))?;
    let mut pixels = first.map_err(Unreadable::Limit)?.into_raw();
    pixels.truncate(width as usize * height as usize * 3);
    Ok(pixels)
}

fn to_little_endian(header: &FirstPage, row: &mut [u8]) {
    // Predicted floats have their own byte order.
    if !header.is_little && header.predictor != 3 {
        match header.bits {
            16 => row.as_chunks_mut::<2>().0.iter_mut().for_each(|sample| sample.reverse()),
            32 => row.as_chunks_mut::<4>().0.iter_mut().for_each(|sample| sample.reverse()),
            _ => {}
        }
    }
}

/// Adds each sample's difference to the one before.
fn predict(header: &FirstPage, row: &mut [u8]) -> Result<(), Unreadable> {
    let together = header.together();
    match (header.predictor, header.bits) {
        (0 | 1, _) => {}
        (2, 8) if !header.is_in_blocks() => {
            for at in together..row.len() {
                row[at] = row[at].wrapping_add(row[at - together]);
            }
        }
        (2, 16) => {
            let samples = row.as_chunks_mut().0;
            for at in together..samples.len() {
                let sum = u16::from_le_bytes(samples[at]).wrapping_add(u16::from_le_bytes(samples[at - together]));
                samples[at] = sum.to_le_bytes();
            }
        }
        (2, 32) => {
            let samples = row.as_chunks_mut().0;
            for at in together..samples.len() {
                let sum = u32::from_le_bytes(samples[at]).wrapping_add(u32::from_le_bytes(samples[at - together]));
                samples[at] = sum.to_le_bytes();
            }
        }
        (3, 32) => {
            for at in together..row.len() {
                row[at] = row[at].wrapping_add(row[at - together]);
            }
            // The first bytes of all samples, then the second ones.
            let (bytes, count) = (row.to_vec(), row.len() / 4);
            for (at, sample) in row.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                *sample = std::array::from_fn(|byte| bytes[(3 - byte) * count + at]);
            }
        }
        (kind, bits) => {
            return Err(Unreadable::Unknown(format!("TIFF: predictor {kind} of {bits} bits is not supported")));
        }
    }
    Ok(())
}
