//! Whether a picture is what a window of another one shows, cell by cell, by their files: the next frame of a burst that was
//! cropped is a window of this one, too, but for a few places.

use super::close;
use super::integral::Integral;
use super::window::Window;
use crate::dataset::Averages;

/// Of the whole at most, along each edge.
const MOST_CELLS: u32 = 1024;
/// By how much edges of the window are moved at first, in parts of the whole's, and how often by half of that.
const STEP: f64 = 1.0 / 512.0;
const CLOSER: usize = 6;
/// Times that the edges are moved by the same step at most.
const MOVES: usize = 4;

/// Cells along each edge in which the whole is averaged: its pixels, if they aren't too many.
pub fn cells_of_whole((width, height): (u32, u32)) -> usize {
    width.min(height).clamp(1, MOST_CELLS) as usize
}

/// Whether the part, in [`close::cells`], shows what that window of the whole does, in [`cells_of_whole`]; the window may be a
/// little off. `sizes`: in pixels, of the whole and of the part.
pub fn shows_the_same([whole, part]: [&Averages; 2], window: Window, sizes: [(u32, u32); 2], is_grey: bool) -> bool {
    let cells = close::cells(sizes);
    let pictures = Pictures {
        edge: cells_of_whole(sizes[0]),
        whole: [0, 1, 2].map(|channel| {
            Integral::new(whole.colours().iter().map(|colour| colour[channel]), cells_of_whole(sizes[0]))
        }),
        part: part.colours(),
        cells,
    };
    let edges = pictures.best([window.x, window.y, window.x + window.width, window.y + window.height]);
    close::are_copies(&pictures.differences(edges), sizes, is_grey)
}

struct Pictures {
    edge: usize,
    /// Red, green and blue.
    whole: [Integral; 3],
    part: Vec<[f64; 3]>,
    cells: usize,
}

/// Left, upper, right and lower edge of a window, in parts of the whole.
type Edges = [f64; 4];

impl Pictures {
    /// The edges near these between which both are most alike.
    fn best(&self, mut edges: Edges) -> Edges {
        let mut least = self.apart(edges);
        let mut step = STEP;
        for _ in 0..CLOSER {
            for _ in 0..MOVES {
                let before = least;
                for (edge, by) in (0..8).map(|at| (at / 2, if at % 2 == 0 { step } else { -step })) {
                    let mut moved = edges;
                    moved[edge] = (moved[edge] + by).clamp(0.0, 1.0);
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
        edges
    }

    /// How far green, which most of luma is made of, is apart: the sum of squares.
    fn apart(&self, edges: Edges) -> f64 {
        let whole = self.channel(1, edges);
        whole.iter().zip(&self.part).map(|(whole, part)| (whole - part[1]).powi(2)).sum()
    }

    fn differences(&self, edges: Edges) -> Vec<[f64; 3]> {
        let [red, green, blue] = [0, 1, 2].map(|channel| self.channel(channel, edges));
        let whole = red.iter().zip(&green).zip(&blue).map(|((red, green), blue)| [*red, *green, *blue]);
        whole.zip(&self.part).map(|(whole, part)| [0, 1, 2].map(|channel| whole[channel] - part[channel])).collect()
    }

    /// What the whole shows between these edges, in as many cells as the part has.
    fn channel(&self, channel: usize, [left, upper, right, lower]: Edges) -> Vec<f64> {
        let corners = |begin: f64, end: f64| -> Vec<f64> {
            let place = |at: usize| begin + (end - begin) * at as f64 / self.cells as f64;
            (0..=self.cells).map(|at| place(at) * self.edge as f64).collect()
        };
        let (across, down) = (corners(left, right), corners(upper, lower));
        let size = (across[1] - across[0]) * (down[1] - down[0]);
        self.whole[channel].boxes(&across, &down).into_iter().map(|sum| sum / size).collect()
    }
}
