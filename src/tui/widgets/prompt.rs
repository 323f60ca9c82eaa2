//! A line of text being typed: a filter, a picture's path, a file to write.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::text::printable;
use crate::tui::theme;

#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// What is asked for.
    pub label: &'static str,
    /// An announcement above the line.
    pub above: Option<String>,
    pub text: String,
    /// Whether it is a path, which can be completed.
    pub completes: bool,
}

impl Prompt {
    /// Types a character or deletes one; other keys do nothing.
    pub fn type_key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => self.text.clear(),
            KeyCode::Char(c) if !control => self.text.push(c),
            KeyCode::Backspace => drop(self.text.pop()),
            _ => {}
        }
    }

    /// Pastes the first line of the text.
    pub fn paste(&mut self, text: &str) {
        // Take a dropped path as it is: what it means is decided where files can be checked.
        self.text.push_str(text.trim().lines().next().unwrap_or_default());
    }

    /// In the last line.
    pub fn hints(&self) -> Vec<(String, &'static str)> {
        let complete = self.completes.then_some(("tab", "complete"));
        let hints = [Some(("⏎", "ok")), Some(("esc", "cancel")), complete, Some(("^U", "empty"))];
        hints.into_iter().flatten().map(|(key, hint)| (key.to_owned(), hint)).collect()
    }

    pub fn draw(&self, frame: &mut Frame, area: Rect) {
        let label = Span::styled(format!(" {}: ", self.label), theme::key());
        let room = usize::from(area.width).saturating_sub(label.width() + 2);
        let text = printable(&self.text);
        // Show the end, where the user types.
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
