//! Styles, from the terminal's own sixteen colours. With `NO_COLOR` set, none: bold, dim and reverse say it all.

use std::sync::OnceLock;

use ratatui::style::{Color, Modifier, Style};

fn coloured() -> bool {
    static COLOURED: OnceLock<bool> = OnceLock::new();
    *COLOURED.get_or_init(|| std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()))
}

fn style(colour: Color) -> Style {
    if coloured() { Style::new().fg(colour) } else { Style::new() }
}

/// The program's name.
pub fn title() -> Style {
    style(Color::Cyan).add_modifier(Modifier::BOLD)
}

/// What has the focus or is selected.
pub fn selected() -> Style {
    style(Color::Yellow).add_modifier(Modifier::BOLD)
}

/// Frames, and what is only good to know.
pub fn quiet() -> Style {
    style(Color::DarkGray).add_modifier(if coloured() { Modifier::empty() } else { Modifier::DIM })
}

/// Keys in hints.
pub fn key() -> Style {
    style(Color::Cyan)
}

/// Numbers that a user looks for.
pub fn value() -> Style {
    style(Color::Green)
}

pub fn error() -> Style {
    style(Color::Red).add_modifier(Modifier::BOLD)
}

pub fn progress() -> Style {
    style(Color::Green)
}

/// What is said of marks: it can't be overlooked, with colours or without.
pub fn marked() -> Style {
    style(Color::Magenta).add_modifier(Modifier::BOLD | Modifier::REVERSED)
}

/// Frames and names of marked pictures.
pub fn marked_frame() -> Style {
    style(Color::Magenta).add_modifier(Modifier::BOLD)
}
