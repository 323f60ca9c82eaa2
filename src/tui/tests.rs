//! A user's actions as messages, and the resulting state, tasks and screens. No terminal, no files, no clock.

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;

use super::app::App;
use super::jobs::write::{MarksToWrite, WrittenMarks};
use super::jobs::{
    JoinGoal, JoinJob, JoinNews, JoinOutcome, JoinStep, KeySource, OpenedFile, OpenedPicture, SearchJob, Searched,
};
use super::msg::{Msg, Task};
use super::pairs::Pairs;
use super::rehearsal::{ANIMALS, answer, app, begun, failure, happened, images, matrix, play, screen};
use super::scene::Screen;
use super::scenes::Results;
use super::set::KeyPicture;
use super::settings::Settings;
use super::world::Notice;
use crate::dataset::{FurtherName, ImageFile, LeftOut, LeftOutBy, ReachedBy, Scan, ScanProgress, Skipped};
use crate::descriptor::{Crops, DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Pooling, Row};
use crate::error::Result;
use crate::index::indexer::Event;
use crate::join::{DescriptorKind, Kind, Metric, Predicate};
use crate::progress::Progress;

mod archive;
mod clusters;
mod duplicates;
mod joined;
mod keys;
mod listed;
mod map;
mod marks;
mod mouse;
mod orders;
mod pairs_file;
mod parts;
mod prompts;
mod results;
mod several_keys;
mod side_by_side;
#[cfg(unix)]
mod trial;
mod viewer;

/// What a job says after its first second.
fn after_a_second(generation: u64, progress: Progress) -> JoinStep {
    JoinStep { generation, progress, pace: progress.pace(Duration::from_secs(1)) }
}

/// Presses keys: characters, or names in `<>`.
fn press(app: &mut App, keys: &str) -> Vec<Task> {
    let mut tasks = Vec::new();
    let mut rest = keys;
    while let Some(c) = rest.chars().next() {
        let (code, length) = match c {
            '<' => {
                let end = rest.find('>').unwrap();
                let code = match &rest[1..end] {
                    "enter" => KeyCode::Enter,
                    "esc" => KeyCode::Esc,
                    "tab" => KeyCode::Tab,
                    "left" => KeyCode::Left,
                    "right" => KeyCode::Right,
                    "up" => KeyCode::Up,
                    "down" => KeyCode::Down,
                    "pagedown" => KeyCode::PageDown,
                    "backspace" => KeyCode::Backspace,
                    "lt" => KeyCode::Char('<'),
                    other => panic!("no key {other}"),
                };
                (code, end + 1)
            }
            c => (KeyCode::Char(c), c.len_utf8()),
        };
        rest = &rest[length..];
        tasks.extend(app.update(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE))));
        answer(app, &tasks);
    }
    tasks
}

/// The list of marks that these tasks write.
fn list(tasks: &[Task]) -> &MarksToWrite {
    match tasks.last() {
        Some(Task::WriteJoin(JoinJob { goal: JoinGoal::WriteMarks(list), .. })) => list,
        _ => panic!("{tasks:?}"),
    }
}

/// The list being written is done, or refused.
fn list_ends(app: &mut App, written: Result<String>, left_out: Vec<(PathBuf, String)>) {
    let generation = app.world.writing.as_ref().unwrap().generation;
    let outcome = JoinOutcome::Marks(WrittenMarks { written, left_out });
    app.update(Msg::Joining(JoinNews::Ended(generation, Ok(outcome))));
}

/// The scene's title.
fn place(app: &App) -> &'static str {
    app.keys().title()
}

fn trail(app: &App) -> Vec<&Results> {
    app.trail.after.iter().filter_map(|screen| results_of(&**screen)).collect()
}

fn results_of(screen: &dyn Screen) -> Option<&Results> {
    (screen as &dyn Any).downcast_ref()
}

fn shown(app: &App) -> &Results {
    trail(app).pop().unwrap()
}

