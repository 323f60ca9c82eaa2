//! The pairs found, and the groups made of them as shown.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;

use ratatui::layout::Size;

use super::flow::{Flow, GAP};
use super::histogram::Histogram;
use crate::duplicates::{
    DuplicateGroup, GroupPlan, KeepRule, KeepRules, PlanSettings, Verdicts, Witnesses, floor, start,
};
use crate::join::DescriptorKind;
use crate::tui::growth::Growth;
use crate::tui::jobs::{DuplicatesAnswer, DuplicatesJob, JoinGoal, JoinJob, JoinStep, Request};
use crate::tui::marks::{DuplicateRows, Groups, Settled};
use crate::tui::msg::Task;
use crate::tui::pairs::Selected;
use crate::tui::set::{KeyPicture, SetState};
use crate::tui::settings::Settings;
use crate::tui::widgets::grid::{self, Across, Grid, Wish};
use crate::tui::world::World;

/// The least width of a tile, except on very narrow screens: the name and the judgement must be readable.
const NARROWEST: u16 = 18;
/// How far one key press moves the range.
const STEP: f64 = 0.01;

pub struct Duplicates {
    /// Indices of the datasets searched.
    pub sets: Vec<usize>,
    /// The settings of the screen before.
    pub settings: Settings,
    pub descriptor: DescriptorKind,
    pub wanted: PlanSettings,
    pub request: Request<Arc<DuplicatesAnswer>>,
    pub step: Option<JoinStep>,
    /// What was known when it was requested.
    asked: Growth,
    pub verdicts: Arc<Verdicts>,
    pub plan: GroupPlan,
    pub histogram: Histogram,
    pub selected: Selected,
    /// What the rules mark in these groups, with the marks' change count at the time.
    pub counted: Cell<Option<(u64, ByRules)>>,
    /// Pairs to look at before it is known what may be marked.
    pub pending: Vec<(u32, u32)>,
    /// Whether pictures are being looked at.
    pub looking: bool,
}

/// What the rules mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByRules {
    pub pictures: usize,
    pub groups: usize,
    pub bytes: u64,
    /// Of these pictures, those not marked yet, and their bytes.
    pub open: usize,
    pub open_bytes: u64,
    /// Other pictures in these groups, which stay unmarked.
    pub in_doubt: usize,
    /// Groups decided by hand.
    pub decided: usize,
}

impl Duplicates {
    /// Near-duplicates in these datasets; returns tasks.
    pub fn new(sets: Vec<usize>, settings: Settings, world: &mut World) -> (Duplicates, Vec<Task>) {
        let descriptor = DescriptorKind::Regions;
        let wanted = PlanSettings { range: start(descriptor), ..PlanSettings::default() };
        let mut duplicates = Duplicates {
            sets,
            settings,
            descriptor,
            wanted,
            request: Request::new(0),
            step: None,
            asked: Growth::default(),
            verdicts: world.judged.clone(),
            plan: GroupPlan::default(),
            histogram: Histogram::default(),
            selected: Selected::FIRST,
            counted: Cell::default(),
            pending: Vec::new(),
            looking: false,
        };
        let mut tasks: Vec<Task> = duplicates.sets.iter().rev().map(|set| Task::Prefer(*set)).collect();
        tasks.push(duplicates.ask(world));
        (duplicates, tasks)
    }

    /// Requests pairs among everything known by now.
    pub fn ask(&mut self, world: &mut World) -> Task {
        let generation = world.next_generation();
        let sources = self.sets.iter().map(|set| world.sets[*set].source()).collect();
        let sets = self.sets.iter().map(|set| &world.sets[*set]);
        let datasets = sets.map(|set| (set.dataset.clone(), set.state != SetState::Complete)).collect();
        self.asked = Growth::of(&self.sets, world);
        self.step = None;
        self.request.again(generation);
        let (witnesses, settings) = (Witnesses::Both(self.descriptor), self.wanted.clone());
        let (looks, verdicts) = (world.looks.clone(), world.verdicts.clone());
        let goal = JoinGoal::Duplicates(DuplicatesJob { sources, datasets, looks, witnesses, verdicts, settings });
        Task::Join(JoinJob { generation, goal })
    }

    /// Whether so much more is known that it should be requested again.
    pub fn has_grown(&self, world: &World) -> bool {
        self.asked.has_passed_work(self.request.waits(), &self.sets, world)
    }

    pub fn answer(&self) -> Option<&Arc<DuplicatesAnswer>> {
        self.request.answer()
    }

