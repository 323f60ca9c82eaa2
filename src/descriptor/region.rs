//! Regions of the 7 x 7 positions, divided as in R-MAC (Tolias, Sicre and Jégou, 2016, arXiv:1511.05879, section 3.2).

use super::geometry::{CHANNELS, SIDE};

/// The number of [`regions`].
pub const REGIONS: usize = 14;

/// A square of positions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    pub x: usize,
    pub y: usize,
    pub side: usize,
}

impl Region {
    /// The whole picture.
    pub const WHOLE: Region = Region { x: 0, y: 0, side: SIDE };

    /// Indices of its positions.
    pub fn positions(self) -> impl Iterator<Item = usize> {
        let columns = self.x..self.x + self.side;
        (self.y..self.y + self.side).flat_map(move |y| columns.clone().map(move |x| y * SIDE + x))
    }

    /// Folds each channel's values at all positions, starting with `start`.
    pub fn accumulated(self, dense: &[f32], start: f64, fold: fn(f64, f64) -> f64) -> Vec<f64> {
        let mut values = vec![start; CHANNELS];
        for at in self.positions() {
            let here = &dense[at * CHANNELS..][..CHANNELS];
            values.iter_mut().zip(here).for_each(|(value, x)| *value = fold(*value, f64::from(*x)));
        }
        values
    }

    /// Sums of squares.
    pub fn squares(self, dense: &[f32]) -> Vec<f64> {
        self.accumulated(dense, 0.0, |sum, x| sum + x * x)
    }

    pub fn maxima(self, dense: &[f32]) -> Vec<f64> {
        self.accumulated(dense, f64::NEG_INFINITY, larger)
    }
}

/// Squares of side 2 * 7 / (l + 1) at three scales l, with l of them in each direction, evenly spread. The first one is
/// the whole picture.
pub fn regions() -> impl Iterator<Item = Region> {
    (1..=3).flat_map(|scale| {
        let side = 2 * SIDE / (scale + 1);
        let place = move |i: usize| if scale == 1 { 0 } else { i * (SIDE - side) / (scale - 1) };
        (0..scale).flat_map(move |y| (0..scale).map(move |x| Region { x: place(x), y: place(y), side }))
    })
}

/// Compiles to one instruction, unlike `f64::max`.
fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_those_of_the_paper() {
        let regions: Vec<_> = regions().collect();
        assert_eq!(regions.len(), REGIONS);
        assert_eq!(regions[0], Region::WHOLE);
        assert_eq!(regions[4], Region { x: 3, y: 3, side: 4 });
        assert_eq!(regions[9], Region { x: 2, y: 2, side: 3 });
        assert_eq!(regions[13], Region { x: 4, y: 4, side: 3 });
    }
}
