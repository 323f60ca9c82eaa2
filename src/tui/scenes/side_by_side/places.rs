//! The layout.

use ratatui::layout::{Constraint, Layout, Rect};

use crate::tui::parts::full_screen;
use crate::tui::world::World;

/// Facts in the table, a line each.
pub const TABLE: u16 = 7;
/// Lines of facts below each picture.
pub const LINES: u16 = 2;
/// The least height of a screen with the table.
const TALL: u16 = 32;

pub struct Places {
    pub pictures: [Rect; 2],
    pub names: [Rect; 2],
    /// Below both: a table, or two lines for each.
    pub facts: Rect,
}

impl Places {
    pub fn new(world: &World) -> Places {
        let [_, middle, _] = full_screen(world.area());
        let facts = if world.size.height >= TALL { TABLE } else { LINES };
        let rows = Layout::vertical([Constraint::Min(1), Constraint::Length(1), Constraint::Length(facts)]);
        let [pictures, names, facts] = rows.areas(middle);
        Places { pictures: halves(pictures), names: halves(names), facts }
    }

    pub fn has_table(&self) -> bool {
        self.facts.height >= TABLE
    }
}

/// The left and the right half, of exactly the same size.
pub fn halves(area: Rect) -> [Rect; 2] {
    let width = area.width.saturating_sub(1) / 2;
    let left = Rect { width, ..area };
    [left, Rect { x: area.right() - width, ..left }]
}
