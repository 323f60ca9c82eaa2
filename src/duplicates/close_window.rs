//! Whether a picture shows what a window of another one shows, compared cell by cell from their files. A cropped next
//! frame of a burst also fits a window of this frame, except in a few places.

use super::close;
use super::integral::Integral;
use super::window::Window;
use crate::dataset::Averages;

/// Cells along each edge of the whole: several make up a part's cell, or several cells a pixel, so that the part's
/// edges can lie anywhere.
pub const WHOLE_CELLS: usize = 1024;
/// The first step by which the window's edges are moved, relative to the whole's, and how often it is halved.
const STEP: f64 = 1.0 / 512.0;
const CLOSER: usize = 6;
/// The most rounds of moves by the same step.
const MOST_ROUNDS: usize = 4;

/// Whether the part, in [`close::cells`], shows the same as that window of the whole, in [`WHOLE_CELLS`]; the window
/// may be slightly off. `sizes`: of the whole and the part, in pixels.
pub fn shows_the_same(averages: [&Averages; 2], window: Window, sizes: [(u32, u32); 2], is_grey: bool) -> bool {
    let pictures = WholeAndPart::new(averages, close::cells(sizes));
    let window = pictures.nearest(window);
    close::are_copies(&pictures.differences(edges(window)), sizes, is_grey)
}

/// The window near this one that is most similar to the part, in averages as above.
pub fn nearest(averages: [&Averages; 2], window: Window, sizes: [(u32, u32); 2]) -> Window {
    WholeAndPart::new(averages, close::cells(sizes)).nearest(window)
}

struct WholeAndPart {
    /// Red, green and blue.
    whole: [Integral; 3],
    part: Vec<[f64; 3]>,
    cells: usize,
}

/// Left, upper, right and lower edge of a window, relative to the whole.
type Edges = [f64; 4];

/// The moves of a window: as a whole, then each edge.
const MOVES: [Edges; 6] = [
    [1.0, 0.0, 1.0, 0.0],
    [0.0, 1.0, 0.0, 1.0],
    [1.0, 0.0, 0.0, 0.0],
    [0.0, 1.0, 0.0, 0.0],
    [0.0, 0.0, 1.0, 0.0],
    [0.0, 0.0, 0.0, 1.0],
];

fn edges(window: Window) -> Edges {
    [window.x, window.y, window.x + window.width, window.y + window.height]
}

impl WholeAndPart {
    fn new([whole, part]: [&Averages; 2], cells: usize) -> WholeAndPart {
        let whole = whole.colours();
        let of_channel = |channel: usize| Integral::new(whole.iter().map(|colour| colour[channel]), WHOLE_CELLS);
        WholeAndPart { whole: [0, 1, 2].map(of_channel), part: part.colours(), cells }
    }

    /// The window near this one at which the two are most similar.
    fn nearest(&self, window: Window) -> Window {
        let mut edges = edges(window);
        let mut least = self.apart(edges);
        let mut step = STEP;
        for _ in 0..CLOSER {
            for _ in 0..MOST_ROUNDS {
                let before = least;
                for (by, step) in MOVES.iter().flat_map(|by| [(by, step), (by, -step)]) {
                    let moved = [0, 1, 2, 3].map(|edge| (edges[edge] + by[edge] * step).clamp(0.0, 1.0));
                    let apart = self.apart(moved);
                    if apart < least {
                        (edges, least) = (moved, apart);
                    }
                }
                if least == before {
                    break;
                }
            }
            step /= 2.0;
        }
        let [x, y, right, lower] = edges;
        Window { x, y, width: right - x, height: lower - y }
    }

    /// The sum of squared differences in green, the largest part of luma.
    fn apart(&self, edges: Edges) -> f64 {
        let whole = self.channel(1, edges);
        whole.iter().zip(&self.part).map(|(whole, part)| (whole - part[1]).powi(2)).sum()
    }

    fn differences(&self, edges: Edges) -> Vec<[f64; 3]> {
        let [red, green, blue] = [0, 1, 2].map(|channel| self.channel(channel, edges));
        let whole = red.iter().zip(&green).zip(&blue).map(|((red, green), blue)| [*red, *green, *blue]);
        whole.zip(&self.part).map(|(whole, part)| [0, 1, 2].map(|channel| whole[channel] - part[channel])).collect()
    }

    /// The part of the whole between these edges, in as many cells as the part has.
    fn channel(&self, channel: usize, [left, upper, right, lower]: Edges) -> Vec<f64> {
        let corners = |begin: f64, end: f64| -> Vec<f64> {
            let place = |at: usize| begin + (end - begin) * at as f64 / self.cells as f64;
            (0..=self.cells).map(|at| place(at) * WHOLE_CELLS as f64).collect()
        };
        let (across, down) = (corners(left, right), corners(upper, lower));
        let size = (across[1] - across[0]) * (down[1] - down[0]);
        self.whole[channel].boxes(&across, &down).into_iter().map(|sum| sum / size).collect()
    }
}
