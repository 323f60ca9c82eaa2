//! The state without a terminal, files or workers: made-up datasets, messages from arbitrary bytes, answers at any
//! time. For tests and the fuzzer.

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use image::RgbImage;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;
use ratatui_image::protocol::Protocol;
use ratatui_image::protocol::halfblocks::Halfblocks;

use super::app::App;
use super::draw::draw;
use super::jobs::{
    Compared, DescribedKey, IndexNews, IndexStep, JoinAnswer, JoinGoal, JoinNews, JoinOutcome, KeySource, SearchAnswer,
    Searched, Told,
};
use super::msg::{Msg, Task};
use super::pictures::{Picture, Quality, Slot, Strip};
use super::scene::Screen;
use super::scenes::Results;
use crate::cancel::Cancel;
use crate::dataset::{Dataset, Exclude, Exif, Facts, FileFormat, FileId, ImageFile, Scan, Skipped};
use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Row};
use crate::duplicates::{Collection, SharedPart};
use crate::error::{Error, Result};
use crate::index::indexer::{Event, Summary};
use crate::join::Engine;
use crate::preferences::Choices;
use crate::progress::Progress;
use crate::terminal::{Graphics, Terminal};

pub const ANIMALS: [&str; 12] = [
    "birds_drake.jpg",
    "birds_duck.jpg",
    "birds_goose.jpg",
    "fish_carp.jpg",
    "fish_pike.jpg",
    "insects_bee.jpg",
    "insects_fly.jpg",
    "mammals_cat.jpg",
    "mammals_cow.jpg",
    "mammals_dog.jpg",
    "mammals_fox.jpg",
    "mammals_pig.jpg",
];
const GARDEN: [&str; 3] = ["flowers_rose.jpg", "fruit_apple.jpg", "trees_oak.jpg"];

pub fn images(dataset: &str, names: &[&str]) -> Vec<ImageFile> {
    let path = |name: &str| PathBuf::from(format!("/pictures/{dataset}/{name}"));
    let image = |name: &&str| ImageFile {
        name: (*name).into(),
        path: path(name),
        id: FileId::Path(path(name).into()),
        size: 7_000,
        mtime_ns: 1,
        ctime_ns: 1,
    };
    names.iter().map(image).collect()
}

/// Rows whose descriptors turn away from the first one step by step.
pub fn matrix(images: &[ImageFile]) -> FeatureMatrix {
    let row = |(i, image): (usize, &ImageFile)| {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        dense[0] = 10.0;
        dense[1] = i as f32;
        let descriptor = Descriptor::from_dense(&dense).expect("of the right length");
        Row::new(image.name.clone(), Some(image.stamp()), descriptor)
    };
    images.iter().enumerate().map(row).collect()
}

/// Something happens to a dataset.
pub fn happened(dataset: usize, event: Event, at: Instant) -> Msg {
    Msg::Indexing(IndexNews { dataset, what: IndexStep::Event(event, at) })
}

/// Its indexing begins.
pub fn begun(dataset: usize, at: Instant) -> Msg {
    Msg::Indexing(IndexNews { dataset, what: IndexStep::Begun(at) })
}

pub fn ended(dataset: usize, result: Result<Summary>) -> Msg {
    Msg::Indexing(IndexNews { dataset, what: IndexStep::Ended(result) })
}

/// A failure.
pub fn failure<T>(text: &str) -> Result<T> {
    Err(Error::Input(text.into()))
}

/// Key select over animals (indexed) and garden (two of three indexed).
pub fn app(width: u16, height: u16) -> App {
    let root = |name: &str| PathBuf::from(format!("/pictures/{name}"));
    let dataset =
        |name: &str| Dataset { name: name.into(), root: root(name), exclude: Exclude::default(), is_only_read: false };
    let mut app = App::new(vec![dataset("animals"), dataset("garden")], Size::new(width, height));
    // Settings with values that can be worked out by hand.
    app.trail.key_select.settings = app.trail.key_select.settings.clone().with(&Choices::reference());
    let now = Instant::now();
    for (at, names) in [(0, &ANIMALS[..]), (1, &GARDEN)] {
        let images = images(["animals", "garden"][at], names);
        let scan = Scan { images: images.clone(), ..Scan::default() };
        app.update(happened(at, Event::Scanned(scan), now));
        let indexed = if at == 0 { &images[..] } else { &images[..2] };
        let progress = Progress::images(0, images.len() - indexed.len());
        let tasks = app.update(happened(at, Event::Indexed { matrix: matrix(indexed), progress }, now));
        answer(&mut app, &tasks);
    }
    let summary = Summary { images: 12, indexed: 12, computed: 0, absent: 0, skipped: Vec::new() };
    app.update(ended(0, Ok(summary)));
    app
}

