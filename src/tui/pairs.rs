//! The results of a join of whole datasets, computed now or read from a file: pairs, or groups of near-duplicates, best
//! first; and where each is on the screen.

use std::path::{Path, PathBuf};

use super::growth::Growth;
use super::jobs::{Findings, JoinAnswer, JoinGoal, JoinJob, JoinStep, Request};
use super::pictures::Slot;
use super::selection::Move;
use super::set::KeyPicture;
use super::settings::Settings;
use super::widgets::grid::{Across, Grid, NARROWEST, Wish};
use super::world::World;
use crate::descriptor::Row;
use crate::join::{JoinedFiles, Predicate, SetJoin, With};

/// Rows below a picture: its name and its value.
const CAPTION: u16 = 2;

pub struct Pairs {
    pub settings: Settings,
    /// The join, with the datasets as indexed at the time.
    pub join: SetJoin,
    /// The file that pairs are read from; None: they are computed.
    pub file: Option<PathBuf>,
    pub request: Request<JoinAnswer>,
    /// What was known when the join was requested.
    asked: Growth,
    pub step: Option<JoinStep>,
    pub selected: Selected,
}

/// A picture of a pair or group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selected {
    /// The index of the pair or group.
    pub row: usize,
    /// 0 is the key or centre.
    pub picture: usize,
}

impl Selected {
    /// The first picture similar to the key: of two near-duplicates, the one to mark.
    pub const FIRST: Selected = Selected { row: 0, picture: 1 };
}

/// The join that these settings describe, over everything indexed so far.
pub fn set_join(settings: &Settings, predicate: Predicate, world: &World) -> SetJoin {
    let matrix = |set: usize| world.sets[set].matrix.clone();
    let with = match settings.key_dataset == settings.dataset {
        true => With::Themselves,
        false => With::Dataset(matrix(settings.dataset)),
    };
    let keys = matrix(settings.key_dataset);
    let images = |set: usize| world.sets[set].images.clone();
    let files = JoinedFiles { keys: images(settings.key_dataset), others: images(settings.dataset) };
    SetJoin { keys, with, files, descriptor: settings.descriptor, metric: settings.metric, predicate }
}

/// A range to start from, for the join that these settings describe.
pub fn starting_range(settings: &Settings, world: &World) -> f64 {
    set_join(settings, Predicate::Knn(1), world).sensible_range()
}

impl Pairs {
    /// A screen of the pairs to be found, and its tasks.
    pub fn new(mut settings: Settings, world: &mut World) -> (Pairs, JoinJob) {
        settings.start_range(|settings| Some(starting_range(settings, world)));
        Pairs::from(None, settings, world)
    }

    /// A screen of the pairs that a join of the chosen datasets has written to a file, and its tasks.
    pub fn of_file(path: &Path, settings: Settings, world: &mut World) -> (Pairs, JoinJob) {
        Pairs::from(Some(path.to_owned()), settings, world)
    }

    fn from(file: Option<PathBuf>, settings: Settings, world: &mut World) -> (Pairs, JoinJob) {
        // The settings don't apply to the pairs in a file.
        let predicate = settings.predicate(None).unwrap_or(Predicate::Knn(settings.k));
        let join = set_join(&settings, predicate, world);
        let generation = world.next_generation();
        let request = Request::new(generation);
        let asked = Growth::of(&[settings.key_dataset, settings.dataset], world);
        let pairs = Pairs { settings, join, file, request, asked, step: None, selected: Selected::FIRST };
        let job = JoinJob { generation, goal: pairs.goal() };
        (pairs, job)
    }

    fn goal(&self) -> JoinGoal {
        match &self.file {
            Some(path) => JoinGoal::Read(path.clone(), self.join.clone()),
            None => JoinGoal::Show(self.join.clone()),
        }
    }

    /// The same join over everything indexed by now; None unless that is much more than before. The old results stay
    /// visible meanwhile.
    pub fn again(&mut self, world: &mut World) -> Option<JoinJob> {
        let sets = [self.settings.key_dataset, self.settings.dataset];
        if self.request.waits() || !self.asked.has_passed(&sets, world) {
            return None;
        }
        self.asked = Growth::of(&sets, world);
        self.join = set_join(&self.settings, self.join.predicate, world);
        let generation = world.next_generation();
        self.request.again(generation);
        Some(JoinJob { generation, goal: self.goal() })
    }

    /// Takes the join's results. The selection stays where it was, if that still exists.
    pub fn take(&mut self, answer: JoinAnswer) {
        if let Some(file) = answer.file {
            self.join.metric = file.metric;
        }
        self.request.take(Ok(answer));
        let last = self.rows().saturating_sub(1);
        if self.selected.row > last {
            self.selected = Selected { row: last, ..Selected::FIRST };
        }
        self.selected.picture = self.selected.picture.min(self.pictures(self.selected.row).max(2) - 1);
    }

