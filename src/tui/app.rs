//! The state of the screens, and how messages change it. Nothing here does I/O: tasks are returned.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use ratatui::layout::{Position, Size};

use super::jobs::encode::has_fine;
use super::jobs::write::WrittenMarks;
use super::jobs::{CompareJob, IndexNews, IndexStep, JoinNews, JoinOutcome, KeySource, Searched};
use super::keys::KeyTable;
use super::live::Wanted;
use super::msg::{Msg, Task};
use super::pictures::{Quality, Slot};
use super::purpose::Purpose;
use super::scene::Layer;
use super::search::Search;
use super::set::SetState;
use super::settings::Settings;
use super::trail::Trail;
use super::world::{Entered, Notice, World};
use crate::dataset::Dataset;
use crate::duplicates::Verdicts;
use crate::error::Result;
use crate::index::indexer::{Event, Summary};
use crate::terminal::graphics::Graphics;

pub struct App {
    pub world: World,
    /// The screens visited; the last one is shown.
    pub trail: Trail,
    /// The layers over it, the topmost last.
    pub layers: Vec<Box<dyn Layer>>,
    pub last_click: Option<(Instant, Position)>,
}

/// What a [`Writing`](super::world::Writing) may be for. There is one at a time.
const WRITTEN: [Purpose; 4] = [Purpose::WriteJoin, Purpose::CopyInto, Purpose::WriteMarks, Purpose::WriteTab];

impl App {
    pub fn new(datasets: Vec<Dataset>, size: Size) -> App {
        let world = World::new(datasets, size);
        App { world, trail: Trail::new(), layers: Vec::new(), last_click: None }
    }

    pub fn update(&mut self, msg: Msg) -> Vec<Task> {
        // Sixel and iTerm2 pictures stay until text is written over them.
        let painted = self.world.terminal.graphics.protocol().are_painted();
        let before = self.view();
        let mut tasks = self.take(msg, painted);
        self.settle();
        tasks.extend(self.ask_live());
        tasks.extend(self.trail.shown_mut().further(&mut self.world));
        tasks.extend(self.ask_comparison());
        tasks.extend(self.ask_header());
        let changed = before != self.view();
        if changed && painted {
            tasks.push(Task::Repaint);
        }
        if changed || tasks.iter().any(|task| matches!(task, Task::Clear)) {
            self.world.shelf.cleared();
        }
        tasks
    }

    fn take(&mut self, msg: Msg, painted: bool) -> Vec<Task> {
        match msg {
            Msg::Key(key) => return self.key(key),
            Msg::Mouse(event, at) => return self.mouse(event, at),
            Msg::Paste(text) => self.paste(&text),
            Msg::Completed(text) => return self.completed(text),
            Msg::Resize(width, height) => self.world.size = Size::new(width, height),
            Msg::Focus => {
                let look = Task::LookAgain { at_all: false };
                return if painted { vec![Task::Clear, look] } else { vec![look] };
            }
            Msg::Redraw => return self.redraw(),
            Msg::Probed(terminal) => {
                self.world.terminal = terminal;
                return self.redraw();
            }
            Msg::Indexing(IndexNews { dataset, what }) => match what {
                IndexStep::Begun(at) => self.world.sets[dataset].state = SetState::indexing(at, false),
                IndexStep::Event(event, at) => return self.indexing(dataset, event, at),
                IndexStep::Ended(result) => {
                    self.indexed(dataset, result);
                    return self.trail.shown_mut().grown(dataset, &mut self.world);
                }
            },
            Msg::Searched(searched) => self.searched(searched),
            Msg::Joining(news) => self.joining(news),
            Msg::Picture(slot, picture) => self.world.shelf.put(slot, picture),
            Msg::Compared(job, comparison) => self.world.comparisons.take(job.files, comparison),
            Msg::Header(file, header) => self.world.headers.take(file, header),
            Msg::Opened(result) => return self.opened(result),
            Msg::Written(result) => drop(self.written(result, &[Purpose::Write])),
            Msg::Judged(judged) => return self.judged(judged),
            Msg::LookedAt => self.trail.after.iter_mut().for_each(|screen| screen.looked_at(&mut self.world)),
            // For the loop: these decide when pictures are sent, not which.
            Msg::Answered | Msg::AskAgain => {}
            Msg::Stop => return vec![Task::Suspend],
            Msg::Resumed => return vec![Task::Resume],
            Msg::Terminate => return vec![Task::Terminate],
        }
        Vec::new()
    }

    /// Passes changes between layers and the screen.
    fn settle(&mut self) {
        self.world.settings_are_open = self.edited().is_some();
        for layer in &mut self.layers {
            layer.follow(self.trail.shown());
        }
    }

    /// The settings being edited, if any.
    fn edited(&self) -> Option<&Settings> {
        self.layers.iter().rev().find_map(|layer| layer.settings())
    }

