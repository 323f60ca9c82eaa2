//! A selected item in a list that is shown page by page.

use super::keys::Action;

/// How a list is laid out: items in a row, rows on a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    pub columns: usize,
    pub rows: usize,
}

impl Shape {
    pub fn page(self) -> usize {
        (self.columns * self.rows).max(1)
    }
}

/// Where `action` takes the selection `at` in a list of `count`; None if it isn't a move.
pub fn moved(at: usize, action: Action, shape: Shape, count: usize) -> Option<usize> {
    let last = count.saturating_sub(1);
    let columns = shape.columns.max(1);
    let to = match action {
        Action::Left => at.saturating_sub(1),
        Action::Right => at + 1,
        Action::Up if at >= columns => at - columns,
        Action::Up => at,
        // From the last row but one, down reaches the last item even where none is right below.
        Action::Down if at / columns < last / columns => at + columns,
        Action::Down => at,
        Action::PageUp => at.saturating_sub(shape.page()),
        Action::PageDown => at + shape.page(),
        Action::Home => 0,
        Action::End => last,
        _ => return None,
    };
    Some(to.min(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_stay_inside() {
        let shape = Shape { columns: 4, rows: 2 };
        let to = |at, action| moved(at, action, shape, 11).unwrap();
        assert_eq!(to(0, Action::Left), 0);
        assert_eq!(to(0, Action::Up), 0);
        assert_eq!(to(3, Action::Down), 7);
        assert_eq!(to(7, Action::Down), 10);
        assert_eq!(to(9, Action::Down), 9);
        assert_eq!(to(10, Action::Right), 10);
        assert_eq!(to(1, Action::PageDown), 9);
        assert_eq!(to(9, Action::PageUp), 1);
        assert_eq!(to(5, Action::End), 10);
        assert_eq!(moved(0, Action::Down, shape, 0), Some(0));
        assert_eq!(moved(0, Action::Quit, shape, 11), None);
    }
}
