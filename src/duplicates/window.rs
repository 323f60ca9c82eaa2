//! Whether a picture is a crop of another one: finds the window of the other that matches it everywhere.
//!
//! A window is first searched in the rows' small pictures. A promising one is checked more closely, in greys of 128 x
//! 128: pictures of the same kind of thing are similar as a whole, but copies are similar in every part.

use std::ops::Range;

use super::integral::Integral;
use super::pair_sums::PairSums;
use super::turn::Turn;
use crate::dataset::SmallPicture;

/// Pixels along each edge for the closer check.
pub const CLOSE: usize = 128;

/// The least share of each edge that a window has: smaller ones have too few pixels to decide.
const SMALLEST: f64 = 0.72;
/// The steps between scales and between positions, relative to the edge.
const SCALES: f64 = 0.04;
const PLACES: f64 = 1.0 / SmallPicture::EDGE as f64;
/// How often the best window's surroundings are searched, each time at half the step.
const CLOSER: usize = 5;
/// The correlations of small pictures that justify a closer check, and comparing the files.
const PROMISING: f64 = 0.75;
const WORTH_A_LOOK: f64 = 0.92;
/// The least correlation of a crop with its window, as a whole and in every part with content. Measured
/// (docs/quality.md): copies have at least 0.966 and 0.75; other similar pictures have less of one of them.
const ALIKE: f64 = 0.963;
const ALIKE_IN_PARTS: f64 = 0.8;
/// A part's edge, and the least deviation of a part with content, in grey levels.
const PART: usize = 16;
const SOMETHING: f64 = 8.0;
/// A window this large counts as the whole.
const WHOLE: f64 = 0.98;
/// The greatest deviation of a frame's pixels, in grey levels.
const FRAME: f64 = 8.0;

/// A part of a picture: position and size relative to the picture's edges.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Window {
    /// Whether it is practically the whole picture.
    pub fn is_whole(&self) -> bool {
        self.width.min(self.height) >= WHOLE
    }

    /// Its share of the picture's area.
    pub fn share(&self) -> f64 {
        self.width * self.height
    }
}

/// The position of a picture in another one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    pub window: Window,
    /// Whether everything around the window has one colour: a frame, or black bars.
    pub is_framed: bool,
}

/// Square greys of two pictures, the second of which may be a crop of the first, and the width and height of both in
/// pixels, upright.
pub struct TwoPictures<'a> {
    pub whole: &'a [u8],
    pub part: &'a [u8],
    pub sizes: [(u32, u32); 2],
}

/// The window of the whole that the part seems to show, by their small pictures.
pub fn promising(small: &TwoPictures) -> Option<Window> {
    let search = WindowSearch::new(small);
    let (alike, found) = search.best()?;
    (alike >= WORTH_A_LOOK).then_some(found)
}

/// Whether the part shows that window, by closer pictures.
pub fn cut(close: &TwoPictures, promising: Window) -> Option<Cut> {
    let search = WindowSearch::new(close);
    let (alike, window) = search.around(promising)?;
    let is_cut = alike >= ALIKE && search.least_alike_part(window) >= ALIKE_IN_PARTS;
    is_cut.then(|| Cut { window, is_framed: is_framed(close.whole, search.edge, window) })
}

struct WindowSearch {
    edge: usize,
    whole: Vec<f64>,
    part: Integral,
    /// The window's height relative to its width, both relative to the edges: it keeps the part's proportions.
    ratio: f64,
    /// The window's width if nothing was scaled.
    scale: f64,
}

impl WindowSearch {
    fn new(pictures: &TwoPictures) -> WindowSearch {
        let edge = pictures.whole.len().isqrt();
        let [whole, part] = pictures.sizes.map(|(width, height)| (f64::from(width), f64::from(height)));
        WindowSearch {
            edge,
            whole: pictures.whole.iter().map(|pixel| f64::from(*pixel)).collect(),
            part: Integral::new(pictures.part.iter().map(|pixel| f64::from(*pixel)), (edge, edge)),
            ratio: (part.1 / part.0) / (whole.1 / whole.0),
            scale: part.0 / whole.0,
        }
    }

    /// The window with the highest correlation, and that.
    fn best(&self) -> Option<(f64, Window)> {
        let steps = ((1.0 - SMALLEST) / SCALES).round() as usize;
        let scales = (0..=steps).map(|step| SMALLEST + step as f64 * SCALES).chain([self.scale]);
        let mut best: Option<(f64, Window)> = None;
        let mut part = PartInWindow::default();
        for (width, height) in scales.filter_map(|width| self.size(width)) {
            // The same pixels are in the window wherever it starts, because it starts at a pixel.
            self.find_part(Window { x: 0.0, y: 0.0, width, height }, &mut part);
            let places = |size: f64| 0..=((1.0 - size) / PLACES + 1e-9) as usize;
            for y in places(height) {
                for x in places(width) {
                    let window = Window { x: x as f64 * PLACES, y: y as f64 * PLACES, width, height };
                    self.try_one(window, &part, (x, y), &mut best);
                }
            }
        }
        let (_, promising) = best.filter(|(alike, _)| *alike >= PROMISING)?;
        self.around(promising)
    }

