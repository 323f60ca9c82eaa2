//! Keys and the mouse, handed to what has the focus; and where that leads.

use std::time::{Duration, Instant};

use crossterm::event::{KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::app::App;
use super::msg::Task;
use super::scene::{Go, Screen, field_at};
use super::scenes::{Always, Results, SettingsPanel, always};
use super::set::KeyPicture;
use super::settings::{Settings, Step};

/// Two clicks within this time are a double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);

impl App {
    pub(super) fn key(&mut self, key: KeyEvent) -> Vec<Task> {
        self.world.notice = None;
        let below = self.trail.shown_mut();
        let go = match self.layers.last_mut() {
            Some(layer) => layer.press(key, below, &mut self.world),
            None => below.press(key, &mut self.world),
        };
        match (go, always(key)) {
            (Go::Unbound, Some(asked)) => self.always(asked),
            (go, _) => self.go(go),
        }
    }

    fn always(&mut self, asked: Always) -> Vec<Task> {
        match asked {
            Always::Open(open) => {
                let go = open(self.keys(), &mut self.world);
                self.go(go)
            }
            Always::Quit => self.quit(Task::Quit),
            Always::Stop => self.quit(Task::Stop),
            Always::Redraw => self.redraw(),
            Always::LookAgain => {
                self.world.inform("reading the folders anew");
                vec![Task::LookAgain { at_all: true }]
            }
            Always::Suspend => vec![Task::Suspend],
        }
    }

    /// Quits; while a file is being written, when asked a second time.
    fn quit(&mut self, task: Task) -> Vec<Task> {
        match &mut self.world.writing {
            Some(writing) if !writing.may_be_dropped => {
                writing.may_be_dropped = true;
                let file = writing.path.display().to_string();
                self.world.error(format!("{file} is still being written; quit again to leave it unwritten"));
                Vec::new()
            }
            _ => vec![task],
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        if let Some(layer) = self.layers.last_mut() {
            layer.paste(text, self.trail.shown_mut(), &mut self.world);
        }
    }

    pub(super) fn completed(&mut self, text: String) -> Vec<Task> {
        let Some(layer) = self.layers.last_mut() else { return Vec::new() };
        let go = layer.completed(text, self.trail.shown_mut(), &mut self.world);
        self.go(go)
    }

    pub(super) fn mouse(&mut self, event: MouseEvent, at: Instant) -> Vec<Task> {
        let position = Position::new(event.column, event.row);
        if self.layers.last().is_some_and(|layer| layer.prompt().is_some()) {
            // What is being typed has the focus.
            return Vec::new();
        }
        match event.kind {
            MouseEventKind::ScrollDown => self.wheel(position, true),
            MouseEventKind::ScrollUp => self.wheel(position, false),
            MouseEventKind::Down(MouseButton::Left) => {
                self.world.notice = None;
                let double = self.last_click.is_some_and(|(then, there)| {
                    there == position && at.saturating_duration_since(then) < DOUBLE_CLICK
                });
                // A third click is a first one again.
                self.last_click = (!double).then_some((at, position));
                self.click(position, double)
            }
            MouseEventKind::Down(MouseButton::Right) => {
                let below = self.trail.shown_mut();
                let go = match self.layers.last_mut() {
                    Some(layer) => layer.back(below, &mut self.world),
                    None => below.back(&mut self.world),
                };
                self.go(go)
            }
            _ => Vec::new(),
        }
    }

    fn click(&mut self, at: Position, double: bool) -> Vec<Task> {
        if let Some(layer) = self.layers.last_mut() {
            let go = layer.click(at, double, self.trail.shown_mut(), &mut self.world);
            if !matches!(go, Go::Through) {
                return self.go(go);
            }
            self.layers.pop();
        }
        let go = match self.panel_at(at) {
            Some(panel) => Go::over(panel),
            None => self.trail.shown_mut().click(at, double, &mut self.world),
        };
        self.go(go)
    }

    /// The wheel pages; over a field it changes it.
    fn wheel(&mut self, at: Position, forward: bool) -> Vec<Task> {
        if let Some(layer) = self.layers.last_mut() {
            let go = layer.wheel(at, forward, self.trail.shown_mut(), &mut self.world);
            if !matches!(go, Go::Through) {
                return self.go(go);
            }
            self.layers.pop();
        }
        let Some(mut panel) = self.panel_at(at) else {
            self.trail.shown_mut().page(forward, &mut self.world);
            return Vec::new();
        };
        let step = if forward { Step::Down } else { Step::Up };
        let go = panel.change(step, self.trail.shown_mut(), &mut self.world);
        self.layers.push(Box::new(panel));
        self.go(go)
    }

    /// The settings, opened at the field that is at a place on the screen.
    fn panel_at(&self, at: Position) -> Option<SettingsPanel> {
        let screen = self.trail.shown();
        let (field, _) = field_at(screen, screen.settings(), at, &self.world)?;
        Some(SettingsPanel::new(field, screen.settings()))
    }

    /// Goes where the topmost scene leads.
    fn go(&mut self, go: Go) -> Vec<Task> {
        match go {
            Go::Stay | Go::Through | Go::Unbound => Vec::new(),
            Go::Start(tasks) => tasks,
            Go::Back(mut tasks) => {
                if self.layers.pop().is_none() {
                    tasks.extend(self.trail.go_back(&mut self.world));
                }
                tasks
            }
            Go::Over(layer) => {
                self.layers.push(layer);
                Vec::new()
            }
            Go::Onto(screen, tasks) => {
                // What would be found is there already.
                let is_again = self.go_on(screen);
                if is_again { Vec::new() } else { tasks }
            }
            Go::Similar(asked) => self.find_similar(asked.0, asked.1),
        }
    }

    /// Makes `key` the key of new results.
    pub(super) fn find_similar(&mut self, key: KeyPicture, settings: Settings) -> Vec<Task> {
        let (results, task) = Results::new(key, settings, &mut self.world);
        self.go_on(Box::new(results));
        vec![task]
    }

    /// Whether it is a join that was left before.
    fn go_on(&mut self, screen: Box<dyn Screen>) -> bool {
        for layer in &mut self.layers {
            if !layer.stays() {
                layer.close(self.trail.shown_mut(), &mut self.world);
            }
        }
        self.layers.retain(|layer| layer.stays());
        let joins = screen.pairs().is_some();
        let is_again = self.trail.go_on(screen);
        if joins && !is_again {
            self.world.marks.unsettle();
        }
        is_again
    }
}
