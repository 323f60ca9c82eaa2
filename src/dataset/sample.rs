//! Takes some pixels of a picture from its rows.

use image::RgbImage;
use image::imageops;
use image::metadata::Orientation;

use super::part::PicturePart;

/// Width and height of a stored picture, or of what it is divided into, once upright.
pub fn upright_size<T>((width, height): (T, T), orientation: Orientation) -> (T, T) {
    use Orientation::*;
    match orientation {
        Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH => (height, width),
        NoTransforms | FlipHorizontal | FlipVertical | Rotate180 => (width, height),
    }
}

/// Which pixels to take along an edge, given its length and that of the other edge.
pub type Sources = fn(u32, u32) -> Vec<u32>;

/// Receives a picture's rows, each once, from top to bottom.
pub trait TakesRows: Send {
    /// Called before the first row, and again if another decoder starts over.
    fn begin(&mut self);

    /// Takes the stored row `y`.
    fn take_row(&mut self, y: u32, row: &[[u8; 3]]);
}

/// Both get the same rows.
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

/// All get the same rows.
impl<T: TakesRows> TakesRows for Vec<T> {
    fn begin(&mut self) {
        self.iter_mut().for_each(TakesRows::begin);
    }

    fn take_row(&mut self, y: u32, row: &[[u8; 3]]) {
        self.iter_mut().for_each(|takes| takes.take_row(y, row));
    }
}

/// Collects the pixels of an upright grid from a picture's rows as stored.
pub struct Sampled {
    /// Stored columns, one for each pixel of a row.
    columns: Vec<u32>,
    /// Stored rows, each with the index of its row in `pixels`, from top to bottom.
    rows: Vec<(u32, u32)>,
    /// How many of `rows` have come.
    met: usize,
    pixels: RgbImage,
    transposed: bool,
}

impl Sampled {
    /// For a stored picture of this size; `sources` picks columns and rows along the upright edges. `part`: only this
    /// part of the upright picture, which lies inside it.
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
        // The upright edges that stored columns and rows belong to.
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