    /// The best window around this one.
    fn around(&self, window: Window) -> Option<(f64, Window)> {
        let mut best = None;
        let mut part = PartInWindow::default();
        let mut try_one = |window: Window, best: &mut Option<(f64, Window)>| {
            self.find_part(window, &mut part);
            self.try_one(window, &part, (part.columns.start, part.rows.start), best);
        };
        try_one(window, &mut best);
        let (mut place, mut size) = (PLACES / 2.0, SCALES / 2.0);
        for _ in 0..CLOSER {
            let (_, around): (f64, Window) = best?;
            for (width, height) in [-size, 0.0, size].into_iter().filter_map(|by| self.size(around.width + by)) {
                for (dx, dy) in (0..9).map(|at| (f64::from(at % 3) - 1.0, f64::from(at / 3) - 1.0)) {
                    let x = (around.x + dx * place).clamp(0.0, 1.0 - width);
                    let y = (around.y + dy * place).clamp(0.0, 1.0 - height);
                    try_one(Window { x, y, width, height }, &mut best);
                }
            }
            (place, size) = (place / 2.0, size / 2.0);
        }
        best
    }

    /// The size of a window of this width, if valid.
    fn size(&self, width: f64) -> Option<(f64, f64)> {
        let height = width * self.ratio;
        // Proportions are rounded to whole pixels.
        let is_window = |size: f64| (SMALLEST - SCALES / 2.0..=1.0 + SCALES / 2.0).contains(&size);
        (is_window(width) && is_window(height)).then_some((width.min(1.0), height.min(1.0)))
    }

    /// The whole's pixels from `first` on, against the part averaged over the same positions.
    fn try_one(&self, window: Window, part: &PartInWindow, first: (usize, usize), best: &mut Option<(f64, Window)>) {
        let mut sums = PairSums::default();
        for (a, b) in self.lines(part, first) {
            sums.add_all(a, b);
        }
        let alike = sums.correlation();
        if best.is_none_or(|(before, _)| alike > before) {
            *best = Some((alike, window));
        }
    }

    /// The least correlation over all parts of the window with content.
    fn least_alike_part(&self, window: Window) -> f64 {
        let mut part = PartInWindow::default();
        self.find_part(window, &mut part);
        let parts = self.edge / PART + 1;
        let mut sums = vec![PairSums::default(); parts * parts];
        for (y, (a, b)) in self.lines(&part, (part.columns.start, part.rows.start)).enumerate() {
            for (x, (a, b)) in a.chunks(PART).zip(b.chunks(PART)).enumerate() {
                sums[y / PART * parts + x].add_all(a, b);
            }
        }
        let whole = (PART * PART) as f64;
        let shows = |sums: &&PairSums| sums.count >= whole / 2.0 && sums.deviation() > SOMETHING;
        sums.iter().filter(shows).map(PairSums::correlation).fold(1.0, f64::min)
    }

    /// Rows of the part in a window, and of the whole's pixels there.
    fn lines<'a>(
        &'a self,
        part: &'a PartInWindow,
        (x, y): (usize, usize),
    ) -> impl Iterator<Item = (&'a [f64], &'a [f64])> {
        let width = part.columns.len();
        let of_whole = self.whole.chunks(self.edge).skip(y).map(move |line| &line[x..x + width]);
        part.values.chunks(width.max(1)).zip(of_whole)
    }

    /// The part at each of the whole's pixels that lie completely inside the window.
    fn find_part(&self, window: Window, part: &mut PartInWindow) {
        let columns = inside(self.edge, window.x, window.width);
        let rows = inside(self.edge, window.y, window.height);
        let edge = self.edge as f64;
        let corners = |range: &Range<usize>, begin: f64, size: f64| -> Vec<f64> {
            (range.start..=range.end).map(|at| (at as f64 / edge - begin) / size * edge).collect()
        };
        let across = corners(&columns, window.x, window.width);
        self.part.boxes(&across, &corners(&rows, window.y, window.height), &mut part.values);
        (part.columns, part.rows) = (columns, rows);
    }
}

/// A part, averaged over the whole's pixels inside a window.
#[derive(Default)]
struct PartInWindow {
    columns: Range<usize>,
    rows: Range<usize>,
    values: Vec<f64>,
}

fn inside(edge: usize, begin: f64, size: f64) -> Range<usize> {
    let edge = edge as f64;
    (begin * edge - 1e-9).ceil() as usize..((begin + size) * edge + 1e-9).floor() as usize
}

/// Whether everything outside has one colour. Pixels on the window's edge may be mixed.
fn is_framed(whole: &[u8], edge: usize, window: Window) -> bool {
    let (columns, rows) = (inside(edge, window.x, window.width), inside(edge, window.y, window.height));
    let near = |range: &Range<usize>, at: usize| range.start <= at + 1 && at <= range.end;
    let outside = (0..whole.len()).filter(|at| !(near(&columns, at % edge) && near(&rows, at / edge)));
    let values: Vec<f64> = outside.map(|at| f64::from(whole[at])).collect();
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let deviation = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
    !values.is_empty() && deviation <= FRAME
}

/// The greatest difference of two small pictures in grey levels, in the best orientation and after fitting brightness
/// and contrast. Fitted in both directions, because the one with less contrast is nearer to the other than the reverse.
pub fn most_different(a: &[u8; SmallPicture::BYTES], b: &[u8; SmallPicture::BYTES]) -> f64 {
    let turn = Turn::between(a, b);
    let pairs = || (0..a.len()).map(|at| (f64::from(a[turn.place(at, SmallPicture::EDGE)]), f64::from(b[at])));
    let (mut to_second, mut to_first) = (PairSums::default(), PairSums::default());
    for (a, b) in pairs() {
        to_second.add(a, b);
        to_first.add(b, a);
    }
    let (there, back) = (to_second.fit(), to_first.fit());
    let off = |from: f64, to: f64, (gain, offset): (f64, f64)| (gain * from + offset - to).abs();
    pairs().map(|(a, b)| off(a, b, there).max(off(b, a, back))).fold(0.0, f64::max)
}
