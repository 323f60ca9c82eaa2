//! What is shown: each screen's state, its keys, and how it is drawn.

pub mod joined;
pub mod key_select;
pub mod overlay;
pub mod results;
pub mod viewer;

use std::sync::Arc;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

use super::app::{App, Notice, SMALLEST};
use super::keys::Action;
use super::msg::Task;
use super::set::State;
use super::theme;
use super::widgets::bars;
use super::widgets::panels;
use super::widgets::settings::{self, Field, Settings};
use super::widgets::text::fit;
use crate::join::Ranking;

/// The parts that both screens have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    pub header: Rect,
    pub settings: Rect,
    pub pictures: Rect,
    /// The pictures' height while the settings are closed.
    pub room: u16,
    /// Progress, a notice or a prompt.
    pub status: Rect,
    pub hints: Rect,
}

impl Parts {
    /// `settings`: the settings' height; `closed`: when they are closed.
    fn new(area: Rect, settings: u16, closed: u16) -> Parts {
        let [header, settings, pictures, status, hints] = Layout::vertical([
            Constraint::Length(1),
            Constraint::Length(settings),
            Constraint::Min(1),
            Constraint::Length(1),
            Constraint::Length(1),
        ])
        .areas(area);
        let room = (pictures.height + settings.height).saturating_sub(closed);
        Parts { header, settings, pictures, room, status, hints }
    }
}

pub fn draw(frame: &mut Frame, app: &App) {
    let area = frame.area();
    if area != app.area() {
        // Being resized: the message that says so is on its way.
        return;
    }
    if app.is_too_small() {
        let text = format!(
            "This terminal is {} x {}.\nSIMages needs at least {} x {}.\n\nMake it larger, or the font smaller;\nq quits.",
            area.width, area.height, SMALLEST.width, SMALLEST.height
        );
        frame.render_widget(Paragraph::new(text).centered(), area);
        return;
    }
    if let Some(overlay) = &app.overlay {
        overlay::draw(frame, app, overlay);
    } else if let Some(viewer) = &app.viewer {
        viewer::draw(frame, app, viewer);
    } else if let Some(joined) = &app.joined {
        match &app.pair {
            Some(pair) => joined::pair::draw(frame, app, joined, pair),
            None => joined::draw::draw(frame, app, joined),
        }
    } else if let Some(results) = app.trail.last() {
        results::draw(frame, app, results);
    } else {
        key_select::draw(frame, app);
    }
}

/// The two lines at the bottom: a prompt, a notice or progress; and keys.
fn footer(frame: &mut Frame, app: &App, parts: &Parts) {
    if let Some(prompt) = &app.prompt {
        prompt.draw(frame, parts.status);
        bars::hints(frame, parts.hints, &prompt.hints());
        return;
    }
    let width = usize::from(parts.status.width).saturating_sub(2);
    match &app.notice {
        Some(Notice::Info(text)) => frame.render_widget(Line::raw(format!(" {}", fit(text, width))), parts.status),
        Some(Notice::Error(text)) => {
            frame.render_widget(Line::styled(format!(" ✗ {}", fit(text, width - 2)), theme::error()), parts.status)
        }
        None if app.focus == Some(Field::Descriptor) => {
            let descriptor = app.settings_shown().descriptor;
            let text = format!("{descriptor}: {}", descriptor.meaning());
            frame.render_widget(Line::styled(format!(" {}", fit(&text, width)), theme::quiet()), parts.status);
        }
        None => background(frame, app, parts.status),
    }
    bars::hints(frame, parts.hints, &app.place().hints());
}

/// What goes on in the background: a join being written, the dataset being indexed, else what was skipped.
fn background(frame: &mut Frame, app: &App, area: Rect) {
    if let Some(writing) = &app.writing {
        return bars::joining(frame, area, &format!("writing {}", writing.path.display()), writing.step.as_ref());
    }
    for set in &app.sets {
        if let State::Indexing { progress, since, now, elsewhere } = set.state {
            let elapsed = now.duration_since(since);
            let indexing = bars::Indexing { dataset: &set.dataset.name, progress, elapsed, elsewhere };
            return bars::progress(frame, area, &indexing);
        }
    }
    let skipped: usize = app.sets.iter().map(|s| s.skipped.len()).sum();
    if skipped > 0 {
        let text = format!(" {} can't be read (x lists them)", crate::text::count(skipped, "picture"));
        frame.render_widget(Line::styled(text, theme::quiet()), area);
    }
}

impl App {
    /// The settings being changed: key select's own, or a copy of the results' (or the join's) until it is applied.
    pub(super) fn edited(&mut self) -> &mut Settings {
        match (&mut self.joined, self.trail.last_mut()) {
            (Some(joined), _) => joined.edited.get_or_insert_with(|| joined.settings.clone()),
            (None, Some(results)) => results.edited.get_or_insert_with(|| results.settings.clone()),
            (None, None) => &mut self.settings,
        }
    }