fn pairs(app: &App) -> &Pairs {
    app.trail.shown().pairs().unwrap()
}

/// The settings being edited.
fn edited(app: &App) -> &Settings {
    app.layers.last().unwrap().settings().unwrap()
}

fn prompt(app: &App) -> &str {
    &app.layers.last().unwrap().prompt().unwrap().text
}

fn results(app: &App) -> Vec<&str> {
    shown(app).items().iter().map(|n| n.row.name.as_str()).collect()
}

#[test]
fn picking_a_picture_shows_what_is_similar_best_first() {
    let mut app = app(120, 40);
    press(&mut app, "<right><enter>");
    assert_eq!(place(&app), "Results");
    // birds_duck is number 1; its neighbours in angle are 2 and 0; the key is left out.
    let names = results(&app);
    assert_eq!(names.len(), 10);
    assert_eq!(names[0], "birds_goose.jpg");
    assert!(!names.contains(&"birds_duck.jpg"));
}

#[test]
fn a_range_starts_at_a_sensible_value_and_counts_live() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><right><right><right><down>");
    assert_eq!(app.trail.key_select.settings.kind, Kind::Range);
    let ranking = app.world.live.ranking.clone().unwrap();
    assert_eq!(app.trail.key_select.settings.passing(&ranking), Some(10));
    press(&mut app, "<right><backspace><backspace><backspace><backspace>");
    press(&mut app, "0.99");
    assert!(screen(&app).contains("1 of 11 pass"), "{}", screen(&app));
    press(&mut app, "<enter><enter>");
    assert_eq!(results(&app), ["birds_duck.jpg"]);
}

#[test]
fn a_wrong_parameter_says_what_is_right_and_stays_to_be_corrected() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><left><left><backspace><backspace>0<enter>");
    assert!(
        matches!(&app.world.notice, Some(Notice::Error(text)) if text.contains("at least 1")),
        "{:?}",
        app.world.notice
    );
    assert_eq!(place(&app), "Settings");
    press(&mut app, "<backspace>5<enter><enter>");
    assert_eq!(results(&app).len(), 5);
}

#[test]
fn the_filter_narrows_as_one_types_and_esc_drops_it() {
    let mut app = app(120, 40);
    press(&mut app, "/FISH");
    assert_eq!(app.trail.key_select.count(), 2);
    press(&mut app, "<enter><right>");
    assert_eq!(app.trail.key_select.selected_picture(&app.world).unwrap().name, "fish_pike.jpg");
    press(&mut app, "/x<enter>");
    assert!(screen(&app).contains("no name contains this"));
    press(&mut app, "<enter>");
    assert!(matches!(app.world.notice, Some(Notice::Error(_))));
    press(&mut app, "<esc>");
    assert_eq!(app.trail.key_select.count(), 12);
}

#[test]
fn shuffling_keeps_every_picture_and_sorting_restores() {
    let mut app = app(120, 40);
    let order =
        |app: &App| (0..12).map(|at| app.trail.key_select.picture(at, &app.world).unwrap().name).collect::<Vec<_>>();
    press(&mut app, "s");
    let first = order(&app);
    press(&mut app, "s");
    assert_ne!(order(&app), first);
    assert_ne!(first, ANIMALS);
    let mut sorted = first;
    sorted.sort();
    assert_eq!(sorted, ANIMALS);
    press(&mut app, "S");
    assert_eq!(order(&app), ANIMALS);
}

#[test]
fn a_key_is_of_the_crops_of_what_it_is_compared_with() {
    let mut app = app(120, 40);
    app.world.sets[1].matrix.crops = Crops::Five;
    let key = app.trail.key_select.selected_picture(&app.world).unwrap();
    let source = |app: &mut App, dataset: usize| {
        let mut settings = app.trail.key_select.settings.clone();
        settings.dataset = dataset;
        app.world.search(&key.clone().into(), &settings, &Vec::new()).like.remove(0)
    };
    assert!(matches!(source(&mut app, 0), KeySource::Indexed(_)));
    assert!(matches!(source(&mut app, 1), KeySource::File(path, None) if path == key.path));
    // With several crops averaged, nobody knows where pictures are alike.
    press(&mut app, "<enter>va");
    assert_eq!(app.world.notice, None);
    app.world.sets[0].matrix.crops = Crops::Five;
    press(&mut app, "a");
    assert!(matches!(&app.world.notice, Some(Notice::Info(text)) if text.contains("crops")));
}

