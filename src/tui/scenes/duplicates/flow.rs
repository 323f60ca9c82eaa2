//! Lays groups out in rows of tiles, like words in lines; a group longer than a line takes several.

use ratatui::layout::{Position, Rect, Size};

use crate::tui::pairs::Selected;
use crate::tui::widgets::grid::Tile;

/// Columns between two groups in a row.
pub const GAP: u16 = 2;

/// The places of all groups, in pages.
pub struct Flow {
    area: Rect,
    tile: Size,
    caption: u16,
    /// Tiles per row, rows per page.
    columns: usize,
    rows: usize,
    groups: Vec<GroupPlace>,
    /// The first row of the page.
    first: usize,
}

/// A group's first tile, and the number of its pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
struct GroupPlace {
    row: usize,
    x: u16,
    pictures: usize,
}

impl Flow {
    /// The page with the group `selected`, given the size of each group.
    pub fn new(area: Rect, tile: Size, caption: u16, groups: impl Iterator<Item = usize>, selected: Selected) -> Flow {
        let columns = usize::from(area.width / tile.width.max(1)).max(1);
        let rows = usize::from(area.height / tile.height.max(1)).max(1);
        let mut flow = Flow { area, tile, caption, columns, rows, groups: Vec::new(), first: 0 };
        let (mut row, mut x) = (0, 0);
        for pictures in groups {
            let width = tile.width.saturating_mul(pictures.min(columns) as u16);
            if x > 0 && x + width > area.width {
                (row, x) = (row + 1, 0);
            }
            flow.groups.push(GroupPlace { row, x, pictures });
            let more = pictures.saturating_sub(1) / columns;
            (row, x) = if more > 0 { (row + more + 1, 0) } else { (row, x + width + GAP) };
        }
        flow.first = flow.row_of(selected).unwrap_or(0) / flow.rows * flow.rows;
        flow
    }

    /// The room for a picture in each tile.
    pub fn room(&self) -> Size {
        self.at_place(0, 0).picture.as_size()
    }

    fn row_of(&self, at: Selected) -> Option<usize> {
        self.groups.get(at.row).map(|place| place.row + at.picture / self.columns)
    }

    fn x_of(&self, at: Selected) -> Option<u16> {
        self.groups.get(at.row).map(|place| place.x + (at.picture % self.columns) as u16 * self.tile.width)
    }

    fn at_place(&self, row_on_page: usize, x: u16) -> Tile {
        let (x, y) = (self.area.x + x, self.area.y + row_on_page as u16 * self.tile.height);
        Tile::new(Rect::new(x, y, self.tile.width, self.tile.height).intersection(self.area), self.caption)
    }

