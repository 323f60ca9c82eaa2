//! Styles. Text has the terminal's default colours: which others of the sixteen are readable depends on the background,
//! and each fails on some. Bold and reverse carry meaning; frames and bars are coloured or dim. With `NO_COLOR` there
//! are no colours.

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

/// Text that has the focus or is selected.
pub fn selected() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// The frame of a selected item.
pub fn selected_frame() -> Style {
    style(Color::Yellow).add_modifier(Modifier::BOLD)
}

/// Secondary text. Not in colour 8, which is the background in some palettes, nor dim, which nearly vanishes on light
/// ones.
pub fn remark() -> Style {
    Style::new()
}

/// Frames, and the rest of bars.
pub fn quiet() -> Style {
    Style::new().add_modifier(Modifier::DIM)
}

/// Text on a frame, without the frame's colour.
pub fn on_frame(text: Style) -> Style {
    Style::reset().patch(text)
}

/// Keys in hints.
pub fn key() -> Style {
    Style::new().add_modifier(Modifier::BOLD)
}

/// Numbers that users look for.
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

/// Text about marks, conspicuous with or without colours.
pub fn marked() -> Style {
    Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED)
}

/// Frames of marked pictures.
pub fn marked_frame() -> Style {
    style(Color::Magenta).add_modifier(Modifier::BOLD)
}

/// Dots of a dataset on the map; if there is only one, in the text's colour.
pub fn dots(dataset: usize, of: usize) -> Style {
    match dataset {
        _ if of < 2 => Style::new(),
        0 => style(Color::Green),
        _ => style(Color::Magenta).add_modifier(Modifier::BOLD),
    }
}

/// The cursor among dots.
pub fn cursor() -> Style {
    Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED)
}