    /// Forms the groups anew from the pairs found; marks that no longer apply are removed.
    pub fn arrange(&mut self, world: &mut World) {
        let Some(answer) = self.request.answer().cloned() else { return };
        let kept = self.group(self.selected.row).map(|group| group.kept);
        let selected = self.number(self.selected);
        self.plan = GroupPlan::new(&answer.collection, &answer.similar, &self.verdicts, &self.wanted);
        self.pending = self.plan.pending();
        self.counted.take();
        let same = kept.and_then(|kept| self.plan.groups.iter().position(|group| group.kept == kept));
        let row = same.unwrap_or(self.selected.row).min(self.plan.groups.len().saturating_sub(1));
        let in_its_group = |group: &DuplicateGroup| {
            let same = group.pictures().position(|picture| Some(picture) == selected);
            same.unwrap_or(self.selected.picture.min(group.members.len()))
        };
        let picture = self.plan.groups.get(row).map_or(0, in_its_group);
        self.selected = Selected { row, picture };
        let rows = DuplicateRows::new(answer, self.sets.clone(), &self.plan);
        let settled = world.marks.settle(Groups::Duplicates(rows));
        let judged = self.drop_misjudged(world);
        world.tell_settled(Settled { judged, ..settled });
    }

    /// Moves the range, if possible.
    pub fn change_range(&mut self, steps: f64, world: &mut World) {
        let range = ((self.wanted.range / STEP).round() + steps) * STEP;
        let least = self.answer().map_or(floor(self.descriptor), |answer| answer.similar.floor);
        let range = (range * 1e4).round() / 1e4;
        self.set_range(range.clamp((least * 1e3).ceil() / 1e3, 1.0), world);
    }

    pub fn set_range(&mut self, range: f64, world: &mut World) {
        self.wanted.range = range;
        self.arrange(world);
    }

    /// Puts the next rule for the kept picture first.
    pub fn next_rule(&mut self, world: &mut World) {
        let rules = [KeepRule::Oldest, KeepRule::Newest, KeepRule::Bytes, KeepRule::ShortestPath];
        // Opened folders if there are several, and the selected picture's folder.
        let open: Vec<PathBuf> = self.sets.iter().map(|set| world.sets[*set].dataset.root.clone()).collect();
        let selected = self.picture_at(self.selected).and_then(|picture| Some(picture.path.parent()?.to_owned()));
        let mut folders = if open.len() > 1 { open } else { Vec::new() };
        folders.extend(selected.filter(|folder| !folders.contains(folder)));
        let presets = rules.into_iter().chain(folders.into_iter().map(KeepRule::In)).map(Some);
        let all: Vec<KeepRules> = std::iter::once(None).chain(presets).map(KeepRules::new).collect();
        let at = all.iter().position(|rules| *rules == self.wanted.rules).map_or(0, |at| at + 1);
        self.wanted.rules = all[at % all.len()].clone();
        self.arrange(world);
    }

    pub fn group(&self, row: usize) -> Option<&DuplicateGroup> {
        self.plan.groups.get(row)
    }

    /// The picture's index.
    pub fn number(&self, at: Selected) -> Option<u32> {
        self.group(at.row)?.pictures().nth(at.picture)
    }

    pub fn key_picture(&self, number: u32) -> Option<KeyPicture> {
        Some(KeyPicture::from(self.answer()?.collection.image(number)))
    }

    pub fn picture_at(&self, at: Selected) -> Option<KeyPicture> {
        self.key_picture(self.number(at)?)
    }

    /// Rows of text below each picture: a tall screen has one more.
    pub fn caption(world: &World) -> u16 {
        if world.size.height < 34 { 4 } else { 5 }
    }

    pub fn flow(&self, world: &World) -> Flow {
        let (parts, caption) = (world.parts(false), Duplicates::caption(world));
        let wish = Wish {
            room: parts.room,
            caption,
            zoom: world.zoom,
            expected: usize::MAX,
            across: Across::Singles,
            narrowest: grid::NARROWEST,
        };
        let grid = Grid::new(parts.pictures, 1, 0, wish);
        let tile = grid.tiles().next().map(|(_, tile)| tile.area.as_size()).unwrap_or_default();
        // Most groups are pairs: as many as have room for their captions share the width.
        let width = parts.pictures.width;
        let pairs = ((width + GAP) / (2 * tile.width.max(NARROWEST) + GAP)).max(1);
        let tile = Size::new((width.saturating_sub(GAP * (pairs - 1)) / (2 * pairs)).max(1), tile.height);
        Flow::new(
            parts.pictures,
            tile,
            caption,
            self.plan.groups.iter().map(|group| 1 + group.members.len()),
            self.selected,
        )
    }

    /// `animals`, `animals and garden`
    pub fn names(&self, world: &World) -> String {
        let names: Vec<_> = self.sets.iter().map(|set| world.sets[*set].dataset.name.as_str()).collect();
        match &names[..] {
            [first, .., last] if names.len() > 3 => format!("{first} … {last}"),
            _ => names.join(" + "),
        }
    }
}
