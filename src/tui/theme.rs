//! Styles. Text has the colours that the user reads all day, default on default: what else of the sixteen can be read depends
//! on the background, and on some every one can't. Bold and reverse say what text is; frames and bars are coloured
//! or dim. No colours where `NO_COLOR` is set.

use std::sync::OnceLock;

use ratatui::style::{Color, Modifier, Style};

fn coloured() -> bool {
    static COLOURED: OnceLock<bool> = OnceLock::new();
    *COLOURED.get_or_init(|| std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()))
}

fn style(colour: Color) -> Style {
    if coloured() { Style::new().fg(colour) } else { Style::new() }
}

/// The program's name, and titles.
pub fn title() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// What has the focus or is selected.
pub fn selected() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// Its frame.
pub fn selected_frame() -> Style {
    style(Color::Yellow).add_modifier(Modifier::BOLD)
}

/// What is only good to know. Neither colour 8, which on some grounds is the ground, nor dim, which is nearly that on light ones.
pub fn remark() -> Style {
    Style::new()
}

/// Frames, and what is left of bars.
pub fn quiet() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

/// Text on a frame, of which it doesn't take the colour.
pub fn on_frame(text: Style) -> Style {
    Style::reset().patch(text)
}

/// Keys in hints.
pub fn key() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// Numbers that a user looks for.
pub fn value() -> Style {
    Style::new()
}

pub fn error() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// The part of a bar that is done or taken.
pub fn progress() -> Style {
    style(Color::Green)
}

/// What is said of marks: it can't be overlooked, with colours or without.
pub fn marked() -> Style {
    Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED)
}

/// Frames of marked pictures.
pub fn marked_frame() -> Style {
    style(Color::Magenta).add_modifier(Modifier::BOLD)
}

/// Dots of the map, of this dataset; of only one, as text is.
pub fn dots(dataset: usize, of: usize) -> Style {
    match dataset {
        _ if of < 2 => Style::new(),
        0 => style(Color::Green),
        _ => style(Color::Magenta).add_modifier(Modifier::BOLD),
    }
}

/// Where the cursor stands among dots.
pub fn cursor() -> Style {
    Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED)
}
