//! The state of the screens, and how messages change it. Nothing here does I/O: what is to be done is returned.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ratatui::layout::{Position, Rect, Size};

use super::keys::{Action, Place};
use super::live::Live;
use super::msg::{Found, Msg, Task};
use super::pictures::encode::has_fine;
use super::pictures::shelf::Shelf;
use super::pictures::{Quality, Slot};
use super::probe::{Graphics, Terminal};
use super::screens::joined::pair::Pair;
use super::screens::joined::{Joined, Writing};
use super::screens::key_select::KeySelect;
use super::screens::overlay::Overlay;
use super::screens::results::Results;
use super::screens::viewer::Viewer;
use super::search::{KeySource, SearchJob};
use super::set::{Set, State};
use super::widgets::prompt::Prompt;
use super::widgets::settings::{Field, Settings};
use crate::dataset::{Dataset, ImageFile, Stamp};
use crate::descriptor::Crops;
use crate::index::indexer::{Event, Summary};

/// Two clicks within this time are a double click.
pub const DOUBLE_CLICK: Duration = Duration::from_millis(400);
/// The smallest terminal there is room in.
pub const SMALLEST: Size = Size::new(60, 18);

pub struct App {
    pub sets: Vec<Set>,
    /// Those of key select; results have their own.
    pub settings: Settings,
    /// The settings' field that has the focus, on either screen.
    pub focus: Option<Field>,
    pub key_select: KeySelect,
    /// Results walked through, the ones shown last; none: key select is shown.
    pub trail: Vec<Results>,
    pub viewer: Option<Viewer>,
    /// A join of whole sets; then there are no results.
    pub joined: Option<Joined>,
    /// Two of its pictures, side by side.
    pub pair: Option<Pair>,
    pub writing: Option<Writing>,
    pub overlay: Option<Overlay>,
    pub prompt: Option<Prompt>,
    pub notice: Option<Notice>,
    pub live: Live,
    pub shelf: Shelf,
    pub terminal: Terminal,
    pub size: Size,
    /// Larger (or smaller) previews than usual, in steps.
    pub zoom: i8,
    /// Number of the last search.
    pub generation: u64,
    pub last_click: Option<(Instant, Position)>,
    /// Results kept when the program ends: paths marked.
    pub marked: BTreeSet<PathBuf>,
}

/// Something that happened, shown until the next key.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    Info(String),
    Error(String),
}

/// A picture that is (or may become) a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub path: PathBuf,
    pub stamp: Option<Stamp>,
    pub name: String,
}

impl Key {
    pub fn of(image: &ImageFile) -> Key {
        Key { path: image.path.clone(), stamp: Some(image.stamp()), name: image.name.clone() }
    }
}

impl App {
    pub fn new(datasets: Vec<Dataset>, size: Size) -> App {
        let sets: Vec<Set> = datasets.into_iter().map(Set::new).collect();
        App {
            sets,
            settings: Settings::new(0, 0),
            focus: None,
            key_select: KeySelect::default(),
            trail: Vec::new(),
            viewer: None,
            joined: None,
            pair: None,
            writing: None,
            overlay: None,
            prompt: None,
            notice: None,
            live: Live::default(),
            shelf: Shelf::default(),
            terminal: Terminal::default(),
            size,
            zoom: 0,
            generation: 0,
            last_click: None,
            marked: BTreeSet::new(),
        }
    }

