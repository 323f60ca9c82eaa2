//! A line of text being typed: a filter, a picture's path, a file to write.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::text::printable;
use crate::tui::keys::Hint;
use crate::tui::theme;

/// The longest text, in bytes or so: no path is longer.
const LONGEST: usize = 4_096;

#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// What is asked for.
    pub label: &'static str,
    /// An announcement above the line.
    pub above: Option<String>,
    /// Why the text was refused, if it was: said above the line instead.
    pub refused: Option<String>,
    pub text: String,
    /// The text is a file's name that is only proposed: a path typed after it takes its place.
    pub is_proposed: bool,
    /// Whether it is a path, which can be completed.
    pub completes: bool,
}

impl Prompt {
    /// Types a character or deletes one; other keys do nothing.
    pub fn type_key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if std::mem::take(&mut self.is_proposed) && matches!(key.code, KeyCode::Char('/' | '~')) {
            self.text.clear();
        }
        match key.code {
            KeyCode::Char('u') if control => self.text.clear(),
            KeyCode::Char(c) if !control && self.text.len() < LONGEST => self.text.push(c),
            KeyCode::Backspace => drop(self.text.pop()),
            _ => {}
        }
    }

    /// Pastes the first line of the text.
    pub fn paste(&mut self, text: &str) {
        if std::mem::take(&mut self.is_proposed) {
            self.text.clear();
        }
        // Take a dropped path as it is: what it means is decided where files can be checked.
        let line = text.trim().lines().next().unwrap_or_default();
        self.text.extend(line.chars().take(LONGEST.saturating_sub(self.text.len())));
    }

    pub fn hints(&self) -> Vec<Hint> {
        let complete = self.completes.then_some(("tab", "complete", false));
        let hints = [Some(("⏎", "ok", true)), Some(("esc", "cancel", true)), complete, Some(("^U", "empty", false))];
        hints.into_iter().flatten().map(|(keys, text, always)| Hint { keys: keys.to_owned(), text, always }).collect()
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
