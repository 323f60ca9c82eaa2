//! The actions on groups of near-duplicates.

use std::sync::Arc;

use crossterm::event::KeyEvent;
use ratatui::Frame;
use ratatui::layout::Position;

use super::by_rule;
use super::draw;
use super::histogram::Histogram;
use super::range_bar::RangeBar;
use super::state::Duplicates;
use crate::duplicates::{Doubt, GroupMember, JudgedPair, Verdicts};
use crate::join::Ranking;
use crate::text::{count, printable};
use crate::tui::couples::Couples;
use crate::tui::jobs::{JoinNews, JoinOutcome};
use crate::tui::key_pictures::KeyPictures;
use crate::tui::keys::{KeyTable, Keys, keys};
use crate::tui::marks::{Mark, Settled};
use crate::tui::meanings as on;
use crate::tui::msg::Task;
use crate::tui::pairs::Selected;
use crate::tui::pictures::Slot;
use crate::tui::purpose::Purpose;
use crate::tui::scene::{Go, Screen};
use crate::tui::scenes::list::List;
use crate::tui::scenes::prompt::{open_list, write_marks};
use crate::tui::scenes::side_by_side::SideBySide;
use crate::tui::scenes::verdicts::VerdictsList;
use crate::tui::selection::Move;
use crate::tui::set::KeyPicture;
use crate::tui::settings::Settings;
use crate::tui::world::World;

#[derive(Clone, Copy, Debug)]
pub enum DuplicatesAction {
    Go(Move),
    Compare,
    Back,
    Mark,
    Keep,
    ByRule,
    NextUnsure,
    NotSame,
    Write,
    Verdicts,
    OpenFile,
    Range,
    Rule,
    Across,
    Larger,
    Smaller,
    Skipped,
}
use DuplicatesAction as Act;

pub static KEYS: Keys<DuplicatesAction> = keys! { "Near-duplicates"
    Act::Go(Move::Left) => [on::LEFT] "move" "picture to the left, or the previous group";
    Act::Go(Move::Down) => [on::DOWN] "move" "row below";
    Act::Go(Move::Up) => [on::UP] "move" "row above";
    Act::Go(Move::Right) => [on::RIGHT] "move" "picture to the right, or the next group";
    Act::ByRule => [on::BY_RULE] "mark copies" "mark all copies that the rules don't keep; says how many, and asks";
    Act::Mark => [on::MARK] "mark" "mark or unmark the picture";
    Act::Keep => [on::KEEP] "keep" "keep the picture: mark the similar ones of its group; again: unmark them";
    Act::NextUnsure => [on::NEXT_UNSURE] "unsure" "to the next unmarked picture that the rules leave to you";
    Act::Write => [on::WRITE_MARKED] "write" "write the paths of the marked pictures to a file";
    Act::Compare => [on::GO_ON, on::VIEW] "compare" "side by side: the kept picture and the selected one";
    Act::NotSame => [on::NOT_SAME] "not the same" "the picture is no duplicate of the others of its group: remembered permanently";
    Act::Range => [on::SETTINGS, on::NEXT_FIELD] "range" "to the range: groups follow it";
    Act::Back => [on::BACK, on::ESC] "back" "back; cancels the comparison";
    Act::Rule => [on::RULE] "" "which picture is kept: most pixels; oldest; newest; most bytes; shortest path; or any in an opened folder or the selected picture's folder, where nothing is marked";
    Act::Across => [on::ACROSS] "" "only across folders: bursts in one folder are not duplicates; again: anywhere";
    Act::OpenFile => [on::OPEN] "" "mark the pictures of a list that W wrote (.txt) again, each in its group";
    Act::Verdicts => [on::VERDICTS] "" "list the pairs you declared not duplicates";
    Act::Go(Move::PageDown) => [on::PAGE_DOWN] "" "next page";
    Act::Go(Move::PageUp) => [on::PAGE_UP] "" "previous page";
    Act::Go(Move::Home) => [on::HOME] "" "first group";
    Act::Go(Move::End) => [on::END] "" "last group";
    Act::Larger => [on::LARGER] "" "larger previews";
    Act::Smaller => [on::SMALLER] "" "smaller previews";
    Act::Skipped => [on::SKIPPED] "" "list the files that aren't shown, and why";
};

