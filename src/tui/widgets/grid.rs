//! Tiles in rows and columns, page by page: where each one is, for drawing, the mouse and the selection.

use ratatui::layout::{Position, Rect, Size};

use crate::tui::selection::PageShape;

/// Rows and columns that a tile's frame adds.
const FRAME: u16 = 2;
/// The height of a tile in rows that previews are made for, on small and large screens.
const SMALL: u16 = 8;
const LARGE: u16 = 11;
/// The least width of a tile, so that a name is readable.
pub const NARROWEST: u16 = 12;

/// One page of tiles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    area: Rect,
    tile: Size,
    pub shape: PageShape,
    /// The number of all items.
    count: usize,
    /// The index of the first item on the page.
    first: usize,
    caption: u16,
    across: Across,
}

/// What tiles should be like.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// The height of the screen that tiles are made for; a panel may have taken part of it.
    pub room: u16,
    /// Rows of text below each picture.
    pub caption: u16,
    /// Larger (or smaller) tiles than usual, in steps.
    pub zoom: i8,
    /// If this many tiles fit on a page at more than the usual size, they grow.
    pub expected: usize,
    pub across: Across,
    /// The least number of columns of a tile.
    pub narrowest: u16,
}

/// The contents of a row of tiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Across {
    #[default]
    Singles,
    /// Whole pairs, with a gap between two of them.
    Pairs,
    /// One group: at least two of its tiles.
    Group,
}

/// Columns between two pairs.
const GAP: u16 = 2;

impl Grid {
    /// The page of `count` items that holds `selected`.
    pub fn new(area: Rect, count: usize, selected: usize, wish: Wish) -> Grid {
        // Without room nothing is drawn, but the selection still moves.
        let least = FRAME + wish.caption + 1;
        let area = Rect { width: area.width.max(wish.narrowest), height: area.height.max(least), ..area };
        let room = wish.room.max(area.height);
        let usual = if room < 3 * SMALL { SMALL } else { LARGE };
        let most = (room / (least + 1)).max(1);
        let rows = (i32::from(room / usual) - i32::from(wish.zoom)).clamp(1, most.into()) as u16;
        let larger = (1..rows).filter(|_| wish.zoom == 0).map(|rows| tiles(area, room, rows, wish));
        let fits = |(_, shape): &(Size, PageShape)| shape.columns >= 2 && shape.page() >= wish.expected;
        let (tile, shape) = larger.into_iter().find(fits).unwrap_or_else(|| tiles(area, room, rows, wish));
        let first = selected.min(count.saturating_sub(1)) / shape.page() * shape.page();
        Grid { area, tile, shape, count, first, caption: wish.caption, across: wish.across }
    }

    /// The items on the page, and their places.
    pub fn tiles(&self) -> impl Iterator<Item = (usize, Tile)> + '_ {
        let on_page = self.count.saturating_sub(self.first).min(self.shape.page());
        (0..on_page).map(|i| (self.first + i, self.tile(i)))
    }

    /// Items of the next page, to be prepared.
    pub fn next_page(&self) -> std::ops::Range<usize> {
        let first = (self.first + self.shape.page()).min(self.count);
        first..(first + self.shape.page()).min(self.count)
    }

    fn tile(&self, on_page: usize) -> Tile {
        let (row, column) = (on_page / self.shape.columns, on_page % self.shape.columns);
        let gaps = if self.across == Across::Pairs { column as u16 / 2 * GAP } else { 0 };
        let x = self.area.x + column as u16 * self.tile.width + gaps;
        let y = self.area.y + row as u16 * self.tile.height;
        Tile::new(Rect::new(x, y, self.tile.width, self.tile.height).intersection(self.area), self.caption)
    }

    /// The room for a picture in each tile.
    pub fn room(&self) -> Size {
        self.tile(0).picture.as_size()
    }

    /// The item at a place on the screen.
    pub fn at(&self, position: Position) -> Option<usize> {
        self.tiles().find(|(_, tile)| tile.area.contains(position)).map(|(item, _)| item)
    }

    /// `page 2 of 9`, if there is more than one.
    pub fn page(&self) -> Option<(usize, usize)> {
        let pages = self.count.div_ceil(self.shape.page());
        (pages > 1).then(|| (self.first / self.shape.page() + 1, pages))
    }
}

