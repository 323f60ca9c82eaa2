//! Text that fits.

use ratatui::text::{Line, Span};

pub use crate::text::{fit, fit_left, fit_middle};

/// A picture's name for small spaces: without folders and extension.
pub fn title(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    match file.rfind('.') {
        Some(dot) if dot > 0 => &file[..dot],
        _ => file,
    }
}

/// `text` wrapped to the right of `first`.
pub fn beside(first: Span<'static>, text: &str, width: usize) -> Vec<Line<'static>> {
    let room = width.saturating_sub(first.width() + 1).max(1);
    let indent = " ".repeat(first.width());
    let mut firsts = Some(first);
    let line = |part: std::borrow::Cow<str>| {
        Line::from(vec![firsts.take().unwrap_or_else(|| Span::raw(indent.clone())), Span::raw(part.into_owned())])
    };
    textwrap::wrap(text, room).into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_names_without_folder_and_extension() {
        assert_eq!(title("2023/spain/img.001.jpg"), "img.001");
        assert_eq!(title(".jpg"), ".jpg");
    }
}
