//! The viewer: one picture, as large as the terminal allows.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect, Size};
use ratatui::text::Line;
use ratatui::widgets::{Block, Paragraph};

use crate::descriptor::Crops;
use crate::join::Metric;
use crate::text::bytes;
use crate::tui::app::{App, Key, Notice};
use crate::tui::keys::Action;
use crate::tui::msg::Task;
use crate::tui::pictures::{Heat, Part, Slot};
use crate::tui::theme;
use crate::tui::widgets::text::fit;
use crate::tui::widgets::{bars, picture};

/// Percent of the size at which the picture fits.
const WHOLE: u16 = 100;
const MOST: u16 = 1600;
/// Panning moves by this part of what is seen, in 1/1000 of the picture.
const PAN: i32 = 250;

pub struct Viewer {
    /// Of key select's pictures, or of the results.
    pub at: usize,
    /// The key is shown in the result's place.
    flipped: bool,
    zoom: u16,
    /// In 1/1000 of width and height.
    centre: (u16, u16),
    facts: bool,
    /// A heat map tells why the result is like the key.
    why: bool,
}

impl Viewer {
    fn new(at: usize) -> Viewer {
        Viewer { at, flipped: false, zoom: WHOLE, centre: (500, 500), facts: false, why: false }
    }

    fn count(&self, app: &App) -> usize {
        match app.trail.last() {
            Some(results) => results.items().len(),
            None => app.key_select.count(),
        }
    }

    /// The picture shown.
    fn picture(&self, app: &App) -> Option<Key> {
        match app.trail.last() {
            Some(results) if self.flipped => Some(results.key.clone()),
            _ => self.item(app, self.at),
        }
    }

    fn item(&self, app: &App, at: usize) -> Option<Key> {
        match app.trail.last() {
            Some(results) => results.picture(app, at),
            None => app.key_select.key(app, at),
        }
    }

    fn parts(app: &App) -> [Rect; 3] {
        Layout::vertical([Constraint::Length(1), Constraint::Min(1), Constraint::Length(1)]).areas(app.area())
    }

    /// The facts are beside the picture: nothing floats over it.
    fn areas(&self, app: &App) -> (Rect, Option<Rect>) {
        let area = Self::parts(app)[1];
        if !self.facts {
            return (area, None);
        }
        let width = (area.width / 3).clamp(24, 60);
        let [picture, facts] = Layout::horizontal([Constraint::Min(1), Constraint::Length(width)]).areas(area);
        (picture, Some(facts))
    }

    fn slot_of(&self, app: &App, key: Key) -> Slot {
        let room: Size = self.areas(app).0.as_size();
        let part = Part::Zoomed { zoom: self.zoom, centre: self.centre };
        Slot { part, ..app.slot(key.path, key.stamp, room) }
    }

    /// The slot of `key`, which is one of the two that result `at` is about, with the heat map that was asked for.
    fn explained(&self, app: &App, key: Key, at: usize, is_key: bool) -> Slot {
        let heat = if self.why { heat_of(app, at, is_key) } else { None };
        Slot { heat, ..self.slot_of(app, key) }
    }

    pub fn slot(&self, app: &App) -> Option<Slot> {
        Some(self.explained(app, self.picture(app)?, self.at, self.flipped))
    }

    /// What may be looked at next: the other side, the next picture, the one before.
    pub fn next(&self, app: &App) -> Vec<Slot> {
        if self.zoom != WHOLE {
            return Vec::new();
        }
        let other = app
            .trail
            .last()
            .and_then(|results| if self.flipped { self.item(app, self.at) } else { Some(results.key.clone()) });
        let other = other.map(|key| self.explained(app, key, self.at, !self.flipped));
        let around = [Some(self.at + 1), self.at.checked_sub(1)].into_iter().flatten();
        let around = around.filter_map(|at| Some(self.explained(app, self.item(app, at)?, at, false)));
        other.into_iter().chain(around).collect()
    }

    fn show(&mut self, at: usize) {
        *self = Viewer { facts: self.facts, why: self.why, ..Viewer::new(at) };
    }