    /// All pictures in these rows.
    fn in_rows(&self, rows: std::ops::Range<usize>) -> impl Iterator<Item = Selected> + '_ {
        let (begin, end) = (rows.start, rows.end);
        // A long group may have started earlier.
        let last = |place: &GroupPlace| place.row + place.pictures.saturating_sub(1) / self.columns;
        let first = self.groups.partition_point(move |place| last(place) < begin);
        let groups = (first..self.groups.len()).take_while(move |group| self.groups[*group].row < end);
        let pictures =
            groups.flat_map(|row| (0..self.groups[row].pictures).map(move |picture| Selected { row, picture }));
        pictures.filter(move |at| self.row_of(*at).is_some_and(|row| (begin..end).contains(&row)))
    }

    fn tiles_of(&self, rows: std::ops::Range<usize>) -> impl Iterator<Item = (Selected, Tile)> + '_ {
        let first = rows.start;
        self.in_rows(rows).filter_map(move |at| Some((at, self.at_place(self.row_of(at)? - first, self.x_of(at)?))))
    }

    /// The pictures on the page, and their places.
    pub fn tiles(&self) -> impl Iterator<Item = (Selected, Tile)> + '_ {
        self.tiles_of(self.first..self.first + self.rows)
    }

    /// The pictures of the next page, to be prepared.
    pub fn next_page(&self) -> impl Iterator<Item = Selected> + '_ {
        let first = self.first + self.rows;
        self.in_rows(first..first + self.rows)
    }

    /// The picture at a place on the screen.
    pub fn at(&self, position: Position) -> Option<Selected> {
        self.tiles().find(|(_, tile)| tile.area.contains(position)).map(|(at, _)| at)
    }

    /// The picture this many rows below (or above), in about the same column as `from`.
    pub fn rows_from(&self, from: Selected, rows: isize) -> Option<Selected> {
        let (row, x) = (self.row_of(from)?, self.x_of(from)?);
        let last = self.groups.last().map_or(0, |place| place.row + place.pictures.saturating_sub(1) / self.columns);
        let row = row.saturating_add_signed(rows).min(last);
        self.in_rows(row..row + 1).min_by_key(|at| self.x_of(*at).unwrap_or(0).abs_diff(x))
    }

    pub fn rows_on_page(&self) -> usize {
        self.rows
    }

    /// `page 2 of 9`, if there is more than one.
    pub fn page(&self) -> Option<(usize, usize)> {
        let last = self.groups.last()?;
        let pages = (last.row + last.pictures.saturating_sub(1) / self.columns) / self.rows + 1;
        (pages > 1).then(|| (self.first / self.rows + 1, pages))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flow(groups: &[usize], selected: usize) -> Flow {
        let at = Selected { row: selected, picture: 0 };
        Flow::new(Rect::new(0, 1, 50, 20), Size::new(12, 10), 3, groups.iter().copied(), at)
    }

    /// Group and picture, row by row of the page.
    fn seen(flow: &Flow) -> Vec<(usize, usize, u16, u16)> {
        flow.tiles().map(|(at, tile)| (at.row, at.picture, tile.area.x, tile.area.y)).collect()
    }

    #[test]
    fn groups_fill_rows_and_long_ones_go_on_in_the_next() {
        // Four tiles a row: 2 + gap + 3 are too many.
        let groups = [2, 3, 3, 6, 1];
        assert_eq!(
            seen(&flow(&groups, 0)),
            [(0, 0, 0, 1), (0, 1, 12, 1), (1, 0, 0, 11), (1, 1, 12, 11), (1, 2, 24, 11)]
        );
        let third = flow(&groups, 2);
        assert_eq!(seen(&third)[..3], [(2, 0, 0, 1), (2, 1, 12, 1), (2, 2, 24, 1)]);
        assert_eq!(seen(&third)[3..].iter().map(|t| (t.0, t.1)).collect::<Vec<_>>(), [(3, 0), (3, 1), (3, 2), (3, 3)]);
        assert_eq!(third.page(), Some((2, 3)));
        let next: Vec<_> = third.next_page().map(|at| (at.row, at.picture)).collect();
        assert_eq!(next, [(3, 4), (3, 5), (4, 0)]);
    }

    #[test]
    fn up_and_down_keep_the_column_as_far_as_there_is_one() {
        let groups = [3, 2, 6];
        let all = flow(&groups, 0);
        let go = |row, picture, by| all.rows_from(Selected { row, picture }, by).map(|at| (at.row, at.picture));
        assert_eq!(go(0, 2, 1), Some((1, 1)));
        assert_eq!(go(1, 1, 1), Some((2, 1)));
        assert_eq!(go(2, 3, 1), Some((2, 5)));
        assert_eq!(go(2, 5, 9), Some((2, 5)));
        assert_eq!(go(2, 5, -9), Some((0, 1)));
        assert_eq!(flow(&[], 0).rows_from(Selected { row: 0, picture: 0 }, 1), None);
    }

    #[test]
    fn a_click_finds_the_picture() {
        let all = flow(&[2, 1], 0);
        let at = |x, y| all.at(Position::new(x, y)).map(|at| (at.row, at.picture));
        assert_eq!((at(13, 5), at(26, 5), at(49, 19)), (Some((0, 1)), Some((1, 0)), None));
    }
}
