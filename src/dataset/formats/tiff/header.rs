//! The first directory of a TIFF: how pixels are stored, and where.

use std::io::{Read, Seek};

use tiff::TiffError;
use tiff::decoder::Decoder;
use tiff::decoder::ifd::Value;
use tiff::tags::{ByteOrder, Tag};

use crate::dataset::look::{Notes, is_caption};
use crate::dataset::unreadable::Unreadable;

/// Numbers from the specification and libtiff.
pub mod compression {
    pub const NONE: u16 = 1;
    pub const HUFFMAN: u16 = 2;
    pub const FAX3: u16 = 3;
    pub const FAX4: u16 = 4;
    pub const LZW: u16 = 5;
    pub const JPEG: u16 = 7;
    pub const DEFLATE: u16 = 8;
    pub const PACK_BITS: u16 = 32_773;
    pub const OLD_DEFLATE: u16 = 32_946;
    pub const ZSTD: u16 = 50_000;
}

pub mod photometric {
    pub const WHITE_IS_ZERO: u16 = 0;
    pub const BLACK_IS_ZERO: u16 = 1;
    pub const RGB: u16 = 2;
    pub const PALETTE: u16 = 3;
    pub const CMYK: u16 = 5;
    pub const YCBCR: u16 = 6;
}

const T4_OPTIONS: Tag = Tag::Unknown(292);
const YCBCR_COEFFICIENTS: Tag = Tag::Unknown(529);
const REFERENCE_BLACK_WHITE: Tag = Tag::Unknown(532);

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Numbers {
    Unsigned,
    Signed,
    Floats,
}

#[derive(Debug)]
pub struct FirstPage {
    pub width: u32,
    pub height: u32,
    pub photometric: u16,
    pub compression: u16,
    /// Per sample.
    pub bits: u16,
    pub samples: usize,
    pub numbers: Numbers,
    /// The meaning of samples beyond the colour: 1 and 2 are transparency; with 1, colours are multiplied by it.
    pub extra: Vec<u16>,
    pub is_little: bool,
    /// Bytes start with their lowest bit.
    pub is_reversed: bool,
    pub predictor: u16,
    /// Samples are stored in planes, not pixel by pixel.
    pub is_planar: bool,
    pub is_tiled: bool,
    /// Width and height of a strip or tile.
    pub chunk: (u32, u32),
    /// Position and length of each chunk in the file.
    pub places: Vec<(u64, u64)>,
    pub palette: Vec<[u8; 3]>,
    /// Pixels that share a colour sample, across and down.
    pub sharing: (u32, u32),
    /// The shares of red, green and blue in luma.
    pub luma: [f32; 3],
    pub black_white: [f32; 6],
    pub jpeg_tables: Vec<u8>,
    pub fax_options: u32,
    pub orientation: u8,
    pub notes: Notes,
}

