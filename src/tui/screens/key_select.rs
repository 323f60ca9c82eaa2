//! Key select: the pictures of a dataset, one of which becomes the key.

use ratatui::Frame;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use crate::text::{count, thousands};
use crate::tui::app::{App, Key};
use crate::tui::keys::Action;
use crate::tui::msg::Task;
use crate::tui::pictures::Slot;
use crate::tui::selection::moved;
use crate::tui::set::{Set, State};
use crate::tui::theme;
use crate::tui::widgets::bars;
use crate::tui::widgets::grid::{Across, Grid, Wish};
use crate::tui::widgets::panels;
use crate::tui::widgets::picture::Framed;
use crate::tui::widgets::prompt::{Prompt, Purpose};
use crate::tui::widgets::settings::{Field, Settings};
use crate::tui::widgets::text::title;

/// Rows below a picture: its name.
const CAPTION: u16 = 1;
const ZOOM: std::ops::RangeInclusive<i8> = -3..=3;

#[derive(Default)]
pub struct KeySelect {
    /// The dataset shown.
    pub dataset: usize,
    /// Its pictures (by number) that pass the filter, in the order shown.
    order: Vec<usize>,
    /// Where in that order.
    pub selected: usize,
    pub filter: String,
    /// What the order is shuffled with; None: by name.
    seed: Option<u64>,
}

impl KeySelect {
    /// Selects the picture `key` again, which may have another number after its folder was read anew.
    pub fn select(&mut self, sets: &[Set], key: Option<Key>) {
        let Some(key) = key else { return };
        let images = &sets[self.dataset].images;
        let at = self.order.iter().position(|at| images[*at].name == key.name);
        self.selected = at.unwrap_or(self.selected);
    }

    /// Shows the dataset that the settings say.
    pub fn show(&mut self, settings: &Settings, sets: &[Set]) {
        if self.dataset != settings.key_dataset {
            self.dataset = settings.key_dataset;
            self.selected = 0;
        }
        self.arrange(&sets[self.dataset]);
    }

    /// Filters and orders; the selected picture stays selected if it is still shown.
    fn arrange(&mut self, set: &Set) {
        let selected = self.order.get(self.selected).copied();
        let text = self.filter.to_lowercase();
        let images = set.images.iter().enumerate();
        self.order = images.filter(|(_, i)| i.name.to_lowercase().contains(&text)).map(|(at, _)| at).collect();
        if let Some(seed) = self.seed {
            fastrand::Rng::with_seed(seed).shuffle(&mut self.order);
        }
        let still = self.order.iter().position(|at| Some(*at) == selected);
        self.selected = still.unwrap_or(self.selected).min(self.order.len().saturating_sub(1));
    }

    pub fn count(&self) -> usize {
        self.order.len()
    }

    /// The picture at a place in the order.
    pub fn key(&self, app: &App, at: usize) -> Option<Key> {
        app.sets[self.dataset].images.get(*self.order.get(at)?).map(Key::of)
    }

    pub fn selected_key(&self, app: &App) -> Option<Key> {
        self.key(app, self.selected)
    }

    pub fn grid(&self, app: &App) -> Grid {
        let parts = app.parts();
        let wish =
            Wish { room: parts.room, caption: CAPTION, zoom: app.zoom, expected: usize::MAX, across: Across::Singles };
        Grid::new(parts.pictures, self.order.len(), self.selected, wish)
    }

    fn slots(&self, app: &App, grid: &Grid, items: impl Iterator<Item = usize>) -> Vec<Slot> {
        let slot = |item| self.key(app, item).map(|key| app.slot(key.path, key.stamp, grid.room()));
        items.filter_map(slot).collect()
    }

    /// Slots on the page, the selected one first.
    pub fn visible(&self, app: &App) -> Vec<Slot> {
        let grid = self.grid(app);
        let others = grid.tiles().map(|(item, _)| item).filter(|item| *item != self.selected);
        self.slots(app, &grid, std::iter::once(self.selected).chain(others))
    }

    pub fn next_page(&self, app: &App) -> Vec<Slot> {
        let grid = self.grid(app);
        self.slots(app, &grid, grid.next_page())
    }
}

