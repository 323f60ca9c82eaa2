//! The visible part of the map and its size: projects places on the map to cells of the screen.

use ratatui::layout::{Position, Rect, Size};

use crate::map::{PictureMap, TileSize};

/// The number of zoom steps. Each enlarges the map by the square root of two; all of them together, a thousandfold.
pub const DEEPEST: u8 = 20;
/// Columns of a tile including its gap, on small and large screens.
const NARROWEST: u16 = 9;
const WIDEST: u16 = 17;
/// The number of tiles side by side.
const ACROSS: u16 = 9;

/// The centre of the visible part, and the steps of zoom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapView {
    pub middle: [f64; 2],
    pub zoom: u8,
}

impl MapView {
    /// The whole map.
    pub fn whole(map: &PictureMap) -> MapView {
        MapView { middle: map.size.map(|side| f64::from(side) / 2.0), zoom: 0 }
    }
}

/// Cells of the map, which may lie beyond the screen.
pub type MapCell = (i64, i64);

/// How the map lies on the screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    pub area: Rect,
    /// Columns and rows of a map as long as its longer side.
    pub scale: [f64; 2],
    /// The cell in the top left corner.
    pub origin: MapCell,
    pub tile: TileSize,
}

impl Projection {
    /// `cell`: its width and height in pixels.
    pub fn new(map: &PictureMap, view: MapView, area: Rect, cell: (u16, u16)) -> Projection {
        let tile = tile(area.as_size(), cell);
        let pixels = [cell.0, cell.1].map(|edge| f64::from(edge.max(1)));
        let sides = [f64::from(area.width) - tile.width as f64, f64::from(area.height) - tile.height as f64];
        // When the whole map is visible, so are all tiles.
        let fits = [0, 1].map(|axis| sides[axis].max(1.0) * pixels[axis] / f64::from(map.size[axis]).max(1e-3));
        let scale = fits[0].min(fits[1]) * 2f64.powf(f64::from(view.zoom) / 2.0);
        let scale = pixels.map(|edge| scale / edge);
        let middle = [0, 1].map(|axis| (view.middle[axis] * scale[axis]).round() as i64);
        let origin = (middle[0] - i64::from(area.width / 2), middle[1] - i64::from(area.height / 2));
        Projection { area, scale, origin, tile }
    }

    pub fn cell(&self, place: [f32; 2]) -> MapCell {
        let [x, y] = self.parts(place, [1.0, 1.0]);
        (x, y)
    }

    /// In braille dots, two across a cell and four down.
    pub fn dot(&self, place: [f32; 2]) -> MapCell {
        let [x, y] = self.parts(place, [2.0, 4.0]);
        (x, y)
    }

    fn parts(&self, place: [f32; 2], of: [f64; 2]) -> [i64; 2] {
        [0, 1].map(|axis| (f64::from(place[axis]) * self.scale[axis] * of[axis]).floor() as i64)
    }

    /// A cell's position on the screen, if it is visible.
    pub fn seen(&self, (x, y): MapCell) -> Option<Position> {
        let (x, y) = (x - self.origin.0, y - self.origin.1);
        let is_in = (0..i64::from(self.area.width)).contains(&x) && (0..i64::from(self.area.height)).contains(&y);
        is_in.then(|| Position::new(self.area.x + x as u16, self.area.y + y as u16))
    }

    /// The cell at a position on the screen.
    pub fn at(&self, position: Position) -> Option<MapCell> {
        let (x, y) = (position.x.checked_sub(self.area.x)?, position.y.checked_sub(self.area.y)?);
        self.area.contains(position).then(|| (self.origin.0 + i64::from(x), self.origin.1 + i64::from(y)))
    }

    /// The area of the tile with this corner, if it is completely visible.
    pub fn tile_area(&self, corner: MapCell) -> Option<Rect> {
        let last = (corner.0 + self.tile.width - 1, corner.1 + self.tile.height - 1);
        let (first, _) = (self.seen(corner)?, self.seen(last)?);
        Some(Rect::from((first, Size::new(self.tile.width as u16, self.tile.height as u16))))
    }

    /// The place on the map this many cells away from another one.
    pub fn moved(&self, place: [f64; 2], cells: (i64, i64)) -> [f64; 2] {
        [place[0] + cells.0 as f64 / self.scale[0], place[1] + cells.1 as f64 / self.scale[1]]
    }
}

/// A tile for roughly square pictures, with a line below for the name and a column beside it as a gap.
fn tile(area: Size, cell: (u16, u16)) -> TileSize {
    let width = (area.width / ACROSS).clamp(NARROWEST, WIDEST);
    let square = u32::from(width - 1) * u32::from(cell.0.max(1)) / u32::from(cell.1.max(1));
    let height = (square.clamp(2, 1000) as u16 + 1).min(area.height.max(3));
    TileSize { width: width.into(), height: height.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::MapKind;

    fn map() -> PictureMap {
        PictureMap { kind: MapKind::Neighbours, places: vec![[0.0, 0.0], [1.0, 0.5]], size: [1.0, 0.5] }
    }

    #[test]
    fn the_whole_map_fits_with_its_tiles_and_keeps_its_proportions() {
        let area = Rect::new(0, 2, 90, 36);
        let projection = Projection::new(&map(), MapView::whole(&map()), area, (10, 20));
        for place in map().places {
            let corner = projection.tile.corner(projection.cell(place));
            assert!(projection.tile_area(corner).is_some(), "{projection:?}");
        }
        assert!((projection.scale[0] / projection.scale[1] - 2.0).abs() < 1e-9);
        assert_eq!(projection.at(Position::new(0, 1)), None);
        let cell = projection.at(Position::new(7, 9)).unwrap();
        assert_eq!(projection.seen(cell), Some(Position::new(7, 9)));
    }

    #[test]
    fn two_steps_of_zoom_are_twice_as_large_around_the_middle() {
        let area = Rect::new(0, 0, 60, 20);
        let [one, two] = [0, 2].map(|zoom| {
            let view = MapView { zoom, ..MapView::whole(&map()) };
            Projection::new(&map(), view, area, (8, 16))
        });
        assert!((two.scale[0] / one.scale[0] - 2.0).abs() < 1e-9);
        let middle = [0.5, 0.25];
        for projection in [one, two] {
            let seen = projection.seen(projection.cell(middle)).unwrap();
            assert!(seen.x.abs_diff(30) <= 1 && seen.y.abs_diff(10) <= 1, "{seen:?}");
        }
    }
}
