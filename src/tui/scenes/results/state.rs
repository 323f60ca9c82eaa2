//! A key, what is similar to it, and where each is on the screen.

use ratatui::layout::{Constraint, Layout, Rect};

use crate::join::{Kind, Neighbour};
use crate::tui::jobs::{DescribedKey, Request, SearchAnswer, Searched};
use crate::tui::msg::Task;
use crate::tui::pictures::Slot;
use crate::tui::search::Search;
use crate::tui::set::KeyPicture;
use crate::tui::settings::Settings;
use crate::tui::widgets::grid::{Across, Grid, NARROWEST, Tile, Wish};
use crate::tui::world::World;

/// Rows below a picture: its name and its value.
const CAPTION: u16 = 2;

/// Keys of the trail that a digit goes back to.
const MOST_WALKED: usize = 9;
/// Columns that a picture of the trail should have.
const WALKED_WIDTH: u16 = 11;

pub struct Results {
    pub search: Search,
    /// The keys before this one, that one has walked along.
    pub walked: Vec<KeyPicture>,
    pub selected: usize,
    /// How many pass the predicate, of the last answer.
    pub passing: usize,
    /// Rows of the dataset when it was last searched.
    pub rows: usize,
}

impl Results {
    /// Results that will be; and what is to be done for them.
    /// `walked`: the keys that one comes along from, the last one last.
    pub fn new(key: KeyPicture, walked: Vec<KeyPicture>, settings: Settings, world: &mut World) -> (Results, Task) {
        let search = Search { key, settings, request: Request::new(0) };
        let mut results = Results { search, walked, selected: 0, passing: 0, rows: 0 };
        let task = results.ask(None, world);
        (results, task)
    }

    /// Asks again: more is indexed by now, or something else is asked for.
    pub fn again(&mut self, world: &mut World) -> Task {
        let described = self.search.described(world);
        self.ask(described, world)
    }

    /// Asks for what is similar. `described`: the key as it was looked at, if it was.
    pub fn ask(&mut self, described: Option<DescribedKey>, world: &mut World) -> Task {
        let job = world.search(&self.search.key, &self.search.settings, described);
        self.rows = job.matrix.len();
        self.search.request.again(job.generation);
        Task::Search(job)
    }

    /// Takes the answer to its search; the selected picture stays selected if it is still among the results.
    pub fn take(&mut self, searched: Searched) {
        let selected = self.items().get(self.selected).map(|n| n.row.name.clone()).filter(|_| self.selected > 0);
        self.search.request.take(searched.outcome);
        if let Some(answer) = self.search.request.answer() {
            let predicate = self.search.settings.predicate(Some(&answer.ranking));
            self.passing = predicate.map_or(0, |p| answer.ranking.count(p));
        }
        let still = selected.and_then(|name| self.items().iter().position(|n| n.row.name == name));
        self.selected = still.unwrap_or(self.selected);
        self.select_inside();
    }

    /// There may be fewer results than before.
    pub fn select_inside(&mut self) {
        self.selected = self.selected.min(self.items().len().saturating_sub(1));
    }

    pub fn answer(&self) -> Option<&SearchAnswer> {
        self.search.request.answer()
    }

    /// The results, best first.
    pub fn items(&self) -> &[Neighbour] {
        self.search.results()
    }

    /// Where the key and the results are.
    pub fn areas(&self, world: &World) -> (Tile, Rect) {
        let area = world.parts(false).pictures;
        let width = (area.width / 5).clamp(15, 40);
        let [key, results] = Layout::horizontal([Constraint::Length(width), Constraint::Min(1)]).areas(area);
        let height = (width * 3 / 5 + 4).min(area.height);
        (Tile::new(Rect { width: width - 1, height, ..key }, CAPTION), results)
    }

    /// The last keys of the trail, by number, each with its place below the key; as many as there is room for.
    pub fn trail(&self, world: &World) -> Vec<(usize, Tile)> {
        let (area, key) = (world.parts(false).pictures, self.areas(world).0.area);
        let room = Rect { y: key.bottom(), height: area.bottom().saturating_sub(key.bottom()), ..key };
        let columns = (room.width / WALKED_WIDTH).max(2);
        let width = room.width / columns;
        let height = width / 2 + 1;
        let most = usize::from(columns * (room.height / height)).min(MOST_WALKED);
        let first = self.walked.len().saturating_sub(most);
        let place = |at: u16| {
            let (x, y) = (room.x + at % columns * width, room.y + at / columns * height);
            Tile::new(Rect { x, y, width, height }, 0)
        };
        (first..self.walked.len()).zip((0..).map(place)).collect()
    }

    pub fn trail_slots(&self, world: &World) -> Vec<Slot> {
        let slot = |(at, tile): (usize, Tile)| world.slot(self.walked[at].clone(), tile.picture.as_size());
        self.trail(world).into_iter().map(slot).collect()
    }

    /// How many screens the key with this digit is back.
    pub fn back_to(&self, digit: char, world: &World) -> Option<usize> {
        let nth = (digit.to_digit(10)? as usize).checked_sub(1)?;
        let (at, _) = *self.trail(world).get(nth)?;
        Some(self.walked.len() - at)
    }

    pub fn grid(&self, world: &World) -> Grid {
        let settings = &self.search.settings;
        // As many as there will be: tiles don't shrink while indexing goes on.
        let expected = match settings.kind {
            Kind::Knn => settings.k.min(world.sets[settings.dataset].images.len()),
            Kind::Range => usize::MAX,
        };
        let (room, across) = (world.parts(false).room, Across::Singles);
        let wish = Wish { room, caption: CAPTION, zoom: world.zoom, expected, across, narrowest: NARROWEST };
        Grid::new(self.areas(world).1, self.items().len(), self.selected, wish)
    }

    pub fn key_slot(&self, world: &World) -> Slot {
        world.slot(self.search.key.clone(), self.areas(world).0.picture.as_size())
    }
}
