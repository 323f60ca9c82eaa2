//! The parts of a screen.

use ratatui::layout::{Constraint, Layout, Rect};

/// What key select, results and joins have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    pub header: Rect,
    pub settings: Rect,
    pub pictures: Rect,
    /// What a newcomer is told, below the pictures; nothing later.
    pub welcome: Rect,
    /// The pictures' height while the settings are closed.
    pub room: u16,
    /// Progress, a notice or a prompt.
    pub status: Rect,
    pub hints: Rect,
}

impl Parts {
    /// `settings`: the settings' height; `closed`: when they are closed; `welcome`: that of what a newcomer is told.
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
