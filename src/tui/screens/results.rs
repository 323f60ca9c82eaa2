//! Results: the pictures similar to the key, best first.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Margin, Rect};
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use crate::descriptor::Descriptor;
use crate::join::{Kind, Neighbour, Ranking};
use crate::text::{printable, thousands};
use crate::tui::app::{App, Key};
use crate::tui::keys::Action;
use crate::tui::msg::{Found, Task};
use crate::tui::pictures::Slot;
use crate::tui::selection::moved;
use crate::tui::theme;
use crate::tui::widgets::bars;
use crate::tui::widgets::grid::{Across, Grid, Tile, Wish};
use crate::tui::widgets::panels;
use crate::tui::widgets::picture::Framed;
use crate::tui::widgets::prompt::{Prompt, Purpose, expanded};
use crate::tui::widgets::settings::{Field, Settings};
use crate::tui::widgets::text::{fit, title};

/// Rows below a picture: its name and its value.
const CAPTION: u16 = 2;

pub struct Results {
    pub key: Key,
    pub settings: Settings,
    /// Being changed, not applied yet.
    pub edited: Option<Settings>,
    pub selected: usize,
    /// Number of the search that will answer.
    pub generation: u64,
    pub answer: Option<Answer>,
    pub error: Option<String>,
}

/// What was found.
pub struct Answer {
    pub key: Arc<Descriptor>,
    pub ranking: Arc<Ranking>,
    pub took: Duration,
    passing: usize,
}

impl Results {
    pub fn new(key: Key, settings: Settings) -> Results {
        Results { key, settings, edited: None, selected: 0, generation: 0, answer: None, error: None }
    }

    /// Takes an answer; the selected picture stays selected if it is still among the results.
    pub fn take(&mut self, found: Found) {
        let selected = self.items().get(self.selected).map(|n| n.row.name.clone()).filter(|_| self.selected > 0);
        match found.outcome {
            Ok((key, ranking)) => {
                let predicate = self.settings.predicate(Some(&ranking));
                let passing = predicate.map_or(0, |p| ranking.count(p));
                self.answer = Some(Answer { key, ranking, took: found.took, passing });
                self.error = None;
                let still = selected.and_then(|name| self.items().iter().position(|n| n.row.name == name));
                self.selected = still.unwrap_or(self.selected);
            }
            Err(error) => {
                self.answer = None;
                self.error = Some(error);
            }
        }
        self.select_inside();
    }

    /// There may be fewer results than before.
    pub fn select_inside(&mut self) {
        self.selected = self.selected.min(self.items().len().saturating_sub(1));
    }

    /// The results, best first.
    pub fn items(&self) -> &[Neighbour] {
        match (&self.answer, self.answer.as_ref().and_then(|a| self.settings.predicate(Some(&a.ranking)))) {
            (Some(answer), Some(predicate)) => answer.ranking.results(predicate),
            _ => &[],
        }
    }

    /// A result as the picture it is.
    pub fn picture(&self, app: &App, at: usize) -> Option<Key> {
        let row = &self.items().get(at)?.row;
        Some(app.sets[self.settings.dataset].picture(row))
    }

    fn areas(app: &App) -> (Tile, Rect) {
        let area = app.parts().pictures;
        let width = (area.width / 5).clamp(15, 40);
        let [key, results] = Layout::horizontal([Constraint::Length(width), Constraint::Min(1)]).areas(area);
        let height = (width * 3 / 5 + 4).min(area.height);
        (Tile::new(Rect { width: width - 1, height, ..key }, CAPTION), results)
    }

    pub fn grid(&self, app: &App) -> Grid {
        // As many as there will be: tiles don't shrink while indexing goes on.
        let expected = match self.settings.kind {
            Kind::Knn => self.settings.k.min(app.sets[self.settings.dataset].images.len()),
            Kind::Range => usize::MAX,
        };
        let wish = Wish { room: app.parts().room, caption: CAPTION, zoom: app.zoom, expected, across: Across::Singles };
        Grid::new(Self::areas(app).1, self.items().len(), self.selected, wish)
    }

    fn key_slot(&self, app: &App) -> Slot {
        let room = Self::areas(app).0.picture.as_size();
        app.slot(self.key.path.clone(), self.key.stamp, room)
    }