/// Answers searches and joins as the workers would, and any requests that follow.
pub fn answer(app: &mut App, tasks: &[Task]) {
    let asked = |task: &&Task| {
        matches!(
            task,
            Task::Search(_)
                | Task::Count(_)
                | Task::Join(_)
                | Task::Order(_)
                | Task::Compare(_)
                | Task::ReadHeader(_)
                | Task::Judge { .. }
                | Task::LookAt { .. }
        )
    };
    for msg in tasks.iter().filter(asked).filter_map(reply) {
        let further = app.update(msg);
        answer(app, &further);
    }
}

/// A worker's answer to this task.
fn reply(task: &Task) -> Option<Msg> {
    match task {
        Task::Search(job) | Task::Count(job) => {
            let generation = job.generation;
            let known = |key: &KeySource| match key {
                KeySource::Indexed(row) => Some(DescribedKey::of(row, job.matrix.crops)),
                KeySource::Described(key) => Some(key.clone()),
                KeySource::File(..) => None,
            };
            let keys = |of: &[KeySource]| of.iter().map(known).collect::<Option<Vec<_>>>();
            let Some((like, unlike)) = keys(&job.like).zip(keys(&job.unlike)) else {
                return Some(Msg::Searched(Searched { generation, outcome: failure("there is no such file") }));
            };
            let ranking = Arc::new(job.ranking(&like, &unlike, Engine::default(), &Cancel::default()).ok()?);
            let took = Duration::from_micros(400);
            let outcome = Ok(SearchAnswer { like, unlike, ranking, took });
            Some(Msg::Searched(Searched { generation, outcome }))
        }
        Task::Join(job) | Task::WriteJoin(job) => {
            if let JoinGoal::Duplicates(wanted) = &job.goal {
                let found = wanted.find(Engine::default(), &Cancel::default(), &mut |_| {});
                let found = found.inspect(|answer| answer.collection.pretend_to_look());
                return Some(Msg::Joining(JoinNews::Ended(job.generation, found.map(JoinOutcome::Duplicates))));
            }
            if let JoinGoal::Archive(wanted) = &job.goal {
                let collection = wanted.collection().inspect(Collection::pretend_to_look);
                let found =
                    collection.and_then(|all| wanted.find_in(all, Engine::default(), &Cancel::default(), &mut |_| {}));
                return Some(Msg::Joining(JoinNews::Ended(job.generation, found.map(JoinOutcome::Archive))));
            }
            if let JoinGoal::Map(wanted) = &job.goal {
                let made = wanted.make(Engine::default(), &Cancel::default(), &mut |_| {});
                return Some(Msg::Joining(JoinNews::Ended(job.generation, made.map(JoinOutcome::Map))));
            }
            if let JoinGoal::Clusters(wanted) = &job.goal {
                let found = wanted.find(Engine::default(), &Cancel::default(), &mut |_| {});
                return Some(Msg::Joining(JoinNews::Ended(job.generation, found.map(JoinOutcome::Clusters))));
            }
            let answer = match &job.goal {
                JoinGoal::Show(join) => JoinAnswer::find(join, Engine::default(), &Cancel::default(), &mut |_| {}),
                JoinGoal::Read(path, join) => JoinAnswer::read(path, join, &Cancel::default(), &mut |_| {}),
                _ => failure("/nowhere/pairs.csv: no such folder"),
            };
            let answer = answer.map(|answer| JoinAnswer { took: Duration::from_millis(300), ..answer });
            Some(Msg::Joining(JoinNews::Ended(job.generation, answer.map(JoinOutcome::Shown))))
        }
        Task::Order(job) => {
            let JoinGoal::Order(wanted) = &job.goal else { return None };
            let found = wanted.find(Engine::default(), &Cancel::default(), &mut |_| {});
            Some(Msg::Joining(JoinNews::Ended(job.generation, found.map(JoinOutcome::Ordered))))
        }
        Task::LookAt { answer, pairs } => {
            answer.collection.look_at(pairs, &Cancel::default()).ok()?;
            Some(Msg::LookedAt)
        }
        Task::Judge { file, pairs, undone } => Some(Msg::Judged(file.add(pairs, *undone))),
        Task::Compare(job) => Some(Msg::Compared(job.clone(), Ok(comparison()))),
        Task::ReadHeader(file) => {
            let exif =
                Exif { camera: Some("Canon EOS 400D".into()), exposure: Some("1/60 s".into()), ..Exif::default() };
            Some(Msg::Header(file.clone(), Ok((photograph(), exif))))
        }
        Task::Open(path) => Some(Msg::Opened(failure(&format!("{}: no such file", crate::shown::path(path))))),
        Task::Complete(text) => Some(Msg::Completed(format!("{text}_completed"))),
        Task::Write { .. } => Some(Msg::Written(Ok("10 results written".into()))),
        _ => None,
    }
}

