//! Averages a picture down to a grid of cells, row by row.

use image::RgbImage;
use image::metadata::Orientation;

use super::super::sample::{TakesRows, upright_size};
use crate::simd::{Instructions, Integers, Kernel, WithInstructions, vectorize};

/// Cells along each edge in what is stored of a picture.
pub const CELLS: usize = 64;
/// A pixel's edge, in the unit that cells are measured in: a cell may begin inside a pixel.
const UNIT: u64 = 256;
/// Weights of red, green and blue in luma (ITU-R BT.601), in 1/256.
const LUMA: [u64; 3] = [77, 150, 29];

/// Sums up colours in integers, so that every machine gets the same result.
#[derive(Clone)]
pub struct Averages {
    columns: Vec<Span>,
    rows: Vec<Span>,
    /// For each cell: red, green and blue, times the area in units.
    sums: Vec<[u64; 3]>,
    orientation: Orientation,
    height: u32,
    /// Sums, pixel by pixel, of rows that lie completely in the same row of cells. Most rows do, and are then
    /// distributed to cells all at once.
    held: Vec<[u16; 3]>,
    /// The number of these rows, and their row of cells.
    held_rows: u32,
    held_for: usize,
    /// Whether any row was taken.
    is_begun: bool,
    instructions: Instructions,
}

/// Adds a row to sums, value by value.
struct AddRow<'a> {
    sums: &'a mut [u16],
    row: &'a [u8],
}

impl WithInstructions for AddRow<'_> {
    type Output = ();

    fn call<F: Kernel, I: Integers>(self, floats: F, _: I) {
        struct Loop<'a>(AddRow<'a>);
        impl pulp::NullaryFnOnce for Loop<'_> {
            type Output = ();

            #[inline(always)]
            fn call(self) {
                self.0.sums.iter_mut().zip(self.0.row).for_each(|(sum, value)| *sum += u16::from(*value));
            }
        }
        vectorize(floats, Loop(self));
    }
}

/// 255 times this fits 16 bits.
const MOST_HELD: u32 = 257;

/// The extent of a cell along an edge.
#[derive(Clone, Copy)]
struct Span {
    begin: u64,
    end: u64,
}

impl Span {
    fn all(pixels: u32, cells: usize) -> Vec<Span> {
        let at = |cell: usize| u64::from(pixels) * UNIT * cell as u64 / cells as u64;
        // In a tiny picture, a cell has at least a sliver of one pixel.
        let span = |cell| Span { begin: at(cell), end: at(cell + 1).max(at(cell) + 1) };
        (0..cells).map(span).collect()
    }

    /// How much of the pixel is in it.
    fn weight(self, pixel: u64) -> u64 {
        let (begin, end) = (self.begin.max(pixel * UNIT), self.end.min((pixel + 1) * UNIT));
        end.saturating_sub(begin)
    }

    fn pixels(self) -> std::ops::Range<u64> {
        self.begin / UNIT..self.end.div_ceil(UNIT)
    }
}

impl Averages {
    /// For a stored picture of this size, with this many cells along each edge.
    pub fn new(size: (u32, u32), orientation: Orientation, cells: usize) -> Averages {
        Averages::with_cells(size, orientation, [cells; 2])
    }

    /// For a stored picture of this size, with at most this many cells along each edge: in a smaller picture, each
    /// pixel is a cell.
    pub fn up_to(size: (u32, u32), orientation: Orientation, most: usize) -> Averages {
        Averages::with_cells(size, orientation, [size.0, size.1].map(|edge| most.min(edge as usize)))
    }

    fn with_cells((width, height): (u32, u32), orientation: Orientation, [across, down]: [usize; 2]) -> Averages {
        let (columns, rows) = (Span::all(width, across), Span::all(height, down));
        let (sums, held) = (vec![[0; 3]; across * down], vec![[0; 3]; width as usize]);
        Averages {
            columns,
            rows,
            sums,
            orientation,
            height,
            held,
            held_rows: 0,
            held_for: 0,
            is_begun: false,
            instructions: Instructions::fastest(),
        }
    }

