//! The comparison's result, and the part of it shown.

use std::collections::HashSet;
use std::sync::Arc;

use crate::archive::{CardPicture, StandingKind};
use crate::join::DescriptorKind;
use crate::text::printable;
use crate::tui::growth::Growth;
use crate::tui::jobs::{ArchiveAnswer, ArchiveJob, JoinGoal, JoinJob, JoinStep, Request};
use crate::tui::msg::Task;
use crate::tui::pairs::Selected;
use crate::tui::set::{KeyPicture, Set, SetState};
use crate::tui::settings::Settings;
use crate::tui::widgets::grid::{Across, Grid, Wish};
use crate::tui::world::World;

/// Rows below each picture: its name, its folder, its facts, its standing.
pub const CAPTION: u16 = 4;

/// The least width of a tile, so that its facts are readable.
const NARROWEST: u16 = 18;

pub struct ArchiveTabs {
    /// Indices of the datasets: the card first, then the archives.
    pub sets: Vec<usize>,
    /// The settings of the screen before.
    pub settings: Settings,
    pub request: Request<Arc<ArchiveAnswer>>,
    pub step: Option<JoinStep>,
    /// How much was known of each dataset when this was requested.
    asked: Growth,
    pub tab: StandingKind,
    /// The pictures of the tab.
    pub shown: Vec<CardPicture>,
    pub selected: Selected,
}

impl ArchiveTabs {
    /// Compares the key's dataset with all others; returns tasks. None if there is no other.
    pub fn new(settings: Settings, world: &mut World) -> Option<(ArchiveTabs, Vec<Task>)> {
        let card = settings.key_dataset;
        let others = (0..world.sets.len()).filter(|set| *set != card);
        let sets: Vec<usize> = std::iter::once(card).chain(others).collect();
        if sets.len() < 2 {
            return None;
        }
        let mut archive = ArchiveTabs {
            sets,
            settings,
            request: Request::new(0),
            step: None,
            asked: Growth::default(),
            tab: StandingKind::New,
            shown: Vec::new(),
            selected: Selected { row: 0, picture: 0 },
        };
        let mut tasks: Vec<Task> = archive.sets.iter().map(|set| Task::Prefer(*set)).collect();
        tasks.push(archive.ask(world));
        Some((archive, tasks))
    }

    /// Requests the standing of all pictures, as far as they are indexed.
    pub fn ask(&mut self, world: &mut World) -> Task {
        let generation = world.next_generation();
        self.asked = Growth::of(&self.sets, world);
        self.step = None;
        self.request.again(generation);
        let goal = JoinGoal::Archive(ArchiveJob {
            sources: self.sets.iter().map(|set| world.sets[*set].source()).collect(),
            unreadable: world.sets[self.sets[0]].skipped.clone(),
            descriptor: DescriptorKind::Regions,
            verdicts: world.verdicts.clone(),
        });
        Task::Join(JoinJob { generation, goal })
    }

    /// Whether so much more is known that it should be requested again.
    pub fn has_grown(&self, world: &World) -> bool {
        self.asked.has_passed_work(self.request.waits(), &self.sets, world)
    }

    /// Whether the folders are still being scanned.
    pub fn is_scanning(&self, world: &World) -> bool {
        self.sets.iter().any(|set| world.sets[*set].state == SetState::Scanning)
    }

    /// Pictures not indexed yet: of the card, and of the archives.
    pub fn missing(&self, world: &World) -> [usize; 2] {
        let missing = |set: &usize| {
            let set = &world.sets[*set];
            let under_way = !matches!(set.state, SetState::Complete | SetState::Failed(_));
            if under_way { set.images.len().saturating_sub(set.matrix.len()) } else { 0 }
        };
        [missing(&self.sets[0]), self.sets[1..].iter().map(missing).sum()]
    }

    /// The first dataset that couldn't be indexed whole.
    pub fn failed(&self, world: &World) -> Option<String> {
        let lacks = |set: &Set| {
            let skipped: HashSet<&str> = set.skipped.iter().map(|skipped| skipped.file.as_str()).collect();
            let is_open = |name: &str| set.matrix.get(name).is_none() && !skipped.contains(name);
            set.images.is_empty() || set.images.iter().any(|image| is_open(&image.name))
        };
        let is_it = |set: &&Set| matches!(set.state, SetState::Failed(_)) && lacks(set);
        let failed = self.sets.iter().map(|set| &world.sets[*set]).find(is_it);
        failed.map(|set| printable(&set.dataset.name))
    }

    pub fn answer(&self) -> Option<&Arc<ArchiveAnswer>> {
        self.request.answer()
    }

    pub fn show(&mut self, tab: StandingKind) {
        let shown = |answer: &Arc<ArchiveAnswer>| answer.check.of(tab).copied().collect();
        if self.tab != tab {
            self.selected = Selected { row: 0, picture: 0 };
        }
        (self.tab, self.shown) = (tab, self.answer().map(shown).unwrap_or_default());
        self.selected.row = self.selected.row.min(self.shown.len().saturating_sub(1));
    }

    /// To the next tab, or the previous one.
    pub fn turn(&mut self, forward: bool) {
        let all = StandingKind::ALL;
        let at = all.iter().position(|kind| *kind == self.tab).unwrap_or(0);
        self.show(all[(at + if forward { 1 } else { all.len() - 1 }) % all.len()]);
    }

    /// The index of a picture in the collection: the card's, or its best match.
    pub fn number(&self, at: Selected) -> Option<u32> {
        let row = self.shown.get(at.row)?;
        if at.picture == 0 { Some(row.picture) } else { row.best.map(|best| best.picture) }
    }

    pub fn picture_at(&self, at: Selected) -> Option<KeyPicture> {
        Some(KeyPicture::from(self.answer()?.collection.image(self.number(at)?)))
    }

    /// Each picture beside its best match.
    pub fn grid(&self, world: &World) -> Grid {
        let parts = world.parts(false);
        let count = 2 * self.shown.len();
        let wish = Wish {
            room: parts.room,
            caption: CAPTION,
            zoom: world.zoom,
            expected: count,
            across: Across::Pairs,
            narrowest: NARROWEST,
        };
        Grid::new(parts.pictures, count, 2 * self.selected.row + self.selected.picture, wish)
    }

    /// `card in photos + scans`
    pub fn names(&self, world: &World) -> String {
        let name = |set: usize| world.sets[set].dataset.name.as_str();
        let archives: Vec<_> = self.sets[1..].iter().map(|set| name(*set)).collect();
        let archives = match &archives[..] {
            [first, .., last] if archives.len() > 3 => format!("{first} … {last}"),
            _ => archives.join(" + "),
        };
        format!("{} in {archives}", name(self.sets[0]))
    }
}

/// The picture in a tile.
pub fn in_tile(item: usize) -> Selected {
    Selected { row: item / 2, picture: item % 2 }
}
