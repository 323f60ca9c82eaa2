//! A picture averaged down to 64 x 64 grey cells, as its rows come along.

use image::metadata::Orientation;

use super::super::sample::TakesRows;

/// Cells along each edge.
pub const CELLS: usize = 64;
/// A pixel's edge in the units that cells are measured in: a cell may begin inside a pixel.
const UNIT: u64 = 256;
/// Weights of red, green and blue in luma (ITU-R BT.601), in 1/256.
const LUMA: [u64; 3] = [77, 150, 29];

/// Sums up luma. Integers all along, so that every machine has the same.
#[derive(Clone)]
pub struct Averages {
    columns: Vec<Span>,
    rows: Vec<Span>,
    /// Of each cell: luma, times the area in units.
    sums: Vec<u64>,
    orientation: Orientation,
}

/// Where a cell begins and ends along an edge.
#[derive(Clone, Copy)]
struct Span {
    begin: u64,
    end: u64,
}

impl Span {
    fn all(pixels: u32) -> Vec<Span> {
        let at = |cell: usize| u64::from(pixels) * UNIT * cell as u64 / CELLS as u64;
        // A cell of a tiny picture has at least a sliver of one pixel.
        let span = |cell| Span { begin: at(cell), end: at(cell + 1).max(at(cell) + 1) };
        (0..CELLS).map(span).collect()
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
    /// Of a picture of so many pixels as stored.
    pub fn new((width, height): (u32, u32), orientation: Orientation) -> Averages {
        let (columns, rows) = (Span::all(width), Span::all(height));
        Averages { columns, rows, sums: vec![0; CELLS * CELLS], orientation }
    }

    /// Mean luma of each cell in 1/16 grey levels, row by row, upright.
    pub fn finish(&self) -> Vec<i32> {
        let mean = |row: usize, column: usize| {
            let [(rows, columns)] = [(self.rows[row], self.columns[column])];
            let area = (rows.end - rows.begin) * (columns.end - columns.begin);
            (self.sums[row * CELLS + column] / (16 * area)) as i32
        };
        let upright = |at: usize| {
            let (y, x) = (at / CELLS, at % CELLS);
            let (across, down) = (CELLS - 1 - x, CELLS - 1 - y);
            use Orientation::*;
            match self.orientation {
                NoTransforms => mean(y, x),
                FlipHorizontal => mean(y, across),
                FlipVertical => mean(down, x),
                Rotate180 => mean(down, across),
                Rotate90FlipH => mean(x, y),
                Rotate90 => mean(across, y),
                Rotate270 => mean(x, down),
                Rotate270FlipH => mean(across, down),
            }
        };
        (0..CELLS * CELLS).map(upright).collect()
    }
}

impl TakesRows for Averages {
    fn begin(&mut self) {
        self.sums.fill(0);
    }

    fn take_row(&mut self, y: u32, row: &[[u8; 3]]) {
        let y = u64::from(y);
        let luma = |pixel: &[u8; 3]| LUMA.iter().zip(pixel).map(|(weight, value)| weight * u64::from(*value)).sum();
        let mut along = [0u64; CELLS];
        for (sum, span) in along.iter_mut().zip(&self.columns) {
            let pixels = span.pixels();
            let (first, last) = (pixels.start, pixels.end - 1);
            let of = |pixel: u64| -> u64 { luma(&row[pixel as usize]) };
            *sum = span.weight(first) * of(first);
            if last > first {
                // Channels are summed by themselves: three additions a pixel.
                let inner = row[first as usize + 1..last as usize].iter();
                let sums = inner.fold([0u32; 3], |s, p| [0, 1, 2].map(|c| s[c] + u32::from(p[c])));
                let inner: u64 = LUMA.iter().zip(sums).map(|(weight, sum)| weight * u64::from(sum)).sum();
                *sum += span.weight(last) * of(last) + UNIT * inner;
            }
        }
        let touched = self.rows.partition_point(|span| span.end <= y * UNIT);
        for (at, span) in self.rows.iter().enumerate().skip(touched) {
            let weight = span.weight(y);
            if weight == 0 {
                break;
            }
            for (sum, value) in self.sums[at * CELLS..].iter_mut().zip(along) {
                *sum += weight * value;
            }
        }
    }
}
