//! The actions on a card's pictures.

use std::collections::HashMap;
use std::path::PathBuf;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Position;

use super::draw;
use super::state::{ArchiveTabs, in_tile};
use crate::archive::{StandingKind, to_marks};
use crate::dataset::Skipped;
use crate::duplicates::JudgedPair;
use crate::home::expanded_path;
use crate::join::Ranking;
use crate::marks::{Mark, Origin};
use crate::text::count;
use crate::tui::couples::Couples;
use crate::tui::jobs::{JoinNews, JoinOutcome};
use crate::tui::key_pictures::KeyPictures;
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::meanings as on;
use crate::tui::msg::Task;
use crate::tui::pairs::Selected;
use crate::tui::pictures::Slot;
use crate::tui::purpose::Purpose;
use crate::tui::scene::{Go, Screen};
use crate::tui::scenes::list::List;
use crate::tui::scenes::prompt::{Typing, write_marks};
use crate::tui::scenes::side_by_side::SideBySide;
use crate::tui::selection::Move;
use crate::tui::set::KeyPicture;
use crate::tui::settings::Settings;
use crate::tui::world::World;

#[derive(Clone, Copy, Debug)]
pub enum ArchiveAction {
    Go(Move),
    /// To the next tab, or the previous one.
    Turn(bool),
    Compare,
    Back,
    Mark,
    NotSame,
    Write,
    Copy,
    Larger,
    Smaller,
    Skipped,
}
use ArchiveAction as Act;

pub static KEYS: Keys<ArchiveAction> = keys! { "Is it there?"
    Act::Go(Move::Left) => [on::LEFT] "move" "picture to the left";
    Act::Go(Move::Down) => [on::DOWN] "move" "row below";
    Act::Go(Move::Up) => [on::UP] "move" "row above";
    Act::Go(Move::Right) => [on::RIGHT] "move" "picture to the right";
    Act::Turn(false) => [on::PREVIOUS_TAB] "tab" "to the previous tab";
    Act::Turn(true) => [on::NEXT_TAB] "tab" "to the next tab: not there, unsure, there but smaller, there, can't be read";
    Act::Write => [on::WRITE_MARKED] "write" "write the paths of the marked pictures, or of this tab's";
    Act::Copy => [on::COPY_INTO] "copy" "copy the marked pictures, or this tab's, into a folder";
    Act::Compare => [on::GO_ON, on::VIEW] "compare" "side by side: the picture and its best match";
    Act::NotSame => [on::NOT_SAME] "not the same" "the two are not the same picture: remembered permanently";
    Act::Mark => [on::MARK] "mark" "mark or unmark the picture";
    Act::Back => [on::BACK, on::ESC] "back" "back; cancels the comparison";
    Act::Go(Move::PageDown) => [on::PAGE_DOWN] "" "next page";
    Act::Go(Move::PageUp) => [on::PAGE_UP] "" "previous page";
    Act::Go(Move::Home) => [on::HOME] "" "first picture";
    Act::Go(Move::End) => [on::END] "" "last picture";
    Act::Larger => [on::LARGER] "" "larger previews";
    Act::Smaller => [on::SMALLER] "" "smaller previews";
    Act::Skipped => [on::SKIPPED] "" "list the files that aren't shown, and why";
};

impl ArchiveTabs {
    fn act(&mut self, action: ArchiveAction, world: &mut World) -> Go {
        match action {
            Act::Go(way) => {
                let at = 2 * self.selected.row + self.selected.picture;
                self.selected = in_tile(way.from(at, self.grid(world).shape, 2 * self.shown.len()));
            }
            Act::Turn(forward) => self.turn(forward),
            Act::Compare if self.couple(world).is_some() => return Go::over(SideBySide::of_card()),
            Act::Compare => {}
            // As everywhere.
            Act::Copy => return Go::Unbound,
            Act::Back => return Go::Back(self.request.waits().then_some(Task::StopJoin).into_iter().collect()),
            Act::Mark => self.mark(self.selected, world),
            Act::NotSame => return self.part(world).map_or(Go::Stay, Go::start),
            Act::Write => return self.ask_where_to_write(world),
            Act::Larger => world.larger_previews(),
            Act::Smaller => world.smaller_previews(),
            Act::Skipped => return Go::over(List::skipped()),
        }
        Go::Stay
    }

