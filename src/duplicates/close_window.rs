//! Whether a picture shows what a window of another one shows, compared cell by cell from their files. A cropped next
//! frame of a burst also fits a window of this frame, except in a few places.

use super::close;
use super::integral::Integral;
use super::window::Window;
use crate::dataset::Averages;

/// The most cells along each edge of the whole. Several make up a part's cell; in a smaller picture, cells are pixels.
pub const WHOLE_CELLS: usize = 1024;
/// The first step by which the window's edges are moved, relative to the whole's, and how often it is halved.
const STEP: f64 = 1.0 / 512.0;
const CLOSER: usize = 6;
/// The most rounds of moves by the same step.
const MOST_ROUNDS: usize = 4;

/// A picture of which others may be crops.
pub struct Whole {
    /// Along its width and height.
    cells: (usize, usize),
    /// Red, green and blue.
    channels: [Integral; 3],
}

impl Whole {
    /// From averages in up to [`WHOLE_CELLS`].
    pub fn new(averages: &Averages) -> Whole {
        let (cells, colours) = (averages.cells(), averages.colours());
        let channel = |channel: usize| Integral::new(colours.iter().map(|colour| colour[channel]), cells);
        Whole { cells, channels: [0, 1, 2].map(channel) }
    }
}

/// The window of the whole near this one that shows the same as the part, in [`close::cells`], if one does. `sizes`: of
/// the whole and the part, in pixels.
pub fn same_window(
    whole: &Whole,
    part: &Averages,
    window: Window,
    sizes: [(u32, u32); 2],
    is_grey: bool,
) -> Option<Window> {
    let pictures = WholeAndPart::new(whole, part, sizes);
    let window = pictures.nearest(window);
    close::are_copies(&pictures.differences(edges(window)), sizes, is_grey).then_some(window)
}

/// The window near this one that is most similar to the part, in averages as above.
pub fn nearest(whole: &Whole, part: &Averages, window: Window, sizes: [(u32, u32); 2]) -> Window {
    WholeAndPart::new(whole, part, sizes).nearest(window)
}

struct WholeAndPart<'a> {
    whole: &'a Whole,
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

impl WholeAndPart<'_> {
    fn new<'a>(whole: &'a Whole, part: &Averages, sizes: [(u32, u32); 2]) -> WholeAndPart<'a> {
        WholeAndPart { whole, part: part.colours(), cells: close::cells(sizes) }
    }

    /// The window near this one at which the two are most similar.
    fn nearest(&self, window: Window) -> Window {
        let mut edges = edges(window);
        let mut green = Vec::new();
        let mut least = self.apart(edges, &mut green);
        let mut step = STEP;
        for _ in 0..CLOSER {
            for _ in 0..MOST_ROUNDS {
                let before = least;
                for (by, step) in MOVES.iter().flat_map(|by| [(by, step), (by, -step)]) {
                    let moved = [0, 1, 2, 3].map(|edge| (edges[edge] + by[edge] * step).clamp(0.0, 1.0));
                    let apart = self.apart(moved, &mut green);
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
    fn apart(&self, edges: Edges, green: &mut Vec<f64>) -> f64 {
        self.channel(1, edges, green);
        green.iter().zip(&self.part).map(|(whole, part)| (whole - part[1]).powi(2)).sum()
    }

    fn differences(&self, edges: Edges) -> Vec<[f64; 3]> {
        let [red, green, blue] = [0, 1, 2].map(|channel| {
            let mut values = Vec::new();
            self.channel(channel, edges, &mut values);
            values
        });
        let whole = red.iter().zip(&green).zip(&blue).map(|((red, green), blue)| [*red, *green, *blue]);
        whole.zip(&self.part).map(|(whole, part)| [0, 1, 2].map(|channel| whole[channel] - part[channel])).collect()
    }

    /// The part of the whole between these edges, in as many cells as the part has.
    fn channel(&self, channel: usize, [left, upper, right, lower]: Edges, values: &mut Vec<f64>) {
        let corners = |begin: f64, end: f64, cells: usize| -> Vec<f64> {
            let place = |at: usize| begin + (end - begin) * at as f64 / self.cells as f64;
            (0..=self.cells).map(|at| place(at) * cells as f64).collect()
        };
        let Whole { cells, channels } = self.whole;
        let (across, down) = (corners(left, right, cells.0), corners(upper, lower, cells.1));
        let size = (across[1] - across[0]) * (down[1] - down[0]);
        channels[channel].boxes(&across, &down, values);
        values.iter_mut().for_each(|sum| *sum /= size);
    }
}
