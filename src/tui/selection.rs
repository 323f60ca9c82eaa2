//! A selected item in a list shown page by page.

/// Where a key moves the selection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    Left,
    Down,
    Up,
    Right,
    PageUp,
    PageDown,
    Home,
    End,
}

/// The layout of a list: items per row, rows per page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageShape {
    pub columns: usize,
    pub rows: usize,
}

impl PageShape {
    /// Items per page.
    pub fn page(self) -> usize {
        (self.columns * self.rows).max(1)
    }
}

impl Move {
    /// Where it moves the selection `at` in a list of `count`.
    pub fn from(self, at: usize, shape: PageShape, count: usize) -> usize {
        let last = count.saturating_sub(1);
        let columns = shape.columns.max(1);
        let to = match self {
            Move::Left => at.saturating_sub(1),
            Move::Right => at + 1,
            Move::Up if at >= columns => at - columns,
            Move::Up => at,
            // From the last row but one, down goes to the last item even if none is right below.
            Move::Down if at / columns < last / columns => at + columns,
            Move::Down => at,
            Move::PageUp => at.saturating_sub(shape.page()),
            Move::PageDown => at + shape.page(),
            Move::Home => 0,
            Move::End => last,
        };
        to.min(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_stay_inside() {
        let shape = PageShape { columns: 4, rows: 2 };
        let to = |at, way: Move| way.from(at, shape, 11);
        assert_eq!(to(0, Move::Left), 0);
        assert_eq!(to(0, Move::Up), 0);
        assert_eq!(to(3, Move::Down), 7);
        assert_eq!(to(7, Move::Down), 10);
        assert_eq!(to(9, Move::Down), 9);
        assert_eq!(to(10, Move::Right), 10);
        assert_eq!(to(1, Move::PageDown), 9);
        assert_eq!(to(9, Move::PageUp), 1);
        assert_eq!(to(5, Move::End), 10);
        assert_eq!(Move::Down.from(0, shape, 0), 0);
    }
}
