//! What a user does, as messages; what comes of it, as state, tasks and screens. No terminal, no files, no clock.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use proptest::prelude::*;

use super::app::{App, Notice};
use super::keys::Place;
use super::msg::{Found, Msg, Task};
use super::rehearsal::{ANIMALS, answer, app, images, matrix, play, screen};
use super::search::KeySource;
use super::widgets::prompt::Purpose;
use crate::dataset::{ImageFile, Scan, Skipped};
use crate::descriptor::{Crops, DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Pooling, Row};
use crate::index::{Progress, indexer::Event};
use crate::join::{DescriptorKind, Kind, Metric, Predicate};

mod joined;

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

fn results(app: &App) -> Vec<&str> {
    app.trail.last().unwrap().items().iter().map(|n| n.row.name.as_str()).collect()
}

#[test]
fn picking_a_picture_shows_what_is_similar_best_first() {
    let mut app = app(120, 40);
    press(&mut app, "<right><enter>");
    assert_eq!(app.place(), Place::Results);
    // birds_duck is number 1; its neighbours in angle are 2 and 0; the key is left out.
    let names = results(&app);
    assert_eq!(names.len(), 10);
    assert_eq!(names[0], "birds_goose.jpg");
    assert!(!names.contains(&"birds_duck.jpg"));
}

#[test]
fn walking_on_and_back_restores_what_was_there() {
    let mut app = app(120, 40);
    press(&mut app, "<right><right><enter>");
    press(&mut app, "<right><right>");
    let (first, selected) = (app.trail[0].key.clone(), app.trail[0].selected);
    press(&mut app, "<enter>");
    assert_eq!(app.trail.len(), 2);
    assert_ne!(app.trail[1].key, first);
    press(&mut app, "b");
    assert_eq!((app.trail.len(), app.trail[0].selected), (1, selected));
    press(&mut app, "<esc>");
    assert_eq!((app.place(), app.key_select.selected), (Place::KeySelect, 2));
}

#[test]
fn a_range_starts_at_a_sensible_value_and_counts_live() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><right><right><right><down>");
    assert_eq!(app.settings.kind, Kind::Range);
    let ranking = app.live.ranking.clone().unwrap();
    assert_eq!(app.settings.passing(&ranking), Some(10));
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
    assert!(matches!(&app.notice, Some(Notice::Error(text)) if text.contains("at least 1")), "{:?}", app.notice);
    assert_eq!(app.place(), Place::Settings);
    press(&mut app, "<backspace>5<enter><enter>");
    assert_eq!(results(&app).len(), 5);
}

#[test]
fn settings_on_results_wait_to_be_applied_or_are_dropped() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>e<right><down>");
    assert_eq!(app.trail[0].settings.metric, Metric::Cosine);
    press(&mut app, "<esc>");
    assert_eq!((app.trail[0].settings.metric, app.place()), (Metric::Cosine, Place::Results));
    press(&mut app, "e<right><down><enter>");
    assert_eq!(app.trail[0].settings.metric, Metric::Euclidean);
    assert_eq!(app.trail[0].answer.as_ref().unwrap().ranking.metric, Metric::Euclidean);
    // The dataset: garden.
    press(&mut app, "e<down><enter>");
    assert_eq!(results(&app).len(), 2);
}

#[test]
fn another_descriptor_is_compared_by_and_keeps_its_own_range() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>e<left><down><enter>");
    let results = &app.trail[0];
    assert_eq!((results.settings.descriptor, app.focus), (DescriptorKind::Pooled(Pooling::Gap), None));
    let (answer, result) = (results.answer.as_ref().unwrap(), &results.items()[0]);
    let value =
        |descriptor: DescriptorKind| descriptor.comparison().value(&answer.key, &result.row.descriptor, Metric::Cosine);
    assert_eq!(result.value, value(DescriptorKind::Pooled(Pooling::Gap)));
    assert!(result.value != value(DescriptorKind::Full), "{}", result.value);
    assert!(screen(&app).contains("gap  cosine  kNN 10"), "{}", screen(&app));
    // The key's stays the full one, whatever it was compared by: it may be compared by another one next.
    assert_eq!(answer.key.squared_norm(), 100.0);
    press(&mut app, "e<right><right><down><right>");
    "0.5".chars().for_each(|c| drop(press(&mut app, &c.to_string())));
    press(&mut app, "<right>");
    let range = |app: &App| app.trail[0].edited.as_ref().unwrap().predicate(None);
    assert_eq!(range(&app), Some(Predicate::Range(0.5)));
    press(&mut app, "<up>");
    assert_eq!(range(&app), None);
    press(&mut app, "<down>");
    assert_eq!(range(&app), Some(Predicate::Range(0.5)));
}

