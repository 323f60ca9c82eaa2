//! What a join of whole sets found: pairs, or groups of near-duplicates, best first.

pub mod draw;
pub mod pair;

use std::path::PathBuf;

use ratatui::layout::Position;

use crate::descriptor::Row;
use crate::join::export::PairFormat;
use crate::join::{Predicate, SetJoin, With};
use crate::tui::app::{App, Key, Notice};
use crate::tui::joining::{Answer, Found, Goal, Outcome, Step, Work};
use crate::tui::keys::Action;
use crate::tui::msg::Task;
use crate::tui::pictures::Slot;
use crate::tui::widgets::grid::{Across, Grid, Wish};
use crate::tui::widgets::prompt::{Prompt, Purpose};
use crate::tui::widgets::settings::{Field, Settings};

/// Rows below a picture: its name and its value.
const CAPTION: u16 = 2;

pub struct Joined {
    pub settings: Settings,
    /// Being changed, not applied yet.
    pub edited: Option<Settings>,
    /// What was joined, as it was indexed then.
    pub join: SetJoin,
    /// Number of the work that will answer.
    pub generation: u64,
    pub step: Option<Step>,
    pub answer: Option<Answer>,
    pub error: Option<String>,
    pub selected: Selected,
}

/// A picture of a pair or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selected {
    /// Pair or group, by number.
    pub row: usize,
    /// 0 is the key or centre.
    pub picture: usize,
}

impl Selected {
    /// The one that is like the key: of two near-duplicates, the one that one would mark.
    const FIRST: Selected = Selected { row: 0, picture: 1 };
}

/// A join on its way to a file.
pub struct Writing {
    pub generation: u64,
    pub path: PathBuf,
    pub step: Option<Step>,
    /// Whether the user was told that quitting leaves it unwritten.
    pub may_be_dropped: bool,
}

impl Joined {
    fn found(&self) -> Option<&Found> {
        self.answer.as_ref().map(|answer| &*answer.found)
    }

    /// Pairs, or groups.
    pub fn rows(&self) -> usize {
        self.found().map_or(0, Found::len)
    }

    /// Pictures in a pair or group.
    pub fn pictures(&self, row: usize) -> usize {
        self.found().and_then(|found| found.get(row)).map_or(0, |(_, others)| 1 + others.len())
    }

    /// The descriptor's row of a picture, and its value to the first one.
    fn row(&self, at: Selected) -> Option<(&Row, Option<f64>)> {
        let (first, others) = self.found()?.get(at.row)?;
        match at.picture.checked_sub(1) {
            None => Some((first, None)),
            Some(other) => others.get(other).map(|n| (&*n.row, Some(n.value))),
        }
    }

    pub fn picture(&self, app: &App, at: Selected) -> Option<Key> {
        // Both are of one set in a self-join.
        let set = if at.picture == 0 { self.settings.key_dataset } else { self.settings.dataset };
        Some(app.sets[set].picture(self.row(at)?.0))
    }

    fn groups(&self) -> bool {
        matches!(self.found(), Some(Found::Groups(_)))
    }

