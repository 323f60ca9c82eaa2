//! A line of text that is being typed: a filter, a picture's path, a file to write.

use std::path::MAIN_SEPARATOR;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::text::printable;
use crate::tui::theme;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Filter,
    OpenFile,
    Write,
    WriteJoin,
    WritePaths,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    pub purpose: Purpose,
    pub text: String,
}

impl Prompt {
    pub fn new(purpose: Purpose, text: impl Into<String>) -> Prompt {
        Prompt { purpose, text: text.into() }
    }

    fn label(&self) -> &'static str {
        match self.purpose {
            Purpose::Filter => "show names containing",
            Purpose::OpenFile => "picture to take as key",
            Purpose::Write => "write results to (.csv, .json, .txt)",
            Purpose::WriteJoin => "write all to (.csv, .jsonl, .parquet)",
            Purpose::WritePaths => "write the paths of marked pictures to",
        }
    }

    /// In the last line.
    pub fn hints(&self) -> Vec<(String, &'static str)> {
        let complete = (self.purpose != Purpose::Filter).then_some(("tab", "complete"));
        let hints = [Some(("⏎", "ok")), Some(("esc", "cancel")), complete, Some(("^U", "empty"))];
        hints.into_iter().flatten().map(|(key, hint)| (key.to_owned(), hint)).collect()
    }

    pub fn draw(&self, frame: &mut Frame, area: Rect) {
        let label = Span::styled(format!(" {}: ", self.label()), theme::key());
        let room = usize::from(area.width).saturating_sub(label.width() + 2);
        let text = printable(&self.text);
        // The end is what is being typed.
        let mut shown = text.as_str();
        while shown.width() > room {
            let mut rest = shown.chars();
            rest.next();
            shown = rest.as_str();
        }
        let line = Line::from(vec![label, Span::raw(shown.to_owned()), Span::styled("▏", theme::selected())]);
        frame.render_widget(line, area);
    }
}

/// A path as typed, `~` standing for the home folder.
pub fn expanded(text: &str) -> std::path::PathBuf {
    match text.strip_prefix("~/").zip(std::env::home_dir()) {
        Some((inside, home)) => home.join(inside),
        None => text.into(),
    }
}

/// `text` completed as far as the names in its folder agree.
pub fn complete(text: &str) -> String {
    let (folder, begun) = match text.rfind(MAIN_SEPARATOR) {
        Some(at) => (&text[..=at], &text[at + 1..]),
        None => ("", text),
    };
    let read = expanded(if folder.is_empty() { "." } else { folder });
    let names = std::fs::read_dir(read).into_iter().flatten().flatten();
    let mut matching = names.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let shown = name.starts_with(begun) && (!name.starts_with('.') || begun.starts_with('.'));
        shown.then(|| if entry.path().is_dir() { format!("{name}{MAIN_SEPARATOR}") } else { name })
    });
    let Some(first) = matching.next() else { return text.into() };
    let common = matching.fold(first, |common, name| {
        common.chars().zip(name.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
    });
    format!("{folder}{common}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_completed_as_far_as_names_agree() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["holiday_1.jpg", "holiday_2.jpg", ".hidden"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        std::fs::create_dir(folder.path().join("work")).unwrap();
        let at = |text: &str| {
            let base = format!("{}/", folder.path().display());
            complete(&format!("{base}{text}")).replace(&base, "")
        };
        assert_eq!(at("ho"), "holiday_");
        assert_eq!(at("w"), "work/");
        assert_eq!(at("zzz"), "zzz");
        assert_eq!(at(".h"), ".hidden");
    }
}
