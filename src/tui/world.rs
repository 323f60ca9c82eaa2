//! The state that all scenes share: datasets, pictures, the terminal, marks, a notice.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use ratatui::layout::{Position, Rect, Size};

use super::asked_once::AskedOnce;
use super::jobs::write::{MarksToWrite, WrittenLists};
use super::jobs::{Compared, JoinGoal, JoinJob, JoinStep, KeySource, SearchJob};
use super::key_pictures::KeyPictures;
use super::live::Live;
use super::marks::{Mark, MarkedFile, Marks, Origin, Settled, rescued};
use super::parts::Parts;
use super::pictures::shelf::Shelf;
use super::pictures::{PictureFile, Slot};
use super::purpose::Purpose;
use super::search::DescribedKeys;
use super::set::{KeyPicture, Set};
use super::settings::Settings;
use super::widgets::{panels, welcome};
use crate::dataset::{ContentHash, Dataset, Exif, Facts, PicturePart, names};
use crate::descriptor::Crops;
use crate::duplicates::{Verdicts, VerdictsFile};
use crate::error::Result;
use crate::index::quick::QuickLooks;
use crate::join::Kind;
use crate::map::KeptMaps;
use crate::marks::{ListRecords, MarkRecord};
use crate::terminal::Terminal;
use crate::text::{count, thousands};

/// The smallest supported terminal.
pub const SMALLEST: Size = Size::new(60, 18);
/// From this height on, the introduction is shown.
const ROOM_FOR_WELCOME: u16 = 22;
const ZOOM: std::ops::RangeInclusive<i8> = -3..=3;

const DROPPED: &str = "dropped: the marked or kept pictures";

pub struct World {
    pub sets: Vec<Set>,
    pub shelf: Shelf,
    /// Pictures viewed side by side.
    pub comparisons: AskedOnce<[PictureFile; 2], Compared>,
    /// Pictures whose facts are shown.
    pub headers: AskedOnce<PictureFile, (Facts, Exif)>,
    pub terminal: Terminal,
    pub size: Size,
    /// Larger (or smaller) previews than usual, in steps.
    pub zoom: i8,
    /// The path copied last.
    pub copied: Option<PathBuf>,
    /// The rectangle last searched with: its picture, that picture's size, and the part in these pixels.
    pub rectangle: Option<(KeyPicture, (u32, u32), PicturePart)>,
    /// The lists of marks written so far, and the name typed for the last one.
    pub lists: Arc<Mutex<WrittenLists>>,
    /// A list of marks that an earlier session couldn't print.
    pub rescued: Option<PathBuf>,
    pub list_name: Option<String>,
    /// The settings last applied to results, for key select.
    pub applied: Option<Settings>,
    /// What was entered, and isn't done yet.
    pub entered: Vec<Entered>,
    /// The marks' change count when they were last written, or copied unless they are of near-duplicates.
    pub marks_taken: u64,
    /// The same when the user was asked whether to quit without them, and whether by q, which prints them.
    pub may_leave_marks: Option<(u64, bool)>,
    /// Printed on quitting.
    pub marks: Marks,
    pub notice: Option<Notice>,
    pub writing: Option<Writing>,
    /// The file of verdicts: pairs declared not duplicates.
    pub verdicts: Option<VerdictsFile>,
    /// How pictures are looked at before the network has seen them.
    pub looks: Option<QuickLooks>,
    /// Where maps are stored.
    pub maps: Option<KeptMaps>,
    /// The verdicts as last read.
    pub judged: Arc<Verdicts>,
    pub live: Live,
    /// Whether the settings are open, which leaves less room for pictures.
    pub settings_are_open: bool,
    /// Whether the introduction is shown below the pictures: at the first start, until the user goes to another screen.
    pub is_first_start: bool,
    /// Number of the last request.
    generation: u64,
}

/// A notice, shown until the next key.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    Info(String),
    Error(String),
}

/// A text that was entered: offered again if it is refused.
pub struct Entered {
    pub purpose: Purpose,
    pub text: String,
    /// The marks' change count at that time.
    pub changes: u64,
}

/// Something being written in the background: a join, a list of marks, copies.
pub struct Writing {
    pub generation: u64,
    pub path: PathBuf,
    pub step: Option<JoinStep>,
    /// Whether the user was warned that quitting abandons it.
    pub may_be_dropped: bool,
}

impl World {
    pub fn new(datasets: Vec<Dataset>, size: Size) -> World {
        World {
            sets: datasets.into_iter().map(Set::new).collect(),
            shelf: Shelf::default(),
            comparisons: AskedOnce::default(),
            headers: AskedOnce::default(),
            terminal: Terminal::default(),
            size,
            zoom: 0,
            copied: None,
            rectangle: None,
            lists: Arc::default(),
            rescued: None,
            list_name: None,
            applied: None,
            entered: Vec::new(),
            marks_taken: 0,
            may_leave_marks: None,
            marks: Marks::default(),
            notice: None,
            writing: None,
            verdicts: None,
            looks: None,
            maps: None,
            judged: Arc::default(),
            live: Live::default(),
            settings_are_open: false,
            is_first_start: false,
            generation: 0,
        }
    }