impl Duplicates {
    fn moved(&self, way: Move, world: &World) -> Selected {
        let Selected { row, picture } = self.selected;
        let last = self.plan.groups.len().saturating_sub(1);
        let size = |row: usize| self.group(row).map_or(0, |group| 1 + group.members.len());
        let flow = self.flow(world);
        let rows = |by: isize| flow.rows_from(self.selected, by).unwrap_or(self.selected);
        match way {
            Move::Left if picture > 0 => Selected { row, picture: picture - 1 },
            Move::Left if row > 0 => Selected { row: row - 1, picture: size(row - 1).saturating_sub(1) },
            Move::Right if picture + 1 < size(row) => Selected { row, picture: picture + 1 },
            Move::Right if row < last => Selected { row: row + 1, picture: 0 },
            Move::Left | Move::Right => self.selected,
            Move::Up => rows(-1),
            Move::Down => rows(1),
            Move::PageUp => rows(-(flow.rows_on_page() as isize)),
            Move::PageDown => rows(flow.rows_on_page() as isize),
            Move::Home => Selected { row: 0, picture: 0 },
            Move::End => Selected { row: last, picture: 0 },
        }
    }

    /// The next picture that neither the rules nor the user have marked, starting over after the last one.
    fn first_unsure(&self, world: &World) -> Option<Selected> {
        let answer = self.answer()?;
        let is_unsure = |member: &GroupMember| {
            let is_open = !world.marks.contains(&answer.collection.image(member.picture).path);
            is_open && member.judgement.is_err_and(|doubt| !matches!(doubt, Doubt::Protected | Doubt::SameFile))
        };
        let groups = self.plan.groups.iter().enumerate();
        let members = groups.flat_map(|(row, group)| group.members.iter().enumerate().map(move |m| (row, m)));
        let mut unsure = members.filter(|(_, (_, member))| is_unsure(member));
        let place = |(row, (at, _)): (usize, (usize, &GroupMember))| Selected { row, picture: at + 1 };
        let first = unsure.next().map(place)?;
        let is_after = |at: &Selected| (at.row, at.picture) > (self.selected.row, self.selected.picture);
        Some(std::iter::once(first).chain(unsure.map(place)).find(is_after).unwrap_or(first))
    }

    pub fn go_to_unsure(&mut self, world: &mut World) {
        match self.first_unsure(world) {
            Some(next) => {
                if (next.row, next.picture) <= (self.selected.row, self.selected.picture) {
                    world.inform("starting over from the first");
                }
                self.selected = next;
            }
            None => world.inform("no picture is left for you to judge"),
        }
    }

    fn act(&mut self, action: DuplicatesAction, world: &mut World) -> Go {
        match action {
            Act::Go(way) => self.selected = self.moved(way, world),
            Act::Compare if !self.plan.groups.is_empty() => {
                self.selected.picture = self.selected.picture.max(1);
                return Go::over(SideBySide::default());
            }
            Act::Compare => {}
            Act::Back => {
                world.marks.settle_again();
                // Work under way is no longer of use.
                return Go::Back(self.answer().is_none().then_some(Task::StopJoin).into_iter().collect());
            }
            Act::Mark => self.toggle_mark(self.selected, world),
            Act::Keep => self.keep(self.selected, world),
            Act::ByRule => match by_rule::question(self, world) {
                Some(asked) => return Go::over(asked),
                None => world.inform("the rules mark nothing here: space marks a picture, K keeps one of a group"),
            },
            Act::NextUnsure => self.go_to_unsure(world),
            Act::NotSame => return self.part_from_all(world).map_or(Go::Stay, Go::start),
            Act::Write => return write_marks(world),
            Act::Verdicts => return Go::over(VerdictsList::new()),
            Act::OpenFile => return Go::over(open_list(world)),
            Act::Range if self.answer().is_some() => return Go::over(RangeBar::new(self)),
            Act::Range => {}
            Act::Rule => self.next_rule(world),
            Act::Across => {
                self.wanted.across_folders = !self.wanted.across_folders;
                self.arrange(world);
            }
            Act::Larger => world.larger_previews(),
            Act::Smaller => world.smaller_previews(),
            Act::Skipped => return Go::over(List::skipped()),
        }
        Go::Stay
    }

    /// Declares the selected picture no duplicate of any other in its group.
    fn part_from_all(&self, world: &mut World) -> Option<Task> {
        let (answer, group) = (self.answer()?, self.group(self.selected.row)?);
        let (number, content) = (self.number(self.selected)?, |number: u32| answer.collection.content_of(number));
        if number != group.kept && content(number) == content(group.kept) {
            world.error("it is byte-identical to the kept one, so it is a duplicate");
            return None;
        }
        self.part_from(number, &group.pictures().filter(|other| *other != number).collect::<Vec<_>>(), world)
    }

