//! Whether a picture is cut from another one, by their small pictures: which window of the other one looks like it.

use crate::dataset::SmallPicture;

const EDGE: usize = SmallPicture::EDGE;
const PIXELS: usize = SmallPicture::BYTES;

/// A window has at least so much of each edge: where less is left, too few pixels tell too little.
const SMALLEST: f64 = 0.72;
/// Between two scales that are tried, and between two places: in parts of the edge.
const SCALES: f64 = 0.04;
const PLACES: f64 = 1.0 / EDGE as f64;
/// Times that the best window's surroundings are looked at, each time twice as closely.
const CLOSER: usize = 5;
/// Correlation from which that is worth while.
const PROMISING: f64 = 0.75;
/// Correlation of a picture and the window that it was cut from: measured 0.96 and more of recompressed ones; pictures of
/// the same place that aren't cut from each other have at most 0.87.
const ALIKE: f64 = 0.94;
/// Deviation of a frame's pixels, in grey levels, at most.
const FRAME: f64 = 8.0;

type Grey = [u8; PIXELS];

/// A part of a picture: where it begins and how large it is, in parts of the picture's edges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// How a picture lies in another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    pub window: Window,
    /// Whether what is around the window is of one colour: a frame, or black bars.
    pub is_framed: bool,
}

/// The window of `whole` that `part` shows. Both with their pixels' width and height, upright.
pub fn window(whole: &Grey, whole_size: (u32, u32), part: &Grey, part_size: (u32, u32)) -> Option<Cut> {
    let proportions = |(width, height): (u32, u32)| f64::from(height) / f64::from(width);
    let search = WindowSearch {
        whole,
        part: integral(part),
        // A window keeps the part's proportions.
        ratio: proportions(part_size) / proportions(whole_size),
    };
    let (alike, found) = search.best(f64::from(part_size.0) / f64::from(whole_size.0))?;
    (alike >= ALIKE).then(|| Cut { window: found, is_framed: is_framed(whole, found) })
}

struct WindowSearch<'a> {
    whole: &'a Grey,
    /// Sums of all pixels above and left of each corner.
    part: Box<[[f64; EDGE + 1]; EDGE + 1]>,
    /// A window's height to its width, both in parts of the edges.
    ratio: f64,
}

fn integral(pixels: &Grey) -> Box<[[f64; EDGE + 1]; EDGE + 1]> {
    let mut sums = Box::new([[0.0; EDGE + 1]; EDGE + 1]);
    for y in 0..EDGE {
        for x in 0..EDGE {
            let pixel = f64::from(pixels[y * EDGE + x]);
            sums[y + 1][x + 1] = pixel + sums[y][x + 1] + sums[y + 1][x] - sums[y][x];
        }
    }
    sums
}

