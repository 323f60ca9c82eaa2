//! The orders of key select.

use super::*;
use crate::cancel::Cancel;
use crate::join::Engine;
use crate::tui::jobs::{JoinGoal, JoinNews, JoinOutcome};

fn names(app: &App) -> Vec<String> {
    let select = &app.trail.key_select;
    (0..select.count()).map(|at| select.picture(at, &app.world).unwrap().name).collect()
}

fn selected(app: &App) -> String {
    app.trail.key_select.selected_picture(&app.world).unwrap().name
}

/// The first by name is the smallest and newest.
fn with_sizes_and_dates() -> App {
    let mut app = app(120, 40);
    let mut images = Vec::clone(&app.world.sets[0].images);
    for (at, image) in images.iter_mut().enumerate() {
        (image.size, image.mtime_ns) = (100 + at as u64, 1000 - at as i64);
    }
    app.world.sets[0].images = Arc::new(images);
    app
}

#[test]
fn one_order_after_the_other_comes_and_one_stays_on_the_picture_or_goes_to_the_first() {
    let mut app = with_sizes_and_dates();
    press(&mut app, "<right><right>");
    let stood_on = selected(&app);
    let backwards: Vec<_> = ANIMALS.iter().rev().map(|name| (*name).to_owned()).collect();
    for (told, expected) in [
        ("by similarity", None),
        ("newest first", Some(ANIMALS.map(str::to_owned).to_vec())),
        ("largest first", Some(backwards)),
        ("outliers first", None),
    ] {
        press(&mut app, "S");
        assert!(screen(&app).contains(told), "{told}: {}", screen(&app));
        let mut shown = names(&app);
        // Orders named "... first" select the first picture.
        let expected_at = if told.ends_with("first") { &shown[0] } else { &stood_on };
        assert_eq!(selected(&app), *expected_at, "{told}");
        assert!(expected.is_none_or(|expected| expected == shown), "{told}: {shown:?}");
        shown.sort();
        assert_eq!(shown, ANIMALS, "{told}");
    }
    press(&mut app, "S");
    assert_eq!(names(&app), ANIMALS);
    assert!(!screen(&app).contains("first"), "{}", screen(&app));
}

#[test]
fn what_is_not_indexed_comes_last_until_it_is() {
    let mut app = app(120, 40);
    let images = app.world.sets[0].images.clone();
    let indexed = |images: &[ImageFile]| {
        let progress = Progress::images(images.len(), 12);
        Event::Indexed { matrix: matrix(images), progress }
    };
    app.update(happened(0, indexed(&images[6..]), Instant::now()));
    app.update(begun(0, Instant::now()));
    press(&mut app, "S");
    assert!(screen(&app).contains("by similarity; 6 not indexed yet, at the end"), "{}", screen(&app));
    assert_eq!(names(&app)[6..], ANIMALS[..6]);
    let tasks = app.update(happened(0, indexed(&images), Instant::now()));
    answer(&mut app, &tasks);
    assert!(screen(&app).contains("by similarity   indexed 12/12"), "{}", screen(&app));
}

#[test]
fn an_order_says_how_far_it_is_and_comes_while_other_screens_are_shown() {
    let mut app = app(120, 40);
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Char('S'), KeyModifiers::NONE)));
    let job = tasks.iter().find_map(|task| if let Task::Order(job) = task { Some(job) } else { None });
    let job = job.expect("an order is asked for");
    let step = after_a_second(job.generation, Progress::steps(34, 100));
    app.update(Msg::Joining(JoinNews::Step(step)));
    assert!(screen(&app).contains("by similarity 34 %"), "{}", screen(&app));
    assert_eq!(names(&app), ANIMALS);
    press(&mut app, "<enter>");
    let JoinGoal::Order(wanted) = &job.goal else { panic!("{job:?}") };
    let found = wanted.find(Engine::default(), &Cancel::default(), &mut |_| {}).unwrap();
    let expected = found.names.clone();
    app.update(Msg::Joining(JoinNews::Ended(job.generation, Ok(JoinOutcome::Ordered(found)))));
    press(&mut app, "b");
    assert_eq!((place(&app), names(&app)), ("Key select", expected));

    // A failed order says why, and isn't requested for ever.
    press(&mut app, "SSSS");
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Char('S'), KeyModifiers::NONE)));
    let generation =
        tasks.iter().find_map(|task| if let Task::Order(job) = task { Some(job.generation) } else { None });
    let ended = JoinNews::Ended(generation.expect("it is asked for"), failure("features.simages was cut short"));
    let tasks = app.update(Msg::Joining(ended));
    assert!(!tasks.iter().any(|task| matches!(task, Task::Order(_))), "{tasks:?}");
    assert!(screen(&app).contains("no order by similarity: features.simages was cut short"), "{}", screen(&app));
}