    /// Declares a picture no duplicate of others.
    pub fn part_from(&self, number: u32, others: &[u32], world: &mut World) -> Option<Task> {
        let (collection, file) = (&self.answer()?.collection, world.verdicts.clone()?);
        let unlike = others.iter().filter(|other| collection.content_of(**other) != collection.content_of(number));
        let pair = |other: &u32| -> Option<JudgedPair> {
            let content = |number: u32| collection.picture(number).row.content();
            let path = |number: u32| crate::shown::path(&collection.image(number).path);
            Some(([content(number)?, content(*other)?], [path(number), path(*other)]))
        };
        let mut pairs: Vec<_> = unlike.filter_map(pair).collect();
        pairs.dedup_by(|a, b| a.0 == b.0);
        if pairs.is_empty() {
            world.error("they are byte-identical, so they are duplicates");
            return None;
        }
        let of = match others {
            [other] => printable(&collection.name(*other)),
            _ => count(pairs.len(), "other"),
        };
        let name = printable(&collection.name(number));
        world.inform(format!("{name}: no duplicate of {of}; N lists such pairs, and n there undoes"));
        Some(Task::Judge { file, pairs, undone: false })
    }
}

impl Screen for Duplicates {
    fn keys(&self) -> &'static dyn KeyTable {
        &KEYS
    }

    fn press(&mut self, key: KeyEvent, world: &mut World) -> Go {
        KEYS.press(key, |action| self.act(action, world))
    }

    fn click(&mut self, at: Position, double: bool, world: &mut World) -> Go {
        let Some(selected) = self.flow(world).at(at) else { return Go::Stay };
        self.selected = selected;
        if double { self.act(Act::Compare, world) } else { Go::Stay }
    }

    fn page(&mut self, forward: bool, world: &mut World) {
        self.act(Act::Go(if forward { Move::PageDown } else { Move::PageUp }), world);
    }

    fn back(&mut self, world: &mut World) -> Go {
        self.act(Act::Back, world)
    }

    fn mark_again(&mut self, marks: Vec<Mark>, world: &mut World) -> Vec<String> {
        self.mark_in_groups(marks, world)
    }

    fn stands_on(&self, _: &World) -> Option<KeyPicture> {
        self.picture_at(self.selected)
    }

    fn visible(&self, world: &World) -> Vec<Slot> {
        let flow = self.flow(world);
        let room = flow.room();
        let pictures = flow.tiles().filter_map(|(at, _)| self.picture_at(at));
        pictures.map(|picture| world.slot(picture, room)).collect()
    }

    fn next(&self, world: &World) -> Vec<Slot> {
        let flow = self.flow(world);
        let room = flow.room();
        flow.next_page().filter_map(|at| self.picture_at(at)).map(|picture| world.slot(picture, room)).collect()
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
        world.error("simages duplicates writes groups; W writes the paths of marked pictures");
        Go::Stay
    }

    fn typed(&mut self, _: Purpose, _: &str, _: &mut World) -> Vec<Task> {
        Vec::new()
    }

    fn awaits(&self, generation: u64) -> bool {
        self.request.is(generation)
    }

    fn joining(&mut self, news: JoinNews, world: &mut World) {
        match news {
            JoinNews::Step(step) => self.step = Some(step),
            JoinNews::Ended(_, Ok(JoinOutcome::Duplicates(answer))) => {
                let is_first = self.answer().is_none() || self.selected == Selected::FIRST;
                self.verdicts = Arc::new(answer.verdicts.clone());
                world.judged = self.verdicts.clone();
                self.histogram = Histogram::new(&answer.similar);
                self.wanted.range = self.wanted.range.max(answer.similar.floor);
                self.request.take(Ok(answer));
                self.arrange(world);
                if is_first {
                    self.selected = Selected::FIRST;
                }
            }
            JoinNews::Ended(_, Err(error)) => {
                self.request.take(Err(error));
                let with_groups = world.marks.dissolve();
                world.tell_settled(Settled { with_groups, ..Settled::default() });
            }
            JoinNews::Ended(_, Ok(_)) => {}
        }
    }

    fn further(&mut self, world: &mut World) -> Option<Task> {
        if self.has_grown(world) {
            return Some(self.ask(world));
        }
        let answer = self.answer().filter(|_| !self.looking && !self.pending.is_empty())?.clone();
        self.looking = true;
        Some(Task::LookAt { answer, pairs: std::mem::take(&mut self.pending) })
    }

    fn looked_at(&mut self, world: &mut World) {
        self.looking = false;
        self.arrange(world);
    }

    fn judged(&mut self, verdicts: &Arc<Verdicts>, world: &mut World) {
        self.verdicts = verdicts.clone();
        self.arrange(world);
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
