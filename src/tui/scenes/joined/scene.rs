//! The actions on pairs and groups.

use std::path::{Path, PathBuf};

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Position;

use super::draw;
use crate::home::expanded_path;
use crate::join::Ranking;
use crate::join::export::PairFormat;
use crate::tui::couples::Couples;
use crate::tui::jobs::{JoinGoal, JoinJob, JoinNews, JoinOutcome, readings};
use crate::tui::keeping;
use crate::tui::key_pictures::KeyPictures;
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::marks::{Groups, Settled};
use crate::tui::meanings as on;
use crate::tui::msg::Task;
use crate::tui::pairs::{Pairs, starting_range};
use crate::tui::pictures::Slot;
use crate::tui::purpose::Purpose;
use crate::tui::scene::{Go, Screen};
use crate::tui::scenes::list::List;
use crate::tui::scenes::prompt::Typing;
use crate::tui::scenes::settings_panel::SettingsPanel;
use crate::tui::scenes::side_by_side::SideBySide;
use crate::tui::selection::Move;
use crate::tui::set::KeyPicture;
use crate::tui::settings::{Field, Settings};
use crate::tui::world::World;

#[derive(Clone, Copy, Debug)]
pub enum JoinedAction {
    Go(Move),
    Compare,
    Back,
    Mark,
    /// Mark the others of the pair or group.
    Keep,
    Write,
    Settings,
    Larger,
    Smaller,
    Skipped,
}
use JoinedAction as Act;

pub static KEYS: Keys<JoinedAction> = keys! { "Joined sets"
    Act::Go(Move::Left) => [on::LEFT] "move" "picture to the left";
    Act::Go(Move::Down) => [on::DOWN] "move" "pair or group below";
    Act::Go(Move::Up) => [on::UP] "move" "pair or group above";
    Act::Go(Move::Right) => [on::RIGHT] "move" "picture to the right; more of a large group";
    Act::Compare => [on::GO_ON, on::VIEW] "compare" "view the pair side by side: the first picture and the selected one";
    Act::Back => [on::BACK, on::ESC] "back" "back to key select; a join under way is cancelled";
    Act::Mark => [on::MARK] "mark" "mark or unmark the picture";
    Act::Keep => [on::KEEP] "keep" "keep the picture: mark the similar ones of its pair or group; again: unmark them";
    Act::Write => [on::WRITE] "write" "write the pairs, or groups, to a file: .csv, .jsonl or .parquet";
    Act::Settings => [on::SETTINGS, on::NEXT_FIELD] "settings" "change datasets, metric, predicate, descriptor";
    Act::Go(Move::PageDown) => [on::PAGE_DOWN] "" "next page";
    Act::Go(Move::PageUp) => [on::PAGE_UP] "" "previous page";
    Act::Go(Move::Home) => [on::HOME] "" "first pair or group";
    Act::Go(Move::End) => [on::END] "" "last pair or group";
    Act::Larger => [on::LARGER] "" "larger previews";
    Act::Smaller => [on::SMALLER] "" "smaller previews";
    Act::Skipped => [on::SKIPPED] "" "list the files that aren't shown, and why";
};

pub struct Joined {
    pub pairs: Pairs,
}

impl Joined {
    /// A screen of pairs to be found, and its tasks.
    pub fn new(settings: Settings, world: &mut World) -> (Joined, Vec<Task>) {
        Joined::of(Pairs::new(settings, world))
    }

    /// A screen of the pairs in a file, and its tasks.
    pub fn of_file(path: &Path, settings: Settings, world: &mut World) -> (Joined, Vec<Task>) {
        Joined::of(Pairs::of_file(path, settings, world))
    }

    fn of((pairs, job): (Pairs, JoinJob)) -> (Joined, Vec<Task>) {
        let prefer = [pairs.settings.dataset, pairs.settings.key_dataset].map(Task::Prefer);
        (Joined { pairs }, prefer.into_iter().chain([Task::Join(job)]).collect())
    }

    /// Tasks on leaving it: a join under way is no longer of use.
    pub fn left(&self) -> Vec<Task> {
        let under_way = self.pairs.request.answer().is_none();
        under_way.then_some(Task::StopJoin).into_iter().collect()
    }

    fn act(&mut self, action: JoinedAction, world: &mut World) -> Go {
        let pairs = &mut self.pairs;
        match action {
            Act::Go(way) => pairs.selected = pairs.moved(way, &pairs.grid(world)),
            Act::Compare if pairs.rows() > 0 => {
                pairs.selected.picture = pairs.selected.picture.max(1);
                return Go::over(SideBySide::default());
            }
            Act::Compare => {}
            Act::Back => return Go::Back(self.left()),
            Act::Mark => keeping::toggle_mark(pairs, pairs.selected, world),
            Act::Keep => keeping::keep(pairs, pairs.selected, world),
            Act::Write => return self.ask_where_to_write(world),
            Act::Settings => return Go::over(SettingsPanel::new(Field::KeyDataset, &pairs.settings)),
            Act::Larger => world.larger_previews(),
            Act::Smaller => world.smaller_previews(),
            Act::Skipped => return Go::over(List::skipped()),
        }
        Go::Stay
    }

