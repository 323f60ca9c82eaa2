//! Whether two whole pictures show the same, compared cell by cell from their files.
//!
//! The next frame of a burst differs a lot in a few places; a recompressed or scaled copy differs a little everywhere.
//! So the cell that differs most decides, by itself and relative to all others.

use super::turn::Turn;
use crate::dataset::Averages;

/// Weights of red, green and blue in luma: ITU-R BT.601, and BT.709, which some programs use for grey pictures.
pub const LUMA: [[f64; 3]; 2] = [[0.299, 0.587, 0.114], [0.2126, 0.7152, 0.0722]];
/// Cells along each edge for comparing colours, which JPEG stores coarsely.
const COLOUR_CELLS: usize = 8;
/// The greatest colour difference of copies, in levels of 255. Measured: 6.5 in copies of all kinds but tiny ones.
const COLOURS: f64 = 10.0;

/// A scale of comparison, chosen by the shorter edge of the smaller picture: a cell covers at least two of its pixels.
struct CloseScale {
    /// In pixels.
    from_edge: u32,
    /// Along each edge.
    cells: usize,
    /// Limits for pictures of the same size, and for others.
    same_size: Limits,
    scaled: Limits,
}

/// By how many grey levels copies may differ.
struct Limits {
    /// The most in any cell.
    most: f64,
    /// Or this much, if it is at most this many times the root mean square over all cells.
    most_if_even: f64,
    times: f64,
}

const fn limits(most: f64, most_if_even: f64, times: f64) -> Limits {
    Limits { most, most_if_even, times }
}

const LARGE: Limits = limits(13.0, 24.0, 7.0);
const LARGE_SCALED: Limits = limits(13.0, 20.0, 7.0);

/// Measured on copies of 147 pictures and on 275 pairs of frames from 77 series (docs/quality.md). With few cells,
/// limits lie between those that accept all copies and those that reject all frames.
const SCALES: [CloseScale; 4] = [
    CloseScale { from_edge: 1024, cells: 256, same_size: LARGE, scaled: LARGE_SCALED },
    CloseScale { from_edge: 256, cells: 128, same_size: LARGE, scaled: LARGE_SCALED },
    CloseScale { from_edge: 128, cells: 64, same_size: limits(8.0, 16.0, 6.0), scaled: limits(12.0, 24.0, 8.0) },
    CloseScale { from_edge: 0, cells: 32, same_size: limits(8.0, 16.0, 6.0), scaled: limits(10.0, 20.0, 6.0) },
];
/// By how many grey levels copies may differ on average: no more, or one was made brighter or darker.
const BRIGHTER: f64 = 4.0;
/// Added to the cells' differences, for rounding to whole levels.
const ROUNDING: f64 = 0.3;

fn scale(sizes: [(u32, u32); 2]) -> &'static CloseScale {
    let edge = sizes.iter().map(|(width, height)| *width.min(height)).min().unwrap_or_default();
    SCALES.iter().find(|scale| edge >= scale.from_edge).expect("the last one begins at 0")
}

/// Cells along each edge for comparing pictures of these sizes.
pub fn cells(sizes: [(u32, u32); 2]) -> usize {
    scale(sizes).cells
}

/// Whether neither was scaled; one may be turned.
pub fn has_as_many_pixels([a, b]: [(u32, u32); 2]) -> bool {
    a == b || a == (b.1, b.0)
}

/// Whether two pictures of these `sizes` show the same, with the first one turned or mirrored by `turn`. Colours count
/// unless one is grey.
pub fn show_the_same(pictures: [&Averages; 2], turn: Turn, sizes: [(u32, u32); 2], is_grey: bool) -> bool {
    let scale = scale(sizes);
    let [a, b] = pictures.map(Averages::colours);
    let differences: Vec<[f64; 3]> = (0..a.len())
        .map(|at| {
            let (a, b) = (a[turn.place(at, scale.cells)], b[at]);
            [0, 1, 2].map(|channel| a[channel] - b[channel])
        })
        .collect();
    are_copies(&differences, sizes, is_grey)
}

/// Whether two pictures with these differences per cell are copies. Colours count unless one is grey.
pub fn are_copies(differences: &[[f64; 3]], sizes: [(u32, u32); 2], is_grey: bool) -> bool {
    let scale = scale(sizes);
    let limits = if has_as_many_pixels(sizes) { &scale.same_size } else { &scale.scaled };
    match is_grey {
        true => LUMA.iter().any(|weights| limits.hold(differences, weights)),
        false => limits.hold(differences, &LUMA[0]) && colours_apart(differences, scale.cells) <= COLOURS,
    }
}

impl Limits {
    /// Whether no cell's luma exceeds the limits.
    fn hold(&self, differences: &[[f64; 3]], weights: &[f64; 3]) -> bool {
        let (mut most, mut squares, mut sum) = (0.0, 0.0, 0.0);
        for difference in differences {
            let luma = weighted(difference, weights);
            most = f64::max(most, luma.abs());
            squares += luma * luma;
            sum += luma;
        }
        if f64::abs(sum) > BRIGHTER * differences.len() as f64 {
            return false;
        }
        let even = (squares / differences.len() as f64).sqrt();
        most <= self.most || most <= self.most_if_even && most <= self.times * (even + ROUNDING)
    }
}

/// By BT.601.
pub fn luma(colour: &[f64; 3]) -> f64 {
    weighted(colour, &LUMA[0])
}

fn weighted(colour: &[f64; 3], weights: &[f64; 3]) -> f64 {
    colour.iter().zip(weights).map(|(value, weight)| value * weight).sum()
}

/// The greatest colour difference, without luma, over coarse cells.
fn colours_apart(differences: &[[f64; 3]], cells: usize) -> f64 {
    let mut coarse = [[0.0; 3]; COLOUR_CELLS * COLOUR_CELLS];
    let each = cells / COLOUR_CELLS;
    for (at, difference) in differences.iter().enumerate() {
        let luma = luma(difference);
        let sum = &mut coarse[at / cells / each * COLOUR_CELLS + at % cells / each];
        (0..3).for_each(|channel| sum[channel] += (difference[channel] - luma) / (each * each) as f64);
    }
    coarse.as_flattened().iter().fold(0.0, |most, apart| most.max(apart.abs()))
}
