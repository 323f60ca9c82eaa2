//! Moves the cursor from picture to picture, and scrolls the view along.

use ratatui::layout::Position;

use super::state::MapScreen;
use super::view::{DEEPEST, MapCell, MapView, Projection};
use crate::tui::world::World;

/// A direction, in cells.
pub type Toward = (i64, i64);

/// The weight of a sideways distance, relative to a forward one.
const ASIDE: f64 = 2.0;
/// The cursor keeps this fraction (1/n) of the visible part away from the edges.
const MARGIN: u16 = 6;

impl MapScreen {
    /// To the nearest picture in this direction, in another cell; scrolls it into view.
    pub fn go(&mut self, way: Toward, world: &World) {
        let Some((projection, laid)) = self.projection(world).and_then(|p| Some((p, self.laid(&p)?))) else { return };
        let Some(answer) = &self.answer else { return };
        let Some(from) = answer.map.places.get(self.selected as usize) else { return };
        let pixels = [world.terminal.cell.0, world.terminal.cell.1].map(f64::from);
        let along = |(x, y): (f64, f64)| x * way.0 as f64 + y * way.1 as f64;
        let here = laid.cells[self.selected as usize];
        let cost = |(at, place): (usize, &[f32; 2])| {
            let cell = laid.cells[at];
            if along(((cell.0 - here.0) as f64, (cell.1 - here.1) as f64)) < 1.0 {
                return None;
            }
            let by = |axis: usize| f64::from(place[axis] - from[axis]) * projection.scale[axis] * pixels[axis];
            let (x, y) = (by(0), by(1));
            let forward = along((x, y)).max(1e-9);
            let aside = if way.0 == 0 { x.abs() } else { y.abs() };
            // Prefer pictures that lie more in this direction than in any other.
            Some((aside > forward, forward + ASIDE * aside, at))
        };
        let costs = answer.map.places.iter().enumerate().filter_map(cost);
        let nearest = costs.min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        if let Some((.., at)) = nearest {
            self.selected = at as u32;
        }
        self.pull(world);
    }

    /// Scrolls until the cursor is well inside the view.
    pub fn pull(&mut self, world: &World) {
        let (Some(projection), Some(answer)) = (self.projection(world), &self.answer) else { return };
        let Some(place) = answer.map.places.get(self.selected as usize) else { return };
        let cell = projection.cell(*place);
        let by = |at: i64, first: i64, length: u16| {
            let margin = i64::from(length / MARGIN);
            let (low, high) = (first + margin, first + i64::from(length) - 1 - margin);
            (at - low).min(0) + (at - high).max(0)
        };
        let x = by(cell.0, projection.origin.0, projection.area.width);
        let y = by(cell.1, projection.origin.1, projection.area.height);
        if self.view.zoom > 0 || projection.seen(cell).is_none() {
            self.view.middle = projection.moved(self.view.middle, (x, y));
        }
    }

    /// Scrolls by a share of the visible part. If the cursor is left behind, it moves to the nearest visible picture.
    pub fn pan(&mut self, way: Toward, share: f64, world: &World) {
        let (Some(projection), Some(answer)) = (self.projection(world), &self.answer) else { return };
        let length = |cells: u16| ((f64::from(cells) * share) as i64).max(1);
        let by = (way.0 * length(projection.area.width), way.1 * length(projection.area.height));
        let middle = projection.moved(self.view.middle, by);
        let size = answer.map.size.map(f64::from);
        self.view.middle = [middle[0].clamp(0.0, size[0]), middle[1].clamp(0.0, size[1])];
        self.stay_seen(world);
    }

    fn stay_seen(&mut self, world: &World) {
        let Some((projection, laid)) = self.projection(world).and_then(|p| Some((p, self.laid(&p)?))) else { return };
        let Some(here) = laid.cells.get(self.selected as usize).copied() else { return };
        if projection.seen(here).is_some() {
            return;
        }
        let seen = laid.cells.iter().enumerate().filter(|(_, cell)| projection.seen(**cell).is_some());
        if let Some((at, _)) = seen.min_by_key(|(at, cell)| (distance(**cell, here, &projection), *at)) {
            self.selected = at as u32;
        }
    }

    /// Zooms in or out; the selected picture stays where it is on the screen.
    pub fn zoom(&mut self, larger: bool, world: &World) {
        let zoom = if larger { (self.view.zoom + 1).min(DEEPEST) } else { self.view.zoom.saturating_sub(1) };
        let (Some(before), Some(place)) = (self.projection(world), self.place()) else { return };
        if zoom == 0 {
            return self.fit();
        }
        self.view.zoom = zoom;
        let Some(after) = self.projection(world) else { return };
        let ratio = [0, 1].map(|axis| before.scale[axis] / after.scale[axis]);
        self.view.middle = [0, 1].map(|axis| place[axis] + (self.view.middle[axis] - place[axis]) * ratio[axis]);
        self.pull(world);
    }

    /// The whole map.
    pub fn fit(&mut self) {
        if let Some(answer) = &self.answer {
            self.view = MapView::whole(&answer.map);
        }
    }

    /// The picture at a place on the screen: the tile's, or that of the nearest dot within a few cells.
    pub fn at(&self, position: Position, world: &World) -> Option<u32> {
        let tiles = self.tiles(world);
        if let Some(tile) = tiles.iter().find(|tile| tile.area.contains(position)) {
            return Some(tile.picture);
        }
        let projection = self.projection(world)?;
        let (cell, laid) = (projection.at(position)?, self.laid(&projection)?);
        let near = laid.cells.iter().enumerate().map(|(at, other)| (distance(*other, cell, &projection), at));
        let (squared, at) = near.min()?;
        (squared <= 3 * 3 * 4).then_some(at as u32)
    }
}

/// The squared distance of two cells, in half columns.
fn distance(a: MapCell, b: MapCell, projection: &Projection) -> i64 {
    let tall = (2.0 * projection.scale[0] / projection.scale[1]).round().max(1.0) as i64;
    let (x, y) = ((a.0 - b.0).saturating_mul(2), (a.1 - b.1).saturating_mul(tall));
    x.saturating_mul(x).saturating_add(y.saturating_mul(y))
}
