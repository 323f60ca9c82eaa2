//! Converts luma and chroma to RGB like libavif does without transparency: with libyuv's 8-bit integers, but grey with
//! floats.

use super::planes::Colours;

/// The matrices that libavif leaves to libyuv.
pub fn is_libyuvs(matrix: u16) -> bool {
    matches!(matrix, 1 | 2 | 5 | 6 | 9)
}

/// libyuv's factors, in 64ths; luma in 2^16ths of 257 levels. Blue is limited to 128, because libyuv's x86 vectors use
/// signed bytes.
pub struct Factors {
    luma: u32,
    bias: i32,
    blue: i32,
    green: (i32, i32),
    red: i32,
}

impl Factors {
    pub fn new(colours: Colours) -> Factors {
        let (blue, green, red) = match (colours.matrix, colours.is_full_range) {
            (1, false) => (128, (14, 34), 115),
            (1, true) => (119, (12, 30), 101),
            (9, false) => (128, (12, 42), 107),
            (9, true) => (120, (11, 37), 94),
            (_, false) => (128, (25, 52), 102),
            (_, true) => (113, (22, 46), 90),
        };
        let (luma, bias) = match (colours.matrix, colours.is_full_range) {
            (_, true) => (16320, 32),
            (9, false) => (19003, -1160),
            _ => (18997, -1160),
        };
        Factors { luma, bias, blue, green, red }
    }

    #[inline]
    pub fn rgb(&self, luma: u16, blue: i32, red: i32) -> [u8; 3] {
        // 16 bits, with the upper ones repeated in the lower.
        let luma = ((u32::from(luma) * 257 * self.luma) >> 16) as i32 + self.bias;
        let level = |value: i32| (value >> 6).clamp(0, 255) as u8;
        [
            level(luma + red * self.red),
            level(luma - (blue * self.green.0 + red * self.green.1)),
            level(luma + blue * self.blue),
        ]
    }
}

/// libavif converts grey itself, with floats.
pub fn grey(depth: u8, is_full_range: bool, luma: u16) -> u8 {
    let (zero, range) = match is_full_range {
        true => (0.0, ((1u32 << depth) - 1) as f32),
        false => ((16u32 << (depth - 8)) as f32, (219u32 << (depth - 8)) as f32),
    };
    (0.5 + ((f32::from(luma) - zero) / range).clamp(0.0, 1.0) * 255.0) as u8
}