    fn zoom_to(&mut self, zoom: u32) {
        self.zoom = zoom.clamp(WHOLE.into(), MOST.into()) as u16;
        if self.zoom == WHOLE {
            self.centre = (500, 500);
        }
    }

    fn pan(&mut self, x: i32, y: i32) {
        let step = PAN * i32::from(WHOLE) / i32::from(self.zoom);
        // Half of what is seen stays inside.
        let margin = 500 * i32::from(WHOLE) / i32::from(self.zoom);
        let moved = |centre: u16, by: i32| (i32::from(centre) + by * step).clamp(margin, 1000 - margin) as u16;
        self.centre = (moved(self.centre.0, x), moved(self.centre.1, y));
    }
}

impl App {
    pub(in crate::tui) fn view_key(&mut self) {
        if self.key_select.count() > 0 {
            self.viewer = Some(Viewer::new(self.key_select.selected));
        }
    }

    pub(in crate::tui) fn view_result(&mut self) {
        if let Some(results) = self.trail.last().filter(|r| !r.items().is_empty()) {
            self.viewer = Some(Viewer::new(results.selected));
        }
    }

    pub(in crate::tui) fn viewer_action(&mut self, action: Action) -> Vec<Task> {
        let Some(viewer) = &self.viewer else { return Vec::new() };
        let last = viewer.count(self).saturating_sub(1);
        let picture = viewer.picture(self);
        let has_key = !self.trail.is_empty();
        let searched = self.trail.last().map(|results| &self.sets[results.settings.dataset].matrix);
        let several_crops = searched.is_some_and(|matrix| matrix.crops != Crops::Whole);
        let Some(viewer) = &mut self.viewer else { return Vec::new() };
        let zoomed = viewer.zoom != WHOLE;
        match action {
            Action::Left if zoomed => viewer.pan(-1, 0),
            Action::Right if zoomed => viewer.pan(1, 0),
            Action::Up if zoomed => viewer.pan(0, -1),
            Action::Down if zoomed => viewer.pan(0, 1),
            Action::Left | Action::PageUp => viewer.show(viewer.at.saturating_sub(1)),
            Action::Right | Action::PageDown => viewer.show((viewer.at + 1).min(last)),
            Action::Flip if has_key => viewer.flipped = !viewer.flipped,
            Action::Larger => viewer.zoom_to(u32::from(viewer.zoom) * 3 / 2),
            Action::Smaller => viewer.zoom_to(u32::from(viewer.zoom) * 2 / 3),
            Action::Fit => viewer.zoom_to(WHOLE.into()),
            Action::Facts => viewer.facts = !viewer.facts,
            Action::Why if has_key && several_crops => {
                let text = "of several crops, averaged (simages index --crops), none can tell where they are alike";
                self.notice = Some(Notice::Info(text.into()));
            }
            Action::Why if has_key => viewer.why = !viewer.why,
            Action::Why => self.notice = Some(Notice::Info("results are explained, by their key: ⏎ finds some".into())),
            Action::Mark if has_key => {
                let at = viewer.at;
                self.mark(at);
            }
            Action::Copy => {
                let Some(path) = picture.map(|p| p.path.to_string_lossy().into_owned()) else { return Vec::new() };
                self.notice = Some(Notice::Info(format!("copied {path}")));
                return vec![Task::Copy(path)];
            }
            Action::Accept => {
                let settings = self.trail.last().map_or(&self.settings, |r| &r.settings).clone();
                return picture.map(|key| self.walk_to(key, settings)).unwrap_or_default();
            }
            Action::Back => self.leave_viewer(),
            _ => {}
        }
        Vec::new()
    }

    /// Back to the pictures, where the one last seen is selected.
    fn leave_viewer(&mut self) {
        let Some(viewer) = self.viewer.take() else { return };
        let at = viewer.at.min(viewer.count(self).saturating_sub(1));
        match self.trail.last_mut() {
            Some(results) => results.selected = at,
            None => self.key_select.selected = at,
        }
    }
}