    /// Marks a picture by hand, or unmarks it.
    pub fn mark(&self, at: Selected, world: &mut World) {
        if let Some(picture) = self.picture_at(at) {
            world.toggle_mark(&picture);
        }
    }

    /// Declares the selected picture and its best match not the same.
    pub fn part(&self, world: &mut World) -> Option<Task> {
        let answer = self.answer()?;
        let row = self.shown.get(self.selected.row)?;
        let best = row.best?;
        if best.is_identical() {
            world.error("the two are byte-identical");
            return None;
        }
        let file = world.verdicts.clone()?;
        let content = |number: u32| answer.collection.picture(number).row.content();
        let path = |number: u32| crate::shown::path(&answer.collection.image(number).path);
        let contents = content(row.picture).zip(content(best.picture))?;
        let pair: JudgedPair = (contents.into(), [path(row.picture), path(best.picture)]);
        world.inform("declared not the same; N in near-duplicates lists such pairs");
        Some(Task::Judge { file, pairs: vec![pair], undone: false })
    }

    /// The card's pictures in a tab, prepared for writing their paths.
    fn marks(&self, tab: StandingKind, world: &World) -> Vec<Mark> {
        let Some(answer) = self.answer() else { return Vec::new() };
        if tab != StandingKind::Unreadable {
            return to_marks(&answer.collection, &answer.check, tab);
        }
        let set = &world.sets[self.sets[0]];
        // Another file may be displayed alike, and only one of them is listed.
        let image =
            |skipped: &Skipped| set.image(&skipped.file).filter(|image| Some(&image.path) == skipped.path.as_ref());
        let images = answer.check.unreadable.iter().filter_map(image);
        let files = images.filter_map(|image| world.as_scanned(&KeyPicture::from(image)).ok());
        files.map(|file| Mark { file, origin: Origin::ByHand }).collect()
    }

    fn found(&mut self, is_first: bool, world: &mut World) {
        let stood_on = self.shown.get(self.selected.row).map(|row| row.picture);
        self.show(self.tab);
        let still = self.shown.iter().position(|row| Some(row.picture) == stood_on);
        self.selected.row = still.unwrap_or(self.selected.row);
        // Don't start in an empty tab.
        if is_first && self.shown.is_empty() {
            let of = |kind: &StandingKind| self.answer().is_some_and(|answer| answer.check.count(*kind) > 0);
            let tab = StandingKind::ALL.into_iter().find(of).unwrap_or(StandingKind::New);
            self.show(tab);
        }
        if self.number(self.selected).is_none() {
            self.selected.picture = 0;
        }
        world.marks.settle_again();
    }
}

