//! The actions on key select.

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Position;

use super::draw;
use super::state::KeySelect;
use crate::tui::jobs::JoinNews;
use crate::tui::key_pictures::KeyPictures;
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::msg::Task;
use crate::tui::pictures::Slot;
use crate::tui::purpose::Purpose;
use crate::tui::scene::{Go, Screen};
use crate::tui::scenes::archive::ArchiveTabs;
use crate::tui::scenes::clusters::ClustersScreen;
use crate::tui::scenes::duplicates::Duplicates;
use crate::tui::scenes::further_keys::like_marked;
use crate::tui::scenes::joined::Joined;
use crate::tui::scenes::list::List;
use crate::tui::scenes::map::MapScreen;
use crate::tui::scenes::prompt::Typing;
use crate::tui::scenes::settings_panel::SettingsPanel;
use crate::tui::scenes::viewer::Viewer;
use crate::tui::selection::Move;
use crate::tui::set::{KeyPicture, SetState};
use crate::tui::settings::{Field, Settings};
use crate::tui::world::World;

/// Makes a screen from the settings, with a picture selected.
type NewScreen<S> = fn(Settings, Option<KeyPicture>, &mut World) -> (S, Vec<Task>);

#[derive(Clone, Copy, Debug)]
pub enum KeySelectAction {
    Go(Move),
    FindSimilar,
    /// To the first field that can be changed, or the last.
    Settings(Field),
    View,
    Mark,
    LikeMarked,
    /// The most likely task for whole datasets.
    Whole,
    Pairs,
    Duplicates,
    Archive,
    Map,
    Clusters,
    Shuffle,
    Sort,
    Filter,
    OpenFile,
    Larger,
    Smaller,
    Skipped,
    DropFilter,
}
use KeySelectAction as Act;

pub static KEYS: Keys<KeySelectAction> = keys! { "Key select"
    Act::Go(Move::Left) => [on::LEFT] "move" "previous picture";
    Act::Go(Move::Down) => [on::DOWN] "move" "picture below";
    Act::Go(Move::Up) => [on::UP] "move" "picture above";
    Act::Go(Move::Right) => [on::RIGHT] "move" "next picture";
    Act::FindSimilar => [on::GO_ON] "find similar" "find pictures similar to the selected one";
    Act::Duplicates => [on::DUPLICATES] "duplicates" "near-duplicates, of all datasets as one set";
    Act::Archive => [on::ARCHIVE] "is it there?" "find the pictures of this dataset that no other dataset has";
    Act::Map => [on::MAP] "map" "the map: all pictures on a plane, placed by similarity; includes the joined dataset";
    Act::Clusters => [on::CLUSTERS] "clusters" "clusters: groups of similar pictures; includes the joined dataset";
    Act::Settings(Field::KeyDataset) => [on::NEXT_FIELD, on::SETTINGS] "settings" "to the settings: datasets, metric, predicate, descriptor";
    Act::Settings(Field::Parameter) => [on::PREVIOUS_FIELD] "" "to the settings, last one first";
    Act::View => [on::VIEW] "view" "view the picture, full screen";
    Act::Mark => [on::MARK] "mark" "mark or unmark the picture";
    Act::LikeMarked => [on::LIKE_MARKED] "" "find pictures similar to the marked ones, taken together";
    Act::Whole => [on::WHOLE] "whole sets" "whole datasets: near-duplicates of one, or pictures that the second of two lacks";
    Act::Pairs => [on::PAIRS] "" "join whole datasets, by the settings: pairs, or with a range groups; best first";
    Act::Shuffle => [on::SHUFFLE] "shuffle" "shuffle the pictures; again: shuffle differently";
    Act::Sort => [on::SORT] "order" "the next order: by name; by similarity, with similar pictures side by side; newest, largest, or outliers first";
    Act::Filter => [on::FILTER] "filter" "show only pictures whose name contains a text";
    Act::OpenFile => [on::OPEN] "open a file as key" "take any picture file as key, show a file of pairs, or mark the pictures of a list again";
    Act::Go(Move::PageDown) => [on::PAGE_DOWN] "" "next page";
    Act::Go(Move::PageUp) => [on::PAGE_UP] "" "previous page";
    Act::Go(Move::Home) => [on::HOME] "" "first picture";
    Act::Go(Move::End) => [on::END] "" "last picture";
    Act::Larger => [on::LARGER] "" "larger previews";
    Act::Smaller => [on::SMALLER] "" "smaller previews";
    Act::Skipped => [on::SKIPPED] "" "list the files that aren't shown, and why";
    Act::DropFilter => [on::ESC] "" "drop the filter";
};

impl KeySelect {
    /// Near-duplicates in these datasets, as one set.
    fn duplicates(&self, sets: Vec<usize>, world: &mut World) -> Go {
        let (duplicates, tasks) = Duplicates::new(sets, self.settings.clone(), world);
        Go::Onto(Box::new(duplicates), tasks)
    }

    /// To a screen of whole datasets, with the selected picture selected there.
    fn onto<S: Screen>(&self, new: NewScreen<S>, world: &mut World) -> Go {
        let (screen, tasks) = new(self.settings.clone(), self.selected_picture(world), world);
        if !self.filter.is_empty() {
            world.inform("all pictures, also those that the filter hides");
        }
        Go::Onto(Box::new(screen), tasks)
    }