    /// For a picture in memory, already upright.
    pub fn of(picture: &RgbImage, cells: usize) -> Averages {
        Averages::new(picture.dimensions(), Orientation::NoTransforms, cells).with_rows_of(picture)
    }

    /// For a picture in memory, already upright, with at most this many cells along each edge, as above.
    pub fn of_up_to(picture: &RgbImage, most: usize) -> Averages {
        Averages::up_to(picture.dimensions(), Orientation::NoTransforms, most).with_rows_of(picture)
    }

    fn with_rows_of(mut self, picture: &RgbImage) -> Averages {
        let rows = picture.as_raw().as_chunks().0.chunks(picture.width().max(1) as usize);
        (0..).zip(rows).for_each(|(y, row)| self.take_row(y, row));
        self
    }

    /// The cells along the upright picture's width and height.
    pub fn cells(&self) -> (usize, usize) {
        upright_size((self.columns.len(), self.rows.len()), self.orientation)
    }

    /// The same with fewer cells along each edge, exactly as if the picture had been averaged to them. None if its
    /// cells can't be put together from these.
    pub fn coarser(&self, cells: usize) -> Option<Averages> {
        let mut coarser = Averages::new((self.held.len() as u32, self.height), self.orientation, cells);
        let each = |coarse: &[Span], fine: &[Span]| {
            let each = fine.len() / cells;
            let is_made_of = |(coarse, fine): (&Span, &[Span])| {
                let (begin, end) = (fine[0].begin, fine[each - 1].end);
                (coarse.begin, coarse.end) == (begin, end) && fine.is_sorted_by(|a, b| a.end == b.begin)
            };
            let fits = each * cells == fine.len() && each > 0;
            (fits && coarse.iter().zip(fine.chunks(each)).all(is_made_of)).then_some(each)
        };
        let (across, down) = (each(&coarser.columns, &self.columns)?, each(&coarser.rows, &self.rows)?);
        for (y, row) in self.sums.chunks(self.columns.len()).enumerate() {
            for (sum, fine) in coarser.sums[y / down * cells..].iter_mut().zip(row.chunks(across)) {
                fine.iter().for_each(|fine| (0..3).for_each(|channel| sum[channel] += fine[channel]));
            }
        }
        Some(coarser)
    }

    /// Mean luma of each cell in 1/16 grey levels, row by row, upright.
    pub fn finish(&self) -> Vec<i32> {
        let mean = |row: usize, column: usize| {
            let sum: u64 =
                LUMA.iter().zip(self.sums[row * self.columns.len() + column]).map(|(weight, sum)| weight * sum).sum();
            (sum / (16 * self.area(row, column))) as i32
        };
        self.upright(mean)
    }

    /// Mean luma of each cell in grey levels, row by row, upright.
    pub fn greys(&self) -> Vec<u8> {
        self.finish().into_iter().map(|level| (level / 16).clamp(0, 255) as u8).collect()
    }

    /// Mean red, green and blue of each cell in levels of 255, row by row, upright.
    pub fn colours(&self) -> Vec<[f64; 3]> {
        self.upright(|row, column| {
            let area = self.area(row, column) as f64;
            self.sums[row * self.columns.len() + column].map(|sum| sum as f64 / area)
        })
    }

    /// Applies `of` to the row and column of each stored cell, in upright order.
    fn upright<T>(&self, of: impl Fn(usize, usize) -> T) -> Vec<T> {
        let (width, height) = self.cells();
        let cells = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let upright = |(x, y): (usize, usize)| {
            let (across, down) = (width - 1 - x, height - 1 - y);
            use Orientation::*;
            match self.orientation {
                NoTransforms => of(y, x),
                FlipHorizontal => of(y, across),
                FlipVertical => of(down, x),
                Rotate180 => of(down, across),
                Rotate90FlipH => of(x, y),
                Rotate90 => of(across, y),
                Rotate270 => of(x, down),
                Rotate270FlipH => of(across, down),
            }
        };
        cells.map(upright).collect()
    }

