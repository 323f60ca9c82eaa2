//! TIFF: reads what the `image` crate doesn't, like Pillow and libtiff do: palettes, grey with transparency, YCbCr,
//! 32-bit numbers, low bit depths, faxes, and zstd compression. The rest is left to that crate.

mod colours;
mod fax;
mod header;
mod unpack;
mod ycbcr;

use std::io::{Read, Seek, SeekFrom};

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};
use tiff::TiffError;

use super::decoder::{Decoder, Source, buffered};
use super::standard::{self, Standard};
use crate::dataset::look::{FileFormat, Notes};
use crate::dataset::unreadable::Unreadable;
use crate::dataset::watched_file::WatchedFile;
use colours::SampleColours;
use header::{FirstPage, compression, damaged, photometric};
use ycbcr::Tables;

struct Tiff {
    file: WatchedFile,
    header: FirstPage,
    colours: SampleColours,
}

pub fn open(source: Source) -> Result<Box<dyn Decoder>, Unreadable> {
    let Source { path, mut file, watch } = source;
    let header = FirstPage::read(buffered(&mut file));
    file.rewind().map_err(Unreadable::Io)?;
    let again = || {
        Ok::<_, Unreadable>(Source {
            path: path.clone(),
            file: WatchedFile::open(&path, &watch)?,
            watch: watch.clone(),
        })
    };
    let header = match header {
        Ok(header) if is_ours(&header) => header,
        Ok(header) => match Standard::open(again()?) {
            Err(Unreadable::Unknown(_)) => header,
            opened => return opened.map(|opened| Box::new(opened.noted(header.notes)) as Box<dyn Decoder>),
        },
        Err(TiffError::IoError(error)) => return Err(error.into()),
        Err(_) => return standard::open(again()?),
    };
    let Some(colours) = SampleColours::of(&header) else {
        let FirstPage { samples, bits, photometric, .. } = header;
        return Err(Unreadable::Unknown(format!(
            "TIFF: {samples} samples of {bits} bits, photometric {photometric}, are not supported"
        )));
    };
    let chunks = u64::from(header.chunks().0) * u64::from(header.chunks().1);
    let planes = if header.is_planar { header.samples as u64 } else { 1 };
    if header.chunk.0 == 0 || header.chunk.1 == 0 || (header.places.len() as u64) < chunks * planes {
        return Err(damaged(": a strip or tile is missing"));
    }
    Ok(Box::new(Tiff { file, header, colours }))
}

/// Some kinds that the crate claims aren't decoded like libtiff does.
fn is_ours(header: &FirstPage) -> bool {
    use compression::{DEFLATE, FAX4, JPEG, LZW, NONE, OLD_DEFLATE, PACK_BITS};
    let is_theirs = matches!(header.compression, NONE | FAX4 | LZW | JPEG | DEFLATE | PACK_BITS | OLD_DEFLATE);
    let has_few_bits = header.bits < 8 && header.compression != FAX4;
    let is_multiplied = header.extra.first() == Some(&1) && header.bits == 8 && !header.is_jpeg();
    let is_planar_cmyk = header.is_planar && header.photometric == photometric::CMYK;
    !is_theirs || header.is_reversed && !header.is_jpeg() || has_few_bits || is_multiplied || is_planar_cmyk
}

impl Decoder for Tiff {
    fn dimensions(&self) -> (u32, u32) {
        (self.header.width, self.header.height)
    }

    fn decoded_bytes(&self) -> u64 {
        let as_rgb = if self.colours.channels() == 3 { 0 } else { 3 * self.pixels() };
        self.rows_bytes().saturating_add(as_rgb)
    }

    fn rows_bytes(&self) -> u64 {
        let header = &self.header;
        // Packed, unpacked, and the working memory of unpacking; then planes, which are combined.
        let copies = if header.is_jpeg() { 4 } else { 2 };
        let planes = if header.is_planar { 2 * self.colours.needed(header) as u64 } else { 0 };
        let packed = header.places.iter().map(|(_, bytes)| *bytes).max().unwrap_or(0).min(self.file.len());
        let chunk = header.chunk_bytes(header.chunk.1).saturating_mul(copies + planes);
        (self.pixels() * self.colours.channels() as u64).saturating_add(chunk).saturating_add(2 * packed)
    }

