//! The actions on results.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::Frame;
use ratatui::layout::Position;

use super::draw;
use super::state::Results;
use crate::home::expanded_path;
use crate::join::Kind;
use crate::join::export::{RankedResult, ShownResults};
use crate::text::count;
use crate::tui::jobs::Searched;
use crate::tui::key_pictures::KeyPictures;
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::msg::Task;
use crate::tui::pictures::Slot;
use crate::tui::purpose::Purpose;
use crate::tui::scene::{Go, Screen};
use crate::tui::scenes::further_keys::{and_one, like_marked};
use crate::tui::scenes::list::List;
use crate::tui::scenes::prompt::Typing;
use crate::tui::scenes::settings_panel::SettingsPanel;
use crate::tui::scenes::viewer::Viewer;
use crate::tui::search::Search;
use crate::tui::selection::Move;
use crate::tui::set::KeyPicture;
use crate::tui::settings::{self, Field, Settings};
use crate::tui::world::World;

#[derive(Clone, Copy, Debug)]
pub enum ResultsAction {
    Go(Move),
    View,
    /// Make the result the key.
    WalkOn,
    Back,
    Settings,
    /// Make the result another key, for or against.
    Like,
    Unlike,
    /// Make the marked pictures additional keys.
    LikeMarked,
    Mark,
    Write,
    Fold,
    Expand,
    OpenFile,
    /// To a key of the trail.
    Trail,
    Larger,
    Smaller,
    Skipped,
}
use ResultsAction as Act;

pub static KEYS: Keys<ResultsAction> = keys! { "Results"
    Act::Go(Move::Left) => [on::LEFT] "move" "previous result";
    Act::Go(Move::Down) => [on::DOWN] "move" "result below";
    Act::Go(Move::Up) => [on::UP] "move" "result above";
    Act::Go(Move::Right) => [on::RIGHT] "move" "next result";
    Act::View => [on::VIEW] "view" "view the result, full screen";
    Act::WalkOn => [on::GO_ON] "make it the key" "make the result the key: walk on from it";
    Act::Back => [on::BACK, on::ESC] "back" "walk back: to the previous key, finally to key select";
    Act::Settings => [on::SETTINGS, on::NEXT_FIELD] "settings" "change dataset, metric, predicate, descriptor";
    Act::Like => [on::LIKE] "more, less like it" "more like this: the result becomes another key";
    Act::Unlike => [on::UNLIKE] "more, less like it" "less like this: the result becomes a key against";
    Act::Mark => [on::MARK] "mark" "mark or unmark the result";
    Act::Write => [on::WRITE] "write" "write the results to a file: the marked ones, or all";
    Act::Fold => [on::FOLD] "fold" "fold near-identical results into one (duplicates); again: unfold";
    Act::Expand => [on::EXPAND] "" "expand: the first results become additional keys, which finds more of the same kind; again: by values alone";
    Act::LikeMarked => [on::LIKE_MARKED] "" "more like the marked pictures: they become additional keys";
    Act::OpenFile => [on::OPEN] "" "take any picture file as key, show a file of pairs, or mark the pictures of a list again";
    Act::Trail => [on::ONE_TO_ONE, on::TRAIL] "" "back to that key of the trail: the small pictures below the key";
    Act::Go(Move::PageDown) => [on::PAGE_DOWN] "" "next page";
    Act::Go(Move::PageUp) => [on::PAGE_UP] "" "previous page";
    Act::Go(Move::Home) => [on::HOME] "" "first result";
    Act::Go(Move::End) => [on::END] "" "last result";
    Act::Larger => [on::LARGER] "" "larger previews";
    Act::Smaller => [on::SMALLER] "" "smaller previews";
    Act::Skipped => [on::SKIPPED] "" "list the files that aren't shown, and why";
};

