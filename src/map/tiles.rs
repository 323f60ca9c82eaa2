//! Which pictures have room on the map, without overlap.

use std::collections::HashMap;

/// Width and height of all tiles, in the unit of places; at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileSize {
    pub width: i64,
    pub height: i64,
}

impl TileSize {
    /// The top left corner of the tile of a picture at `place`.
    pub fn corner(self, (x, y): (i64, i64)) -> (i64, i64) {
        (x - self.width / 2, y - self.height / 2)
    }

    /// Whether the tile with this corner covers `place`.
    pub fn covers(self, corner: (i64, i64), (x, y): (i64, i64)) -> bool {
        (corner.0..corner.0 + self.width).contains(&x) && (corner.1..corner.1 + self.height).contains(&y)
    }
}

/// The order in which `count` pictures are given room: shuffled, so that all parts of the map get some; always the
/// same, so that a picture usually keeps its room.
pub fn showing_order(count: usize) -> Vec<u32> {
    let mut order: Vec<u32> = (0..count as u32).collect();
    fastrand::Rng::with_seed(1).shuffle(&mut order);
    order
}

/// The pictures that get room, in `order`, each with the corner of its tile. Shifting all places shifts the tiles with
/// them.
pub fn without_overlap(places: &[(i64, i64)], size: TileSize, order: &[u32]) -> Vec<(u32, (i64, i64))> {
    // Fields as large as a tile: each holds at most one corner, and only neighbouring fields can overlap.
    let mut fields: HashMap<(i64, i64), (i64, i64)> = HashMap::new();
    let mut shown = Vec::new();
    for picture in order {
        let corner = size.corner(places[*picture as usize]);
        let field = (corner.0.div_euclid(size.width), corner.1.div_euclid(size.height));
        let around = (-1..=1).flat_map(|x| (-1..=1).map(move |y| (field.0 + x, field.1 + y)));
        let mut near = around.filter_map(|field| fields.get(&field));
        let is_over =
            |other: &(i64, i64)| (other.0 - corner.0).abs() < size.width && (other.1 - corner.1).abs() < size.height;
        if !near.any(is_over) {
            fields.insert(field, corner);
            shown.push((*picture, corner));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_lies_over_another_and_there_is_room_for_no_more() {
        let mut random = fastrand::Rng::with_seed(2);
        let places: Vec<_> = (0..500).map(|_| (random.i64(-40..60), random.i64(-10..50))).collect();
        let size = TileSize { width: 10, height: 5 };
        let order = showing_order(places.len());
        let shown = without_overlap(&places, size, &order);
        let over = |a: (i64, i64), b: (i64, i64)| (a.0 - b.0).abs() < 10 && (a.1 - b.1).abs() < 5;
        for (at, (_, a)) in shown.iter().enumerate() {
            assert!(shown[at + 1..].iter().all(|(_, b)| !over(*a, *b)));
        }
        assert!(places.iter().all(|place| shown.iter().any(|(_, corner)| over(*corner, size.corner(*place)))));
        assert!(shown.iter().all(|(picture, corner)| size.covers(*corner, places[*picture as usize])));

        // Shifted as a whole: the same tiles.
        let moved: Vec<_> = places.iter().map(|(x, y)| (x + 137, y - 61)).collect();
        let shown_there = without_overlap(&moved, size, &order);
        let back: Vec<_> = shown_there.iter().map(|(picture, (x, y))| (*picture, (x - 137, y + 61))).collect();
        assert_eq!(back, shown);
    }
}
