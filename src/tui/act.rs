//! Passes keys and the mouse to the scene that has the focus, and goes where it leads.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossterm::event::{KeyEvent, MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use super::app::App;
use super::key_pictures::KeyPictures;
use super::msg::Task;
use super::purpose::Purpose;
use super::scene::{Go, Screen, field_at};
use super::scenes::{Always, Results, SettingsPanel, Typing, always, unused};
use super::search::Search;
use super::set::KeyPicture;
use super::settings::{Settings, Step};
use super::world::{Entered, Notice};
use crate::terminal::scp_line;
use crate::text::{bytes, count, printable};

/// Two clicks within this time are a double click.
const DOUBLE_CLICK: Duration = Duration::from_millis(400);

impl App {
    pub(super) fn key(&mut self, key: KeyEvent) -> Vec<Task> {
        self.world.notice = None;
        if self.world.is_too_small() {
            return match always(key) {
                Some(asked @ (Always::Quit | Always::Stop | Always::Suspend | Always::Redraw)) => self.always(asked),
                // Nobody would see what they do.
                _ => Vec::new(),
            };
        }
        let below = self.trail.shown_mut();
        let go = match self.layers.last_mut() {
            Some(layer) => layer.press(key, below, &mut self.world),
            None => below.press(key, &mut self.world),
        };
        match (go, always(key)) {
            (Go::Unbound, Some(asked)) => self.always(asked),
            (Go::Unbound, None) => {
                unused(key).into_iter().for_each(|text| self.world.inform(text));
                Vec::new()
            }
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
            Always::CopyPath => self.copy_path(),
            Always::CopyInto => {
                let go = self.ask_where_to_copy();
                self.go(go)
            }
            Always::LookAgain => {
                self.world.inform("reading the folders again");
                vec![Task::LookAgain { at_all: true }]
            }
            Always::Suspend => vec![Task::Suspend],
        }
    }

    /// The selected picture.
    pub(super) fn stands_on(&self) -> Option<KeyPicture> {
        let below = self.trail.shown();
        match self.layers.last() {
            Some(layer) => layer.stands_on(below, &self.world),
            None => below.stands_on(&self.world),
        }
    }

    /// Copies its path to the clipboard; the second time, a command that fetches it from another machine.
    fn copy_path(&mut self) -> Vec<Task> {
        let Some(picture) = self.stands_on() else { return Vec::new() };
        let is_again = self.world.copied.as_ref() == Some(&picture.path);
        let text = match is_again {
            true => scp_line(&picture.path).into(),
            false => picture.path.as_os_str().to_owned(),
        };
        let what = if is_again { "scp command" } else { "path" };
        self.world.inform(format!("{what} on the clipboard: {}", printable(&crate::shown::path(&text))));
        self.world.copied = (!is_again).then_some(picture.path);
        vec![Task::Copy(text.into_encoded_bytes())]
    }

    fn ask_where_to_copy(&mut self) -> Go {
        if !self.world.may_write() {
            return Go::Stay;
        }
        let takes_all = self.world.marks.is_empty() && self.layers.is_empty();
        if let Some(why) = self.trail.shown().not_yet(&self.world).filter(|_| takes_all) {
            self.world.error(why);
            return Go::Stay;
        }
        let (files, above) = self.to_copy();
        if files.is_empty() {
            self.world.error("there is no picture to copy; space marks one");
            return Go::Stay;
        }
        Go::over(Typing::new(Purpose::CopyInto, "").copying(files).above(above))
    }

    /// The marked pictures; without any, those the screen offers, or the selected one; and what to call them.
    fn to_copy(&self) -> (Vec<PathBuf>, String) {
        let marks = &self.world.marks;
        if !marks.is_empty() {
            let said = format!("{}, {}", count(marks.len(), "marked picture"), bytes(marks.bytes()));
            return (marks.iter().map(|mark| mark.file.path.clone()).collect(), said);
        }
        match self.trail.shown().all_to_copy(&self.world).filter(|_| self.layers.is_empty()) {
            Some((which, files)) => {
                let said = format!("{which}, {}", count(files.len(), "picture"));
                (files, said)
            }
            None => match self.stands_on() {
                Some(picture) => {
                    let said = printable(&picture.name);
                    (vec![picture.path], said)
                }
                None => (Vec::new(), String::new()),
            },
        }
    }

