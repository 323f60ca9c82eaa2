//! Which pictures are shown as tiles, and where: the same however the map is moved.

use std::rc::Rc;
use std::sync::Arc;

use ratatui::layout::Rect;

use super::state::MapScreen;
use super::view::{MapCell, Projection};
use crate::map::{PictureMap, TileSize, without_overlap};
use crate::tui::world::World;

/// All of a map at one size.
pub struct Laid {
    map: Arc<PictureMap>,
    scale: [f64; 2],
    tile: TileSize,
    /// Of each picture.
    pub cells: Vec<MapCell>,
    /// Pictures that have room, each with the corner of its tile.
    tiles: Vec<(u32, MapCell)>,
}

/// A tile on the screen, and the picture in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownTile {
    pub picture: u32,
    pub area: Rect,
}

impl MapScreen {
    /// How the map lies on the screen. None before there is one.
    pub fn projection(&self, world: &World) -> Option<Projection> {
        let answer = self.answer.as_ref()?;
        Some(Projection::new(&answer.map, self.view, self.areas(world).0, world.terminal.cell))
    }

    /// What it looks like at this size; made once for each.
    pub fn laid(&self, projection: &Projection) -> Option<Rc<Laid>> {
        let answer = self.answer.as_ref()?;
        let mut kept = self.laid.borrow_mut();
        let is_it = |laid: &Rc<Laid>| {
            Arc::ptr_eq(&laid.map, &answer.map) && laid.scale == projection.scale && laid.tile == projection.tile
        };
        if let Some(laid) = kept.as_ref().filter(|laid| is_it(laid)) {
            return Some(laid.clone());
        }
        let cells: Vec<_> = answer.map.places.iter().map(|place| projection.cell(*place)).collect();
        let tiles = without_overlap(&cells, projection.tile, &self.order);
        let (map, scale, tile) = (answer.map.clone(), projection.scale, projection.tile);
        let laid = Rc::new(Laid { map, scale, tile, cells, tiles });
        *kept = Some(laid.clone());
        Some(laid)
    }

    /// The tiles that are wholly on the screen. Where the cursor's picture lies under one, it lies on top.
    pub fn tiles(&self, world: &World) -> Vec<ShownTile> {
        let Some((projection, laid)) = self.projection(world).and_then(|p| Some((p, self.laid(&p)?))) else {
            return Vec::new();
        };
        let cursor = laid.cells.get(self.selected as usize);
        let has_its_own = laid.tiles.iter().any(|(picture, _)| *picture == self.selected);
        let on_top = |picture: u32, corner: MapCell| {
            let is_under = !has_its_own && cursor.is_some_and(|cell| projection.tile.covers(corner, *cell));
            if is_under { self.selected } else { picture }
        };
        let shown = |(picture, corner): &(u32, MapCell)| {
            Some(ShownTile { picture: on_top(*picture, *corner), area: projection.tile_area(*corner)? })
        };
        laid.tiles.iter().filter_map(shown).collect()
    }
}

impl ShownTile {
    /// The picture's room, and the line below with its name.
    pub fn parts(self) -> (Rect, Rect) {
        let width = self.area.width.saturating_sub(1);
        let picture = Rect { width, height: self.area.height.saturating_sub(1), ..self.area };
        (picture, Rect { y: picture.bottom(), width, height: 1, ..self.area })
    }
}