impl WindowSearch<'_> {
    /// The window that is most alike, and how much. `scale`: the width that it has if nothing was scaled.
    fn best(&self, scale: f64) -> Option<(f64, Window)> {
        let steps = ((1.0 - SMALLEST) / SCALES).round() as usize;
        let scales = (0..=steps).map(|step| SMALLEST + step as f64 * SCALES).chain([scale]);
        let mut best: Option<(f64, Window)> = None;
        for (width, height) in scales.filter_map(|width| self.size(width)) {
            let places = |size: f64| (0..=((1.0 - size) / PLACES + 1e-9) as usize).map(|place| place as f64 * PLACES);
            for y in places(height) {
                for x in places(width) {
                    self.try_one(Window { x, y, width, height }, &mut best);
                }
            }
        }
        let (mut place, mut size) = (PLACES / 2.0, SCALES / 2.0);
        for _ in 0..CLOSER {
            let (_, around) = best.filter(|(alike, _)| *alike >= PROMISING)?;
            for (width, height) in [-size, 0.0, size].into_iter().filter_map(|by| self.size(around.width + by)) {
                for (dx, dy) in (0..9).map(|at| (f64::from(at % 3) - 1.0, f64::from(at / 3) - 1.0)) {
                    let x = (around.x + dx * place).clamp(0.0, 1.0 - width);
                    let y = (around.y + dy * place).clamp(0.0, 1.0 - height);
                    self.try_one(Window { x, y, width, height }, &mut best);
                }
            }
            (place, size) = (place / 2.0, size / 2.0);
        }
        best
    }

    /// Of a window of this width, if it can be one.
    fn size(&self, width: f64) -> Option<(f64, f64)> {
        let height = width * self.ratio;
        // Proportions are rounded to whole pixels.
        let is_window = |size: f64| (SMALLEST - SCALES / 2.0..=1.0 + SCALES / 2.0).contains(&size);
        (is_window(width) && is_window(height)).then_some((width.min(1.0), height.min(1.0)))
    }

    fn try_one(&self, window: Window, best: &mut Option<(f64, Window)>) {
        let alike = self.correlation(window);
        if best.is_none_or(|(before, _)| alike > before) {
            *best = Some((alike, window));
        }
    }

    /// Of the whole's pixels inside the window, and the part averaged over the same places.
    fn correlation(&self, window: Window) -> f64 {
        let (columns, rows) = (inside(window.x, window.width), inside(window.y, window.height));
        let edge = |at: usize, begin: f64, size: f64| Corner::new((at as f64 / EDGE as f64 - begin) / size);
        let across: Vec<Corner> = (columns.start..=columns.end).map(|x| edge(x, window.x, window.width)).collect();
        let mut above = self.sums(edge(rows.start, window.y, window.height), &across);
        let (mut sums, mut n) = ([0.0f64; 5], 0.0);
        for y in rows {
            let below = self.sums(edge(y + 1, window.y, window.height), &across);
            let pixels = &self.whole[y * EDGE + columns.start..y * EDGE + columns.end];
            for (x, pixel) in pixels.iter().enumerate() {
                let (a, b) = (below[x + 1] - below[x] - above[x + 1] + above[x], f64::from(*pixel));
                for (sum, value) in sums.iter_mut().zip([a, b, a * a, b * b, a * b]) {
                    *sum += value;
                }
                n += 1.0;
            }
            above = below;
        }
        let [a, b, aa, bb, ab] = sums;
        let (va, vb) = (n * aa - a * a, n * bb - b * b);
        if va <= 1e-6 || vb <= 1e-6 { 0.0 } else { (n * ab - a * b) / (va * vb).sqrt() }
    }

    /// The part's integral along a line, at these places.
    fn sums(&self, y: Corner, across: &[Corner]) -> Vec<f64> {
        let (above, below) = (&self.part[y.at], &self.part[y.at + 1]);
        let between = |row: &[f64; EDGE + 1], x: &Corner| row[x.at] + (row[x.at + 1] - row[x.at]) * x.rest;
        across.iter().map(|x| between(above, x) + (between(below, x) - between(above, x)) * y.rest).collect()
    }
}

/// A place along an edge of the part: a pixel, and how much of it.
#[derive(Clone, Copy)]
struct Corner {
    at: usize,
    rest: f64,
}

impl Corner {
    fn new(place: f64) -> Corner {
        let place = (place * EDGE as f64).clamp(0.0, EDGE as f64);
        let at = (place as usize).min(EDGE - 1);
        Corner { at, rest: place - at as f64 }
    }
}

/// The whole's pixels that are all inside.
fn inside(begin: f64, size: f64) -> std::ops::Range<usize> {
    let edge = EDGE as f64;
    (begin * edge - 1e-9).ceil() as usize..((begin + size) * edge + 1e-9).floor() as usize
}

/// Whether what lies outside is of one colour. Pixels at the window's edge may be mixed ones.
fn is_framed(whole: &Grey, window: Window) -> bool {
    let (columns, rows) = (inside(window.x, window.width), inside(window.y, window.height));
    let near = |range: &std::ops::Range<usize>, at: usize| range.start <= at + 1 && at <= range.end;
    let outside = (0..PIXELS).filter(|at| !(near(&columns, at % EDGE) && near(&rows, at / EDGE)));
    let values: Vec<f64> = outside.map(|at| f64::from(whole[at])).collect();
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let deviation = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len().max(1) as f64;
    !values.is_empty() && deviation.sqrt() <= FRAME
}