    /// The settings that the panels show.
    fn settings_shown(&self) -> &Settings {
        match (&self.joined, self.trail.last()) {
            (Some(joined), _) => joined.edited.as_ref().unwrap_or(&joined.settings),
            (None, Some(results)) => results.edited.as_ref().unwrap_or(&results.settings),
            (None, None) => &self.settings,
        }
    }

    /// Whether the settings shown are key select's own.
    fn chooses_key(&self) -> bool {
        self.joined.is_none() && self.trail.is_empty()
    }

    /// What a range is counted with; there is no key where whole sets are joined.
    pub(super) fn ranking(&self) -> Option<Arc<Ranking>> {
        self.live.ranking.clone().filter(|_| self.joined.is_none())
    }

    pub(super) fn fields(&self) -> &'static [Field] {
        if self.trail.is_empty() { &settings::ALL } else { &settings::WITHOUT_KEY }
    }

    fn labels(&self) -> Vec<String> {
        self.sets.iter().map(|set| set.label()).collect()
    }

    /// The parts of the screen that is shown.
    pub(super) fn parts(&self) -> Parts {
        let area = self.area();
        let focused = self.focus.is_some();
        let height = |focused| match (self.chooses_key(), focused) {
            (false, false) => 1,
            _ => panels::height(self.sets.len(), focused, area.height / 2),
        };
        Parts::new(area, height(focused), height(false))
    }

    /// The field whose panel is at a place on the screen, and the option there.
    pub(super) fn field_at(&self, position: ratatui::layout::Position) -> Option<(Field, Option<usize>)> {
        let area = self.parts().settings;
        if !self.chooses_key() && self.focus.is_none() {
            // Collapsed: the line opens it.
            return area.contains(position).then_some((Field::Dataset, None));
        }
        let (field, panel) = panels::panels(area, self.fields()).find(|(_, panel)| panel.contains(position))?;
        let labels = self.labels();
        let (options, taken) = self.settings_shown().options(field, &labels);
        Some((field, panels::option_at(panel, position.y, options.len(), taken)))
    }

    pub(super) fn settings_action(&mut self, action: Action) -> Vec<Task> {
        let Some(field) = self.focus else { return Vec::new() };
        let fields = self.fields();
        let at = fields.iter().position(|f| *f == field).unwrap_or(0);
        match action {
            Action::Left | Action::Right => {
                if let Err(error) = self.edited().commit() {
                    self.error(error);
                    return Vec::new();
                }
                let step = if action == Action::Right { 1 } else { fields.len() - 1 };
                self.focus = Some(fields[(at + step) % fields.len()]);
                Vec::new()
            }
            Action::Up | Action::Down | Action::PageUp | Action::PageDown => {
                let (datasets, ranking) = (self.sets.len(), self.ranking());
                self.edited().change(field, action, datasets, ranking.as_deref());
                self.settings_changed()
            }
            Action::Accept => self.apply(),
            Action::Back => {
                self.close_settings();
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Back to the pictures: on key select what is chosen holds (what is typed wrongly doesn't), on results it is dropped.
    pub(super) fn close_settings(&mut self) {
        self.focus = None;
        match (&mut self.joined, self.trail.last_mut()) {
            (Some(joined), _) => joined.edited = None,
            (None, Some(results)) => results.edited = None,
            (None, None) => {
                if self.settings.commit().is_err() {
                    self.settings.forget_typed();
                }
            }
        }
    }

    /// On key select a choice holds at once; on results it waits to be applied.
    pub(super) fn settings_changed(&mut self) -> Vec<Task> {
        if self.joined.is_some() {
            self.start_range();
            return Vec::new();
        }
        if !self.trail.is_empty() {
            return Vec::new();
        }
        if self.key_select.dataset != self.settings.key_dataset {
            self.key_select.show(&self.settings, &self.sets);
        }
        vec![Task::Prefer(self.settings.dataset), Task::Prefer(self.settings.key_dataset)]
    }

    fn apply(&mut self) -> Vec<Task> {
        if let Err(error) = self.edited().commit() {
            self.error(error);
            return Vec::new();
        }
        self.focus = None;
        if self.joined.is_some() {
            return self.apply_to_joined();
        }
        match self.trail.last_mut() {
            Some(results) => {
                if let Some(edited) = results.edited.take() {
                    // Values of another metric, or names of another dataset, are not these results'.
                    let of = |settings: &Settings| (settings.descriptor, settings.metric, settings.dataset);
                    if of(&edited) != of(&results.settings) {
                        results.answer = None;
                    }
                    results.settings = edited;
                    results.select_inside();
                }
                let dataset = results.settings.dataset;
                let mut tasks = self.search();
                tasks.push(Task::Prefer(dataset));
                tasks
            }
            None => Vec::new(),
        }
    }
}