impl App {
    pub(in crate::tui) fn key_select_action(&mut self, action: Action) -> Vec<Task> {
        let shape = self.key_select.grid(self).shape;
        if let Some(to) = moved(self.key_select.selected, action, shape, self.key_select.count()) {
            self.key_select.selected = to;
            return Vec::new();
        }
        match action {
            Action::Accept => return self.find_similar(),
            Action::View => self.view_key(),
            Action::JoinAll => return self.join_all(),
            Action::Shuffle => {
                // Each time another order, the same one each time the program is asked the same.
                let seed = self.key_select.seed.map_or(1, |seed| seed + 1);
                self.reorder(Some(seed));
            }
            Action::Sort => self.reorder(None),
            Action::Filter => self.prompt = Some(Prompt::new(Purpose::Filter, self.key_select.filter.clone())),
            Action::Back => self.filter(String::new()),
            Action::OpenFile => self.prompt = Some(Prompt::new(Purpose::OpenFile, "")),
            Action::NextField => self.focus = Some(Field::KeyDataset),
            Action::PreviousField => self.focus = Some(Field::Parameter),
            Action::Larger => self.zoom = (self.zoom + 1).min(*ZOOM.end()),
            Action::Smaller => self.zoom = (self.zoom - 1).max(*ZOOM.start()),
            _ => {}
        }
        Vec::new()
    }

    fn reorder(&mut self, seed: Option<u64>) {
        self.key_select.seed = seed;
        self.key_select.arrange(&self.sets[self.key_select.dataset]);
        self.key_select.selected = 0;
    }

    pub(in crate::tui) fn filter(&mut self, text: String) {
        self.key_select.filter = text;
        self.key_select.arrange(&self.sets[self.key_select.dataset]);
    }

    fn find_similar(&mut self) -> Vec<Task> {
        match self.key_select.selected_key(self) {
            Some(key) => self.walk_to(key, self.settings.clone()),
            None => {
                self.error("there is no picture to take as key here");
                Vec::new()
            }
        }
    }
}

pub fn draw(frame: &mut Frame, app: &App) {
    let parts = app.parts();
    let set = &app.sets[app.key_select.dataset];
    header(frame, app, set);
    let labels = app.labels();
    panels::Shown {
        settings: &app.settings,
        fields: app.fields(),
        focus: app.focus,
        datasets: &labels,
        ranking: app.live.ranking.as_deref(),
    }
    .draw(frame, parts.settings);

    let grid = app.key_select.grid(app);
    for (item, tile) in grid.tiles() {
        let Some(key) = app.key_select.key(app, item) else { continue };
        let framed = Framed {
            slot: &app.slot(key.path, key.stamp, grid.room()),
            shelf: &app.shelf,
            title: String::new(),
            name: title(&key.name).to_owned(),
            value: None,
            selected: item == app.key_select.selected,
            marked: false,
        };
        framed.draw(frame, tile);
    }
    if app.key_select.count() == 0 {
        let text = Paragraph::new(nothing(app, set)).centered().wrap(Wrap { trim: true });
        frame.render_widget(text.style(theme::quiet()), parts.pictures.inner(ratatui::layout::Margin::new(2, 2)));
    }
    super::footer(frame, app, &parts);
}

fn header(frame: &mut Frame, app: &App, set: &Set) {
    let of = set.images.len();
    let images = match &app.key_select.filter {
        filter if filter.is_empty() => count(of, "image"),
        filter => format!("{} of {} contain \"{filter}\"", thousands(app.key_select.count()), count(of, "image")),
    };
    let page = app.key_select.grid(app).page().map(|(at, of)| format!("   page {at}/{of}")).unwrap_or_default();
    let indexed = format!("indexed {}/{of}", set.matrix.len());
    let right = match (&set.state, app.size.width) {
        (State::Scanning, _) => "looking for pictures".into(),
        (_, ..80) if app.key_select.filter.is_empty() => indexed,
        (_, ..80) => images,
        _ => format!("{images}{page}   {indexed}"),
    };
    bars::header(frame, app.parts().header, "key select", &set.dataset.name, &right);
}

/// Why no picture is shown.
fn nothing(app: &App, set: &Set) -> Vec<Line<'static>> {
    let root = crate::text::printable(&set.dataset.root.display().to_string());
    match &set.state {
        State::Scanning => vec![Line::raw(format!("looking for pictures in {root}"))],
        State::Failed(error) => vec![Line::raw(crate::text::printable(error))],
        _ if !app.key_select.filter.is_empty() => {
            vec![Line::raw("no name contains this"), Line::raw("esc drops the filter")]
        }
        _ => vec![
            Line::raw(format!("no pictures in {root}")),
            Line::raw("JPEG, PNG, WebP, GIF, BMP, TIFF and others are found below it, hidden files are not"),
        ],
    }
}
