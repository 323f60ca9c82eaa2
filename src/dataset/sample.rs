//! Some pixels of a picture, taken as its rows come along.

use image::RgbImage;
use image::imageops;
use image::metadata::Orientation;

/// Which pixels are wanted along an edge of so many pixels, the other edge having so many.
pub type Sources = fn(u32, u32) -> Vec<u32>;

/// Collects the pixels of an upright grid from the rows of a picture as it is stored.
#[derive(Clone)]
pub struct Sampled {
    /// Stored columns, one for each pixel of a row.
    columns: Vec<u32>,
    /// Stored rows, each with the row of `pixels` it becomes, from top to bottom.
    rows: Vec<(u32, u32)>,
    /// How many of `rows` were met.
    met: usize,
    pixels: RgbImage,
    transposed: bool,
}

impl Sampled {
    /// Of a picture of so many pixels as stored, whose upright columns and rows are wanted at `sources` of the upright
    /// edges.
    pub fn new((width, height): (u32, u32), orientation: Orientation, sources: Sources) -> Sampled {
        use Orientation::*;
        // Upright (x, y) is stored at (y, x) if transposed, and then counted from the other end if mirrored.
        let (transposed, mirrored_x, mirrored_y) = match orientation {
            NoTransforms => (false, false, false),
            FlipHorizontal => (false, true, false),
            FlipVertical => (false, false, true),
            Rotate180 => (false, true, true),
            Rotate90FlipH => (true, false, false),
            Rotate90 => (true, false, true),
            Rotate270 => (true, true, false),
            Rotate270FlipH => (true, true, true),
        };
        let at = |size: u32, other, mirrored| -> Vec<u32> {
            sources(size, other).into_iter().map(|i| if mirrored { size - 1 - i } else { i }).collect()
        };
        let (columns, rows) = (at(width, height, mirrored_x), at(height, width, mirrored_y));
        let pixels = RgbImage::new(columns.len() as u32, rows.len() as u32);
        let mut rows: Vec<_> = rows.into_iter().zip(0..).collect();
        rows.sort_unstable();
        Sampled { columns, rows, met: 0, pixels, transposed }
    }

    /// Takes what is wanted of the stored row `y`; rows come from top to bottom.
    pub fn take_row(&mut self, y: u32, row: &[[u8; 3]]) {
        while let Some((_, to)) = self.rows.get(self.met).filter(|(from, _)| *from == y) {
            for (x, column) in (0..).zip(&self.columns) {
                self.pixels.put_pixel(x, *to, image::Rgb(row[*column as usize]));
            }
            self.met += 1;
        }
    }

    /// The pixels, upright.
    pub fn finish(self) -> RgbImage {
        match self.transposed {
            true => imageops::flip_horizontal(&imageops::rotate90(&self.pixels)),
            false => self.pixels,
        }
    }
}