    pub fn area(&self) -> Rect {
        Rect::from((Position::ORIGIN, self.size))
    }

    pub fn is_too_small(&self) -> bool {
        self.size.width < SMALLEST.width || self.size.height < SMALLEST.height
    }

    /// The areas of a screen. `shows_settings`: its settings are always visible; else they are one line until opened.
    pub fn parts(&self, shows_settings: bool) -> Parts {
        let area = self.area();
        let height = |open: bool| match shows_settings || open {
            true => panels::height(self.sets.len(), open, area.height / 2),
            false => 1,
        };
        // On key select, if there is room.
        let is_welcome = self.is_first_start && shows_settings && area.height >= ROOM_FOR_WELCOME;
        let welcome = if is_welcome { welcome::HEIGHT } else { 0 };
        Parts::new(area, height(self.settings_are_open), height(false), welcome)
    }

    pub fn slot(&self, picture: KeyPicture, room: Size) -> Slot {
        Slot { cut: picture.part, ..Slot::preview(picture.path, picture.stamp, room, self.terminal.cell) }
    }

    /// Names of the datasets with their numbers of pictures.
    pub fn labels(&self) -> Vec<String> {
        self.sets.iter().map(Set::label).collect()
    }

    pub fn inform(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::Info(text.into()));
    }

    /// Says it after the marks just dropped, if any were: the same scan drops marks, and then names what it misses.
    pub fn inform_also(&mut self, text: String) {
        match self.notice.take() {
            Some(Notice::Info(before)) if before.contains(&text) => self.inform(before),
            Some(Notice::Info(before)) if before.contains(DROPPED) => self.inform(format!("{before}; {text}")),
            _ => self.inform(text),
        }
    }

    /// Whether nothing else is being written; says what is.
    pub fn may_write(&mut self) -> bool {
        let writing = self.writing.as_ref().map(|writing| crate::shown::path(&writing.path));
        writing.as_ref().is_none_or(|path| {
            self.error(format!("{path} is still being written"));
            false
        })
    }

    /// The job that writes to `path`.
    pub fn write(&mut self, path: PathBuf, goal: JoinGoal) -> JoinJob {
        let generation = self.next_generation();
        self.writing = Some(Writing { generation, path, step: None, may_be_dropped: false });
        JoinJob { generation, goal }
    }

    /// The job that writes the paths of `marks` to `path`.
    pub fn write_marks(&mut self, path: PathBuf, marks: Vec<Mark>) -> JoinJob {
        let list =
            MarksToWrite { path: path.clone(), marks, verdicts: self.verdicts.clone(), lists: self.lists.clone() };
        self.write(path, JoinGoal::WriteMarks(list))
    }

    /// Takes the folder for marks that couldn't be printed; tells of such marks.
    pub fn take_state(&mut self, state: Option<&Path>) {
        self.lists.lock().records = state.map(ListRecords::new);
        if let Some((said, first)) = state.and_then(rescued::told) {
            self.rescued = Some(first);
            self.inform(said);
        }
    }

    /// What was entered for one of these purposes, if anything was.
    pub fn take_entered(&mut self, purposes: &[Purpose]) -> Option<Entered> {
        let at = self.entered.iter().position(|entered| purposes.contains(&entered.purpose))?;
        Some(self.entered.remove(at))
    }

    pub fn error(&mut self, text: impl ToString) {
        let text = text.to_string();
        tracing::warn!("{text}");
        self.notice = Some(Notice::Error(text));
    }

    /// Shows an outcome as a notice.
    pub fn tell(&mut self, outcome: Result<String>) {
        match outcome {
            Ok(text) => self.inform(text),
            Err(error) => self.error(error),
        }
    }

    pub fn larger_previews(&mut self) {
        self.zoom = (self.zoom + 1).min(*ZOOM.end());
    }

    pub fn smaller_previews(&mut self) {
        self.zoom = (self.zoom - 1).max(*ZOOM.start());
    }

    /// Marks a picture by hand, or unmarks it.
    pub fn toggle_mark(&mut self, picture: &KeyPicture) {
        if self.marks.unmark(&picture.path) {
            return;
        }
        let marked = self.as_scanned(picture).and_then(|file| self.marks.mark(file, Origin::ByHand));
        if let Err(why) = marked {
            self.error(why);
        }
    }

    /// The picture's file as of the last scan, if that is the file that was looked at.
    pub fn as_scanned(&self, picture: &KeyPicture) -> Result<MarkedFile, String> {
        let found = self.sets.iter().enumerate().find_map(|(dataset, set)| {
            let image = set.image(&set.dataset.name_of(&picture.path)?)?;
            (image.path == picture.path).then_some((dataset, image))
        });
        match found {
            None => Err(format!("{} is in none of the scanned datasets, so it can't be marked", picture.name)),
            Some((_, image)) if picture.stamp.is_some_and(|stamp| stamp != image.stamp()) => {
                Err(format!("{} has changed since it was indexed, so it can't be marked yet", picture.name))
            }
            Some((dataset, image)) => {
                let (path, name) = (image.path.clone(), image.name.clone());
                let (stamp, id, ctime_ns) = (image.stamp(), image.id.clone(), image.ctime_ns);
                let content = self.sets[dataset].matrix.get(&name).and_then(|row| row.content());
                Ok(MarkedFile { path, name, dataset, stamp, id, ctime_ns, content })
            }
        }
    }

    /// The mark of a list written earlier, if it and the picture kept in its place are as they were.
    pub fn as_recorded(&self, path: &Path, record: &MarkRecord) -> Result<Mark, String> {
        let as_it_was = |path: &Path, content: Option<ContentHash>| {
            let name = names::file_name(path);
            let picture = KeyPicture { path: path.to_owned(), stamp: None, id: None, name, part: None };
            let file = self.as_scanned(&picture)?;
            let row = self.sets[file.dataset].matrix.get(&file.name);
            match row.filter(|row| row.stamp == Some(file.stamp)) {
                None => Err(format!("{} isn't indexed yet", file.name)),
                Some(_) if content.is_none() => Err(format!("{} wasn't indexed when the list was written", file.name)),
                Some(_) if file.content != content => {
                    Err(format!("{} has changed since the list was written", file.name))
                }
                Some(_) => Ok(file),
            }
        };
        let file = as_it_was(path, record.content)?;
        let Some(kept) = &record.kept else { return Ok(Mark { file, origin: Origin::ByHand }) };
        let kept = as_it_was(&kept.path, kept.content)?;
        let is_parted = file.content.zip(kept.content).is_some_and(|(a, b)| self.judged.part_contents(a, b));
        if is_parted {
            return Err(format!("{} was declared no duplicate of {}", file.name, kept.name));
        }
        Ok(Mark { file, origin: Origin::Group(kept) })
    }

    /// Reports marks that new groups have removed, if any.
    pub fn tell_settled(&mut self, settled: Settled) {
        let gone = match settled.with_groups {
            0 => None,
            1 => Some("1 mark dropped: its group no longer exists".into()),
            gone => Some(format!("{} marks dropped: their groups no longer exist", thousands(gone))),
        };
        let kept = match settled.kept {
            0 => None,
            kept => Some(format!("{} unmarked: one of each group must be kept", count(kept, "picture"))),
        };
        let judged = match settled.judged {
            0 => None,
            judged => Some(format!("{} unmarked, because rules or answers changed", count(judged, "picture"))),
        };
        let said: Vec<_> = [gone, kept, judged].into_iter().flatten().collect();
        if !said.is_empty() {
            self.inform(said.join("; "));
        }
    }

    /// Reports marks that a scan has removed, if any. `were_written`: a list names them.
    pub fn tell_vanished(&mut self, gone: usize, were_written: bool) {
        if gone > 0 {
            let marks = count(gone, "mark");
            let list = if were_written { "; the list you wrote still names them: W writes it again" } else { "" };
            self.inform(format!("{marks} {DROPPED} have changed or are gone{list}"));
        }
    }

    /// The number of a new request.
    pub fn next_generation(&mut self) -> u64 {
        self.generation += 1;
        self.generation
    }

    /// A search for pictures similar to `keys`. `described`: keys whose descriptors are known, these or others.
    pub fn search(&mut self, keys: &KeyPictures, settings: &Settings, described: &DescribedKeys) -> SearchJob {
        let generation = self.next_generation();
        let set = &self.sets[settings.dataset];
        let source = |key: &KeyPicture| self.key_source(key, set.matrix.crops, described);
        SearchJob {
            generation,
            like: keys.like.iter().map(source).collect(),
            unlike: keys.unlike.iter().map(source).collect(),
            // A part of a picture is not the picture itself.
            left_out: keys
                .all()
                .filter(|(key, _)| key.part.is_none())
                .filter_map(|(key, _)| set.name_of(key))
                .collect(),
            matrix: set.matrix.clone(),
            descriptor: settings.descriptor,
            metric: settings.metric,
            expand: settings.expand && settings.kind == Kind::Knn && keys.only().is_some(),
            fold: settings.fold,
        }
    }

    /// Where the descriptor of `key` for these crops comes from.
    fn key_source(&self, key: &KeyPicture, crops: Crops, described: &DescribedKeys) -> KeySource {
        let sets = self.sets.iter().filter(|set| key.part.is_none() && set.matrix.crops == crops);
        let row = sets.into_iter().find_map(|set| {
            let row = set.matrix.get(&set.name_of(key)?)?;
            // A key that changed since it was indexed is described again.
            (key.stamp.is_none() || row.stamp == key.stamp).then(|| row.clone())
        });
        match (row, described.iter().find(|(of, known)| of == key && known.crops == crops)) {
            (Some(row), _) => KeySource::Indexed(row),
            (None, Some((_, known))) => KeySource::Described(known.clone()),
            (None, None) => KeySource::File(key.path.clone(), key.part),
        }
    }
}
