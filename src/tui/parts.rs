//! The areas of a screen.

use ratatui::layout::{Constraint, Layout, Rect};

/// The areas that key select, results and joins have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    pub header: Rect,
    pub settings: Rect,
    pub pictures: Rect,
    /// The introduction below the pictures, at the first start only.
    pub welcome: Rect,
    /// The pictures' height while the settings are closed.
    pub room: u16,
    /// Progress, a notice or a prompt.
    pub status: Rect,
    pub hints: Rect,
}

impl Parts {
    /// `settings`: the settings' height; `closed`: their height when closed; `welcome`: the height of the introduction.
    pub fn new(area: Rect, settings: u16, closed: u16, welcome: u16) -> Parts {
        let [header, settings, pictures, welcome, status, hints] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(settings),
            Constraint::Min(1),
            Constraint::Length(welcome),
            Constraint::Length(1),
            Constraint::Length(1),
        ])
        .areas(area);
        let room = (pictures.height + settings.height).saturating_sub(closed);
        Parts { header, settings, pictures, welcome, room, status, hints }
    }
}

/// The first line, the middle, the last line.
pub fn full_screen(area: Rect) -> [Rect; 3] {
    Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(1)]).areas(area)
}