#[test]
fn near_identical_results_are_folded_and_unfolded() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>");
    let all = results(&app).len();
    press(&mut app, "d");
    // Of pictures that turn away step by step, those a few steps apart are nearly the same.
    assert!(results(&app).len() < all, "{:?}", results(&app));
    let shown = screen(&app);
    assert!(shown.contains("  +") && shown.contains(" folded in "), "{shown}");
    // Walking on keeps it.
    press(&mut app, "<enter>");
    assert!(app.trail[1].settings.fold);
    press(&mut app, "bd");
    assert_eq!(results(&app).len(), all);
}

#[test]
fn a_heat_map_lies_over_both_pictures_and_goes_again() {
    let mut app = app(120, 40);
    press(&mut app, "vw");
    assert!(app.visible()[0].heat.is_none() && app.notice.is_some(), "there is no key yet");
    press(&mut app, "<esc><enter>vw");
    let heat = |app: &App| app.visible()[0].heat;
    // All is at the first position.
    let hottest = |heat: Option<[u8; 49]>| heat.unwrap().iter().position(|x| *x == 255);
    assert_eq!(hottest(heat(&app)), Some(0));
    press(&mut app, " ");
    assert_eq!(hottest(heat(&app)), Some(0));
    assert!(app.wanted().iter().any(|slot| slot.heat.is_some()));
    press(&mut app, "<right>");
    assert!(heat(&app).is_some(), "it stays for the next result");
    press(&mut app, "w");
    assert_eq!(heat(&app), None);
}

#[test]
fn results_grow_while_indexing_and_the_selection_stays() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><right><down><esc><enter>");
    assert_eq!(results(&app), ["flowers_rose.jpg", "fruit_apple.jpg"]);
    press(&mut app, "<right>");
    let images = app.sets[1].images.clone();
    let event = Event::Indexed { matrix: matrix(&images), progress: Progress { done: 1, missing: 1 } };
    let tasks = app.update(Msg::Indexing(1, event, Instant::now()));
    answer(&mut app, &tasks);
    assert_eq!(results(&app).len(), 3);
    let results = app.trail.last().unwrap();
    assert_eq!(results.items()[results.selected].row.name, "fruit_apple.jpg");
}

#[test]
fn an_answer_to_an_older_search_is_dropped() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>");
    let old = app.trail[0].generation;
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)));
    let stale = Found { generation: old, outcome: Err("stale".into()), took: Duration::ZERO };
    app.update(Msg::Found(stale));
    assert_eq!(app.trail[1].error, None);
    answer(&mut app, &tasks);
    assert!(app.trail[1].answer.is_some());
}

#[test]
fn the_filter_narrows_as_one_types_and_esc_drops_it() {
    let mut app = app(120, 40);
    press(&mut app, "/FISH");
    assert_eq!(app.key_select.count(), 2);
    press(&mut app, "<enter><right>");
    assert_eq!(app.key_select.selected_key(&app).unwrap().name, "fish_pike.jpg");
    press(&mut app, "/x<enter>");
    assert!(screen(&app).contains("no name contains this"));
    press(&mut app, "<enter>");
    assert!(matches!(app.notice, Some(Notice::Error(_))));
    press(&mut app, "<esc>");
    assert_eq!(app.key_select.count(), 12);
}

