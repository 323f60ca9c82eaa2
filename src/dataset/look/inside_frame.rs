//! Finds the picture inside a frame, using the small picture: a frame, or bars at two opposite sides, of a single
//! colour. This is how framed copies are found: the frame changes all low frequencies of the whole picture.
//!
//! If the frame ends inside a cell, that row of cells shows how much of it belongs to the picture: its difference from
//! the frame's grey, relative to that of the next row. All integers, so that every machine gets the same result.

use super::averages::CELLS;
use super::perceptual_hash::PerceptualHash;
use super::small_picture::SmallPicture;

const EDGE: usize = SmallPicture::EDGE;
/// A cell's edge.
const UNIT: i64 = 256;
/// The greatest difference between greys of a frame; and the least between the frame and a cell that shows something
/// else.
const SAME: i32 = 6;
const OTHER: i32 = 12;
/// The least share of a side along which the picture must begin. A frame's inside begins all along it; an object on a
/// plain background, only somewhere.
const ALONG: f64 = 0.7;
/// A frame takes at most this fraction (1/n) of each edge, both sides together.
const MOST: usize = 3;
/// If less of a cell belongs to the picture, the next one is more reliable.
const TOO_LITTLE: i64 = UNIT * 3 / 10;

/// A side of the picture, from which cells are counted.
#[derive(Clone, Copy)]
enum FrameSide {
    Top,
    Bottom,
    Left,
    Right,
}

impl FrameSide {
    const ALL: [FrameSide; 4] = [FrameSide::Top, FrameSide::Bottom, FrameSide::Left, FrameSide::Right];

    /// The cell at this depth, at `along` the side.
    fn cell(self, depth: usize, along: usize) -> usize {
        match self {
            FrameSide::Top => depth * EDGE + along,
            FrameSide::Bottom => (EDGE - 1 - depth) * EDGE + along,
            FrameSide::Left => along * EDGE + depth,
            FrameSide::Right => along * EDGE + EDGE - 1 - depth,
        }
    }
}

/// The small hash of the picture inside a frame. None without a frame, such as for an object on a plain background: a
/// frame's inside begins all along each side. Frames thinner than a cell aren't found.
pub fn hash_inside(small: &[u8; SmallPicture::BYTES]) -> Option<PerceptualHash> {
    let mut corners = [FrameSide::Top, FrameSide::Bottom]
        .map(|side| [0, EDGE - 1].map(|along| i32::from(small[side.cell(0, along)])));
    let corners = corners.as_flattened_mut();
    corners.sort_unstable();
    let ground = i32::midpoint(corners[1], corners[2]);
    let mut cells: Vec<i32> = small.iter().map(|grey| i32::from(*grey) - ground).collect();
    let depths = depths(&cells)?;
    let [top, bottom, left, right] = depths;
    let (rows, columns) = ([top, EDGE - bottom], [left, EDGE - right]);
    let sides = || FrameSide::ALL.into_iter().zip(depths).enumerate().filter(|(_, (_, depth))| *depth > 0);
    // The picture's share of the innermost frame cells, in units, per side; 0 for a side without a frame. Starts with
    // whole cells.
    let mut shares = [0; 4];
    for (at, (side, depth)) in sides() {
        let along = if matches!(side, FrameSide::Top | FrameSide::Bottom) { columns } else { rows };
        shares[at] = share(&cells, side, depth, along)?;
    }
    for (at, (side, depth)) in sides() {
        for along in 0..EDGE {
            let [cell, next] = [depth, depth + 1].map(|depth| side.cell(depth, along));
            let inside = i64::from(cells[cell]) * UNIT / shares[at].max(TOO_LITTLE);
            cells[cell] = if shares[at] < TOO_LITTLE { cells[next] } else { inside as i32 };
        }
    }
    let begin = |at: usize| if depths[at] == 0 { 0 } else { (depths[at] as i64 + 1) * UNIT - shares[at] };
    let span = |first: usize, last: usize| InsideSpan { begin: begin(first), end: EDGE as i64 * UNIT - begin(last) };
    let hash = PerceptualHash::new(&averaged(&cells, ground, &span(0, 1), &span(2, 3)));
    (!hash.is_featureless()).then_some(hash)
}

/// The frame's thickness in cells at each of [`FrameSide::ALL`]. `cells`: each cell's difference from the frame's grey.
/// None without a frame.
fn depths(cells: &[i32]) -> Option<[usize; 4]> {
    let depth = |side: FrameSide, [first, last]: [usize; 2]| {
        let is_frame = |depth: &usize| (first..last).all(|along| cells[side.cell(*depth, along)].abs() <= SAME);
        (0..EDGE).take_while(is_frame).count()
    };
    let is_possible = |[a, b]: [usize; 2]| (a == 0) == (b == 0) && (a + b) * MOST <= EDGE;
    let [top, bottom] =
        Some([FrameSide::Top, FrameSide::Bottom].map(|side| depth(side, [0, EDGE]))).filter(|of| is_possible(*of))?;
    let across = [FrameSide::Left, FrameSide::Right].map(|side| depth(side, [top, EDGE - bottom]));
    let [left, right] = Some(across).filter(|of| is_possible(*of))?;
    (top + left > 0).then_some([top, bottom, left, right])
}

/// The picture's share of the cells at this depth, in units. Corners belong to two sides and are left out. None if too
/// many of the next cells look like the frame.
fn share(cells: &[i32], side: FrameSide, depth: usize, [first, last]: [usize; 2]) -> Option<i64> {
    let inner = first + 1..last - 1;
    let others = inner.clone().filter(|along| cells[side.cell(depth + 1, *along)].abs() > OTHER).count();
    let (mut both, mut squares) = (0, 0);
    for along in inner.clone() {
        let [cell, next] = [depth, depth + 1].map(|depth| i64::from(cells[side.cell(depth, along)]));
        (both, squares) = (both + cell * next, squares + next * next);
    }
    (others as f64 >= ALONG * inner.len() as f64).then(|| (both * UNIT / squares.max(1)).clamp(0, UNIT))
}

/// A part of an edge, in units.
struct InsideSpan {
    begin: i64,
    end: i64,
}

impl InsideSpan {
    /// How much of each cell is in part `part` of the [`CELLS`] that the inside is divided into.
    fn weights(&self, part: usize) -> impl Iterator<Item = (usize, i64)> + Clone {
        let at = |part: usize| self.begin + (self.end - self.begin) * part as i64 / CELLS as i64;
        let (begin, end) = (at(part), at(part + 1));
        let cells = (begin / UNIT) as usize..(end as u64).div_ceil(UNIT as u64) as usize;
        cells.map(move |cell| (cell, end.min((cell as i64 + 1) * UNIT) - begin.max(cell as i64 * UNIT)))
    }
}

/// The mean of each cell inside, in 1/16 grey levels.
fn averaged(cells: &[i32], ground: i32, down: &InsideSpan, across: &InsideSpan) -> Vec<i32> {
    let mean = |at: usize| {
        let columns = across.weights(at % CELLS);
        let (mut sum, mut area) = (0, 0);
        for (row, height) in down.weights(at / CELLS) {
            for (column, width) in columns.clone() {
                sum += i64::from(ground + cells[row * EDGE + column]) * width * height;
                area += width * height;
            }
        }
        (sum * 16 / area) as i32
    };
    (0..CELLS * CELLS).map(mean).collect()
}
