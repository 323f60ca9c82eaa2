//! The map on the screens.

use ratatui::layout::Rect;

use super::*;
use crate::cancel::Cancel;
use crate::join::Engine;
use crate::map::MapKind;
use crate::terminal::{Graphics, Terminal};
use crate::tui::jobs::{JoinGoal, JoinJob, JoinNews, JoinOutcome, MapJob, MapWork};
use crate::tui::scene::as_screen_mut;
use crate::tui::scenes::MapScreen;

/// The map of the animals; with `both`, of garden too.
fn opened(width: u16, height: u16, both: bool) -> App {
    let mut app = app(width, height);
    app.trail.key_select.settings.dataset = usize::from(both);
    press(&mut app, "<right><right>V");
    app
}

fn map(app: &mut App) -> &mut MapScreen {
    as_screen_mut::<MapScreen>(app.trail.shown_mut()).expect("the map is shown")
}

fn name(app: &mut App) -> String {
    let map = map(app);
    map.picture_at(map.selected).unwrap().name
}

/// The visible tiles: pictures and areas.
fn tiles(app: &App) -> Vec<(u32, Rect)> {
    let screen: &dyn Any = app.trail.shown();
    let map: &MapScreen = screen.downcast_ref().unwrap();
    map.tiles(&app.world).iter().map(|tile| (tile.picture, tile.area)).collect()
}

fn map_job(tasks: &[Task]) -> Option<(u64, &MapJob)> {
    tasks.iter().find_map(|task| match task {
        Task::Join(JoinJob { generation, goal: JoinGoal::Map(job) }) => Some((*generation, job)),
        _ => None,
    })
}

fn made(app: &mut App, tasks: &[Task]) -> Vec<Task> {
    let (generation, job) = map_job(tasks).expect("a map was asked for");
    let answer = job.make(Engine::default(), &Cancel::default(), &mut |_| {}).unwrap();
    app.update(Msg::Joining(JoinNews::Ended(generation, Ok(JoinOutcome::Map(answer)))))
}

#[test]
fn the_map_looks_as_drawn() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let app = opened(width, height, width == 120);
        insta::assert_snapshot!(format!("map_{width}x{height}"), screen(&app));
    }
}

#[test]
fn it_begins_at_the_picture_that_was_selected_and_comes_back_from_its_results() {
    let mut app = opened(120, 40, false);
    assert_eq!((place(&app), name(&mut app).as_str()), ("Map", ANIMALS[2]));
    assert!(screen(&app).contains("12 pictures") && screen(&app).contains("by neighbours"), "{}", screen(&app));
    press(&mut app, "<left>");
    let there = name(&mut app);
    press(&mut app, "<enter>");
    assert_eq!((place(&app), shown(&app).search.keys.first().name.as_str()), ("Results", there.as_str()));
    press(&mut app, "b");
    assert_eq!((place(&app), name(&mut app)), ("Map", there));
    press(&mut app, "v");
    assert_eq!(place(&app), "Viewer");
    press(&mut app, "vb");
    assert_eq!(place(&app), "Key select");
}

#[test]
fn the_cursor_goes_where_the_arrow_points_and_reaches_all_pictures() {
    let mut app = opened(100, 30, true);
    for _ in 0..4 {
        press(&mut app, "+");
    }
    let mut reached = std::collections::BTreeSet::new();
    let mut random = fastrand::Rng::with_seed(1);
    for _ in 0..400 {
        let (key, axis, sign) =
            random.choice([("<left>", 0, -1.0), ("<right>", 0, 1.0), ("<up>", 1, -1.0), ("<down>", 1, 1.0)]).unwrap();
        let before = (map(&mut app).selected, map(&mut app).place().unwrap());
        press(&mut app, key);
        let after = (map(&mut app).selected, map(&mut app).place().unwrap());
        assert!(after.0 == before.0 || (after.1[axis] - before.1[axis]) * sign > 0.0, "{key}: {before:?}, {after:?}");
        reached.insert(after.0);
        let map: &MapScreen = (app.trail.shown() as &dyn Any).downcast_ref().unwrap();
        let projection = map.projection(&app.world).unwrap();
        let cell = map.laid(&projection).unwrap().cells[map.selected as usize];
        assert!(projection.seen(cell).is_some(), "the view follows");
    }
    assert_eq!(reached.len(), 14);
}