#[test]
fn shuffling_keeps_every_picture_and_sorting_restores() {
    let mut app = app(120, 40);
    let order = |app: &App| (0..12).map(|at| app.key_select.key(app, at).unwrap().name).collect::<Vec<_>>();
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
    app.sets[1].matrix.crops = Crops::Five;
    let key = app.key_select.selected_key(&app).unwrap();
    let source = |app: &mut App, dataset: usize| {
        let mut settings = app.settings.clone();
        settings.dataset = dataset;
        app.job(&key, &settings).key
    };
    assert!(matches!(source(&mut app, 0), KeySource::Indexed(_)));
    assert!(matches!(source(&mut app, 1), KeySource::File(path) if path == key.path));
    // Where several crops were averaged, there is no telling where pictures are alike.
    press(&mut app, "<enter>vw");
    assert_eq!(app.notice, None);
    app.sets[0].matrix.crops = Crops::Five;
    press(&mut app, "w");
    assert!(matches!(&app.notice, Some(Notice::Info(text)) if text.contains("crops")));
}

#[test]
fn any_file_can_be_the_key() {
    let mut app = app(120, 40);
    let tasks = press(&mut app, "o~/x.png<enter>");
    assert!(matches!(&tasks[..], [.., Task::Open(path)] if path.ends_with("x.png")), "{tasks:?}");
    app.update(Msg::Opened(Err("/home/x.png: no such file".into())));
    assert!(matches!(&app.notice, Some(Notice::Error(text)) if text.contains("x.png")));
    let tasks = app.update(Msg::Opened(Ok("/elsewhere/x.png".into())));
    let [Task::Search(job), ..] = &tasks[..] else { panic!("{tasks:?}") };
    assert!(matches!(&job.key, KeySource::File(path) if path.ends_with("x.png")));
    assert!(screen(&app).contains("looking at the key"));
    let found =
        Found { generation: job.generation, outcome: Err("x.png: the file is empty".into()), took: Duration::ZERO };
    app.update(Msg::Found(found));
    assert!(screen(&app).contains("the file is empty"));
    press(&mut app, "b");
    assert_eq!(app.place(), Place::KeySelect);
}

#[test]
fn the_viewer_walks_flips_zooms_and_comes_back() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>v<right><right>");
    assert_eq!(app.place(), Place::Viewer);
    press(&mut app, "i");
    let shown = screen(&app);
    for fact in ["3 of 10", "rank", "cosine", "euclidean", "/pictures/animals/"] {
        assert!(shown.contains(fact), "{fact} in {shown}");
    }
    let before = app.visible();
    press(&mut app, " ");
    assert!(app.visible()[0].path.ends_with("birds_drake.jpg"));
    press(&mut app, " ");
    assert_eq!(app.visible(), before);
    press(&mut app, "++<right>");
    assert_ne!(app.visible(), before);
    press(&mut app, "0");
    assert_eq!(app.visible(), before);
    let tasks = press(&mut app, "y");
    assert!(matches!(&tasks[..], [Task::Copy(path)] if path.starts_with("/pictures/animals/")));
    press(&mut app, "<esc>");
    assert_eq!((app.place(), app.trail[0].selected), (Place::Results, 2));
}

#[test]
fn marked_results_are_written_else_all() {
    let mut app = app(120, 40);
    press(&mut app, "<enter> <right><right> w");
    assert_eq!(app.prompt.as_ref().unwrap().purpose, Purpose::Write);
    let tasks = press(&mut app, "<enter>");
    let [Task::Write { path, results, .. }] = &tasks[..] else { panic!("{tasks:?}") };
    assert_eq!(path, &PathBuf::from("simages-birds_drake.csv"));
    assert_eq!(results.iter().map(|(rank, _)| *rank).collect::<Vec<_>>(), [1, 3]);
    press(&mut app, "<left><left> <right><right> ");
    let tasks = press(&mut app, "w<enter>");
    assert!(matches!(&tasks[..], [Task::Write { results, .. }] if results.len() == 10));
}

#[test]
fn the_mouse_selects_opens_pages_and_chooses() {
    let mut app = app(120, 40);
    let now = Instant::now();
    let mouse = |app: &mut App, kind, (column, row), after| {
        let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        app.update(Msg::Mouse(event, now + Duration::from_millis(after)))
    };
    let click = MouseEventKind::Down(MouseButton::Left);
    mouse(&mut app, click, (30, 10), 0);
    assert_eq!(app.key_select.selected, 1);
    mouse(&mut app, click, (30, 10), 900);
    assert_eq!(app.place(), Place::KeySelect);
    mouse(&mut app, click, (30, 10), 1000);
    assert_eq!(app.place(), Place::Viewer);
    mouse(&mut app, MouseEventKind::Down(MouseButton::Right), (30, 10), 2000);
    assert_eq!(app.place(), Place::KeySelect);
    // The second panel, then its second option.
    mouse(&mut app, click, (30, 2), 3000);
    assert_eq!(app.place(), Place::Settings);
    mouse(&mut app, click, (30, 3), 4000);
    assert_eq!(app.settings.dataset, 1);
    mouse(&mut app, MouseEventKind::ScrollDown, (30, 20), 5000);
    assert_eq!(app.place(), Place::KeySelect);
}

