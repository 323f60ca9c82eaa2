//! Keys and the mouse, handed to what has the focus.

use std::time::Instant;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::app::{App, DOUBLE_CLICK};
use super::keys::{Action, Place};
use super::msg::Task;
use super::widgets::prompt::{Purpose, complete, expanded};
use super::widgets::settings::Field;

impl App {
    pub(super) fn key(&mut self, key: KeyEvent) -> Vec<Task> {
        self.notice = None;
        if self.prompt.is_some() {
            return self.prompt_key(key);
        }
        if self.focus == Some(Field::Parameter) && self.overlay.is_none() && self.viewer.is_none() && self.typed(key) {
            return Vec::new();
        }
        match self.place().action(key) {
            Some(action) => self.act(action),
            None => Vec::new(),
        }
    }

    /// A digit for the parameter.
    fn typed(&mut self, key: KeyEvent) -> bool {
        let c = match key.code {
            KeyCode::Char(c) if key.modifiers.is_empty() => c,
            KeyCode::Backspace => '\u{8}',
            _ => return false,
        };
        let ranking = self.ranking();
        self.edited().type_char(c, ranking.as_deref())
    }

    fn prompt_key(&mut self, key: KeyEvent) -> Vec<Task> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if control => return vec![Task::Quit],
            KeyCode::Char('u') if control => prompt.text.clear(),
            KeyCode::Char(c) if !control => prompt.text.push(c),
            KeyCode::Backspace => {
                prompt.text.pop();
            }
            KeyCode::Tab if prompt.purpose != Purpose::Filter => prompt.text = complete(&prompt.text),
            KeyCode::Esc => {
                let purpose = prompt.purpose;
                self.prompt = None;
                if purpose == Purpose::Filter {
                    self.filter(String::new());
                }
                return Vec::new();
            }
            KeyCode::Enter => return self.prompt_done(),
            _ => {}
        }
        self.filter_as_typed();
        Vec::new()
    }

    fn filter_as_typed(&mut self) {
        if let Some(prompt) = &self.prompt
            && prompt.purpose == Purpose::Filter
        {
            let text = prompt.text.clone();
            self.filter(text);
        }
    }

    fn prompt_done(&mut self) -> Vec<Task> {
        let Some(prompt) = self.prompt.take() else { return Vec::new() };
        let text = prompt.text.trim();
        match prompt.purpose {
            _ if text.is_empty() => Vec::new(),
            Purpose::Filter => Vec::new(),
            Purpose::OpenFile => vec![Task::Open(text.into())],
            Purpose::Write => self.write(text.into()),
            Purpose::WriteJoin => self.write_join(expanded(text)),
            Purpose::WritePaths => self.write_paths(expanded(text)),
        }
    }

    pub(super) fn paste(&mut self, text: &str) -> Vec<Task> {
        if let Some(prompt) = &mut self.prompt {
            // A file dragged into a terminal arrives quoted.
            let text = text.trim().trim_matches('\'').trim_matches('"');
            prompt.text.push_str(text.lines().next().unwrap_or_default());
            self.filter_as_typed();
        }
        Vec::new()
    }

    pub(super) fn mouse(&mut self, event: MouseEvent, at: Instant) -> Vec<Task> {
        let position = Position::new(event.column, event.row);
        if self.prompt.is_some() {
            // What is being typed has the focus.
            return Vec::new();
        }
        match event.kind {
            MouseEventKind::ScrollDown => self.wheel(position, Action::PageDown, Action::Down),
            MouseEventKind::ScrollUp => self.wheel(position, Action::PageUp, Action::Up),
            MouseEventKind::Down(MouseButton::Left) => {
                self.notice = None;
                let double = self.last_click.is_some_and(|(then, there)| {
                    there == position && at.saturating_duration_since(then) < DOUBLE_CLICK
                });
                // A third click is a first one again.
                self.last_click = (!double).then_some((at, position));
                self.click(position, double)
            }
            MouseEventKind::Down(MouseButton::Right) => self.act(Action::Back),
            _ => Vec::new(),
        }
    }

    /// The wheel pages; over a list or a field it moves by one.
    fn wheel(&mut self, position: Position, page: Action, step: Action) -> Vec<Task> {
        match self.place() {
            Place::Viewer if page == Action::PageDown => self.act(Action::Larger),
            Place::Viewer => self.act(Action::Smaller),
            Place::Overlay => self.act(step),
            Place::Pair if page == Action::PageDown => self.act(Action::Right),
            Place::Pair => self.act(Action::Left),
            _ => match self.field_at(position) {
                Some((field, _)) => {
                    self.focus = Some(field);
                    self.act(step)
                }
                None => {
                    self.close_settings();
                    self.act(page)
                }
            },
        }
    }

    fn click(&mut self, position: Position, double: bool) -> Vec<Task> {
        match self.place() {
            Place::Overlay => self.act(Action::Back),
            Place::Viewer | Place::Pair if double => self.act(Action::Back),
            Place::Viewer | Place::Pair => Vec::new(),
            _ => match self.field_at(position) {
                Some((field, option)) => self.pick(field, option),
                None => self.click_picture(position, double),
            },
        }
    }

    /// A click on a panel gives it the focus; then, on an option, takes it.
    fn pick(&mut self, field: Field, option: Option<usize>) -> Vec<Task> {
        let expanded = self.focus.is_some();
        self.focus = Some(field);
        match option.filter(|_| expanded) {
            Some(option) => {
                self.edited().choose(field, option);
                self.settings_changed()
            }
            None => Vec::new(),
        }
    }

    fn click_picture(&mut self, position: Position, double: bool) -> Vec<Task> {
        if self.focus.is_some() {
            self.close_settings();
        }
        let selected = match (&self.joined, self.trail.last()) {
            (Some(joined), _) => joined.at(self, position),
            (None, Some(results)) => results.grid(self).at(position),
            (None, None) => self.key_select.grid(self).at(position),
        };
        let Some(selected) = selected else { return Vec::new() };
        match (&mut self.joined, self.trail.last_mut()) {
            (Some(_), _) => self.select_joined(selected),
            (None, Some(results)) => results.selected = selected,
            (None, None) => self.key_select.selected = selected,
        }
        if double { self.act(Action::View) } else { Vec::new() }
    }
}