    /// The mean deviation of the cells' channels from their average, in 1/4 grey levels: 0 for a grey picture.
    pub fn chroma(&self) -> u8 {
        let across = self.columns.len();
        let of_cell = |at: usize| {
            let area = self.area(at / across, at % across);
            let channels = self.sums[at].map(|sum| (sum * 16 / area) as i64);
            let mean = channels.iter().sum::<i64>() / 3;
            channels.iter().map(|channel| (channel - mean).abs()).sum::<i64>()
        };
        let all: i64 = (0..self.sums.len()).map(of_cell).sum();
        (all / (4 * 3 * self.sums.len() as i64)).min(255) as u8
    }

    /// The area of a cell, in units.
    fn area(&self, row: usize, column: usize) -> u64 {
        let (rows, columns) = (self.rows[row], self.columns[column]);
        (rows.end - rows.begin) * (columns.end - columns.begin)
    }
}

impl Averages {
    /// Adds a row of pixels, or of sums of them, to these rows of cells, weighted.
    fn add<T: Copy + Into<u64>>(&mut self, row: &[[T; 3]], weights: impl Iterator<Item = (usize, u64)>) {
        let mut along = vec![[0u64; 3]; self.columns.len()];
        for (sum, span) in along.iter_mut().zip(&self.columns) {
            let pixels = span.pixels();
            let (first, last) = (pixels.start, pixels.end - 1);
            let of = |pixel: u64| row[pixel as usize].map(|value| span.weight(pixel) * value.into());
            *sum = of(first);
            if last > first {
                let inner = row[first as usize + 1..last as usize].iter();
                let inner =
                    inner.fold([0u64; 3], |[a, b, c], [x, y, z]| [a + (*x).into(), b + (*y).into(), c + (*z).into()]);
                let end = of(last);
                *sum = [0, 1, 2].map(|c| sum[c] + end[c] + UNIT * inner[c]);
            }
        }
        for (at, weight) in weights {
            for (sum, value) in self.sums[at * self.columns.len()..].iter_mut().zip(&along) {
                *sum = [0, 1, 2].map(|c| sum[c] + weight * value[c]);
            }
        }
    }

    fn add_held(&mut self) {
        if self.held_rows > 0 {
            let mut held = std::mem::take(&mut self.held);
            self.add(&held, std::iter::once((self.held_for, UNIT)));
            held.fill([0; 3]);
            (self.held, self.held_rows) = (held, 0);
        }
    }
}

impl TakesRows for Averages {
    fn begin(&mut self) {
        // New sums are zero, and may be large.
        if self.is_begun {
            self.sums.fill([0; 3]);
            self.held.fill([0; 3]);
            self.held_rows = 0;
        }
    }

    fn take_row(&mut self, y: u32, row: &[[u8; 3]]) {
        self.is_begun = true;
        let pixel = u64::from(y);
        let touched = self.rows.partition_point(|span| span.end <= pixel * UNIT);
        let weights: Vec<(usize, u64)> = (touched..self.rows.len())
            .map(|at| (at, self.rows[at].weight(pixel)))
            .take_while(|(_, weight)| *weight > 0)
            .collect();
        if weights == [(touched, UNIT)] {
            if self.held_for != touched || self.held_rows == MOST_HELD {
                self.add_held();
            }
            self.held_for = touched;
            self.held_rows += 1;
            self.instructions.with(AddRow { sums: self.held.as_flattened_mut(), row: row.as_flattened() });
        } else {
            self.add(row, weights.into_iter());
        }
        if y + 1 == self.height {
            self.add_held();
        }
    }
}
