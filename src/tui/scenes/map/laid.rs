//! Which pictures are shown as tiles, and where; the same wherever the map is scrolled.

use std::sync::Arc;

use ratatui::layout::Rect;

use super::view::{MapCell, Projection};
use crate::map::{PictureMap, TileSize, without_overlap};

/// The layout of the whole map at one size.
pub struct Laid {
    map: Arc<PictureMap>,
    scale: [f64; 2],
    tile: TileSize,
    /// The cell of each picture.
    pub cells: Vec<MapCell>,
    /// Pictures with room for a tile, each with the tile's corner.
    tiles: Vec<(u32, MapCell)>,
}

/// A visible tile and its picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownTile {
    pub picture: u32,
    pub area: Rect,
}

impl Laid {
    pub fn new(map: Arc<PictureMap>, projection: &Projection, order: &[u32]) -> Laid {
        let cells: Vec<_> = map.places.iter().map(|place| projection.cell(*place)).collect();
        let tiles = without_overlap(&cells, projection.tile, order);
        Laid { map, scale: projection.scale, tile: projection.tile, cells, tiles }
    }

    /// Whether it belongs to this map at this size.
    pub fn is_of(&self, map: &Arc<PictureMap>, projection: &Projection) -> bool {
        Arc::ptr_eq(&self.map, map) && self.scale == projection.scale && self.tile == projection.tile
    }

    /// The tiles that are completely visible. If the selected picture lies under one, it is drawn on top.
    pub fn shown(&self, projection: &Projection, selected: u32) -> Vec<ShownTile> {
        let cursor = self.cells.get(selected as usize);
        let has_its_own = self.tiles.iter().any(|(picture, _)| *picture == selected);
        let on_top = |picture: u32, corner: MapCell| {
            let is_under = !has_its_own && cursor.is_some_and(|cell| self.tile.covers(corner, *cell));
            if is_under { selected } else { picture }
        };
        let shown = |(picture, corner): &(u32, MapCell)| {
            Some(ShownTile { picture: on_top(*picture, *corner), area: projection.tile_area(*corner)? })
        };
        self.tiles.iter().filter_map(shown).collect()
    }
}

impl ShownTile {
    /// The room for the picture, and the line below for its name.
    pub fn parts(self) -> (Rect, Rect) {
        let width = self.area.width.saturating_sub(1);
        let picture = Rect { width, height: self.area.height.saturating_sub(1), ..self.area };
        (picture, Rect { y: picture.bottom(), width, height: 1, ..self.area })
    }
}