    fn act(&mut self, action: KeySelectAction, world: &mut World) -> Go {
        match action {
            Act::Go(way) => self.selected = way.from(self.selected, self.grid(world).shape, self.order.len()),
            Act::FindSimilar => match self.selected_picture(world) {
                Some(key) => return Go::similar(key, &self.settings),
                None if matches!(world.sets[self.settings.key_dataset].state, SetState::Scanning) => {
                    world.inform("still looking for pictures: try again in a moment");
                }
                None => world.error("there is no picture to take as key here"),
            },
            Act::Settings(field) => return Go::over(SettingsPanel::new(field, &self.settings)),
            Act::View if !self.order.is_empty() => return Go::over(Viewer::new(self.selected)),
            Act::View => {}
            Act::Mark => {
                if let Some(picture) = self.selected_picture(world) {
                    world.toggle_mark(&picture);
                }
            }
            Act::LikeMarked => return like_marked(None, &self.settings, world),
            Act::Duplicates => return self.duplicates((0..world.sets.len()).collect(), world),
            Act::Whole if self.settings.key_dataset == self.settings.dataset => {
                return self.duplicates(vec![self.settings.key_dataset], world);
            }
            Act::Archive | Act::Whole => match ArchiveTabs::new(self.settings.clone(), world) {
                Some((archive, tasks)) => return Go::Onto(Box::new(archive), tasks),
                None => world.error("there is no other dataset to search: simages CARD ARCHIVE opens both"),
            },
            Act::Map => return self.onto(MapScreen::new, world),
            Act::Clusters => return self.onto(ClustersScreen::new, world),
            Act::Pairs => {
                let (joined, tasks) = Joined::new(self.settings.clone(), world);
                return Go::Onto(Box::new(joined), tasks);
            }
            Act::Shuffle => {
                self.sorted.shuffle();
                self.arrange(world);
                self.selected = 0;
            }
            Act::Sort => {
                self.sorted.go_on();
                self.arrange(world);
                if self.sorted.is_to_begin() {
                    self.selected = 0;
                }
            }
            Act::Filter => return Go::over(Typing::new(Purpose::Filter, self.filter.clone())),
            Act::OpenFile => return Go::over(Typing::new(Purpose::OpenFile, "")),
            Act::Larger => world.larger_previews(),
            Act::Smaller => world.smaller_previews(),
            Act::Skipped => return Go::over(List::skipped()),
            Act::DropFilter => self.filter("", world),
        }
        Go::Stay
    }
}

impl Screen for KeySelect {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, world: &mut World) -> Go {
        KEYS.press(key, |action| self.act(action, world))
    }

    fn click(&mut self, at: Position, double: bool, world: &mut World) -> Go {
        let Some(selected) = self.grid(world).at(at) else { return Go::Stay };
        self.selected = selected;
        if double { self.act(Act::View, world) } else { Go::Stay }
    }

    fn page(&mut self, forward: bool, world: &mut World) {
        self.act(Act::Go(if forward { Move::PageDown } else { Move::PageUp }), world);
    }

    fn back(&mut self, world: &mut World) -> Go {
        self.act(Act::DropFilter, world)
    }

    fn stands_on(&self, world: &World) -> Option<KeyPicture> {
        self.selected_picture(world)
    }

    fn visible(&self, world: &World) -> Vec<Slot> {
        let grid = self.grid(world);
        let others = grid.tiles().map(|(item, _)| item).filter(|item| *item != self.selected);
        self.slots(world, &grid, std::iter::once(self.selected).chain(others))
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

    fn shows_settings(&self) -> bool {
        true
    }

    fn choose(&mut self, settings: &Settings, world: &mut World) -> Vec<Task> {
        self.settings = settings.clone();
        if self.dataset != self.settings.key_dataset {
            self.show(world);
        }
        vec![Task::Prefer(self.settings.dataset), Task::Prefer(self.settings.key_dataset)]
    }

    fn apply(&mut self, settings: Settings, _: &mut World) -> Vec<Task> {
        self.settings = settings;
        Vec::new()
    }

    /// Settings applied to results hold for the next ones, too; not what keys switch there.
    fn returned(&mut self, world: &mut World) -> Vec<Task> {
        if let Some(applied) = world.applied.take() {
            let before = std::mem::replace(&mut self.settings, applied);
            self.settings.key_dataset = before.key_dataset;
            (self.settings.fold, self.settings.expand) = (before.fold, before.expand);
        }
        Vec::new()
    }

    fn live_keys(&self, _: bool, world: &World) -> Option<KeyPictures> {
        self.selected_picture(world).map(KeyPictures::from)
    }

    fn typing(&mut self, purpose: Purpose, text: &str, world: &mut World) {
        if purpose == Purpose::Filter {
            self.filter(text, world);
        }
    }

    fn awaits(&self, generation: u64) -> bool {
        self.sorted.awaits(generation)
    }

    fn joining(&mut self, news: JoinNews, world: &mut World) {
        let is_awaited = self.sorted.is_to_begin();
        if self.sorted.take(news) {
            self.arrange(world);
            if is_awaited {
                self.selected = 0;
            }
        }
    }

    fn further(&mut self, world: &mut World) -> Option<Task> {
        let (is_anew, task) = self.sorted.further(self.dataset, world);
        if is_anew {
            self.arrange(world);
        }
        task
    }

    fn remark(&self, _: &World) -> Option<String> {
        self.sorted.error()
    }

    fn count(&self) -> usize {
        self.order.len()
    }

    fn picture(&self, at: usize, world: &World) -> Option<KeyPicture> {
        self.picture_at(at, world)
    }

    fn select(&mut self, at: usize) {
        self.selected = at;
    }
}