    /// The text entered was refused: asks for it again, filled in, unless something else is being typed.
    pub(super) fn ask_again(&mut self, Entered { purpose, text, .. }: Entered) {
        if self.layers.last().is_some_and(|layer| layer.prompt().is_some()) {
            return;
        }
        let why = match self.world.notice.take() {
            Some(Notice::Info(text) | Notice::Error(text)) => Some(text),
            None => None,
        };
        let files = if purpose == Purpose::CopyInto { self.to_copy().0 } else { Vec::new() };
        self.layers.push(Box::new(Typing::new(purpose, text).copying(files).refused(why)));
    }

    /// Quits. While a file is being written, or if marks would be lost, asks first. q prints the marked paths.
    fn quit(&mut self, task: Task) -> Vec<Task> {
        let changes = self.world.marks.changes();
        let (prints, is_unsettled) = (matches!(task, Task::Quit), self.world.marks.is_unsettled());
        let is_told = changes == self.world.marks_taken || prints && !is_unsettled;
        let asks = !self.world.marks.is_empty() && !is_told;
        if asks && self.world.may_leave_marks != Some((changes, prints)) {
            self.world.may_leave_marks = Some((changes, prints));
            let marks = count(self.world.marks.len(), "mark");
            self.world.error(match prints {
                true => "groups are being recomputed: q again leaves out their marks".to_owned(),
                false => format!("{marks} not written: q prints the paths, ^C drops them"),
            });
            return Vec::new();
        }
        match &mut self.world.writing {
            Some(writing) if !writing.may_be_dropped => {
                writing.may_be_dropped = true;
                let file = crate::shown::path(&writing.path);
                self.world.error(format!("{file} is still being written; quit again to abandon it"));
                Vec::new()
            }
            _ => vec![task],
        }
    }

    pub(super) fn paste(&mut self, text: &str) {
        if self.world.is_too_small() {
            return;
        }
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
        let is_typing = self.layers.last().is_some_and(|layer| layer.prompt().is_some());
        if is_typing || self.world.is_too_small() {
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
                // A third click counts as a first one.
                self.last_click = (!double).then_some((at, position));
                self.click(position, double)
            }
            MouseEventKind::Drag(MouseButton::Left) => {
                if let Some(layer) = self.layers.last_mut() {
                    layer.drag(position, &self.world);
                }
                Vec::new()
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

    /// The wheel turns pages; over a field it changes the field.
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

    /// The settings, opened at the field under the mouse.
    fn panel_at(&self, at: Position) -> Option<SettingsPanel> {
        let screen = self.trail.shown();
        let (field, _) = field_at(screen, screen.settings(), at, &self.world)?;
        Some(SettingsPanel::new(field, screen.settings()))
    }

    /// Goes where the topmost scene leads.
    fn go(&mut self, go: Go) -> Vec<Task> {
        self.world.is_first_start &= matches!(go, Go::Stay | Go::Start(_) | Go::Through | Go::Unbound);
        match go {
            Go::Stay | Go::Through | Go::Unbound => Vec::new(),
            Go::Start(tasks) => tasks,
            Go::Back(mut tasks) => {
                if self.layers.pop().is_none() {
                    tasks.extend(self.trail.go_back(&mut self.world));
                }
                tasks
            }
            Go::BackBy(screens) => (0..screens).flat_map(|_| self.trail.go_back(&mut self.world)).collect(),
            Go::Over(layer) => {
                self.layers.push(layer);
                Vec::new()
            }
            Go::Onto(screen, tasks) => self.onto(screen, tasks),
            Go::Similar(asked) => self.find_similar(asked.0, asked.1),
        }
    }

    /// Shows another screen and returns its tasks.
    pub(super) fn onto(&mut self, screen: Box<dyn Screen>, tasks: Vec<Task>) -> Vec<Task> {
        // That screen's results are already known.
        let is_again = self.go_on(screen);
        if is_again { Vec::new() } else { tasks }
    }

    /// Searches with `keys`, and shows the results.
    pub(super) fn find_similar(&mut self, keys: KeyPictures, settings: Settings) -> Vec<Task> {
        // Keys that the network has already described need no second pass.
        let described = self.trail.shown().search().map(Search::described).unwrap_or_default();
        let walked = self.trail.shown().walked();
        let (results, task) = Results::new(keys, walked, settings, &described, &mut self.world);
        self.go_on(Box::new(results));
        vec![task]
    }

    /// Shows the screen; true for a join left before.
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