impl Results {
    fn act(&mut self, action: ResultsAction, world: &mut World) -> Go {
        match action {
            // The pressed key says which one.
            Act::Trail => {}
            Act::Go(way) => self.selected = way.from(self.selected, self.grid(world).shape, self.items().len()),
            Act::View if !self.items().is_empty() => return Go::over(Viewer::new(self.selected)),
            Act::View => {}
            Act::WalkOn => {
                let key = self.picture(self.selected, world);
                return key.map_or(Go::Stay, |key| Go::similar(key, &self.search.settings));
            }
            Act::Like => return self.and(KeyPictures::and, world),
            Act::Unlike => return self.and(KeyPictures::and_not, world),
            Act::LikeMarked => return like_marked(Some(&self.search.keys), &self.search.settings, world),
            Act::Back => return Go::back(),
            Act::Settings => return Go::over(SettingsPanel::new(Field::Dataset, &self.search.settings)),
            Act::Mark => {
                if let Some(picture) = self.picture(self.selected, world) {
                    world.toggle_mark(&picture);
                }
            }
            Act::Write => return self.ask_where_to_write(world),
            Act::Fold => {
                self.search.settings.fold = !self.search.settings.fold;
                return Go::start(self.again(world));
            }
            Act::Expand => return self.expand(world),
            Act::OpenFile => return Go::over(Typing::new(Purpose::OpenFile, "")),
            Act::Larger => world.larger_previews(),
            Act::Smaller => world.smaller_previews(),
            Act::Skipped => return Go::over(List::skipped()),
        }
        Go::Stay
    }

    /// To pictures like the keys and like, or unlike, the selected result.
    fn and(&self, and: fn(KeyPictures, KeyPicture) -> KeyPictures, world: &mut World) -> Go {
        let Some(picture) = self.picture(self.selected, world) else { return Go::Stay };
        and_one(&self.search.keys, and, picture, &self.search.settings, world)
    }

    /// To the key of the trail with this digit.
    fn walk_back(&self, digit: char, world: &mut World) -> Go {
        if let Some(screens) = self.back_to(digit, world) {
            return Go::BackBy(screens);
        }
        world.inform("the trail has no key with this number; ⏎ on a result walks on");
        Go::Stay
    }

    /// Turns the second search on or off. With a range it would change nothing: that goes by values.
    fn expand(&mut self, world: &mut World) -> Go {
        if self.search.keys.only().is_none() {
            world.inform("only a single key can be expanded; with several, > adds a result as key");
            return Go::Stay;
        }
        let settings = &mut self.search.settings;
        if settings.kind == Kind::Range {
            world.inform("a range goes by values alone; only kNN can be expanded (e changes it)");
            return Go::Stay;
        }
        settings.expand = !settings.expand;
        Go::start(self.again(world))
    }

    /// The marked results with their ranks, or all if none is marked.
    fn to_write(&self, world: &World) -> Vec<RankedResult> {
        let set = &world.sets[self.search.settings.dataset];
        let ranked = (1..).zip(self.items());
        let all: Vec<_> = ranked
            .map(|(rank, found)| RankedResult { rank, path: set.picture(&found.row).path, found: found.clone() })
            .collect();
        let some: Vec<_> = all.iter().filter(|result| world.marks.contains(&result.path)).cloned().collect();
        if some.is_empty() { all } else { some }
    }
}