    /// Slots on the page, the selected one first.
    pub fn visible(&self, app: &App) -> Vec<Slot> {
        let grid = self.grid(app);
        let others = grid.tiles().map(|(item, _)| item).filter(|item| *item != self.selected);
        let items = std::iter::once(self.selected).chain(others);
        let slot = |item| self.picture(app, item).map(|p| app.slot(p.path, p.stamp, grid.room()));
        items.filter_map(slot).chain([self.key_slot(app)]).collect()
    }
}

impl App {
    pub(in crate::tui) fn results_action(&mut self, action: Action) -> Vec<Task> {
        let Some(results) = self.trail.last() else { return Vec::new() };
        let (shape, count) = (results.grid(self).shape, results.items().len());
        if let Some(to) = moved(results.selected, action, shape, count) {
            self.trail.last_mut().expect("results are shown").selected = to;
            return Vec::new();
        }
        match action {
            Action::Accept => {
                let (key, settings) = (results.picture(self, results.selected), results.settings.clone());
                return key.map(|key| self.walk_to(key, settings)).unwrap_or_default();
            }
            Action::View => self.view_result(),
            Action::Settings => {
                self.edited();
                self.focus = Some(Field::Dataset);
            }
            Action::Mark => {
                let at = results.selected;
                self.mark(at);
            }
            Action::Write => {
                let name = format!("simages-{}.csv", title(&results.key.name));
                self.prompt = Some(Prompt::new(Purpose::Write, name));
            }
            Action::Fold => {
                let results = self.trail.last_mut().expect("results are shown");
                results.settings.fold = !results.settings.fold;
                return self.search();
            }
            Action::OpenFile => self.prompt = Some(Prompt::new(Purpose::OpenFile, "")),
            Action::Larger | Action::Smaller => return self.key_select_action(action),
            Action::Back => return self.walk_back(),
            _ => {}
        }
        Vec::new()
    }

    /// To the results before, which may be out of date by now; at last to key select, as it was left.
    fn walk_back(&mut self) -> Vec<Task> {
        self.trail.pop();
        self.search()
    }

    pub(in crate::tui) fn mark(&mut self, at: usize) {
        let picture = self.trail.last().and_then(|results| results.picture(self, at));
        if let Some(Key { path, .. }) = picture {
            self.toggle(path);
        }
    }

    /// Marks, or unmarks, the picture at `path`.
    pub(in crate::tui) fn toggle(&mut self, path: PathBuf) {
        if !self.marked.remove(&path) {
            self.marked.insert(path);
        }
    }

    /// Writes the marked results, or all if none is.
    pub(in crate::tui) fn write(&mut self, path: PathBuf) -> Vec<Task> {
        let Some(results) = self.trail.last() else { return Vec::new() };
        let all: Vec<_> = results.items().iter().cloned().enumerate().map(|(i, n)| (i + 1, n)).collect();
        let marked = |(rank, _): &(usize, Neighbour)| {
            results.picture(self, rank - 1).is_some_and(|p| self.marked.contains(&p.path))
        };
        let some: Vec<_> = all.iter().filter(|r| marked(r)).cloned().collect();
        let chosen = if some.is_empty() { all } else { some };
        let path = expanded(&path.to_string_lossy());
        vec![Task::Write { path, results: chosen, metric: results.settings.metric }]
    }
}

pub fn draw(frame: &mut Frame, app: &App, results: &Results) {
    let parts = app.parts();
    header(frame, app, results);
    match (&results.edited, app.focus) {
        (Some(edited), Some(_)) => {
            let labels = app.labels();
            let ranking = app.live.ranking.as_deref();
            let shown =
                panels::Shown { settings: edited, fields: app.fields(), focus: app.focus, datasets: &labels, ranking };
            shown.draw(frame, parts.settings);
        }
        _ => panels::collapsed(frame, parts.settings, ""),
    }
    let (key, area) = Results::areas(app);
    let framed = Framed {
        slot: &results.key_slot(app),
        shelf: &app.shelf,
        title: "key".into(),
        name: title(&results.key.name).to_owned(),
        value: None,
        selected: false,
        marked: false,
    };
    framed.draw(frame, key);
    let grid = results.grid(app);
    for (item, tile) in grid.tiles() {
        draw_result(frame, app, results, &grid, item, tile);
    }
    if results.items().is_empty() {
        let text = Paragraph::new(nothing(app, results)).wrap(Wrap { trim: true });
        frame.render_widget(text, area.inner(Margin::new(2, 2)));
    }
    super::footer(frame, app, &parts);
}