    pub fn update(&mut self, msg: Msg) -> Vec<Task> {
        // Sixel and iTerm2 pictures stay where text isn't written over them.
        let painted = matches!(self.terminal.graphics, Graphics::Sixel | Graphics::Iterm2);
        let before = self.scene();
        let mut tasks = match msg {
            Msg::Key(key) => self.key(key),
            Msg::Mouse(event, at) => self.mouse(event, at),
            Msg::Paste(text) => self.paste(&text),
            Msg::Resize(width, height) => {
                self.size = Size::new(width, height);
                Vec::new()
            }
            Msg::Focus if painted => vec![Task::Clear],
            Msg::Focus => Vec::new(),
            Msg::Redraw => self.redraw(),
            Msg::Probed(terminal) => {
                self.terminal = terminal;
                self.shelf.clear();
                vec![Task::Clear]
            }
            Msg::Begun(dataset, at) => {
                self.sets[dataset].state = State::indexing(at, false);
                Vec::new()
            }
            Msg::Indexing(dataset, event, at) => self.indexing(dataset, event, at),
            Msg::Indexed(dataset, result) => self.indexed(dataset, result),
            Msg::Found(found) => self.found(found),
            Msg::Picture(slot, picture) => {
                self.shelf.put(slot, picture);
                Vec::new()
            }
            Msg::Opened(result) => self.opened(result),
            Msg::Written(result) => {
                self.notice = Some(result.map_or_else(Notice::Error, Notice::Info));
                Vec::new()
            }
            Msg::Working(step) => {
                self.working(step);
                Vec::new()
            }
            Msg::Worked(generation, outcome) => {
                self.worked(generation, outcome);
                Vec::new()
            }
            // The loop's: it says when pictures are sent, not which.
            Msg::Answered => Vec::new(),
            Msg::Terminate => vec![Task::Quit],
        };
        tasks.extend(self.ask_live());
        let changed = before != self.scene();
        if changed && painted {
            tasks.push(Task::Repaint);
        }
        if changed || tasks.iter().any(|task| matches!(task, Task::Clear)) {
            self.shelf.cleared();
        }
        tasks
    }

    pub fn place(&self) -> Place {
        match () {
            _ if self.overlay.is_some() => Place::Overlay,
            _ if self.viewer.is_some() => Place::Viewer,
            _ if self.pair.is_some() => Place::Pair,
            _ if self.focus.is_some() => Place::Settings,
            _ if self.joined.is_some() => Place::Joined,
            _ if self.trail.is_empty() => Place::KeySelect,
            _ => Place::Results,
        }
    }

    pub fn is_too_small(&self) -> bool {
        self.size.width < SMALLEST.width || self.size.height < SMALLEST.height
    }

    pub fn area(&self) -> Rect {
        Rect::from((Position::ORIGIN, self.size))
    }

    /// What decides where pictures are: when it changes, painted ones must go.
    fn scene(&self) -> impl PartialEq + use<> {
        // In any order: the selected one comes first, wherever it is.
        let pictures: HashSet<_> = self.visible().into_iter().collect();
        (self.place(), self.size, pictures)
    }

    /// Slots on the screen now, the selected one first.
    pub fn visible(&self) -> Vec<Slot> {
        match (&self.overlay, &self.viewer, self.trail.last()) {
            _ if self.is_too_small() => Vec::new(),
            (Some(_), ..) => Vec::new(),
            (None, Some(viewer), _) => vec![viewer.slot(self)].into_iter().flatten().collect(),
            (None, None, Some(results)) => results.visible(self),
            (None, None, None) => match (&self.joined, &self.pair) {
                (Some(joined), Some(pair)) => pair.visible(self, joined),
                (Some(joined), None) => joined.visible(self),
                (None, _) => self.key_select.visible(self),
            },
        }
    }

    /// Slots that should be encoded next, most urgent first: rough ones, then sharp, then what may come next.
    pub fn wanted(&mut self) -> Vec<Slot> {
        let visible = self.visible();
        let next = match (&self.overlay, &self.viewer, self.trail.last()) {
            // What comes next must not drive out what is seen now.
            _ if self.is_too_small() || !self.shelf.has_room() => Vec::new(),
            (Some(_), ..) => Vec::new(),
            (None, Some(viewer), _) => viewer.next(self),
            (None, None, Some(_)) => Vec::new(),
            (None, None, None) => match (&self.joined, &self.pair) {
                (Some(joined), Some(pair)) => pair.next(self, joined),
                (Some(joined), None) => joined.next_page(self),
                (None, _) => self.key_select.next_page(self),
            },
        };
        let rough = visible.iter().map(|s| s.with(Quality::Rough));
        let sharp = visible.iter().map(|s| s.with(Quality::Sharp));
        let later = next.iter().map(|s| s.with(Quality::Sharp));
        let fine = visible.iter().filter(|s| has_fine(&self.terminal, s.part)).map(|s| s.with(Quality::Fine));
        let all: Vec<_> = match self.terminal.graphics {
            Graphics::HalfBlocks => rough.chain(next.iter().map(|s| s.with(Quality::Rough))).collect(),
            _ => rough.chain(sharp).chain(later).chain(fine).collect(),
        };
        // The most urgent one is touched last, so that it is the last to be dropped.
        let mut missing: Vec<_> = all.into_iter().rev().filter(|slot| !self.shelf.holds(slot)).collect();
        missing.reverse();
        missing
    }