    /// The keys of the current scene; a prompt is part of the scene below it.
    pub fn keys(&self) -> &'static dyn KeyTable {
        let top = self.layers.iter().rev().find(|layer| layer.prompt().is_none());
        top.map_or_else(|| self.trail.shown().keys(), |layer| layer.keys())
    }

    /// The index of the topmost layer that hides everything below.
    pub fn covering(&self) -> Option<usize> {
        self.layers.iter().rposition(|layer| layer.covers())
    }

    /// Everything that decides where pictures are. When it changes, painted pictures must be overwritten.
    fn view(&self) -> impl PartialEq + use<> {
        let places = if self.covering().is_none() { self.trail.shown().places(&self.world) } else { None };
        // As a set: the selected picture comes first in the list, wherever it is.
        let pictures: HashSet<_> = if places.is_some() { HashSet::new() } else { self.visible().into_iter().collect() };
        (self.keys().title(), self.world.size, places, pictures)
    }

    /// Slots now on the screen, the selected one first.
    pub fn visible(&self) -> Vec<Slot> {
        match self.covering() {
            _ if self.world.is_too_small() => Vec::new(),
            Some(at) => self.layers[at].visible(self.trail.shown(), &self.world),
            None => self.trail.shown().visible(&self.world),
        }
    }

    /// Slots that may be on the screen next.
    fn next(&self) -> Vec<Slot> {
        match self.covering() {
            // Pictures for later must not displace those on the screen.
            _ if self.world.is_too_small() || !self.world.shelf.has_room() => Vec::new(),
            Some(at) => self.layers[at].next(self.trail.shown(), &self.world),
            None => self.trail.shown().next(&self.world),
        }
    }

    /// Slots to encode next, most urgent first: rough, then sharp, then those for later.
    pub fn wanted(&mut self) -> Vec<Slot> {
        let (visible, next, terminal) = (self.visible(), self.next(), &self.world.terminal);
        let rough = visible.iter().map(|s| s.with(Quality::Rough));
        let is_fine = |s: &&Slot| !s.is_coarse;
        let sharp = visible.iter().filter(is_fine).map(|s| s.with(Quality::Sharp));
        let later = next.iter().map(|s| s.with(Quality::Sharp));
        let fine = visible.iter().filter(is_fine).filter(|s| has_fine(terminal, s.part)).map(|s| s.with(Quality::Fine));
        let all: Vec<_> = match terminal.graphics {
            Graphics::HalfBlocks => rough.chain(next.iter().map(|s| s.with(Quality::Rough))).collect(),
            _ => rough.chain(sharp).chain(later).chain(fine).collect(),
        };
        // Touch the most urgent slot last, so that it is evicted last.
        let mut missing: Vec<_> = all.into_iter().rev().filter(|slot| !self.world.shelf.holds(slot)).collect();
        missing.reverse();
        missing
    }

    pub fn redraw(&mut self) -> Vec<Task> {
        self.world.shelf.clear();
        vec![Task::Clear]
    }

    fn indexing(&mut self, dataset: usize, event: Event, at: Instant) -> Vec<Task> {
        let set = &mut self.world.sets[dataset];
        match event {
            Event::Scanning(progress) => set.scanning = Some(progress),
            Event::Scanned(scan) => {
                let selected = self.trail.key_select.selected_picture(&self.world);
                self.world.sets[dataset].scanned(scan);
                self.trail.key_select.rescanned(dataset, selected, &self.world);
                let were_written = self.world.marks.changes() == self.world.marks_taken;
                let gone = self.world.marks.rescanned(dataset, &self.world.sets[dataset].images);
                self.world.tell_vanished(gone, were_written);
                return self.trail.shown_mut().grown(dataset, &mut self.world);
            }
            Event::Indexed { matrix, progress } => {
                set.matrix = matrix;
                if let SetState::Indexing { since, elsewhere, .. } = set.state {
                    // The clock starts with the first picture computed; reading stored ones doesn't count.
                    let since = if progress.done == 0 { at } else { since };
                    let elsewhere = elsewhere && progress.done == 0;
                    set.state = SetState::Indexing { progress, since, now: at, elsewhere };
                }
                return self.trail.shown_mut().grown(dataset, &mut self.world);
            }
            Event::Skipped(skipped) => set.skipped.push(skipped),
            Event::Waiting => set.state = SetState::indexing(at, true),
            Event::Notice(text) => self.world.inform_also(text),
        }
        Vec::new()
    }

    fn indexed(&mut self, dataset: usize, result: Result<Summary>) {
        let set = &mut self.world.sets[dataset];
        match result {
            Ok(summary) => {
                set.changes += 1;
                set.skipped = summary.skipped;
                set.state = SetState::Complete;
            }
            Err(error) => {
                set.scanning = None;
                set.state = SetState::Failed(error.to_string());
                let text = format!("{}: {error}", set.dataset.name);
                self.world.error(text);
            }
        }
    }

    /// Verdicts have been saved; forms the groups without those pairs.
    fn judged(&mut self, judged: Result<Verdicts>) -> Vec<Task> {
        match judged {
            Ok(verdicts) => {
                let verdicts = Arc::new(verdicts);
                let screens = self.trail.after.iter_mut();
                screens.for_each(|screen| screen.judged(&verdicts, &mut self.world));
                self.world.judged = verdicts;
                self.trail.shown_mut().judged_anew(&mut self.world)
            }
            Err(error) => {
                self.world.error(format!("not saved: {error}"));
                Vec::new()
            }
        }
    }

    fn searched(&mut self, searched: Searched) {
        if self.world.live.is(searched.generation) {
            self.world.live.take(searched);
        } else if let Some(screen) = self.trail.awaiting(searched.generation) {
            screen.searched(searched);
        }
    }

    fn joining(&mut self, news: JoinNews) {
        if let Some(screen) = self.trail.awaiting(news.generation()) {
            screen.joining(news, &mut self.world);
            if screen.pairs().is_some_and(|pairs| pairs.found().is_some()) {
                self.trail.forget_left();
            }
            return;
        }
        let Some(writing) = self.world.writing.as_mut().filter(|w| w.generation == news.generation()) else { return };
        match news {
            JoinNews::Step(step) => writing.step = Some(step),
            JoinNews::Ended(_, outcome) => {
                self.world.writing = None;
                match outcome {
                    Ok(JoinOutcome::Written(text)) => {
                        let done = self.written(Ok(text), &WRITTEN);
                        // Copies of pictures picked by hand are all that was wanted; of near-duplicates, a list is.
                        let copied = done.filter(|done| done.purpose == Purpose::CopyInto);
                        if let Some(copied) = copied.filter(|_| !self.world.marks.has_grouped()) {
                            self.world.marks_taken = copied.changes;
                        }
                    }
                    Ok(JoinOutcome::Marks(marks)) => self.marks_written(marks),
                    Ok(_) => {}
                    Err(error) => drop(self.written(Err(error), &WRITTEN)),
                }
            }
        }
    }

    /// Something entered for one of these purposes was written, which is returned; or refused: asks again, with the
    /// text filled in.
    pub(super) fn written(&mut self, result: Result<String>, purposes: &[Purpose]) -> Option<Entered> {
        let (is_refused, entered) = (result.is_err(), self.world.take_entered(purposes));
        self.world.tell(result);
        if is_refused {
            entered.into_iter().for_each(|entered| self.ask_again(entered));
            return None;
        }
        entered
    }

    fn marks_written(&mut self, WrittenMarks { written, left_out }: WrittenMarks) {
        let is_whole = left_out.is_empty();
        self.world.marks.leave_out(left_out.into_iter().collect());
        let done = self.written(written, &WRITTEN);
        let Some(list) = done.filter(|done| done.purpose == Purpose::WriteMarks) else { return };
        if is_whole {
            self.world.marks_taken = list.changes;
        }
        if list.changes != self.world.marks.changes()
            && let Some(Notice::Info(text)) = &self.world.notice
        {
            self.world.inform(format!("marks have changed since: W writes the list again; {text}"));
        }
        self.world.list_name = Some(list.text);
    }

    /// Asks for the comparison of the two pictures shown.
    fn ask_comparison(&mut self) -> Option<Task> {
        let layer = &self.layers[self.covering()?];
        let files = layer.compares(self.trail.shown(), &self.world)?;
        self.world.comparisons.ask(files).map(|files| Task::Compare(CompareJob { files }))
    }

    /// Asks for the header of the picture whose facts are shown.
    fn ask_header(&mut self) -> Option<Task> {
        let file = self.layers.last()?.tells_of(self.trail.shown(), &self.world)?;
        self.world.headers.ask(file).map(Task::ReadHeader)
    }

    /// Asks for the ranking of the live count, if it has changed. Only indexed keys are counted: the network doesn't
    /// run for this.
    fn ask_live(&mut self) -> Option<Task> {
        let (screen, edited) = (self.trail.shown(), self.edited());
        let keys = screen.live_keys(edited.is_some(), &self.world)?;
        let settings = edited.unwrap_or(screen.settings()).clone();
        let wanted = Wanted::new(&keys, &settings, self.world.sets[settings.dataset].matrix.len());
        let described = screen.search().map(Search::described).unwrap_or_default();
        if !self.world.live.lacks(&wanted) {
            return None;
        }
        let job = self.world.search(&keys, &settings, &described);
        if job.sources().any(|key| matches!(key, KeySource::File(..))) {
            // Ask again once it is indexed.
            self.world.live.ask_later();
            return None;
        }
        self.world.live.ask(wanted, job.generation);
        Some(Task::Count(job))
    }
}
