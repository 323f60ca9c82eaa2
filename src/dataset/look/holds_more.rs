//! Whether a file holds more than the single picture decoded from it. Deleting such a file as a copy would lose things
//! that nobody compared.

use std::io::{self, Read, Seek, SeekFrom};

use super::facts::FileFormat;

/// The most bytes of metadata in a HEIC or AVIF.
const MOST_META: usize = 16 << 20;
/// The most boxes of a HEIC or AVIF examined.
const MOST_BOXES: usize = 200;
/// A TIFF field: Photoshop's layers.
const IMAGE_SOURCE_DATA: u16 = 37_724;
/// Bytes read at a time.
const PIECE: usize = 1 << 16;
/// The most bytes after a picture's end, without padding, that are no more than notes by a camera or an editor.
const MOST_NOTES: usize = 4096;
/// An animation, further pages, pictures or videos, layers. For a damaged file, what was found before the damage.
pub fn holds_more(file: &mut (impl Read + Seek), format: FileFormat) -> bool {
    let look = match format {
        FileFormat::Gif => gif,
        FileFormat::Png => png,
        FileFormat::WebP => webp,
        FileFormat::Tiff => tiff,
        FileFormat::Icon => icon,
        FileFormat::OpenExr => openexr,
        FileFormat::Heif | FileFormat::Avif => heif,
        // The decoders of JPEG, JPEG XL and RAW know it.
        FileFormat::Jpeg
        | FileFormat::Bmp
        | FileFormat::JpegXl
        | FileFormat::Jpeg2000
        | FileFormat::Raw
        | FileFormat::Other => {
            return false;
        }
    };
    file.rewind().and_then(|()| look(file)).unwrap_or(false)
}

fn bytes<const N: usize>(file: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn skip(file: &mut impl Seek, bytes: u64) -> io::Result<()> {
    // What is buffered stays.
    file.seek_relative(bytes.try_into().unwrap_or(i64::MAX))
}

/// Further pictures (except thumbnails, depth maps and the like), or a video: in boxes, or appended by Samsung.
fn heif<F: Read + Seek>(file: &mut F) -> io::Result<bool> {
    let mut boxes = 0;
    while boxes < MOST_BOXES {
        let Ok(head) = bytes::<8>(file) else { return Ok(false) };
        let (len, kind) = (u32::from_be_bytes([head[0], head[1], head[2], head[3]]), &head[4..]);
        match kind {
            b"moov" | b"mpvd" => return Ok(true),
            b"meta" => {
                let mut meta = vec![0; (len as usize).saturating_sub(8).min(MOST_META)];
                file.read_exact(&mut meta)?;
                if pictures(&meta) > 1 {
                    return Ok(true);
                }
            }
            _ => match len {
                0 => return Ok(false),
                1 => {
                    let len = u64::from_be_bytes(bytes(file)?);
                    skip(file, len.saturating_sub(16))?;
                }
                len => skip(file, u64::from(len).saturating_sub(8))?,
            },
        }
        boxes += 1;
    }
    Ok(false)
}

/// Pictures in a `meta` box that are shown on their own: coded ones and grids that aren't part of another one or a
/// thumbnail.
fn pictures(meta: &[u8]) -> usize {
    #[cfg(any(feature = "heic", feature = "avif"))]
    {
        // Wrapped as a minimal file for the parser.
        let mut file = b"\0\0\0\x14ftypheic\0\0\0\0heic".to_vec();
        file.extend((meta.len() as u32 + 8).to_be_bytes());
        file.extend(b"meta");
        file.extend(meta);
        heifer_isobmff::HeifFile::parse(&file).map_or(0, |file| file.top_level_image_ids().len())
    }
    #[cfg(not(any(feature = "heic", feature = "avif")))]
    {
        let _ = meta;
        0
    }
}

/// More than one frame.
fn gif<F: Read + Seek>(file: &mut F) -> io::Result<bool> {
    let colours = |flags: u8| if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    let skip_blocks = |file: &mut F| -> io::Result<()> {
        loop {
            match bytes::<1>(file)?[0] {
                0 => return Ok(()),
                len => skip(file, len.into())?,
            }
        }
    };
    let head: [u8; 13] = bytes(file)?;
    skip(file, colours(head[10]))?;
    let mut frames = 0;
    loop {
        match bytes::<1>(file)?[0] {
            0x21 => {
                skip(file, 1)?;
                skip_blocks(file)?;
            }
            0x2c => {
                frames += 1;
                if frames > 1 {
                    return Ok(true);
                }
                let frame: [u8; 9] = bytes(file)?;
                skip(file, colours(frame[8]) + 1)?;
                skip_blocks(file)?;
            }
            _ => return Ok(false),
        }
    }
}

/// APNG: a chunk `acTL`. Or something after the picture's end.
fn png<F: Read + Seek>(file: &mut F) -> io::Result<bool> {
    skip(file, 8)?;
    loop {
        let (len, kind) = (u32::from_be_bytes(bytes(file)?), bytes::<4>(file)?);
        match &kind {
            b"acTL" => return Ok(true),
            _ => skip(file, u64::from(len) + 4)?,
        }
        if &kind == b"IEND" {
            return has_tail(file);
        }
    }
}

/// The animation flag in the extended header. Or something after the picture's end.
fn webp<F: Read + Seek>(file: &mut F) -> io::Result<bool> {
    let head: [u8; 21] = bytes(file)?;
    if &head[12..16] == b"VP8X" && head[20] & 2 != 0 {
        return Ok(true);
    }
    let len = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
    file.seek(SeekFrom::Start(u64::from(len) + 8))?;
    has_tail(file)
}

/// Whether much follows the end of a picture: a video, another picture, an archive.
pub fn has_tail(file: &mut impl Read) -> io::Result<bool> {
    let (mut piece, mut notes) = (vec![0; PIECE], 0);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(false),
            len => notes += piece[..len].iter().filter(|byte| !matches!(byte, 0 | 0xff | b' ' | b'\r' | b'\n')).count(),
        }
        if notes > MOST_NOTES {
            return Ok(true);
        }
    }
}

/// A second directory, or Photoshop's layers.
fn tiff<F: Read + Seek>(file: &mut F) -> io::Result<bool> {
    let head: [u8; 4] = bytes(file)?;
    let little = head[0] == b'I';
    let big = head[if little { 2 } else { 3 }] == 43;
    let number = |file: &mut F, len: usize| -> io::Result<u64> {
        let raw = read_exactly(file, len)?;
        let add = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        Ok(if little { raw.iter().rev().fold(0, add) } else { raw.iter().fold(0, add) })
    };
    if big {
        skip(file, 4)?;
    }
    let (offset, entry) = if big { (8, 20) } else { (4, 12) };
    let directory = number(file, offset)?;
    file.seek(SeekFrom::Start(directory))?;
    for _ in 0..number(file, if big { 8 } else { 2 })? {
        if number(file, 2)? == u64::from(IMAGE_SOURCE_DATA) {
            return Ok(true);
        }
        skip(file, entry - 2)?;
    }
    Ok(number(file, offset)? != 0)
}

fn read_exactly(file: &mut impl Read, len: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; len];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Several sizes.
fn icon<F: Read + Seek>(file: &mut F) -> io::Result<bool> {
    let head: [u8; 6] = bytes(file)?;
    Ok(u16::from_le_bytes([head[4], head[5]]) > 1)
}

/// Several parts, or deep data.
fn openexr<F: Read + Seek>(file: &mut F) -> io::Result<bool> {
    let head: [u8; 8] = bytes(file)?;
    Ok(head[5] & 0x18 != 0)
}