/// What result `at` and the key have in common, and where that is in one of them. None before both are indexed.
fn heat_of(app: &App, at: usize, in_key: bool) -> Option<Heat> {
    let results = app.trail.last()?;
    let key = &results.answer.as_ref()?.key;
    let result = &results.items().get(at)?.row.descriptor;
    let descriptor = results.settings.descriptor;
    let comparison = descriptor.comparison();
    let heat = if in_key { comparison.heat(key, result) } else { comparison.heat(result, key) };
    let most = heat.iter().fold(0.0f64, |a, b| a.max(*b));
    Some(heat.map(|x| if most > 0.0 { (x / most * 255.0).round() as u8 } else { 0 }))
}

pub fn draw(frame: &mut Frame, app: &App, viewer: &Viewer) {
    let [top, _, bottom] = Viewer::parts(app);
    let Some(shown) = viewer.picture(app) else {
        // It went while it was looked at: a rescan, or results that became fewer.
        bars::header(frame, top, "viewer", "", "");
        frame.render_widget(Line::raw(" this picture is no longer there; esc goes back"), viewer.areas(app).0);
        return bars::hints(frame, bottom, &app.place().hints());
    };
    let middle = if viewer.flipped { format!("key   {}", shown.name) } else { shown.name.clone() };
    let place = format!("viewer   {} of {}", viewer.at + 1, viewer.count(app));
    let value = app.trail.last().filter(|_| !viewer.flipped).and_then(|results| {
        let metric = results.settings.metric;
        let neighbour = results.items().get(viewer.at)?;
        Some(format!("{} {}", metric.name(), metric.format(neighbour.value)))
    });
    let zoom = (viewer.zoom != WHOLE).then(|| format!("{} %", viewer.zoom));
    let marked = app.marked.contains(&shown.path).then(|| "✓ marked".to_owned());
    let why = viewer.why.then(|| "bright: what they have in common".to_owned());
    let right: Vec<_> = [marked, why, zoom, value].into_iter().flatten().collect();
    bars::header(frame, top, &place, &middle, &right.join("   "));

    let (area, facts_area) = viewer.areas(app);
    let slot = viewer.explained(app, shown.clone(), viewer.at, viewer.flipped);
    picture::draw(frame, area, &slot, &app.shelf);
    if let Some(area) = facts_area {
        let block = Block::bordered().border_style(theme::quiet()).title(" facts ");
        let inner = block.inner(area);
        let lines = facts(app, viewer, &shown, &slot, usize::from(inner.width));
        frame.render_widget(Paragraph::new(lines).block(block), area);
    }
    match &app.notice {
        Some(Notice::Info(text) | Notice::Error(text)) => {
            frame.render_widget(Line::raw(format!(" {}", fit(text, usize::from(bottom.width) - 2))), bottom)
        }
        None => bars::hints(frame, bottom, &app.place().hints()),
    }
}

fn facts(app: &App, viewer: &Viewer, shown: &Key, slot: &Slot, width: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let mut fact = |name: &str, value: String| {
        lines.push(Line::styled(name.to_owned(), theme::quiet()));
        // Long paths go on in the next line.
        let text: Vec<char> = crate::text::printable(&value).chars().collect();
        lines.extend(text.chunks(width.max(1)).map(|part| Line::raw(part.iter().collect::<String>())));
    };
    fact("path", shown.path.to_string_lossy().into_owned());
    if let Some((width, height)) = app.shelf.best(slot).pixels() {
        fact("pixels", format!("{width} x {height}"));
    }
    if let Some(stamp) = shown.stamp {
        fact("size", bytes(stamp.size));
    }
    let Some(results) = app.trail.last().filter(|_| !viewer.flipped) else { return lines };
    let (Some(answer), Some(neighbour)) = (&results.answer, results.items().get(viewer.at)) else { return lines };
    fact("rank", format!("{} of {}", viewer.at + 1, answer.ranking.len()));
    let descriptor = results.settings.descriptor;
    fact("descriptor", format!("{descriptor}: {}", descriptor.meaning()));
    for metric in Metric::ALL {
        let value = descriptor.comparison().value(&answer.key, &neighbour.row.descriptor, metric);
        fact(metric.name(), format!("{value:.6}"));
    }
    lines
}