    pub fn slot(&self, path: PathBuf, stamp: Option<Stamp>, room: Size) -> Slot {
        Slot::preview(path, stamp, room, self.terminal.cell)
    }

    pub fn redraw(&mut self) -> Vec<Task> {
        self.shelf.clear();
        vec![Task::Clear]
    }

    pub fn error(&mut self, text: impl ToString) {
        let text = text.to_string();
        tracing::warn!("{text}");
        self.notice = Some(Notice::Error(text));
    }

    fn indexing(&mut self, dataset: usize, event: Event, at: Instant) -> Vec<Task> {
        let set = &mut self.sets[dataset];
        match event {
            Event::Scanned(scan) => {
                let selected = self.key_select.selected_key(self);
                let set = &mut self.sets[dataset];
                set.images = Arc::new(scan.images);
                set.skipped.clear();
                if set.state == State::Scanning {
                    set.state = State::Waiting;
                }
                if dataset == self.settings.key_dataset {
                    self.key_select.show(&self.settings, &self.sets);
                    self.key_select.select(&self.sets, selected);
                }
            }
            Event::Indexed { matrix, progress } => {
                set.matrix = matrix;
                if let State::Indexing { since, elsewhere, .. } = set.state {
                    // The clock starts with the first picture to do, not with reading what was there.
                    let since = if progress.done == 0 { at } else { since };
                    let elsewhere = elsewhere && progress.done == 0;
                    set.state = State::Indexing { progress, since, now: at, elsewhere };
                }
                return self.refresh(dataset);
            }
            Event::Skipped(skipped) => set.skipped.push(skipped),
            Event::Waiting => set.state = State::indexing(at, true),
            Event::Notice(text) => self.notice = Some(Notice::Info(text)),
        }
        Vec::new()
    }

    fn indexed(&mut self, dataset: usize, result: Result<Summary, String>) -> Vec<Task> {
        let set = &mut self.sets[dataset];
        match result {
            Ok(summary) => {
                set.skipped = summary.skipped;
                set.state = State::Complete;
            }
            Err(error) => {
                let text = format!("{}: {error}", set.dataset.name);
                set.state = State::Failed(error);
                self.error(text);
            }
        }
        Vec::new()
    }

    /// More of `dataset` is indexed: results over it are made anew.
    fn refresh(&mut self, dataset: usize) -> Vec<Task> {
        match self.trail.last() {
            Some(results) if results.settings.dataset == dataset => self.search(),
            _ => Vec::new(),
        }
    }

    /// Searches for the results shown.
    pub fn search(&mut self) -> Vec<Task> {
        let Some(results) = self.trail.last() else { return Vec::new() };
        let (key, settings) = (results.key.clone(), results.settings.clone());
        let job = self.job(&key, &settings);
        self.trail.last_mut().expect("checked above").generation = job.generation;
        vec![Task::Search(job)]
    }

    pub(super) fn job(&mut self, key: &Key, settings: &Settings) -> SearchJob {
        self.generation += 1;
        let set = &self.sets[settings.dataset];
        let source = self.key_source(key, set.matrix.crops);
        SearchJob {
            generation: self.generation,
            key: source,
            left_out: set.dataset.name_of(&key.path),
            matrix: set.matrix.clone(),
            descriptor: settings.descriptor,
            metric: settings.metric,
            fold: settings.fold,
        }
    }