    pub fn found(&self) -> Option<&Findings> {
        self.request.answer().map(|answer| &*answer.found)
    }

    /// `animals ⋈ garden`
    pub fn names(&self, world: &World) -> String {
        let name = |set: usize| &world.sets[set].dataset.name;
        format!("{} ⋈ {}", name(self.settings.key_dataset), name(self.settings.dataset))
    }

    /// Whether another join has the same settings and datasets.
    pub fn is_of_the_same(&self, other: &Pairs) -> bool {
        let rows = |pairs: &Pairs| match &pairs.join.with {
            With::Themselves => (pairs.join.keys.len(), 0),
            With::Dataset(others) => (pairs.join.keys.len(), others.len()),
        };
        self.settings == other.settings && self.file == other.file && rows(self) == rows(other)
    }

    /// The number of pairs or groups.
    pub fn rows(&self) -> usize {
        self.found().map_or(0, Findings::len)
    }

    /// The number of pictures in a pair or group.
    pub fn pictures(&self, row: usize) -> usize {
        self.found().and_then(|found| found.get(row)).map_or(0, |(_, others)| 1 + others.len())
    }

    /// A picture's row, and its value to the first picture.
    pub fn row(&self, at: Selected) -> Option<(&Row, Option<f64>)> {
        let (first, others) = self.found()?.get(at.row)?;
        match at.picture.checked_sub(1) {
            None => Some((first, None)),
            Some(other) => others.get(other).map(|n| (&*n.row, Some(n.value))),
        }
    }

    /// Whether the picture is byte-identical to the first one of its pair or group.
    pub fn is_identical(&self, at: Selected) -> bool {
        let first = self.row(Selected { picture: 0, ..at });
        let content = first.and_then(|(row, _)| row.content());
        self.row(at).is_some_and(|(row, _)| row.is_identical(content))
    }

    pub fn picture(&self, at: Selected, world: &World) -> Option<KeyPicture> {
        Some(world.sets[self.set(at)].picture(self.row(at)?.0))
    }

    /// The index of the picture's dataset; in a self-join there is only one.
    pub fn set(&self, at: Selected) -> usize {
        if at.picture == 0 { self.settings.key_dataset } else { self.settings.dataset }
    }

    pub fn are_groups(&self) -> bool {
        matches!(self.found(), Some(Findings::Groups(_)))
    }

    /// Whether each group has a row of its own; groups of two are laid out like pairs.
    pub fn in_rows(&self) -> bool {
        self.request.answer().is_some_and(|answer| answer.in_rows)
    }

    pub fn grid(&self, world: &World) -> Grid {
        let parts = world.parts(false);
        let grid = |count, selected, expected, across| {
            let wish =
                Wish { room: parts.room, caption: CAPTION, zoom: world.zoom, expected, across, narrowest: NARROWEST };
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

    /// The picture in a tile. Of a group with more pictures than columns, shows the centre and the section around the
    /// selection.
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

    fn slots(&self, world: &World, grid: &Grid, items: impl Iterator<Item = usize>) -> Vec<Slot> {
        let pictures = items.filter_map(|item| self.picture(self.in_tile(grid, item)?, world));
        pictures.map(|picture| world.slot(picture, grid.room())).collect()
    }

    pub fn visible(&self, world: &World) -> Vec<Slot> {
        let grid = self.grid(world);
        self.slots(world, &grid, grid.tiles().map(|(item, _)| item))
    }

    pub fn next_page(&self, world: &World) -> Vec<Slot> {
        let grid = self.grid(world);
        self.slots(world, &grid, grid.next_page())
    }

    /// Where a move leads.
    pub fn moved(&self, way: Move, grid: &Grid) -> Selected {
        let Selected { row, picture } = self.selected;
        let (last, shape) = (self.rows().saturating_sub(1), grid.shape);
        let across = if self.in_rows() { 1 } else { shape.columns / 2 };
        let to_row = |row: usize| {
            let row = row.min(last);
            Selected { row, picture: picture.min(self.pictures(row).saturating_sub(1)) }
        };
        match way {
            Move::Left if picture > 0 => Selected { row, picture: picture - 1 },
            Move::Right if picture + 1 < self.pictures(row) => Selected { row, picture: picture + 1 },
            // Pairs follow each other in a row.
            Move::Left if across > 1 && row > 0 => Selected { row: row - 1, picture: 1 },
            Move::Right if across > 1 && row < last => Selected { row: row + 1, picture: 0 },
            Move::Left | Move::Right => self.selected,
            Move::Up if row >= across => to_row(row - across),
            Move::Down if row / across < last / across => to_row(row + across),
            Move::Up | Move::Down => self.selected,
            Move::PageUp => to_row(row.saturating_sub(across * shape.rows)),
            Move::PageDown => to_row(row + across * shape.rows),
            Move::Home => to_row(0),
            Move::End => to_row(last),
        }
    }
}
