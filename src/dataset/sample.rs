//! Some pixels of a picture, taken as its rows come along.

use image::RgbImage;
use image::imageops;
use image::metadata::Orientation;

use super::part::PicturePart;

/// Which pixels are wanted along an edge of so many pixels, the other edge having so many.
pub type Sources = fn(u32, u32) -> Vec<u32>;

/// What is made of a picture's rows as they come along, each once, from top to bottom.
pub trait TakesRows: Send {
    /// Before the first row; also where all begin again, because another decoder has to be asked.
    fn begin(&mut self);

    /// Takes the stored row `y`.
    fn take_row(&mut self, y: u32, row: &[[u8; 3]]);
}

/// Both of the same rows.
impl<A: TakesRows, B: TakesRows> TakesRows for (A, B) {
    fn begin(&mut self) {
        self.0.begin();
        self.1.begin();
    }

    fn take_row(&mut self, y: u32, row: &[[u8; 3]]) {
        self.0.take_row(y, row);
        self.1.take_row(y, row);
    }
}

/// All of the same rows.
impl<T: TakesRows> TakesRows for Vec<T> {
    fn begin(&mut self) {
        self.iter_mut().for_each(TakesRows::begin);
    }

    fn take_row(&mut self, y: u32, row: &[[u8; 3]]) {
        self.iter_mut().for_each(|takes| takes.take_row(y, row));
    }
}

/// Collects the pixels of an upright grid from the rows of a picture as it is stored.
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
    /// `part`: of the upright picture only this part, which lies inside.
    pub fn new(
        (width, height): (u32, u32),
        orientation: Orientation,
        sources: Sources,
        part: Option<PicturePart>,
    ) -> Sampled {
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
        // Of the upright edges that stored columns and rows are.
        let (across, down) = match part {
            None => ((0, width), (0, height)),
            Some(part) if transposed => ((part.y, part.height), (part.x, part.width)),
            Some(part) => ((part.x, part.width), (part.y, part.height)),
        };
        let at = |size: u32, (begin, length): (u32, u32), other, mirrored| -> Vec<u32> {
            let upright = sources(length, other).into_iter().map(|i| begin + i);
            upright.map(|i| if mirrored { size - 1 - i } else { i }).collect()
        };
        let (columns, rows) = (at(width, across, down.1, mirrored_x), at(height, down, across.1, mirrored_y));
        let pixels = RgbImage::new(columns.len() as u32, rows.len() as u32);
        let mut rows: Vec<_> = rows.into_iter().zip(0..).collect();
        rows.sort_unstable();
        Sampled { columns, rows, met: 0, pixels, transposed }
    }

    /// The pixels, upright.
    pub fn finish(self) -> RgbImage {
        match self.transposed {
            true => imageops::flip_horizontal(&imageops::rotate90(&self.pixels)),
            false => self.pixels,
        }
    }
}

impl TakesRows for Sampled {
    fn begin(&mut self) {
        self.met = 0;
    }

    fn take_row(&mut self, y: u32, row: &[[u8; 3]]) {
        while let Some((_, to)) = self.rows.get(self.met).filter(|(from, _)| *from == y) {
            for (x, column) in (0..).zip(&self.columns) {
                self.pixels.put_pixel(x, *to, image::Rgb(row[*column as usize]));
            }
            self.met += 1;
        }
    }
}
