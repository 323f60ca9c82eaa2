//! The actions on clusters.

use std::path::PathBuf;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Position;

use super::draw;
use super::state::ClustersScreen;
use crate::join::Ranking;
use crate::text::{count, thousands};
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
use crate::tui::selection::Move;
use crate::tui::set::KeyPicture;
use crate::tui::settings::{self, Field, Settings};
use crate::tui::widgets::grid::Grid;
use crate::tui::world::{Notice, World};

#[derive(Clone, Copy, Debug)]
pub enum ClustersAction {
    Go(Move),
    /// Opens the cluster; inside it, makes the picture the key.
    GoOn,
    View,
    Mark,
    Finer,
    Coarser,
    AsAtFirst,
    Larger,
    Smaller,
    Settings,
    Back,
    Skipped,
}
use ClustersAction as Act;

pub static KEYS: Keys<ClustersAction> = keys! { "Clusters"
    Act::Go(Move::Left) => [on::LEFT] "move" "previous cluster, or picture";
    Act::Go(Move::Down) => [on::DOWN] "move" "cluster below, or picture";
    Act::Go(Move::Up) => [on::UP] "move" "cluster above, or picture";
    Act::Go(Move::Right) => [on::RIGHT] "move" "next cluster, or picture";
    Act::GoOn => [on::GO_ON] "open, find similar" "open the cluster; in it: make the picture the key";
    Act::Finer => [on::NEXT_TAB] "finer" "finer: more and smaller clusters";
    Act::Coarser => [on::PREVIOUS_TAB] "coarser" "coarser: fewer and larger clusters";
    Act::AsAtFirst => [on::FIT] "" "the initial resolution";
    Act::View => [on::VIEW] "view" "view the picture, full screen";
    Act::Mark => [on::MARK] "mark" "mark all pictures of the cluster, or unmark them; in it: the picture";
    Act::Back => [on::BACK, on::ESC] "back" "out of the cluster; back to key select";
    Act::Settings => [on::SETTINGS, on::NEXT_FIELD] "settings" "change the datasets";
    Act::Go(Move::PageDown) => [on::PAGE_DOWN] "" "next page";
    Act::Go(Move::PageUp) => [on::PAGE_UP] "" "previous page";
    Act::Go(Move::Home) => [on::HOME] "" "first cluster, or picture";
    Act::Go(Move::End) => [on::END] "" "last cluster, or picture";
    Act::Larger => [on::LARGER] "" "larger previews";
    Act::Smaller => [on::SMALLER] "" "smaller previews";
    Act::Skipped => [on::SKIPPED] "" "list the files that aren't shown, and why";
};

impl ClustersScreen {
    fn act(&mut self, action: ClustersAction, world: &mut World) -> Go {
        match action {
            Act::Go(way) => self.stand_at(way.from(self.at(), self.grid(world).shape, self.shown())),
            Act::GoOn if self.inside.is_none() && self.shown() > 0 => self.inside = Some(0),
            Act::GoOn => match self.standing() {
                Some(key) => return Go::similar(key, &self.settings),
                None => world.error("there is no picture yet to take as key"),
            },
            Act::View if self.shown() > 0 => return Go::over(Viewer::new(self.at())),
            Act::View => {}
            Act::Mark if self.inside.is_none() => self.mark_all(world),
            Act::Mark => {
                if let Some(picture) = self.standing() {
                    world.toggle_mark(&picture);
                }
            }
            Act::AsAtFirst => return self.refine(-self.fineness, world).map_or(Go::Stay, Go::start),
            Act::Finer => return self.refine(1, world).map_or(Go::Stay, Go::start),
            Act::Coarser => return self.refine(-1, world).map_or(Go::Stay, Go::start),
            Act::Larger => world.larger_previews(),
            Act::Smaller => world.smaller_previews(),
            Act::Settings => return Go::over(SettingsPanel::new(Field::KeyDataset, &self.settings)),
            Act::Back if self.inside.is_some() => self.inside = None,
            Act::Back => return Go::Back(self.left()),
            Act::Skipped => return Go::over(List::skipped()),
        }
        Go::Stay
    }

