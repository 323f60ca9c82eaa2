//! The actions on the map.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Position;

use super::draw;
use super::moving::Toward;
use super::state::MapScreen;
use crate::join::Ranking;
use crate::tui::jobs::{JoinNews, JoinOutcome};
use crate::tui::key_pictures::KeyPictures;
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::msg::Task;
use crate::tui::pictures::Slot;
use crate::tui::purpose::Purpose;
use crate::tui::scene::{Go, Screen};
use crate::tui::scenes::list::List;
use crate::tui::scenes::settings_panel::SettingsPanel;
use crate::tui::scenes::viewer::Viewer;
use crate::tui::set::KeyPicture;
use crate::tui::settings::{self, Field, Settings};
use crate::tui::world::World;

#[derive(Clone, Copy, Debug)]
pub enum MapAction {
    Go(Toward),
    /// Scrolls the map.
    Pan(Toward),
    /// Scrolls by almost a screen.
    PanFar(Toward),
    WalkOn,
    View,
    Mark,
    Larger,
    Smaller,
    Fit,
    Settings,
    Back,
    Skipped,
}
use MapAction as Act;

const LEFT: Toward = (-1, 0);
const DOWN: Toward = (0, 1);
const UP: Toward = (0, -1);
const RIGHT: Toward = (1, 0);

/// The share of the visible part that one step scrolls.
const SOME: f64 = 0.25;
const MOST: f64 = 0.9;

pub static KEYS: Keys<MapAction> = keys! { "Map"
    Act::Go(LEFT) => [on::LEFT] "move" "next picture to the left";
    Act::Go(DOWN) => [on::DOWN] "move" "next picture below";
    Act::Go(UP) => [on::UP] "move" "next picture above";
    Act::Go(RIGHT) => [on::RIGHT] "move" "next picture to the right";
    Act::Larger => [on::LARGER] "zoom" "zoom in: more pictures have room, and dots separate";
    Act::Smaller => [on::SMALLER] "zoom" "zoom out";
    Act::Fit => [on::FIT] "zoom" "all of the map";
    Act::WalkOn => [on::GO_ON] "make it the key" "make the picture the key: find similar ones";
    Act::View => [on::VIEW] "view" "view the picture, full screen";
    Act::Mark => [on::MARK] "mark" "mark or unmark the picture";
    Act::Back => [on::BACK, on::ESC] "back" "back to key select; cancels a map being made";
    Act::Pan(LEFT) => [on::SHIFT_LEFT] "" "scroll the map left";
    Act::Pan(DOWN) => [on::SHIFT_DOWN] "" "scroll the map down";
    Act::Pan(UP) => [on::SHIFT_UP] "" "scroll the map up";
    Act::Pan(RIGHT) => [on::SHIFT_RIGHT] "" "scroll the map right";
    Act::PanFar(DOWN) => [on::PAGE_DOWN] "" "scroll the map down by a screen";
    Act::PanFar(UP) => [on::PAGE_UP] "" "scroll the map up by a screen";
    Act::Settings => [on::SETTINGS, on::NEXT_FIELD] "settings" "change the datasets";
    Act::Skipped => [on::SKIPPED] "" "list the files that aren't shown, and why";
};

impl MapScreen {
    fn act(&mut self, action: MapAction, world: &mut World) -> Go {
        match action {
            Act::Go(way) => self.go(way, world),
            Act::Pan(way) => self.pan(way, SOME, world),
            Act::PanFar(way) => self.pan(way, MOST, world),
            Act::WalkOn => match self.picture_at(self.selected) {
                Some(key) => return Go::similar(key, &self.settings),
                None => world.error("there is no picture yet to take as key"),
            },
            Act::View if self.picture_at(self.selected).is_some() => {
                return Go::over(Viewer::new(self.selected as usize));
            }
            Act::View => {}
            Act::Mark => {
                if let Some(picture) = self.picture_at(self.selected) {
                    world.toggle_mark(&picture);
                }
            }
            Act::Larger => self.zoom(true, world),
            Act::Smaller => self.zoom(false, world),
            Act::Fit => self.fit(),
            Act::Settings => return Go::over(SettingsPanel::new(Field::KeyDataset, &self.settings)),
            Act::Back => return Go::Back(self.left()),
            Act::Skipped => return Go::over(List::skipped()),
        }
        Go::Stay
    }
}

impl Screen for MapScreen {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, world: &mut World) -> Go {
        KEYS.press(key, |action| self.act(action, world))
    }

    fn click(&mut self, at: Position, double: bool, world: &mut World) -> Go {
        let Some(picture) = self.at(at, world) else { return Go::Stay };
        self.selected = picture;
        if double { self.act(Act::View, world) } else { Go::Stay }
    }

    /// The wheel zooms; turning it away from the user zooms in.
    fn page(&mut self, forward: bool, world: &mut World) {
        self.zoom(!forward, world);
    }

    fn back(&mut self, world: &mut World) -> Go {
        self.act(Act::Back, world)
    }

    fn stands_on(&self, _: &World) -> Option<KeyPicture> {
        self.picture_at(self.selected)
    }

    fn visible(&self, world: &World) -> Vec<Slot> {
        let large = draw::side_room(self.areas(world).1, world.terminal.cell);
        let large = self.picture_at(self.selected).map(|picture| world.slot(picture, large));
        let tiles = self.tiles(world);
        let tiles = tiles.iter().filter_map(|tile| {
            let (room, _) = tile.parts();
            Some(world.slot(self.picture_at(tile.picture)?, room.as_size()))
        });
        large.into_iter().chain(tiles).collect()
    }

    fn next(&self, _: &World) -> Vec<Slot> {
        Vec::new()
    }

    fn places(&self, world: &World) -> Option<[i64; 4]> {
        let origin = self.projection(world)?.origin;
        Some([origin.0, origin.1, self.view.zoom.into(), self.answers])
    }

    fn draw(&self, frame: &mut Frame, world: &World) {
        draw::draw(frame, self, world);
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn fields(&self) -> &'static [Field] {
        &settings::DATASETS
    }

    /// Other datasets have another map.
    fn apply(&mut self, settings: Settings, world: &mut World) -> Vec<Task> {
        let is_same = self.sets.are(&settings);
        self.settings = settings;
        if is_same { Vec::new() } else { self.begin(world) }
    }

    fn live_keys(&self, choosing: bool, _: &World) -> Option<KeyPictures> {
        self.picture_at(self.selected).filter(|_| choosing).map(KeyPictures::from)
    }

    fn ranking<'a>(&self, world: &'a World) -> Option<&'a Ranking> {
        world.live.ranking.as_deref()
    }

    fn typed(&mut self, _: Purpose, _: &str, _: &mut World) -> Vec<Task> {
        Vec::new()
    }

    fn awaits(&self, generation: u64) -> bool {
        self.waits_for(generation)
    }

    fn joining(&mut self, news: JoinNews, world: &mut World) {
        match news {
            JoinNews::Step(step) => self.step = Some(step),
            JoinNews::Ended(_, Ok(JoinOutcome::Map(answer))) => self.take(answer, world),
            JoinNews::Ended(_, Err(error)) => self.failed(error.to_string()),
            JoinNews::Ended(_, Ok(_)) => {}
        }
    }

    fn further(&mut self, world: &mut World) -> Option<Task> {
        self.next_work(world)
    }

    fn count(&self) -> usize {
        MapScreen::count(self)
    }

    fn picture(&self, at: usize, _: &World) -> Option<KeyPicture> {
        self.picture_at(u32::try_from(at).ok()?)
    }

    fn select(&mut self, at: usize) {
        self.selected = at as u32;
    }
}
