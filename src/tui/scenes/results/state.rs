//! A key, the pictures similar to it, and where each is on the screen.

use ratatui::layout::{Constraint, Layout, Rect};

use crate::join::{Kind, Neighbour};
use crate::tui::jobs::{Request, SearchAnswer, Searched};
use crate::tui::key_pictures::KeyPictures;
use crate::tui::msg::Task;
use crate::tui::pictures::Slot;
use crate::tui::search::{DescribedKeys, Search};
use crate::tui::settings::Settings;
use crate::tui::widgets::grid::{Across, Grid, NARROWEST, Tile, Wish};
use crate::tui::world::World;

/// Rows below a picture: its name and its value.
const CAPTION: u16 = 2;
/// With several keys one more: the nearest key.
const CAPTION_OF_SEVERAL: u16 = 3;
/// Rows below one of several keys: its name.
const KEY_CAPTION: u16 = 1;
/// Rows of one of several keys: a frame, a picture, its name.
const SMALLEST_KEY: u16 = 6;

/// The keys of the trail that a digit can return to.
const MOST_WALKED: usize = 9;
/// The preferred width of a picture of the trail, in columns.
const WALKED_WIDTH: u16 = 11;

pub struct Results {
    pub search: Search,
    /// The keys walked along before this one.
    pub walked: Vec<KeyPictures>,
    pub selected: usize,
    /// How many results of the last answer pass the predicate.
    pub passing: usize,
    /// Rows of the dataset when it was last searched.
    pub rows: usize,
}

impl Results {
    /// A screen of results to be found, and its tasks. `walked`: the keys walked along so far, the latest last;
    /// `described`: keys whose descriptors are known, these or others.
    pub fn new(
        keys: KeyPictures,
        walked: Vec<KeyPictures>,
        settings: Settings,
        described: &DescribedKeys,
        world: &mut World,
    ) -> (Results, Task) {
        let search = Search { keys, settings, request: Request::new(0) };
        let mut results = Results { search, walked, selected: 0, passing: 0, rows: 0 };
        let task = results.ask(described, world);
        (results, task)
    }

    /// Searches again: more is indexed by now, or the settings have changed.
    pub fn again(&mut self, world: &mut World) -> Task {
        let described = self.search.described();
        self.ask(&described, world)
    }

    /// Searches. `described`: keys whose descriptors are known.
    pub fn ask(&mut self, described: &DescribedKeys, world: &mut World) -> Task {
        let job = world.search(&self.search.keys, &self.search.settings, described);
        self.rows = job.matrix.len();
        self.search.request.again(job.generation);
        Task::Search(job)
    }

    /// Takes the answer to its search. The selected picture stays selected if it is still a result.
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

    /// The areas of the keys and of the results.
    fn areas(&self, world: &World) -> (Rect, Rect) {
        let area = world.parts(false).pictures;
        let width = (area.width / 5).clamp(15, 40);
        let [keys, results] = Layout::horizontal([Constraint::Length(width), Constraint::Min(1)]).areas(area);
        (Rect { width: width - 1, ..keys }, results)
    }

    /// The area of the results.
    pub fn area(&self, world: &World) -> Rect {
        self.areas(world).1
    }

    /// The place of each key, those for first; and a line for the number of keys that have no room.
    pub fn key_tiles(&self, world: &World) -> (Vec<Tile>, Option<Rect>) {
        let area = self.areas(world).0;
        let usual = ((area.width + 1) * 3 / 5 + 4).min(area.height);
        let count = self.search.keys.count() as u16;
        if count == 1 {
            return (vec![Tile::new(Rect { height: usual, ..area }, CAPTION)], None);
        }
        let all = area.height / SMALLEST_KEY;
        let (shown, line) = match count <= all {
            true => (count, None),
            // Keep one line for that number.
            false => {
                let shown = (area.height.saturating_sub(1) / SMALLEST_KEY).max(1);
                (shown, Some(Rect { y: area.bottom().saturating_sub(1), height: 1, ..area }))
            }
        };
        let room = area.height - u16::from(line.is_some()).min(area.height);
        let height = (room / shown).min(usual);
        let tile = |at: u16| Tile::new(Rect { y: area.y + at * height, height, ..area }, KEY_CAPTION);
        ((0..shown).map(tile).collect(), line)
    }

    /// The last keys of the trail, by index, each with its place below the key; as many as there is room for.
    pub fn trail(&self, world: &World) -> Vec<(usize, Tile)> {
        let (area, (keys, line)) = (self.areas(world).0, self.key_tiles(world));
        let below = keys.iter().map(|key| key.area.bottom()).chain(line.map(Rect::bottom)).max().unwrap_or(area.y);
        let room = Rect { y: below, height: area.bottom().saturating_sub(below), ..area };
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
        let slot = |(at, tile): (usize, Tile)| world.slot(self.walked[at].first().clone(), tile.picture.as_size());
        self.trail(world).into_iter().map(slot).collect()
    }

    /// How many screens back the key with this digit is.
    pub fn back_to(&self, digit: char, world: &World) -> Option<usize> {
        let nth = (digit.to_digit(10)? as usize).checked_sub(1)?;
        let (at, _) = *self.trail(world).get(nth)?;
        Some(self.walked.len() - at)
    }

    pub fn grid(&self, world: &World) -> Grid {
        let settings = &self.search.settings;
        // As many as there will be: tiles don't shrink during indexing.
        let expected = match settings.kind {
            Kind::Knn => settings.k.min(world.sets[settings.dataset].images.len()),
            Kind::Range => usize::MAX,
        };
        let (room, across) = (world.parts(false).room, Across::Singles);
        let caption = if self.search.keys.like.len() > 1 { CAPTION_OF_SEVERAL } else { CAPTION };
        let wish = Wish { room, caption, zoom: world.zoom, expected, across, narrowest: NARROWEST };
        Grid::new(self.area(world), self.items().len(), self.selected, wish)
    }

    /// Slots of the keys shown.
    pub fn key_slots(&self, world: &World) -> Vec<Slot> {
        let tiles = self.key_tiles(world).0;
        let keys = self.search.keys.all().zip(tiles);
        keys.map(|((key, _), tile)| world.slot(key.clone(), tile.picture.as_size())).collect()
    }
}