#[test]
fn any_file_can_be_the_key() {
    let mut app = app(120, 40);
    let tasks = press(&mut app, "o~/x.png<enter>");
    assert!(matches!(&tasks[..], [.., Task::Open(path)] if path.ends_with("x.png")), "{tasks:?}");
    app.update(Msg::Opened(failure("/home/x.png: no such file")));
    assert!(screen(&app).contains("✗ /home/x.png: no such file"), "{}", screen(&app));
    assert_eq!(prompt(&app), "~/x.png");
    press(&mut app, "<esc>");
    let tasks = app.update(pairs_file::opened("/elsewhere/x.png".as_ref()));
    let [Task::Search(job), ..] = &tasks[..] else { panic!("{tasks:?}") };
    assert!(matches!(&job.like[0], KeySource::File(path, None) if path.ends_with("x.png")));
    assert!(screen(&app).contains("describing the key"));
    let outcome = failure("x.png: the file is empty");
    app.update(Msg::Searched(Searched { generation: job.generation, outcome }));
    assert!(screen(&app).contains("the file is empty"));
    press(&mut app, "b");
    assert_eq!(place(&app), "Key select");
}

#[test]
fn the_help_can_be_searched() {
    let mut app = app(120, 40);
    press(&mut app, "?/Mark RULE");
    let shown = screen(&app);
    assert!(shown.contains("search the help") && shown.contains("the rules don't keep"), "{shown}");
    assert!(!shown.contains("shuffle"), "{shown}");
    press(&mut app, "<enter>");
    assert!(screen(&app).contains("containing \"Mark RULE\""), "{}", screen(&app));
    // Esc shows all help again, then closes it.
    press(&mut app, "<esc>");
    assert!(screen(&app).contains("shuffle"), "{}", screen(&app));
    press(&mut app, "/zzz<enter>");
    assert!(screen(&app).contains("no line of the help contains this"), "{}", screen(&app));
    press(&mut app, "<esc>/euclid<enter>");
    assert!(screen(&app).contains("the same values"), "{}", screen(&app));
    press(&mut app, "<esc><esc>");
    assert_eq!(place(&app), "Key select");
}

#[test]
fn whole_sets_are_opened_as_one_most_likely_wants_them() {
    let mut app = app(120, 40);
    press(&mut app, "J");
    assert_eq!(place(&app), "Near-duplicates");
    assert!(screen(&app).contains("animals"), "{}", screen(&app));
    press(&mut app, "b<tab><right><down><enter>J");
    assert_eq!(place(&app), "Is it there?");
    press(&mut app, "bP");
    assert_eq!(place(&app), "Joined sets");
}

#[test]
fn a_newcomer_is_told_what_to_press_until_it_is_pressed() {
    let told = |app: &App| screen(app).contains("finds pictures similar to the selected one");
    let mut app = app(80, 24);
    assert!(!told(&app));
    app.world.is_first_start = true;
    press(&mut app, "<right>");
    assert!(told(&app), "{}", screen(&app));
    press(&mut app, "<enter>b");
    assert!(!told(&app), "{}", screen(&app));
}

#[test]
fn skipped_pictures_are_listed_with_their_reasons() {
    let mut app = app(120, 40);
    let skipped = Skipped { file: "bad\u{1b}[31m.jpg".into(), path: None, error: "the file is empty".into() };
    app.update(happened(1, Event::Skipped(skipped), Instant::now()));
    assert!(screen(&app).contains("1 picture can't be read (x)"));
    press(&mut app, "x");
    assert!(screen(&app).contains("bad\\u{1b}[31m.jpg  the file is empty"));
    press(&mut app, "<esc>");
    assert_eq!(place(&app), "Key select");
}

