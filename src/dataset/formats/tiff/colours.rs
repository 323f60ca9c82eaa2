//! Converts samples to grey or RGB like Pillow: 32-bit numbers are cut to 0..255, and transparency is dropped.
//!
//! One difference: of 12 and 16 bits the upper ones are used, as for PNG. Pillow cuts those to 0..255 too, which makes
//! almost every such picture white.

use super::header::{FirstPage, Numbers, photometric};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SampleColours {
    Grey,
    Palette,
    Rgb,
    Cmyk,
    YCbCr,
}

impl SampleColours {
    /// None if the meaning of its samples is unknown.
    pub fn of(header: &FirstPage) -> Option<SampleColours> {
        let colours = match header.photometric {
            photometric::WHITE_IS_ZERO | photometric::BLACK_IS_ZERO => SampleColours::Grey,
            photometric::RGB => SampleColours::Rgb,
            photometric::PALETTE => SampleColours::Palette,
            photometric::CMYK => SampleColours::Cmyk,
            photometric::YCBCR if header.samples == 1 => SampleColours::Grey,
            photometric::YCBCR => SampleColours::YCbCr,
            _ => return None,
        };
        let has_samples =
            header.samples >= colours.samples() && header.samples - colours.samples() <= header.extra.len();
        let is_unsigned = header.numbers == Numbers::Unsigned;
        let has_bits = match colours {
            SampleColours::Grey => {
                matches!(header.bits, 1 | 2 | 4 | 8 | 12)
                    || header.bits == 16 && header.numbers != Numbers::Floats
                    || header.bits == 32
            }
            SampleColours::Palette => matches!(header.bits, 1 | 2 | 4 | 8) && header.palette.len() >= 1 << header.bits,
            SampleColours::Rgb | SampleColours::Cmyk => matches!(header.bits, 8 | 16) && is_unsigned,
            SampleColours::YCbCr => header.bits == 8 && header.samples == 3 && is_shared(header),
        };
        // Planar samples are combined byte by byte.
        let lies_well = !header.is_planar || header.bits.is_multiple_of(8) && !header.is_jpeg();
        (has_samples && has_bits && lies_well).then_some(colours)
    }

    /// Samples per pixel that carry colour.
    fn samples(self) -> usize {
        match self {
            SampleColours::Grey | SampleColours::Palette => 1,
            SampleColours::Rgb | SampleColours::YCbCr => 3,
            SampleColours::Cmyk => 4,
        }
    }

    /// The same, plus the transparency that they are multiplied by.
    pub fn needed(self, header: &FirstPage) -> usize {
        self.samples() + usize::from(self.is_multiplied(header))
    }

    /// Bytes per pixel of the result.
    pub fn channels(self) -> usize {
        if self == SampleColours::Grey { 1 } else { 3 }
    }

    fn is_multiplied(self, header: &FirstPage) -> bool {
        matches!(self, SampleColours::Grey | SampleColours::Rgb) && header.bits == 8 && header.extra.first() == Some(&1)
    }

    /// Converts a row of samples to pixels; `together` samples make one pixel.
    pub fn row(self, header: &FirstPage, samples: &[u8], together: usize, out: &mut [u8]) {
        let level = |at: usize| level(header, samples, at);
        let pixels = out.chunks_exact_mut(self.channels());
        match self {
            SampleColours::Palette => pixels.enumerate().for_each(|(x, out)| {
                let colour = header.palette.get(usize::from(bits(header, samples, x * together) as u8));
                out.copy_from_slice(colour.unwrap_or(&[0; 3]));
            }),
            SampleColours::Cmyk => pixels.enumerate().for_each(|(x, out)| {
                let left = 255 - u32::from(level(x * together + 3));
                for (at, out) in out.iter_mut().enumerate() {
                    let product = u32::from(level(x * together + at)) * left + 128;
                    *out = (left - (((product >> 8) + product) >> 8).min(left)) as u8;
                }
            }),
            SampleColours::Grey | SampleColours::Rgb | SampleColours::YCbCr => {
                pixels.enumerate().for_each(|(x, out)| {
                    out.iter_mut().enumerate().for_each(|(at, out)| *out = level(x * together + at));
                    if self.is_multiplied(header) {
                        divide(out, samples[x * together + self.samples()]);
                    }
                })
            }
        }
    }
}

fn is_shared(header: &FirstPage) -> bool {
    let (across, down) = header.sharing;
    header.is_jpeg()
        || matches!(across, 1 | 2 | 4) && matches!(down, 1 | 2 | 4) && (!header.is_planar || across * down == 1)
}

/// Undoes the multiplication by transparency.
fn divide(colours: &mut [u8], by: u8) {
    for colour in colours {
        *colour = match by {
            0 | 255 => *colour,
            by => (u32::from(*colour) * 255 / u32::from(by)).min(255) as u8,
        };
    }
}

/// A sample of less than 16 bits.
fn bits(header: &FirstPage, samples: &[u8], at: usize) -> u16 {
    let bits = usize::from(header.bits);
    let (byte, within) = (at * bits / 8, at * bits % 8);
    let pair = u16::from_be_bytes([samples[byte], samples.get(byte + 1).copied().unwrap_or(0)]);
    (pair << within) >> (16 - bits)
}

/// A sample as an 8-bit level.
fn level(header: &FirstPage, samples: &[u8], at: usize) -> u8 {
    let whole = |value: i64| value.clamp(0, 255) as u8;
    let level = match (header.bits, header.numbers) {
        (8, _) => samples[at],
        (12, _) => (bits(header, samples, at) >> 4) as u8,
        (..8, _) => (bits(header, samples, at) * (255 / ((1 << header.bits) - 1))) as u8,
        (16, Numbers::Unsigned) => ((u32::from(u16::from_le_bytes(samples.as_chunks().0[at])) + 128) / 257) as u8,
        (16, _) => return whole(i16::from_le_bytes(samples.as_chunks().0[at]).into()),
        (_, Numbers::Floats) => return f32::from_le_bytes(samples.as_chunks().0[at]) as u8,
        // Pillow reads unsigned ones as if they were signed.
        _ => return whole(i32::from_le_bytes(samples.as_chunks().0[at]).into()),
    };
    if header.photometric == photometric::WHITE_IS_ZERO { !level } else { level }
}