/// The size and number of tiles if `rows` of them share `room`.
fn tiles(area: Rect, room: u16, rows: u16, wish: Wish) -> (Size, PageShape) {
    let around = FRAME + wish.caption;
    let mut height = (room / rows).min(area.height);
    if area.height / height * height < area.height * 2 / 3 {
        // Tiles keep their size beside a panel unless that wastes too much of a small screen.
        height = (area.height / rows).max(around + 2).min(area.height);
    }
    // Pictures are a little wider than tall; a cell is about half as wide as tall.
    let width = (height.saturating_sub(around) * 12 / 5 + 2).max(wish.narrowest);
    let fewest = match wish.across {
        _ if wish.zoom > 0 || wish.expected < 3 => 1,
        Across::Pairs => 4,
        _ => 3,
    };
    let columns = (area.width / width).max(fewest).min((area.width / wish.narrowest).max(1));
    let (columns, gaps) = match wish.across {
        Across::Singles => (columns, 0),
        Across::Pairs => ((columns / 2 * 2).max(2), (columns / 2).max(1) * GAP - GAP),
        Across::Group => (columns.max(2), 0),
    };
    let width = (area.width - gaps) / columns;
    // No taller than a picture of that width can use.
    let height = height.min((width - width.min(2)) * 3 / 5 + around).max(around + 1);
    let rows = (area.height / height).max(1);
    (Size::new(width, height), PageShape { columns: columns.into(), rows: rows.into() })
}

/// A framed picture and the text below it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tile {
    pub area: Rect,
    /// The frame around the picture.
    pub frame: Rect,
    pub picture: Rect,
    pub caption: Rect,
}

impl Tile {
    pub fn new(area: Rect, caption: u16) -> Tile {
        let caption = caption.min(area.height);
        let frame = Rect { height: area.height - caption, ..area };
        let picture = Rect {
            x: area.x + 1,
            y: area.y + 1,
            width: area.width.saturating_sub(2),
            height: frame.height.saturating_sub(2),
        };
        let caption = Rect { y: area.y + frame.height, height: caption, ..area };
        Tile { area, frame, picture, caption }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn usual_screens_show_useful_tiles() {
        let shape = |w, h, caption| {
            let wish =
                Wish { room: h, caption, zoom: 0, expected: usize::MAX, across: Across::Singles, narrowest: NARROWEST };
            let grid = Grid::new(Rect::new(0, 4, w, h), 144, 0, wish);
            (grid.shape.columns, grid.shape.rows, grid.room())
        };
        assert_eq!(shape(120, 34, 1), (5, 3, Size::new(22, 8)));
        assert_eq!(shape(80, 18, 1), (5, 2, Size::new(14, 6)));
        assert_eq!(shape(60, 12, 1), (3, 1, Size::new(18, 9)));
    }

    #[test]
    fn few_results_are_shown_large_on_a_large_screen() {
        let page = |expected| {
            let wish = Wish { room: 56, caption: 2, zoom: 0, expected, across: Across::Singles, narrowest: NARROWEST };
            let grid = Grid::new(Rect::new(0, 2, 160, 56), 10, 0, wish);
            (grid.room(), grid.shape.page())
        };
        let (large, of) = page(10);
        assert!(of >= 10);
        assert!(large.height > page(usize::MAX).0.height, "{large:?}");
    }

    proptest! {
        #[test]
        fn every_tile_is_inside_and_none_overlap(
            w in 30u16..250, h in 5u16..80, count in 0usize..500, selected in 0usize..500, caption in 1u16..3,
            zoom in -3i8..4, taken in 0u16..9, expected in 0usize..50,
            across in prop_oneof![Just(Across::Singles), Just(Across::Pairs), Just(Across::Group)],
        ) {
            let area = Rect::new(2, 3, w, h);
            let grid = Grid::new(area, count, selected, Wish { room: h + taken, caption, zoom, expected, across, narrowest: NARROWEST });
            match across {
                Across::Singles => {}
                Across::Pairs => prop_assert_eq!(grid.shape.columns % 2, 0),
                Across::Group => prop_assert!(grid.shape.columns >= 2),
            }
            let tiles: Vec<_> = grid.tiles().collect();
            if count > 0 {
                prop_assert!(tiles.iter().any(|(item, _)| *item == selected.min(count - 1)));
            }
            for (i, (item, tile)) in tiles.iter().enumerate() {
                prop_assert!(*item < count);
                prop_assert_eq!(tile.area.intersection(area), tile.area);
                prop_assert!(tile.picture.height > 0 && tile.picture.width > 0, "{:?}", tile);
                for (_, other) in &tiles[..i] {
                    prop_assert!(!tile.area.intersects(other.area));
                }
                prop_assert_eq!(grid.at(tile.area.as_position()), Some(*item));
            }
        }
    }
}