/// The facts of a photograph.
pub fn photograph() -> Facts {
    Facts {
        width: 4000,
        height: 3000,
        format: FileFormat::Jpeg,
        is_lossless: false,
        holds_more: false,
        chroma: 20,
        taken: Some(1_563_717_839),
        notes: None,
    }
}

/// The comparison of a photograph with a smaller copy.
fn comparison() -> Compared {
    let facts = photograph();
    let copy = Facts { width: 2000, height: 1500, taken: None, ..facts };
    let told = [
        Told { facts, camera: Some("Canon EOS 5D".into()), sharpness: 0.351 },
        Told { facts: copy, camera: None, sharpness: 0.204 },
    ];
    Compared { told, shared: [SharedPart::ALL; 2], difference: 2.31 }
}

/// Encodes all pictures on the screen.
#[cfg(test)]
pub fn encoded(app: &mut App) {
    encoded_as(app, (4, 4));
}

/// The same, with this size in pixels.
#[cfg(test)]
pub fn encoded_as(app: &mut App, pixels: (u32, u32)) {
    for slot in app.visible() {
        let tasks = app.update(Msg::Picture(slot.clone(), Ok(Picture { pixels, ..picture(&slot, 1) })));
        answer(app, &tasks);
    }
}

pub fn screen(app: &App) -> String {
    drawn(app).backend().to_string()
}

pub fn drawn(app: &App) -> ratatui::Terminal<TestBackend> {
    let backend = TestBackend::new(app.world.size.width, app.world.size.height);
    let mut terminal = ratatui::Terminal::new(backend).expect("a test's backend never fails");
    terminal.draw(|frame| draw(frame, app)).expect("a test's backend never fails");
    #[cfg(test)]
    super::readable::check(terminal.backend().buffer());
    terminal
}

/// Interprets bytes as the actions of a user, the terminal and the workers, and draws after each. Workers answer late,
/// out of order, or never. Panics if the state is inconsistent.
pub fn play(bytes: &[u8]) {
    let mut bytes = bytes.iter().copied();
    let mut app = app(100, 30);
    let now = Instant::now();
    let (mut open, mut clock) = (Vec::new(), Duration::ZERO);
    while let Some(msg) = message(&mut bytes, &mut app, &mut open, now + clock) {
        clock += Duration::from_millis(150);
        open.extend(app.update(msg));
        for id in app.world.shelf.take_dropped() {
            assert_ne!(id, 0);
        }
        check(&mut app);
        drawn(&app);
    }
}