fn draw_result(frame: &mut Frame, app: &App, results: &Results, grid: &Grid, item: usize, tile: Tile) {
    let (Some(picture), Some(neighbour)) = (results.picture(app, item), results.items().get(item)) else { return };
    let metric = results.settings.metric;
    let stands_for = results.answer.as_ref().map_or(0, |answer| answer.ranking.stands_for(&neighbour.row.name));
    let more = if stands_for > 0 { format!("  +{stands_for}") } else { String::new() };
    let framed = Framed {
        marked: app.marked.contains(&picture.path),
        slot: &app.slot(picture.path, picture.stamp, grid.room()),
        shelf: &app.shelf,
        title: (item + 1).to_string(),
        name: title(&picture.name).to_owned(),
        value: Some(format!("{} {}{more}", metric.short(), metric.format(neighbour.value))),
        selected: item == results.selected,
    };
    framed.draw(frame, tile);
}

fn header(frame: &mut Frame, app: &App, results: &Results) {
    let set = &app.sets[results.settings.dataset];
    let predicate = match &results.answer {
        Some(answer) => results.settings.predicate(Some(&answer.ranking)),
        None => results.settings.predicate(None),
    };
    let predicate: String = predicate.map_or("range".into(), |p| p.to_string());
    let key = title(&results.key.name);
    let asked = panels::asked(results.settings.descriptor, results.settings.metric, &predicate);
    let middle = format!("{key} ⋈ {}   {asked}", set.dataset.name);
    let right = match &results.answer {
        None if results.error.is_some() => String::new(),
        None => "searching …".into(),
        Some(answer) => {
            let (passing, of) = (thousands(answer.passing), thousands(answer.ranking.len()));
            let page = results.grid(app).page().map(|(at, of)| format!("page {at}/{of}   ")).unwrap_or_default();
            let left = set.images.len().saturating_sub(set.matrix.len());
            let more = if left > 0 { format!(", {} not indexed yet", thousands(left)) } else { String::new() };
            let folded = match answer.ranking.gone() {
                0 if results.settings.fold => ", none to fold".to_owned(),
                0 => String::new(),
                gone => format!(", {} folded", thousands(gone)),
            };
            let (brief, took) = (format!("{passing} of {of}"), answer.took.as_secs_f64() * 1e3);
            match app.size.width {
                ..80 => brief,
                80..110 => format!("{page}{brief}"),
                _ => format!("{page}{brief}{more}{folded} in {took:.1} ms"),
            }
        }
    };
    bars::header(frame, app.parts().header, "results", &middle, &right);
}

/// Why no result is shown.
fn nothing(app: &App, results: &Results) -> Vec<Line<'static>> {
    let width = usize::from(app.size.width);
    let set = &app.sets[results.settings.dataset];
    match (&results.error, &results.answer) {
        (Some(error), _) => {
            vec![Line::styled(format!("✗ {}", printable(error)), theme::error()), Line::raw("b goes back")]
        }
        (None, None) => vec![Line::raw("looking at the key …")],
        (None, Some(answer)) if answer.ranking.is_empty() && set.images.len() > 1 => {
            vec![Line::raw(fit(
                &format!("nothing of {} is indexed yet; results appear as it goes on", set.dataset.name),
                width,
            ))]
        }
        (None, Some(answer)) if answer.ranking.is_empty() => {
            vec![Line::raw(fit(&format!("{} has no other pictures to compare with", set.dataset.name), width))]
        }
        (None, Some(answer)) => {
            let best = answer.ranking.results(crate::join::Predicate::Knn(1)).first();
            let metric = results.settings.metric;
            let best = best.map_or_else(String::new, |n| metric.format(n.value));
            vec![
                Line::raw(format!("no picture is within this range; the most similar has {} {best}", metric.short())),
                Line::raw("e changes the range"),
            ]
        }
    }
}