impl Screen for Results {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, world: &mut World) -> Go {
        KEYS.press(key, |action| match (action, key.code) {
            (Act::Trail, KeyCode::Char(digit)) => self.walk_back(digit, world),
            _ => self.act(action, world),
        })
    }

    fn click(&mut self, at: Position, double: bool, world: &mut World) -> Go {
        let walked = self.trail(world).into_iter().find(|(_, tile)| tile.area.contains(at));
        if let Some((walked, _)) = walked {
            return Go::BackBy(self.walked.len() - walked);
        }
        let Some(selected) = self.grid(world).at(at) else { return Go::Stay };
        self.selected = selected;
        if double { self.act(Act::View, world) } else { Go::Stay }
    }

    fn page(&mut self, forward: bool, world: &mut World) {
        self.act(Act::Go(if forward { Move::PageDown } else { Move::PageUp }), world);
    }

    fn back(&mut self, world: &mut World) -> Go {
        self.act(Act::Back, world)
    }

    fn stands_on(&self, world: &World) -> Option<KeyPicture> {
        self.picture(self.selected, world)
    }

    fn visible(&self, world: &World) -> Vec<Slot> {
        let grid = self.grid(world);
        let others = grid.tiles().map(|(item, _)| item).filter(|item| *item != self.selected);
        let items = std::iter::once(self.selected).chain(others);
        let slot = |item| self.picture(item, world).map(|picture| world.slot(picture, grid.room()));
        items.filter_map(slot).chain(self.key_slots(world)).chain(self.trail_slots(world)).collect()
    }

    /// Nothing: the next picture wanted is more likely a key.
    fn next(&self, _: &World) -> Vec<Slot> {
        Vec::new()
    }

    fn draw(&self, frame: &mut Frame, world: &World) {
        draw::draw(frame, self, world);
    }

    fn settings(&self) -> &Settings {
        &self.search.settings
    }

    fn fields(&self) -> &'static [Field] {
        &settings::WITHOUT_KEY
    }

    fn apply(&mut self, settings: Settings, world: &mut World) -> Vec<Task> {
        // Values of another metric, or names of another dataset, don't belong to these results.
        let by = |settings: &Settings| (settings.descriptor, settings.metric, settings.dataset);
        let described = self.search.described();
        if by(&settings) != by(&self.search.settings) {
            self.search.request.forget();
        }
        world.applied = Some(settings.clone());
        self.search.settings = settings;
        self.select_inside();
        vec![self.ask(&described, world), Task::Prefer(self.search.settings.dataset)]
    }

    fn live_keys(&self, choosing: bool, _: &World) -> Option<KeyPictures> {
        choosing.then(|| self.search.keys.clone())
    }

    fn ask_where_to_write(&mut self, world: &mut World) -> Go {
        let (all, some) = (self.items().len(), self.to_write(world).len());
        let what = if some < all { format!("{} of {all}", count(some, "marked result")) } else { count(all, "result") };
        let name = format!("simages-{}.csv", self.search.keys.file_name());
        Go::over(
            Typing::proposing(Purpose::Write, name).above(format!("{what}, as .csv, .json, .parquet, or .txt (paths)")),
        )
    }

    fn typed(&mut self, purpose: Purpose, text: &str, world: &mut World) -> Vec<Task> {
        match purpose {
            Purpose::Write => {
                let (path, results) = (expanded_path(text), self.to_write(world));
                let keys = &self.search.keys;
                let paths = |keys: &[KeyPicture]| keys.iter().map(KeyPicture::written).collect();
                let found = ShownResults {
                    like: paths(&keys.like),
                    unlike: paths(&keys.unlike),
                    contents: self.search.contents(),
                    descriptor: self.search.settings.descriptor,
                    metric: self.search.settings.metric,
                    root: world.sets[self.search.settings.dataset].dataset.root.clone(),
                    results,
                };
                vec![Task::Write { path, results: Box::new(found) }]
            }
            _ => Vec::new(),
        }
    }

    fn awaits(&self, generation: u64) -> bool {
        self.search.request.is(generation)
    }

    fn searched(&mut self, searched: Searched) {
        self.take(searched);
    }

    fn grown(&mut self, dataset: usize, world: &mut World) -> Vec<Task> {
        let concerned = self.search.settings.dataset == dataset;
        concerned.then(|| self.again(world)).into_iter().collect()
    }

    /// Requests again what was answered while other screens were shown, or while datasets grew.
    fn returned(&mut self, world: &mut World) -> Vec<Task> {
        let rows = world.sets[self.search.settings.dataset].matrix.len();
        let stale = self.search.request.is_open() || rows != self.rows;
        stale.then(|| self.again(world)).into_iter().collect()
    }

    fn count(&self) -> usize {
        self.items().len()
    }

    fn picture(&self, at: usize, world: &World) -> Option<KeyPicture> {
        let row = &self.items().get(at)?.row;
        Some(world.sets[self.search.settings.dataset].picture(row))
    }

    fn select(&mut self, at: usize) {
        self.selected = at;
    }

    fn walked(&self) -> Vec<KeyPictures> {
        self.walked.iter().chain([&self.search.keys]).cloned().collect()
    }

    fn search(&self) -> Option<&Search> {
        Some(&self.search)
    }
}