    fn is_unstoppable(&self) -> bool {
        true
    }

    fn orientation(&mut self) -> Orientation {
        Orientation::from_exif(self.header.orientation).unwrap_or(Orientation::NoTransforms)
    }

    fn format(&self) -> FileFormat {
        FileFormat::Tiff
    }

    fn is_lossless(&self) -> bool {
        !self.header.is_jpeg()
    }

    fn exif(&mut self) -> Option<Vec<u8>> {
        None
    }

    fn other_notes(&self) -> Notes {
        self.header.notes
    }

    fn decode(mut self: Box<Self>) -> Result<DynamicImage, Unreadable> {
        let (width, height) = self.dimensions();
        let channels = self.colours.channels();
        let mut pixels = vec![0; width as usize * height as usize * channels];
        let tables = Tables::new(&self.header);
        let (across, down) = self.header.chunks();
        let (chunk_width, chunk_height) = (self.header.chunk.0 as usize, self.header.chunk.1 as usize);
        for at in 0..across as usize * down as usize {
            let (x, y) = (at % across as usize * chunk_width, at / across as usize * chunk_height);
            let (chunk, together) = self.chunk(at, y as u32)?;
            let row_bytes = chunk_width * usize::from(self.header.bits) * together;
            let row_bytes =
                if self.header.is_in_blocks() { self.header.row_bytes() as usize } else { row_bytes.div_ceil(8) };
            let rows = pixels.chunks_exact_mut(width as usize * channels).skip(y).take(chunk_height);
            for (line, row) in rows.enumerate() {
                let end = (x + chunk_width).min(width as usize);
                let out = &mut row[x * channels..end * channels];
                match self.colours {
                    SampleColours::YCbCr if self.header.is_in_blocks() => tables.row(&chunk, row_bytes, line, out),
                    colours => colours.row(&self.header, &chunk[line * row_bytes..], together, out),
                }
            }
        }
        let image = match channels {
            1 => GrayImage::from_raw(width, height, pixels).map(DynamicImage::from),
            _ => RgbImage::from_raw(width, height, pixels).map(DynamicImage::from),
        };
        image.ok_or_else(|| damaged(": some of its pixels are missing"))
    }
}

impl Tiff {
    fn pixels(&self) -> u64 {
        u64::from(self.header.width) * u64::from(self.header.height)
    }

    /// The samples of a strip or tile whose first row is `y`, and how many of them make a pixel.
    fn chunk(&mut self, at: usize, y: u32) -> Result<(Vec<u8>, usize), Unreadable> {
        let Tiff { file, header, colours } = self;
        // The last strip ends with the picture; tiles are complete.
        let height = if header.is_tiled { header.chunk.1 } else { header.chunk.1.min(header.height - y) };
        if !header.is_planar {
            let together = if header.is_jpeg() { 3 } else { header.samples };
            return Ok((plane(file, header, at, height)?, together));
        }
        let (across, down) = header.chunks();
        let chunks = across as usize * down as usize;
        let (needed, wide) = (colours.needed(header), usize::from(header.bits / 8));
        let mut all = vec![0; header.chunk_bytes(height) as usize * needed];
        for plane in 0..needed {
            let samples = self::plane(file, header, plane * chunks + at, height)?;
            let places = all.chunks_exact_mut(wide).skip(plane).step_by(needed);
            places.zip(samples.chunks_exact(wide)).for_each(|(to, sample)| to.copy_from_slice(sample));
        }
        Ok((all, needed))
    }
}

/// A chunk, read from the file and unpacked.
fn plane(file: &mut WatchedFile, header: &FirstPage, at: usize, height: u32) -> Result<Vec<u8>, Unreadable> {
    let (begin, bytes) = header.places[at];
    file.seek(SeekFrom::Start(begin)).map_err(Unreadable::Io)?;
    let mut packed = Vec::new();
    file.take(bytes).read_to_end(&mut packed).map_err(Unreadable::Io)?;
    if (packed.len() as u64) < bytes {
        return Err(Unreadable::EndsEarly);
    }
    unpack::unpack(header, packed, height)
}