    /// Marks the cluster's pictures that can be marked; if none is left to mark, unmarks all.
    fn mark_all(&self, world: &mut World) {
        let pictures = self.pictures();
        let (before, of) = self.marked(self.selected, world);
        for picture in &pictures {
            if !world.marks.contains(&picture.path) {
                world.toggle_mark(picture);
            }
        }
        let (after, _) = self.marked(self.selected, world);
        if after == before && before > 0 {
            for picture in &pictures {
                world.marks.unmark(&picture.path);
            }
            return world.inform(format!("{} unmarked", count(before, "picture")));
        }
        match world.notice.take() {
            Some(Notice::Error(why)) => {
                world.inform(format!("{} of {} marked; not all: {why}", thousands(after), thousands(of)))
            }
            _ if of == 0 => {}
            _ => world.inform(format!("{} marked: all of the cluster", count(of, "picture"))),
        }
    }

    fn slots(&self, world: &World, grid: &Grid, items: impl Iterator<Item = usize>) -> Vec<Slot> {
        items.filter_map(|item| Some(world.slot(self.picture_at(item)?, grid.room()))).collect()
    }
}

impl Screen for ClustersScreen {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, world: &mut World) -> Go {
        KEYS.press(key, |action| self.act(action, world))
    }

    fn click(&mut self, at: Position, double: bool, world: &mut World) -> Go {
        let Some(item) = self.grid(world).at(at) else { return Go::Stay };
        self.stand_at(item);
        let action = if self.inside.is_some() { Act::View } else { Act::GoOn };
        if double { self.act(action, world) } else { Go::Stay }
    }

    fn page(&mut self, forward: bool, world: &mut World) {
        self.act(Act::Go(if forward { Move::PageDown } else { Move::PageUp }), world);
    }

    fn back(&mut self, world: &mut World) -> Go {
        self.act(Act::Back, world)
    }

    fn stands_on(&self, _: &World) -> Option<KeyPicture> {
        self.standing()
    }

    /// On a cluster, all of its pictures.
    fn all_to_copy(&self, _: &World) -> Option<(&'static str, Vec<PathBuf>)> {
        let paths = || self.pictures().into_iter().map(|picture| picture.path).collect();
        self.inside.is_none().then(|| ("all of the cluster", paths()))
    }

    fn visible(&self, world: &World) -> Vec<Slot> {
        let grid = self.grid(world);
        let others = grid.tiles().map(|(item, _)| item).filter(|item| *item != self.at());
        self.slots(world, &grid, std::iter::once(self.at()).chain(others))
    }

    fn next(&self, world: &World) -> Vec<Slot> {
        let grid = self.grid(world);
        self.slots(world, &grid, grid.next_page())
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

    /// Other datasets have other clusters.
    fn apply(&mut self, settings: Settings, world: &mut World) -> Vec<Task> {
        let are_same = self.sets.are(&settings);
        self.settings = settings;
        if are_same {
            return Vec::new();
        }
        (self.answer, self.inside) = (None, None);
        self.begin(world)
    }

    fn live_keys(&self, choosing: bool, _: &World) -> Option<KeyPictures> {
        self.standing().filter(|_| choosing).map(KeyPictures::from)
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
            JoinNews::Ended(_, Ok(JoinOutcome::Clusters(answer))) => self.take(answer, world),
            JoinNews::Ended(_, Err(error)) => self.failed(error.to_string()),
            JoinNews::Ended(_, Ok(_)) => {}
        }
    }

    fn further(&mut self, world: &mut World) -> Option<Task> {
        self.next_work(world)
    }

    fn count(&self) -> usize {
        self.shown()
    }

    fn picture(&self, at: usize, _: &World) -> Option<KeyPicture> {
        self.picture_at(at)
    }

    fn select(&mut self, at: usize) {
        self.stand_at(at);
    }
}