#[test]
fn what_was_typed_holds_when_a_picture_is_clicked() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><left><left><backspace><backspace>3");
    let event = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 30,
        row: 12,
        modifiers: KeyModifiers::NONE,
    };
    app.update(Msg::Mouse(event, Instant::now()));
    assert_eq!(app.place(), Place::KeySelect);
    press(&mut app, "<enter>");
    assert_eq!(results(&app).len(), 3);
}

#[test]
fn the_live_count_and_the_results_are_searched_side_by_side() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><right><down><esc><enter>e");
    let images = app.sets[1].images.clone();
    let event = Event::Indexed { matrix: matrix(&images), progress: Progress { done: 1, missing: 1 } };
    let tasks = app.update(Msg::Indexing(1, event, Instant::now()));
    assert!(tasks.iter().any(|t| matches!(t, Task::Search(_))) && tasks.iter().any(|t| matches!(t, Task::Count(_))));
    answer(&mut app, &tasks);
    assert_eq!((results(&app).len(), app.live.ranking.as_ref().unwrap().len()), (3, 3));
}

#[test]
fn the_viewer_stays_with_its_picture_while_results_grow() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>v<right>");
    let looked_at = app.visible()[0].path.clone();
    // A nearer picture than any before arrives: everything moves down a rank.
    let mut names = ANIMALS.to_vec();
    names.push("zebra.jpg");
    let images = images("animals", &names);
    app.update(Msg::Indexing(0, Event::Scanned(Scan { images: images.clone(), skipped: vec![] }), Instant::now()));
    let mut rows = matrix(&images);
    let key = rows.get("birds_drake.jpg").unwrap().descriptor.clone();
    rows.extend([Arc::new(Row { name: "zebra.jpg".into(), stamp: Some(images[12].stamp()), descriptor: key })]);
    let event = Event::Indexed { matrix: rows, progress: Progress { done: 1, missing: 1 } };
    let tasks = app.update(Msg::Indexing(0, event, Instant::now()));
    answer(&mut app, &tasks);
    assert_eq!(results(&app)[0], "zebra.jpg");
    assert_eq!(app.visible()[0].path, looked_at);
}

#[test]
fn skipped_pictures_are_listed_with_their_reasons() {
    let mut app = app(120, 40);
    let skipped = Skipped { file: "bad\u{1b}[31m.jpg".into(), error: "the file is empty".into() };
    app.update(Msg::Indexing(1, Event::Skipped(skipped), Instant::now()));
    assert!(screen(&app).contains("1 picture can't be read (x lists them)"));
    press(&mut app, "x");
    assert!(screen(&app).contains("bad\\u{1b}[31m.jpg  the file is empty"));
    press(&mut app, "<esc>");
    assert_eq!(app.place(), Place::KeySelect);
}

#[test]
fn screens_look_as_drawn() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let size = format!("{width}x{height}");
        let mut app = app(width, height);
        let begun = Instant::now();
        app.update(Msg::Begun(1, begun));
        let images = app.sets[1].images.clone();
        let event =
            |done| Event::Indexed { matrix: matrix(&images[..2 + done]), progress: Progress { done, missing: 1 } };
        app.update(Msg::Indexing(1, event(0), begun));
        app.update(Msg::Indexing(1, event(1), begun + Duration::from_secs(2)));
        insta::assert_snapshot!(format!("key_select_{size}"), screen(&app));
        press(&mut app, "<tab><right><right><right><down><right>");
        insta::assert_snapshot!(format!("settings_{size}"), screen(&app));
        press(&mut app, "<esc><enter>");
        insta::assert_snapshot!(format!("results_{size}"), screen(&app));
        press(&mut app, " v i");
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