    /// Where the descriptor of `key` comes from that is of these crops.
    pub(super) fn key_source(&self, key: &Key, crops: Crops) -> KeySource {
        let last = self.trail.last().filter(|r| r.key == *key && self.sets[r.settings.dataset].matrix.crops == crops);
        let described = last.and_then(|r| Some(r.answer.as_ref()?.key.clone()));
        let row = self.sets.iter().filter(|set| set.matrix.crops == crops).find_map(|set| {
            let row = set.matrix.get(&set.dataset.name_of(&key.path)?)?;
            // A key that changed since it was indexed is looked at anew.
            (key.stamp.is_none() || row.stamp == key.stamp).then(|| row.clone())
        });
        match (row, described) {
            (Some(row), _) => KeySource::Indexed(row),
            (None, Some(descriptor)) => KeySource::Described(descriptor),
            (None, None) => KeySource::File(key.path.clone()),
        }
    }

    fn found(&mut self, found: Found) -> Vec<Task> {
        if found.generation == self.live.generation {
            self.live.ranking = found.outcome.ok().map(|(_, ranking)| ranking);
        } else if let Some(results) = self.trail.last_mut()
            && results.generation == found.generation
        {
            let name = |results: &Results, at: usize| Some(results.items().get(at)?.row.name.clone());
            let viewed = self.viewer.as_ref().and_then(|viewer| name(results, viewer.at));
            results.take(found);
            // What is looked at stays, at whatever rank it is now.
            if let (Some(viewer), Some(viewed)) = (&mut self.viewer, viewed)
                && let Some(at) = results.items().iter().position(|n| n.row.name == viewed)
            {
                viewer.at = at;
            }
        }
        Vec::new()
    }

    /// Makes `key` the key of new results.
    pub fn walk_to(&mut self, key: Key, settings: Settings) -> Vec<Task> {
        self.viewer = None;
        self.close_settings();
        let mut tasks = self.leave_joined();
        self.trail.push(Results::new(key, settings));
        tasks.extend(self.search());
        tasks
    }

    /// The file that was asked for as key, found to be there.
    fn opened(&mut self, result: Result<PathBuf, String>) -> Vec<Task> {
        match result {
            Ok(path) => {
                let name = match path.file_name() {
                    Some(name) => crate::dataset::names::text(name),
                    None => path.display().to_string(),
                };
                let settings = self.trail.last().map_or(&self.settings, |r| &r.settings).clone();
                self.walk_to(Key { path, stamp: None, name }, settings)
            }
            Err(error) => {
                self.error(error);
                Vec::new()
            }
        }
    }

    /// Quits; while a file is being written, when asked a second time.
    fn quit(&mut self) -> Vec<Task> {
        match &mut self.writing {
            Some(writing) if !writing.may_be_dropped => {
                writing.may_be_dropped = true;
                let file = writing.path.display().to_string();
                self.error(format!("{file} is still being written; quit again to leave it unwritten"));
                Vec::new()
            }
            _ => vec![Task::Quit],
        }
    }

    /// Does `action` wherever one is; the rest is up to the screens.
    pub fn act(&mut self, action: Action) -> Vec<Task> {
        match action {
            Action::Quit => return self.quit(),
            Action::Suspend => return vec![Task::Suspend],
            Action::Redraw => return self.redraw(),
            Action::Help if self.overlay.is_none() => {
                self.overlay = Some(Overlay::help(self.place()));
                return Vec::new();
            }
            Action::Skipped if self.overlay.is_none() => {
                self.overlay = Some(Overlay::skipped());
                return Vec::new();
            }
            _ => {}
        }
        match self.place() {
            Place::Overlay => self.overlay_action(action),
            Place::Viewer => self.viewer_action(action),
            Place::Settings => self.settings_action(action),
            Place::KeySelect => self.key_select_action(action),
            Place::Results => self.results_action(action),
            Place::Joined => self.joined_action(action),
            Place::Pair => self.pair_action(action),
        }
    }
}