    /// Writes the groups shown, or the pairs read from a file; of pairs found, all results of the join, including those
    /// not kept for the screen.
    fn write(&self, path: PathBuf, world: &mut World) -> Vec<Task> {
        // The path as typed or dropped; which reading is meant is decided where files can be checked.
        let has_format = |path: &PathBuf| PairFormat::by_extension(path).is_ok();
        if let (false, Err(error)) = (readings(&path).iter().any(has_format), PairFormat::by_extension(&path)) {
            world.error(error);
            return Vec::new();
        }
        let Some(answer) = self.pairs.request.answer() else { return Vec::new() };
        let (join, is_read) = (&self.pairs.join, self.pairs.file.is_some());
        let goal = match self.pairs.are_groups() || is_read {
            true => {
                let descriptor = (!is_read).then_some(join.descriptor);
                JoinGoal::WriteShown(path.clone(), descriptor, answer.found.clone())
            }
            false => JoinGoal::Write(path.clone(), join.clone()),
        };
        vec![Task::WriteJoin(world.write(path, goal))]
    }
}

impl Screen for Joined {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, world: &mut World) -> Go {
        KEYS.press(key, |action| self.act(action, world))
    }

    fn click(&mut self, at: Position, double: bool, world: &mut World) -> Go {
        let grid = self.pairs.grid(world);
        let Some(item) = grid.at(at) else { return Go::Stay };
        if let Some(selected) = self.pairs.in_tile(&grid, item) {
            self.pairs.selected = selected;
        }
        if double { self.act(Act::Compare, world) } else { Go::Stay }
    }

    fn page(&mut self, forward: bool, world: &mut World) {
        self.act(Act::Go(if forward { Move::PageDown } else { Move::PageUp }), world);
    }

    fn back(&mut self, world: &mut World) -> Go {
        self.act(Act::Back, world)
    }

    fn stands_on(&self, world: &World) -> Option<KeyPicture> {
        self.pairs.picture(self.pairs.selected, world)
    }

    fn visible(&self, world: &World) -> Vec<Slot> {
        self.pairs.visible(world)
    }

    fn next(&self, world: &World) -> Vec<Slot> {
        self.pairs.next_page(world)
    }

    fn draw(&self, frame: &mut Frame, world: &World) {
        draw::draw(frame, &self.pairs, world);
    }

    fn settings(&self) -> &Settings {
        &self.pairs.settings
    }

    fn starting_range(&self, settings: &Settings, world: &World) -> Option<f64> {
        Some(starting_range(settings, world))
    }

    fn apply(&mut self, settings: Settings, world: &mut World) -> Vec<Task> {
        let before = [self.pairs.settings.key_dataset, self.pairs.settings.dataset];
        let is_of_others = before != [settings.key_dataset, settings.dataset];
        let (again, tasks) = match &self.pairs.file {
            // Its names may belong to these.
            Some(path) if is_of_others => Joined::of_file(path, settings, world),
            _ => Joined::new(settings, world),
        };
        *self = again;
        world.marks.unsettle();
        tasks
    }

    fn live_keys(&self, _: bool, _: &World) -> Option<KeyPictures> {
        None
    }

    fn ranking<'a>(&self, _: &'a World) -> Option<&'a Ranking> {
        None
    }

    fn ask_where_to_write(&mut self, world: &mut World) -> Go {
        let (pairs, name) = (&self.pairs, |set: usize| world.sets[set].dataset.name.replace(['/', '\\'], "-"));
        let (keys, others) = (name(pairs.settings.key_dataset), name(pairs.settings.dataset));
        match pairs.found() {
            _ if !world.may_write() => {}
            None => world.error("the join is not done yet"),
            Some(_) if pairs.rows() == 0 => world.error("there is nothing to write"),
            Some(_) => {
                let what = if pairs.are_groups() { "groups".into() } else { others };
                let name = format!("simages-{keys}-{what}.csv");
                return Go::over(Typing::proposing(Purpose::WriteJoin, name).above("all, as .csv, .jsonl or .parquet"));
            }
        }
        Go::Stay
    }

    fn typed(&mut self, purpose: Purpose, text: &str, world: &mut World) -> Vec<Task> {
        match purpose {
            Purpose::WriteJoin => self.write(expanded_path(text), world),
            _ => Vec::new(),
        }
    }

    fn awaits(&self, generation: u64) -> bool {
        self.pairs.request.is(generation)
    }

    fn joining(&mut self, news: JoinNews, world: &mut World) {
        match news {
            JoinNews::Step(step) => self.pairs.step = Some(step),
            JoinNews::Ended(_, Ok(JoinOutcome::Shown(answer))) => {
                let (keys, others) = (self.pairs.settings.key_dataset, self.pairs.settings.dataset);
                let settled = world.marks.settle(Groups::Pairs { found: answer.found.clone(), keys, others });
                world.tell_settled(settled);
                self.pairs.take(answer);
            }
            JoinNews::Ended(_, Err(error)) => {
                self.pairs.request.take(Err(error));
                let with_groups = world.marks.dissolve();
                world.tell_settled(Settled { with_groups, ..Settled::default() });
            }
            JoinNews::Ended(_, Ok(_)) => {}
        }
    }

    fn further(&mut self, world: &mut World) -> Option<Task> {
        self.pairs.found()?;
        self.pairs.again(world).map(Task::Join)
    }

    fn count(&self) -> usize {
        0
    }

    fn picture(&self, _: usize, _: &World) -> Option<KeyPicture> {
        None
    }

    fn select(&mut self, _: usize) {}

    fn pairs(&self) -> Option<&Pairs> {
        Some(&self.pairs)
    }

    fn couples(&self) -> Option<&dyn Couples> {
        Some(&self.pairs)
    }

    fn couples_mut(&mut self) -> Option<&mut dyn Couples> {
        Some(&mut self.pairs)
    }
}
