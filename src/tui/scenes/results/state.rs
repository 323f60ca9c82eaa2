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

pub struct Results {
    pub search: Search,
    pub selected: usize,
    /// How many pass the predicate, of the last answer.
    pub passing: usize,
    /// Rows of the dataset when it was last searched.
    pub rows: usize,
}

impl Results {
    /// Results that will be; and what is to be done for them.
    pub fn new(key: KeyPicture, settings: Settings, world: &mut World) -> (Results, Task) {
        let search = Search { key, settings, request: Request::new(0) };
        let mut results = Results { search, selected: 0, passing: 0, rows: 0 };
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