#[test]
fn further_names_and_what_is_left_out_are_listed_apart_from_failures() {
    let mut app = app(120, 40);
    let scan = Scan {
        images: images("garden", &["flowers_rose.jpg"]),
        further_names: vec![FurtherName {
            file: "a_link.jpg".into(),
            same_as: "flowers_rose.jpg".into(),
            by: ReachedBy::Link,
        }],
        left_out: vec![LeftOut { name: "@eaDir".into(), by: LeftOutBy::System, folders: 3, pictures: 0 }],
        ..Scan::default()
    };
    app.update(happened(1, Event::Scanned(scan), Instant::now()));
    assert!(!screen(&app).contains("can't be read"));
    press(&mut app, "x");
    for line in [
        "Every picture seen so far can be read.",
        "garden   1 further name",
        "a_link.jpg  the same file as flowers_rose.jpg (link)",
        "@eaDir  system folder, skipped (3 folders)",
    ] {
        assert!(screen(&app).contains(line), "{line} in:\n{}", screen(&app));
    }
}

#[test]
fn a_scan_that_takes_a_while_says_how_far_it_is() {
    let mut app = app(80, 24);
    let progress = ScanProgress { folders: 7, pictures: 12_345 };
    app.update(happened(1, Event::Scanning(progress), Instant::now()));
    assert!(screen(&app).contains("garden: scanning: 12,345 pictures"), "{}", screen(&app));
    app.update(happened(1, Event::Scanned(Scan::default()), Instant::now()));
    assert!(!screen(&app).contains("scanning"));
}

#[test]
fn a_key_of_another_dataset_is_no_result_where_it_is_the_same_file() {
    let mut app = app(120, 40);
    // The first one of garden is a link to a picture of animals.
    let mut images = images("garden", &["flowers_rose.jpg"]);
    images[0].id = app.world.sets[0].images[4].id.clone();
    app.update(happened(1, Event::Scanned(Scan { images, ..Scan::default() }), Instant::now()));
    let key = KeyPicture::from(&app.world.sets[1].images[0]);
    let mut settings = app.trail.key_select.settings.clone();
    settings.dataset = 0;
    let job = app.world.search(&key.into(), &settings, &Vec::new());
    assert_eq!(job.left_out, ["fish_pike.jpg"]);
}

#[test]
fn screens_look_as_drawn() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let size = format!("{width}x{height}");
        let mut app = app(width, height);
        let start = Instant::now();
        app.update(begun(1, start));
        let images = app.world.sets[1].images.clone();
        let event = |done| Event::Indexed { matrix: matrix(&images[..2 + done]), progress: Progress::images(done, 1) };
        app.update(happened(1, event(0), start));
        app.update(happened(1, event(1), start + Duration::from_secs(2)));
        insta::assert_snapshot!(format!("key_select_{size}"), screen(&app));
        press(&mut app, "<tab><right><right><right><down><right>");
        insta::assert_snapshot!(format!("settings_{size}"), screen(&app));
        press(&mut app, "<esc><enter>");
        insta::assert_snapshot!(format!("results_{size}"), screen(&app));
        press(&mut app, " vfi");
        insta::assert_snapshot!(format!("viewer_{size}"), screen(&app));
        press(&mut app, "?");
        insta::assert_snapshot!(format!("help_{size}"), screen(&app));
    }
    insta::assert_snapshot!("too_small", screen(&app(40, 10)));
}

#[test]
fn what_the_fuzzer_found() {
    // A selection beyond the results: the key's picture vanished while they were walked through.
    play(b"lm.,\0,\0\xa1\xffU\x05\x02\x05\x07\x05\0");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn whatever_happens_the_state_is_consistent_and_can_be_drawn(bytes in prop::collection::vec(any::<u8>(), 1..200)) {
        play(&bytes);
    }
}