#[test]
fn tiles_never_overlap_and_stay_where_they_are_on_the_map_while_it_is_moved() {
    let mut app = opened(90, 40, true);
    for key in ["", "+", "+", "+", "+", "+", "+", "-", "+", "+", "+", "+"] {
        press(&mut app, key);
        let shown = tiles(&app);
        for (at, (picture, area)) in shown.iter().enumerate() {
            let others = &shown[at + 1..];
            assert!(others.iter().all(|(other, there)| other != picture && !area.intersects(*there)), "{shown:?}");
        }
    }
    press(&mut app, "000+++");
    let before = tiles(&app);
    let shift = KeyEvent::new(KeyCode::Right, KeyModifiers::SHIFT);
    app.update(Msg::Key(shift));
    let after = tiles(&app);
    let selected = map(&mut app).selected;
    let mut moved: Vec<i32> = Vec::new();
    for (picture, area) in before.iter().filter(|(picture, _)| *picture != selected) {
        let there = after.iter().filter(|(other, _)| other == picture);
        moved.extend(there.map(|(_, there)| i32::from(area.x) - i32::from(there.x)));
    }
    assert!(moved.iter().all(|by| *by == moved[0] && *by > 0), "{moved:?}");
    press(&mut app, "0");
    assert!(map(&mut app).view.zoom == 0 && !tiles(&app).is_empty());
}

#[test]
fn two_datasets_are_told_by_signs_too_and_marks_are_seen() {
    let mut app = opened(120, 40, true);
    let text = screen(&app);
    assert!(text.contains("⣿ animals 12   ┼ garden 2   ╬ both"), "{text}");
    assert!(text.contains("animals + garden") && text.contains("14 of 15 pictures"), "{text}");
    press(&mut app, " ");
    assert!(screen(&app).contains("▸✓birds_goose") || screen(&app).contains('◆'), "{}", screen(&app));
    press(&mut app, "<left><right><right>");
    assert!(screen(&app).contains('✓') && app.world.marks.len() == 1, "{}", screen(&app));
}

#[test]
fn the_first_map_is_there_at_once_and_the_better_one_takes_its_place() {
    let mut app = app(120, 40);
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Char('V'), KeyModifiers::NONE)));
    assert!(screen(&app).contains("the map of 12 pictures is being made"));
    let tasks = made(&mut app, &tasks);
    assert_eq!(map(&mut app).answer.as_ref().unwrap().map.kind, MapKind::Components);
    press(&mut app, "<right>");
    let there = name(&mut app);
    let (generation, job) = map_job(&tasks).unwrap();
    assert!(matches!(job.what, MapWork::Arrange(_)));
    let step = after_a_second(generation, Progress::steps(430, 1000));
    app.update(Msg::Joining(JoinNews::Step(step)));
    assert!(screen(&app).contains("arranging by neighbours 43 %"), "{}", screen(&app));
    assert!(map_job(&made(&mut app, &tasks)).is_none());
    assert_eq!(map(&mut app).answer.as_ref().unwrap().map.kind, MapKind::Neighbours);
    assert_eq!(name(&mut app), there);
    let tasks = press(&mut app, "b");
    assert!(!tasks.iter().any(|task| matches!(task, Task::StopJoin)));
}

#[test]
fn what_fails_is_told_and_the_first_map_stays() {
    let mut app = app(120, 40);
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Char('V'), KeyModifiers::NONE)));
    let tasks = made(&mut app, &tasks);
    let (generation, _) = map_job(&tasks).unwrap();
    let tasks = app.update(Msg::Joining(JoinNews::Ended(generation, failure("features.simages: was cut short"))));
    assert!(map_job(&tasks).is_none() && screen(&app).contains("was cut short"), "{}", screen(&app));
    assert!(!tiles(&app).is_empty());
    // Leaving a map early stops it.
    let mut app = super::app(120, 40);
    app.update(Msg::Key(KeyEvent::new(KeyCode::Char('V'), KeyModifiers::NONE)));
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)));
    assert!(tasks.iter().any(|task| matches!(task, Task::StopJoin)) && place(&app) == "Key select");
}

#[test]
fn while_indexing_goes_on_it_says_over_how_many_it_was_made_and_grows() {
    let mut app = app(120, 40);
    app.trail.key_select.settings.key_dataset = 1;
    app.trail.key_select.settings.dataset = 1;
    press(&mut app, "V");
    assert!(screen(&app).contains("2 of 3 pictures"), "{}", screen(&app));
    let images = app.world.sets[1].images.clone();
    let event = Event::Indexed { matrix: matrix(&images), progress: Progress::images(1, 1) };
    let tasks = app.update(happened(1, event, Instant::now()));
    answer(&mut app, &tasks);
    assert!(screen(&app).contains("3 pictures"), "{}", screen(&app));
}

#[test]
fn painted_pictures_are_drawn_anew_when_the_map_is_moved() {
    let mut app = opened(120, 40, false);
    app.update(Msg::Probed(Terminal { graphics: Graphics::Sixel, ..Terminal::default() }));
    press(&mut app, "++");
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Left, KeyModifiers::SHIFT)));
    assert!(tasks.iter().any(|task| matches!(task, Task::Repaint)), "{tasks:?}");
}