fn message(bytes: &mut impl Iterator<Item = u8>, app: &mut App, open: &mut Vec<Task>, now: Instant) -> Option<Msg> {
    let kind = bytes.next()?;
    let mut byte = || bytes.next().unwrap_or(0);
    Some(match kind {
        // Mostly keys.
        0x20..=0x7e => Msg::Key(KeyEvent::new(KeyCode::Char(kind.into()), KeyModifiers::NONE)),
        0x00..=0x1f => Msg::Key(KeyEvent::new(KEYS[usize::from(kind) % KEYS.len()], KeyModifiers::NONE)),
        0x7f => Msg::Key(KeyEvent::new(KeyCode::Char((byte() % 26 + b'a').into()), KeyModifiers::CONTROL)),
        0x80..=0x97 => {
            let kinds = [
                MouseEventKind::Down(MouseButton::Left),
                MouseEventKind::Down(MouseButton::Right),
                MouseEventKind::ScrollDown,
                MouseEventKind::ScrollUp,
            ];
            let (column, row) = (byte().into(), (byte() % 80).into());
            let event = MouseEvent { kind: kinds[usize::from(kind % 4)], column, row, modifiers: KeyModifiers::NONE };
            Msg::Mouse(event, now)
        }
        0x98..=0x9f => Msg::Resize((byte() % 250).into(), (byte() % 90).into()),
        0xa0..=0xbf if !open.is_empty() => {
            let task = open.swap_remove(usize::from(byte()) % open.len());
            reply(&task)?
        }
        0xc0..=0xdf => {
            let wanted = app.wanted();
            let slot = wanted.get(usize::from(byte()) % wanted.len().max(1))?.clone();
            let picture = if kind.is_multiple_of(8) { failure("damaged") } else { Ok(picture(&slot, byte())) };
            Msg::Picture(slot, picture)
        }
        0xe0..=0xe3 => {
            app.world.shelf.admit(&app.visible(), Quality::ALL[usize::from(kind % 3)], usize::from(byte()) * 100);
            Msg::Answered
        }
        // Pictures vanish and come back.
        0xe4..=0xe7 => {
            let (dataset, n) = (usize::from(kind % 2), usize::from(byte()));
            let (name, names) = [("animals", &ANIMALS[..]), ("garden", &GARDEN)][dataset];
            let images = images(name, &names[n % (names.len() + 1)..]);
            happened(dataset, Event::Scanned(Scan { images, ..Scan::default() }), now)
        }
        0xe8..=0xeb => {
            let (dataset, n) = (usize::from(kind % 2), usize::from(byte()));
            let (name, names) = [("animals", &ANIMALS[..]), ("garden", &GARDEN)][dataset];
            let images = images(name, &names[..n % (names.len() + 1)]);
            let progress = Progress::images(images.len(), names.len());
            happened(dataset, Event::Indexed { matrix: matrix(&images), progress }, now)
        }
        0xec => {
            let skipped = Skipped { file: "bad\x1b[31m.jpg".into(), path: None, error: "damaged".into() };
            happened(usize::from(byte() % 2), Event::Skipped(skipped), now)
        }
        0xed => happened(usize::from(byte() % 2), Event::Waiting, now),
        0xee => ended(usize::from(byte() % 2), failure("the disk is full")),
        0xef => begun(usize::from(byte() % 2), now),
        0xf0..=0xf3 => {
            let graphics = [Graphics::Kitty, Graphics::Sixel, Graphics::Iterm2, Graphics::HalfBlocks];
            let cell = (u16::from(byte() % 40) + 1, u16::from(byte() % 60) + 1);
            Msg::Probed(Terminal { graphics: graphics[usize::from(kind % 4)], cell, ..Terminal::default() })
        }
        0xf4..=0xf7 => Msg::Paste((0..kind % 4 * 3).map(|_| char::from(byte())).collect()),
        0xf8..=0xfb => Msg::Focus,
        _ => Msg::Redraw,
    })
}

const KEYS: [KeyCode; 14] = [
    KeyCode::Enter,
    KeyCode::Esc,
    KeyCode::Tab,
    KeyCode::BackTab,
    KeyCode::Left,
    KeyCode::Right,
    KeyCode::Up,
    KeyCode::Down,
    KeyCode::PageDown,
    KeyCode::PageUp,
    KeyCode::Home,
    KeyCode::End,
    KeyCode::Backspace,
    KeyCode::Delete,
];

fn picture(slot: &Slot, wire: u8) -> Picture {
    let cells = Size::new(slot.room.width.clamp(1, 9), slot.room.height.clamp(1, 5));
    let half = Halfblocks::new(RgbImage::new(4, 4).into(), cells).expect("a picture of some pixels");
    let strip = Strip { protocol: Protocol::Halfblocks(half), kept: None, wire: usize::from(wire) * 50 };
    Picture { strips: vec![strip], cells, pixels: (4, 4), bytes: 3 << 20 }
}

/// Invariants.
fn check(app: &mut App) {
    let within = |at: usize, count: usize| at < count.max(1);
    let key_select = &app.trail.key_select;
    assert!(within(key_select.selected, key_select.count()));
    for screen in &app.trail.after {
        if let Some(results) = (&**screen as &dyn Any).downcast_ref::<Results>() {
            assert!(within(results.selected, results.items().len()));
        }
        if let Some(pairs) = screen.pairs() {
            let selected = pairs.selected;
            assert!(within(selected.row, pairs.rows()) || pairs.rows() == 0);
            assert!(pairs.rows() == 0 || selected.picture < pairs.pictures(selected.row));
        }
    }
    let marks = &app.world.marks;
    assert!(marks.iter().filter_map(|mark| mark.kept()).all(|kept| !marks.contains(&kept.path)));
    // Only a prompt or a list may lie over a full-screen layer; and over the viewer, the part picker.
    let covering: Vec<_> = app.layers.iter().filter(|layer| layer.covers() && !layer.stays()).collect();
    let draws = covering.last().is_some_and(|layer| layer.keys().title() == "Part of a picture");
    assert!(covering.len() <= 1 + usize::from(draws));
    let area = app.world.area();
    let fits = |slot: &Slot| slot.room.width <= area.width && slot.room.height <= area.height;
    assert!(app.wanted().iter().all(fits));
}