impl FirstPage {
    pub fn read(file: impl Read + Seek) -> Result<FirstPage, TiffError> {
        let mut decoder = Decoder::new(file)?;
        let (width, height) = decoder.dimensions()?;
        let is_little = decoder.byte_order() == ByteOrder::LittleEndian;
        let mut tags = Tags(&mut decoder);
        let samples = usize::from(tags.number(Tag::SamplesPerPixel, 1u16)?);
        let strip = (width, tags.number(Tag::RowsPerStrip, height)?.min(height));
        let is_tiled = tags.0.find_tag(Tag::TileOffsets)?.is_some();
        let chunk = match is_tiled {
            true => (tags.number(Tag::TileWidth, 0)?, tags.number(Tag::TileLength, 0)?),
            false => strip,
        };
        let (begins, lengths) = match is_tiled {
            true => (Tag::TileOffsets, Tag::TileByteCounts),
            false => (Tag::StripOffsets, Tag::StripByteCounts),
        };
        let places = tags.numbers(begins)?.into_iter().zip(tags.numbers(lengths)?).collect();
        let colours: Vec<u16> = tags.numbers(Tag::ColorMap)?;
        let third = colours.len() / 3;
        // The upper bytes, as Pillow takes them.
        let level = |at: usize| (colours[at] >> 8) as u8;
        let palette = (0..third).map(|at| [level(at), level(third + at), level(2 * third + at)]).collect();
        let sharing: Vec<u32> = tags.numbers(Tag::ChromaSubsampling)?;
        let mut tag = |tag: Tag| tags.0.find_tag(tag).ok().flatten();
        let caption = tag(Tag::ImageDescription).and_then(|value| value.into_string().ok());
        let notes = Notes {
            has_place: tag(Tag::GpsDirectory).is_some(),
            has_words: caption.is_some_and(|caption| is_caption(caption.as_bytes())),
        };
        Ok(FirstPage {
            notes,
            width,
            height,
            photometric: tags.number(Tag::PhotometricInterpretation, photometric::WHITE_IS_ZERO)?,
            compression: tags.number(Tag::Compression, compression::NONE)?,
            bits: tags.number(Tag::BitsPerSample, 1)?,
            samples,
            numbers: match tags.number(Tag::SampleFormat, 1u16)? {
                2 => Numbers::Signed,
                3 => Numbers::Floats,
                _ => Numbers::Unsigned,
            },
            extra: tags.numbers(Tag::ExtraSamples)?,
            is_little,
            is_reversed: tags.number(Tag::FillOrder, 1u16)? == 2,
            predictor: tags.number(Tag::Predictor, 1)?,
            is_planar: samples > 1 && tags.number(Tag::PlanarConfiguration, 1u16)? == 2,
            is_tiled,
            chunk,
            places,
            palette,
            sharing: if let [across, down] = sharing[..] { (across, down) } else { (2, 2) },
            luma: tags.fractions(YCBCR_COEFFICIENTS)?.unwrap_or([0.299, 0.587, 0.114]),
            black_white: tags.fractions(REFERENCE_BLACK_WHITE)?.unwrap_or([0.0, 255.0, 128.0, 255.0, 128.0, 255.0]),
            jpeg_tables: tags.numbers(Tag::JPEGTables)?,
            fax_options: tags.number(T4_OPTIONS, 0)?,
            orientation: tags.number(Tag::Orientation, 1)?,
        })
    }

    /// Samples per pixel stored together.
    pub fn together(&self) -> usize {
        if self.is_planar { 1 } else { self.samples }
    }

    /// The number of strips or tiles, across and down.
    pub fn chunks(&self) -> (u32, u32) {
        (self.width.div_ceil(self.chunk.0.max(1)), self.height.div_ceil(self.chunk.1.max(1)))
    }

    pub fn is_jpeg(&self) -> bool {
        self.compression == compression::JPEG
    }

    /// Whether pixels are stored in blocks that share colours.
    pub fn is_in_blocks(&self) -> bool {
        self.photometric == photometric::YCBCR && !self.is_planar && !self.is_jpeg()
    }

    /// For a row of a chunk, or a row of blocks.
    pub fn row_bytes(&self) -> u64 {
        let width = u64::from(self.chunk.0);
        match self.is_in_blocks() {
            true => width.div_ceil(self.sharing.0.into()) * u64::from(self.sharing.0 * self.sharing.1 + 2),
            false => (width * u64::from(self.bits) * self.together() as u64).div_ceil(8),
        }
    }

    /// Bytes of an unpacked chunk that is this many pixels high.
    pub fn chunk_bytes(&self, height: u32) -> u64 {
        let rows = if self.is_in_blocks() { height.div_ceil(self.sharing.1) } else { height };
        self.row_bytes().saturating_mul(rows.into())
    }
}

struct Tags<'a, R: Read + Seek>(&'a mut Decoder<R>);

impl<R: Read + Seek> Tags<'_, R> {
    /// The first number of a field.
    fn number<T: TryFrom<u64>>(&mut self, tag: Tag, otherwise: T) -> Result<T, TiffError> {
        Ok(self.numbers(tag)?.into_iter().next().unwrap_or(otherwise))
    }

    /// None if there is no such field.
    fn numbers<T: TryFrom<u64>>(&mut self, tag: Tag) -> Result<Vec<T>, TiffError> {
        Ok(self.0.find_tag_unsigned_vec(tag)?.unwrap_or_default())
    }

    fn fractions<const N: usize>(&mut self, tag: Tag) -> Result<Option<[f32; N]>, TiffError> {
        let Some(Value::List(values)) = self.0.find_tag(tag)? else { return Ok(None) };
        let fraction = |value: &Value| match *value {
            Value::Rational(above, below) => above as f32 / below as f32,
            Value::Float(value) => value,
            _ => f32::NAN,
        };
        let values: Vec<f32> = values.iter().map(fraction).filter(|value| value.is_finite()).collect();
        Ok(values.try_into().ok())
    }
}

pub fn damaged(detail: &str) -> Unreadable {
    Unreadable::Broken { format: "TIFF", detail: detail.to_owned() }
}