    /// Whether each group has a row of its own; groups of two are laid out as pairs are.
    fn in_rows(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.in_rows)
    }

    pub fn grid(&self, app: &App) -> Grid {
        let parts = app.parts();
        let grid = |count, selected, expected, across| {
            let wish = Wish { room: parts.room, caption: CAPTION, zoom: app.zoom, expected, across };
            Grid::new(parts.pictures, count, selected, wish)
        };
        if !self.in_rows() {
            let (count, selected) = (self.rows() * 2, self.selected.row * 2 + self.selected.picture);
            return grid(count, selected, count, Across::Pairs);
        }
        // Each group has a row of its own.
        let columns = grid(0, 0, usize::MAX, Across::Group).shape.columns;
        grid(self.rows() * columns, self.selected.row * columns, usize::MAX, Across::Group)
    }

    /// The picture in a tile of the grid. Of a group with more pictures than columns, the part that the selected one is
    /// in is shown, after the centre.
    pub fn in_tile(&self, grid: &Grid, item: usize) -> Option<Selected> {
        if !self.in_rows() {
            return Some(Selected { row: item / 2, picture: item % 2 });
        }
        let columns = grid.shape.columns;
        let (row, column) = (item / columns, item % columns);
        let selected = if row == self.selected.row { self.selected.picture } else { 0 };
        let part = selected.saturating_sub(1) / (columns - 1);
        let picture = if column == 0 { 0 } else { part * (columns - 1) + column };
        (picture < self.pictures(row)).then_some(Selected { row, picture })
    }

    fn slots(&self, app: &App, grid: &Grid, items: impl Iterator<Item = usize>) -> Vec<Slot> {
        let pictures = items.filter_map(|item| self.picture(app, self.in_tile(grid, item)?));
        pictures.map(|key| app.slot(key.path, key.stamp, grid.room())).collect()
    }

    pub fn visible(&self, app: &App) -> Vec<Slot> {
        let grid = self.grid(app);
        self.slots(app, &grid, grid.tiles().map(|(item, _)| item))
    }

    pub fn next_page(&self, app: &App) -> Vec<Slot> {
        let grid = self.grid(app);
        self.slots(app, &grid, grid.next_page())
    }

    /// The picture's place in the list at a place on the screen.
    pub fn at(&self, app: &App, position: Position) -> Option<usize> {
        self.grid(app).at(position)
    }

    /// Where `action` leads; None if it isn't a move.
    fn moved(&self, action: Action, grid: &Grid) -> Option<Selected> {
        let Selected { row, picture } = self.selected;
        let (last, shape) = (self.rows().saturating_sub(1), grid.shape);
        let across = if self.in_rows() { 1 } else { shape.columns / 2 };
        let to_row = |row: usize| {
            let row = row.min(last);
            Selected { row, picture: picture.min(self.pictures(row).saturating_sub(1)) }
        };
        Some(match action {
            Action::Left if picture > 0 => Selected { row, picture: picture - 1 },
            Action::Right if picture + 1 < self.pictures(row) => Selected { row, picture: picture + 1 },
            // Pairs follow each other in a row.
            Action::Left if across > 1 && row > 0 => Selected { row: row - 1, picture: 1 },
            Action::Right if across > 1 && row < last => Selected { row: row + 1, picture: 0 },
            Action::Left | Action::Right => self.selected,
            Action::Up if row >= across => to_row(row - across),
            Action::Down if row / across < last / across => to_row(row + across),
            Action::Up | Action::Down => self.selected,
            Action::PageUp => to_row(row.saturating_sub(across * shape.rows)),
            Action::PageDown => to_row(row + across * shape.rows),
            Action::Home => to_row(0),
            Action::End => to_row(last),
            _ => return None,
        })
    }
}

impl App {
    /// Joins the two datasets that are chosen on key select.
    pub(in crate::tui) fn join_all(&mut self) -> Vec<Task> {
        let settings = self.settings.clone();
        let mut tasks = vec![Task::Prefer(settings.dataset), Task::Prefer(settings.key_dataset)];
        tasks.push(self.join_sets(settings));
        tasks
    }

    fn join_sets(&mut self, mut settings: Settings) -> Task {
        settings.start_range(|settings| self.sensible_range(settings));
        let predicate = settings.predicate(None).expect("a range has been set");
        let join = self.set_join(&settings, predicate);
        self.generation += 1;
        let work = Work { generation: self.generation, goal: Goal::Show(join.clone()) };
        let (generation, selected) = (self.generation, Selected::FIRST);
        self.joined =
            Some(Joined { settings, edited: None, join, generation, step: None, answer: None, error: None, selected });
        Task::Join(work)
    }

    fn set_join(&self, settings: &Settings, predicate: Predicate) -> SetJoin {
        let matrix = |set: usize| self.sets[set].matrix.clone();
        let with = match settings.key_dataset == settings.dataset {
            true => With::Themselves,
            false => With::Dataset(matrix(settings.dataset)),
        };
        SetJoin {
            keys: matrix(settings.key_dataset),
            with,
            descriptor: settings.descriptor,
            metric: settings.metric,
            predicate,
        }
    }

    fn sensible_range(&self, settings: &Settings) -> f64 {
        self.set_join(settings, Predicate::Knn(1)).sensible_range()
    }

    /// Where a range is asked for that nobody has said, while the settings are changed.
    pub(in crate::tui) fn start_range(&mut self) {
        let mut edited = self.edited().clone();
        edited.start_range(|edited| self.sensible_range(edited));
        *self.edited() = edited;
    }

    pub(in crate::tui) fn apply_to_joined(&mut self) -> Vec<Task> {
        let Some(joined) = &mut self.joined else { return Vec::new() };
        let settings = joined.edited.take().unwrap_or_else(|| joined.settings.clone());
        let prefer = [Task::Prefer(settings.dataset), Task::Prefer(settings.key_dataset)];
        let join = self.join_sets(settings);
        prefer.into_iter().chain([join]).collect()
    }

    /// Back to key select; a join under way is of no use any more.
    pub(in crate::tui) fn leave_joined(&mut self) -> Vec<Task> {
        self.pair = None;
        self.joined.take().filter(|j| j.answer.is_none()).map(|_| Task::StopJoin).into_iter().collect()
    }

    pub(in crate::tui) fn working(&mut self, step: Step) {
        if let Some(joined) = self.joined.as_mut().filter(|j| j.generation == step.generation) {
            joined.step = Some(step);
        } else if let Some(writing) = self.writing.as_mut().filter(|w| w.generation == step.generation) {
            writing.step = Some(step);
        }
    }

