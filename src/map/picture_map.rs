//! The place of each picture on the map.

use super::symmetric::eigenvectors;
use crate::duplicates::Collection;

/// How pictures are placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapKind {
    /// By principal components: immediate and rough.
    Components,
    /// So that neighbours stay together.
    Neighbours,
}

impl MapKind {
    pub fn text(self) -> &'static str {
        match self {
            MapKind::Components => "by principal components",
            MapKind::Neighbours => "by neighbours",
        }
    }
}

/// A place for each picture of a collection, by index. The longer side of the map runs from 0 to 1; the other one has
/// the same scale and also starts at 0. y grows downwards.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureMap {
    pub kind: MapKind,
    pub places: Vec<[f32; 2]>,
    /// Width and height.
    pub size: [f32; 2],
}

/// The distance between byte-identical pictures on a map whose longer side is 1, so that none is hidden for ever.
const COPIES_APART: f32 = 1e-3;
/// The golden angle: no two of many copies lie in the same direction.
const GOLDEN: f32 = 0.618_034;

impl PictureMap {
    /// From the places of contents in any scale, rotated so that the map is wider than tall, like screens.
    pub fn of_contents(kind: MapKind, contents: &[[f64; 2]], collection: &Collection) -> PictureMap {
        let contents = &turned(contents);
        let bound =
            |axis: usize, from: f64, pick: fn(f64, f64) -> f64| contents.iter().map(|p| p[axis]).fold(from, pick);
        let [from, to] = [
            [0, 1].map(|axis| bound(axis, f64::INFINITY, f64::min)),
            [0, 1].map(|axis| bound(axis, f64::NEG_INFINITY, f64::max)),
        ];
        let widest = (to[0] - from[0]).max(to[1] - from[1]);
        let scale = if widest > 0.0 { widest.recip() } else { 0.0 };
        let scaled = |place: &[f64; 2]| [0, 1].map(|axis| ((place[axis] - from[axis]) * scale) as f32);
        let mut places = vec![[0.0; 2]; collection.len()];
        for (content, place) in (0..).zip(contents.iter().map(scaled)) {
            for (copy, picture) in collection.of_content(content).iter().enumerate() {
                places[*picture as usize] = aside(place, copy);
            }
        }
        let size = [0, 1].map(|axis| places.iter().map(|place: &[f32; 2]| place[axis]).fold(0.0, f32::max));
        PictureMap { kind, places, size }
    }
}

/// The same places, rotated so that they vary most along x.
fn turned(places: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let share = 1.0 / places.len().max(1) as f64;
    let mean = [0, 1].map(|axis| places.iter().map(|place| place[axis]).sum::<f64>() * share);
    let centred = |place: &[f64; 2]| [place[0] - mean[0], place[1] - mean[1]];
    let product = |a: usize, b: usize| places.iter().map(centred).map(|place| place[a] * place[b]).sum::<f64>() * share;
    let (_, axes) = eigenvectors([[product(0, 0), product(0, 1)], [product(1, 0), product(1, 1)]]);
    // By less than a right angle, and never mirrored.
    let sign = if axes[0][0] < 0.0 { -1.0 } else { 1.0 };
    let (cosine, sine) = (axes[0][0] * sign, axes[1][0] * sign);
    let turn = |[x, y]: [f64; 2]| [cosine * x + sine * y, cosine * y - sine * x];
    places.iter().map(centred).map(turn).collect()
}

/// The place of a copy: around the first one, later ones further out.
fn aside(place: [f32; 2], copy: usize) -> [f32; 2] {
    let (distance, turn) = (COPIES_APART * (copy as f32).sqrt(), (copy as f32 * GOLDEN).fract());
    // Around a square: sines differ from system to system.
    let side = (turn * 4.0).fract() * 2.0 - 1.0;
    let (x, y) = match (turn * 4.0) as u8 {
        0 => (1.0, side),
        1 => (-side, 1.0),
        2 => (-1.0, -side),
        _ => (side, -1.0),
    };
    [(place[0] + distance * x).max(0.0), (place[1] + distance * y).max(0.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_lies_across_and_is_neither_mirrored_nor_stretched() {
        // Down and a little to the right, with one aside.
        let places = [[0.0, 0.0], [1.0, 4.0], [2.0, 8.0], [3.0, 6.0]];
        let turned = turned(&places);
        let span = |axis: usize| {
            let of = turned.iter().map(|place| place[axis]);
            of.clone().fold(f64::MIN, f64::max) - of.fold(f64::MAX, f64::min)
        };
        assert!(span(0) > 4.0 * span(1), "{turned:?}");
        let side =
            |p: &[[f64; 2]]| (p[2][0] - p[0][0]) * (p[3][1] - p[0][1]) - (p[2][1] - p[0][1]) * (p[3][0] - p[0][0]);
        assert!((side(&turned) - side(&places)).abs() < 1e-9);
        assert_eq!(super::turned(&[]).len(), 0);
    }

    #[test]
    fn many_copies_lie_beside_each_other() {
        let places: Vec<_> = (0..50).map(|copy| aside([0.5, 0.5], copy)).collect();
        for (at, a) in places.iter().enumerate() {
            assert!(places[at + 1..].iter().all(|b| (a[0] - b[0]).hypot(a[1] - b[1]) > COPIES_APART / 4.0), "{at}");
        }
    }
}