impl Screen for ArchiveTabs {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, world: &mut World) -> Go {
        KEYS.press(key, |action| self.act(action, world))
    }

    fn click(&mut self, at: Position, double: bool, world: &mut World) -> Go {
        let Some(item) = self.grid(world).at(at) else { return Go::Stay };
        self.selected = in_tile(item);
        if double { self.act(Act::Compare, world) } else { Go::Stay }
    }

    fn page(&mut self, forward: bool, world: &mut World) {
        self.act(Act::Go(if forward { Move::PageDown } else { Move::PageUp }), world);
    }

    fn back(&mut self, world: &mut World) -> Go {
        self.act(Act::Back, world)
    }

    fn stands_on(&self, _: &World) -> Option<KeyPicture> {
        self.picture_at(self.selected)
    }

    fn all_to_copy(&self, world: &World) -> Option<(&'static str, Vec<PathBuf>)> {
        Some(("all of this tab", self.marks(self.tab, world).into_iter().map(|mark| mark.file.path).collect()))
    }

    /// The marked ones, each beside its best match, so that the last check compares the two.
    fn marks_to_write(&self, world: &World) -> Vec<Mark> {
        let all = StandingKind::ALL.into_iter().flat_map(|tab| self.marks(tab, world));
        let mut beside: HashMap<PathBuf, Mark> = all.map(|mark| (mark.file.path.clone(), mark)).collect();
        let mut best = |mark: &Mark| beside.remove(&mark.file.path).filter(|_| mark.kept().is_none());
        world.marks.iter().map(|mark| best(mark).unwrap_or_else(|| mark.clone())).collect()
    }

    /// New pictures are known only after all have been compared.
    fn not_yet(&self, world: &World) -> Option<String> {
        if self.tab != StandingKind::New {
            return None;
        }
        if let Some(name) = self.failed(world) {
            return Some(format!("{name} couldn't be read or indexed, so which pictures are missing isn't known"));
        }
        let open = match self.missing(world).iter().sum() {
            0 if self.is_scanning(world) => "still reading folders".to_owned(),
            0 if self.request.waits() || self.has_grown(world) => "still comparing".to_owned(),
            0 => return None,
            open => format!("{} not compared yet", count(open, "picture")),
        };
        Some(format!("{open}; which pictures are missing is known after that"))
    }

    fn visible(&self, world: &World) -> Vec<Slot> {
        let grid = self.grid(world);
        let pictures = grid.tiles().filter_map(|(item, _)| self.picture_at(in_tile(item)));
        pictures.map(|picture| world.slot(picture, grid.room())).collect()
    }

    fn next(&self, world: &World) -> Vec<Slot> {
        let grid = self.grid(world);
        let pictures = grid.next_page().filter_map(|item| self.picture_at(in_tile(item)));
        pictures.map(|picture| world.slot(picture, grid.room())).collect()
    }

    fn draw(&self, frame: &mut Frame, world: &World) {
        draw::draw(frame, self, world);
    }

    fn remark(&self, world: &World) -> Option<String> {
        draw::remark(self, world)
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn apply(&mut self, _: Settings, _: &mut World) -> Vec<Task> {
        Vec::new()
    }

    fn live_keys(&self, _: bool, _: &World) -> Option<KeyPictures> {
        None
    }

    fn ranking<'a>(&self, _: &'a World) -> Option<&'a Ranking> {
        None
    }

    fn ask_where_to_write(&mut self, world: &mut World) -> Go {
        if !world.may_write() {
            return Go::Stay;
        }
        if !world.marks.is_empty() {
            return write_marks(world);
        }
        let pictures = self.marks(self.tab, world).len();
        if pictures == 0 {
            world.error("this tab has no pictures");
            return Go::Stay;
        }
        if let Some(why) = self.not_yet(world) {
            world.error(why);
            return Go::Stay;
        }
        let what = format!("{}: {}", self.tab.text(), count(pictures, "picture"));
        Go::over(Typing::proposing(Purpose::WriteTab, format!("simages-{}.txt", self.tab.name())).above(what))
    }

    fn typed(&mut self, purpose: Purpose, text: &str, world: &mut World) -> Vec<Task> {
        match purpose {
            Purpose::WriteTab => {
                // The archive may have gone since the prompt was opened.
                if let Some(why) = self.not_yet(world) {
                    world.error(why);
                    return Vec::new();
                }
                let marks = self.marks(self.tab, world);
                vec![Task::WriteJoin(world.write_marks(expanded_path(text), marks))]
            }
            _ => Vec::new(),
        }
    }

    fn awaits(&self, generation: u64) -> bool {
        self.request.is(generation)
    }

    fn joining(&mut self, news: JoinNews, world: &mut World) {
        match news {
            JoinNews::Step(step) => self.step = Some(step),
            JoinNews::Ended(_, Ok(JoinOutcome::Archive(answer))) => {
                let is_first = self.answer().is_none();
                self.request.take(Ok(answer));
                self.found(is_first, world);
            }
            JoinNews::Ended(_, Err(error)) => self.request.take(Err(error)),
            JoinNews::Ended(_, Ok(_)) => {}
        }
    }

    /// Pairs declared not the same are compared again.
    fn judged_anew(&mut self, world: &mut World) -> Vec<Task> {
        vec![self.ask(world)]
    }

    fn further(&mut self, world: &mut World) -> Option<Task> {
        self.has_grown(world).then(|| self.ask(world))
    }

    fn count(&self) -> usize {
        0
    }

    fn picture(&self, _: usize, _: &World) -> Option<KeyPicture> {
        None
    }

    fn select(&mut self, _: usize) {}

    fn couples(&self) -> Option<&dyn Couples> {
        Some(self)
    }

    fn couples_mut(&mut self) -> Option<&mut dyn Couples> {
        Some(self)
    }
}
