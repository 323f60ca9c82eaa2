//! Reduces a picture too large for memory, row by row.

use image::RgbImage;

use super::sample::TakesRows;

/// Averages over squares of pixels.
pub struct Reduced {
    /// Pixels along the edge of a square.
    square: u32,
    /// For the squares in an incomplete row: sums of red, green and blue, and the number of pixels.
    sums: Vec<[u32; 4]>,
    height: u32,
    pixels: RgbImage,
}

impl Reduced {
    /// For a stored picture of this size: the smallest squares with at most `edge` of them along the longer edge.
    pub fn new((width, height): (u32, u32), edge: u32) -> Reduced {
        // The sum of this many pixels fits 32 bits.
        let square = width.max(height).div_ceil(edge).clamp(1, 4096);
        let pixels = RgbImage::new(width.div_ceil(square), height.div_ceil(square));
        Reduced { square, sums: vec![[0; 4]; pixels.width() as usize], height, pixels }
    }

    /// As stored, not turned upright.
    pub fn finish(self) -> RgbImage {
        self.pixels
    }
}

impl TakesRows for Reduced {
    fn begin(&mut self) {
        self.sums.fill([0; 4]);
    }

    fn take_row(&mut self, y: u32, row: &[[u8; 3]]) {
        for (sum, pixels) in self.sums.iter_mut().zip(row.chunks(self.square as usize)) {
            for [red, green, blue] in pixels.iter().map(|pixel| pixel.map(u32::from)) {
                *sum = [sum[0] + red, sum[1] + green, sum[2] + blue, sum[3] + 1];
            }
        }
        if (y + 1).is_multiple_of(self.square) || y + 1 == self.height {
            for (x, sum) in (0..).zip(&mut self.sums) {
                let mean = |channel: usize| ((sum[channel] + sum[3] / 2) / sum[3].max(1)) as u8;
                self.pixels.put_pixel(x, y / self.square, image::Rgb([mean(0), mean(1), mean(2)]));
                *sum = [0; 4];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_averaged_also_those_at_the_ends() {
        let mut reduced = Reduced::new((5, 3), 3);
        reduced.begin();
        for y in 0..3u32 {
            let row: Vec<[u8; 3]> = (0..5).map(|x| [10 * x + y as u8, 7, 255]).collect();
            reduced.take_row(y, &row);
        }
        let pixels = reduced.finish();
        assert_eq!(pixels.dimensions(), (3, 2));
        let red: Vec<u8> = pixels.pixels().map(|pixel| pixel[0]).collect();
        assert_eq!(red, [6, 26, 41, 7, 27, 42]);
        assert!(pixels.pixels().all(|pixel| (pixel[1], pixel[2]) == (7, 255)));
    }
}