    pub(in crate::tui) fn worked(&mut self, generation: u64, outcome: Result<Outcome, String>) {
        let joined = self.joined.as_mut().filter(|j| j.generation == generation);
        match (outcome, joined) {
            (Ok(Outcome::Shown(answer)), Some(joined)) => joined.answer = Some(answer),
            (Err(error), Some(joined)) => joined.error = Some(error),
            (outcome, None) if self.writing.as_ref().is_some_and(|w| w.generation == generation) => {
                self.writing = None;
                self.notice = match outcome {
                    Ok(Outcome::Written(text)) => Some(Notice::Info(text)),
                    Ok(Outcome::Shown(_)) => None,
                    Err(error) => Some(Notice::Error(error)),
                };
            }
            // Of a join that is no longer shown.
            _ => {}
        }
    }

    /// Selects the picture in a tile that was clicked on.
    pub(in crate::tui) fn select_joined(&mut self, item: usize) {
        let Some(joined) = &self.joined else { return };
        let selected = joined.in_tile(&joined.grid(self), item);
        if let (Some(joined), Some(selected)) = (&mut self.joined, selected) {
            joined.selected = selected;
        }
    }

    pub(in crate::tui) fn joined_action(&mut self, action: Action) -> Vec<Task> {
        let Some(joined) = &self.joined else { return Vec::new() };
        if let Some(selected) = joined.moved(action, &joined.grid(self)) {
            self.joined.as_mut().expect("it is shown").selected = selected;
            return Vec::new();
        }
        match action {
            Action::View => self.view_pair(),
            Action::Mark => {
                if let Some(picture) = joined.picture(self, joined.selected) {
                    self.toggle(picture.path);
                }
            }
            Action::MarkOthers => self.mark_others(),
            Action::Write => self.ask_where_to_write(),
            Action::WritePaths => self.ask_where_to_write_paths(),
            Action::Settings => {
                self.edited();
                self.focus = Some(Field::KeyDataset);
            }
            Action::Larger | Action::Smaller => return self.key_select_action(action),
            Action::Back => return self.leave_joined(),
            _ => {}
        }
        Vec::new()
    }

    /// Marks all pictures of the selected group but the first; unmarks them if they all are marked.
    fn mark_others(&mut self) {
        let Some(joined) = &self.joined else { return };
        let row = joined.selected.row;
        let others = (1..joined.pictures(row)).filter_map(|picture| joined.picture(self, Selected { row, picture }));
        let paths: Vec<_> = others.map(|key| key.path).collect();
        if paths.iter().all(|path| self.marked.contains(path)) {
            self.marked.retain(|path| !paths.contains(path));
        } else {
            self.marked.extend(paths);
        }
    }

    fn ask_where_to_write(&mut self) {
        let Some(joined) = &self.joined else { return };
        let name = |set: usize| self.sets[set].dataset.name.replace(['/', '\\'], "-");
        let (keys, others) = (name(joined.settings.key_dataset), name(joined.settings.dataset));
        match (&joined.answer, &self.writing) {
            (_, Some(writing)) => self.error(format!("{} is still being written", writing.path.display())),
            (None, _) => self.error("the join is not done yet"),
            (Some(_), None) if joined.rows() == 0 => self.error("there is nothing to write"),
            (Some(_), None) => {
                let what = if joined.groups() { "groups".into() } else { others };
                self.prompt = Some(Prompt::new(Purpose::WriteJoin, format!("simages-{keys}-{what}.csv")));
            }
        }
    }

    pub(in crate::tui) fn ask_where_to_write_paths(&mut self) {
        match self.marked.is_empty() {
            true => self.error("no picture is marked; space marks one"),
            false => self.prompt = Some(Prompt::new(Purpose::WritePaths, "simages-marked.txt")),
        }
    }

    /// Writes the groups shown; of pairs all results of the join, also those that were not kept for the screen.
    pub(in crate::tui) fn write_join(&mut self, path: PathBuf) -> Vec<Task> {
        if let Err(error) = PairFormat::by_extension(&path) {
            self.error(error);
            return Vec::new();
        }
        let Some((joined, answer)) = self.joined.as_ref().and_then(|j| Some((j, j.answer.as_ref()?))) else {
            return Vec::new();
        };
        let goal = match joined.groups() {
            true => Goal::WriteFound(path.clone(), answer.found.clone()),
            false => Goal::Write(path.clone(), joined.join.clone()),
        };
        self.generation += 1;
        self.writing = Some(Writing { generation: self.generation, path, step: None, may_be_dropped: false });
        vec![Task::WriteJoin(Work { generation: self.generation, goal })]
    }

    pub(in crate::tui) fn write_paths(&mut self, path: PathBuf) -> Vec<Task> {
        vec![Task::WritePaths { path, paths: self.marked.iter().cloned().collect() }]
    }
}
