//! Results: walking on, other settings, writing.

use super::*;
use crate::tui::pictures::Slot;

#[test]
fn walking_on_and_back_restores_what_was_there() {
    let mut app = app(120, 40);
    press(&mut app, "<right><right><enter>");
    press(&mut app, "<right><right>");
    let (first, selected) = (trail(&app)[0].search.keys.clone(), trail(&app)[0].selected);
    press(&mut app, "<enter>");
    assert_eq!(trail(&app).len(), 2);
    assert_ne!(trail(&app)[1].search.keys, first);
    press(&mut app, "b");
    assert_eq!((trail(&app).len(), trail(&app)[0].selected), (1, selected));
    press(&mut app, "<esc>");
    assert_eq!((place(&app), app.trail.key_select.selected), ("Key select", 2));
}

#[test]
fn settings_on_results_wait_to_be_applied_or_are_dropped() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>e<right><down>");
    assert_eq!(trail(&app)[0].search.settings.metric, Metric::Cosine);
    press(&mut app, "<esc>");
    assert_eq!((trail(&app)[0].search.settings.metric, place(&app)), (Metric::Cosine, "Results"));
    press(&mut app, "e<right><down><enter>");
    assert_eq!(trail(&app)[0].search.settings.metric, Metric::Euclidean);
    assert_eq!(trail(&app)[0].search.request.answer().unwrap().ranking.metric, Metric::Euclidean);
    // The dataset: garden.
    press(&mut app, "e<down><enter>");
    assert_eq!(results(&app).len(), 2);
}

#[test]
fn another_descriptor_is_compared_by_and_keeps_its_own_range() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>e<left><down><enter>");
    let results = &trail(&app)[0];
    assert_eq!((results.search.settings.descriptor, place(&app)), (DescriptorKind::Pooled(Pooling::Gap), "Results"));
    let (answer, result) = (results.search.request.answer().unwrap(), &results.items()[0]);
    let value = |descriptor: DescriptorKind| {
        descriptor.comparison().value(&answer.like[0].descriptor, &result.row.descriptor, Metric::Cosine)
    };
    assert_eq!(result.value, value(DescriptorKind::Pooled(Pooling::Gap)));
    assert!(result.value != value(DescriptorKind::Full), "{}", result.value);
    assert!(screen(&app).contains("gap  cosine  kNN 10"), "{}", screen(&app));
    // The key keeps its full descriptor: another one may be compared next.
    assert_eq!(answer.like[0].descriptor.squared_norm(), 100.0);
    press(&mut app, "e<right><right><down><right>");
    "0.5".chars().for_each(|c| drop(press(&mut app, &c.to_string())));
    press(&mut app, "<right>");
    let range = |app: &App| edited(app).predicate(None);
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
    // Descriptors turn step by step: a few steps apart, they are nearly the same.
    assert!(results(&app).len() < all, "{:?}", results(&app));
    let shown = screen(&app);
    assert!(shown.contains("  +") && shown.contains(" folded in "), "{shown}");
    // Walking on keeps it.
    press(&mut app, "<enter>");
    assert!(trail(&app)[1].search.settings.fold);
    press(&mut app, "bd");
    assert_eq!(results(&app).len(), all);
}

#[test]
fn the_nearest_are_chosen_by_a_second_pass_and_a_range_is_not() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>");
    let names = |app: &App| results(app).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let plain = names(&app);
    assert!(!screen(&app).contains("expanded"));
    press(&mut app, "E");
    let shown = screen(&app);
    assert!(shown.contains(" added (E); values are still similarity to your key"), "{shown}");
    assert_eq!(results(&app).len(), plain.len());
    // Walking on keeps it; E turns it off.
    press(&mut app, "<enter>");
    assert!(trail(&app)[1].search.settings.expand);
    press(&mut app, "bE");
    assert_eq!(names(&app), plain);
    assert!(!screen(&app).contains("expanded"));
    // With a range, nothing changes; it says why.
    press(&mut app, "e<right><right><down><enter>");
    let before = trail(&app)[0].search.settings.clone();
    press(&mut app, "E");
    assert!(screen(&app).contains("a range goes by values alone"), "{}", screen(&app));
    assert_eq!(trail(&app)[0].search.settings, before);
}

#[test]
fn results_grow_while_indexing_and_the_selection_stays() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><right><down><enter><enter>");
    assert_eq!(results(&app), ["flowers_rose.jpg", "fruit_apple.jpg"]);
    press(&mut app, "<right>");
    let images = app.world.sets[1].images.clone();
    let event = Event::Indexed { matrix: matrix(&images), progress: Progress::images(1, 1) };
    let tasks = app.update(happened(1, event, Instant::now()));
    answer(&mut app, &tasks);
    assert_eq!(results(&app).len(), 3);
    let results = shown(&app);
    assert_eq!(results.items()[results.selected].row.name, "fruit_apple.jpg");
}

#[test]
fn an_answer_to_an_older_search_is_dropped() {
    let mut app = app(120, 40);
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)));
    let [Task::Search(SearchJob { generation: old, .. }), ..] = tasks[..] else { panic!("{tasks:?}") };
    answer(&mut app, &tasks);
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)));
    // The older error is ignored.
    app.update(Msg::Searched(Searched { generation: old, outcome: failure("stale") }));
    assert_eq!(trail(&app)[1].search.request.error(), None);
    answer(&mut app, &tasks);
    assert!(trail(&app)[1].answer().is_some());
}

#[test]
fn marked_results_are_written_else_all() {
    let mut app = app(120, 40);
    press(&mut app, "<enter> <right><right> w");
    assert_eq!(prompt(&app), "simages-birds_drake.csv");
    let tasks = press(&mut app, "<enter>");
    let [Task::Write { path, results }] = &tasks[..] else { panic!("{tasks:?}") };
    let results = &results.results;
    assert_eq!(path, &PathBuf::from("simages-birds_drake.csv"));
    assert_eq!(results.iter().map(|result| result.rank).collect::<Vec<_>>(), [1, 3]);
    press(&mut app, "<left><left> <right><right> ");
    let tasks = press(&mut app, "w<enter>");
    assert!(matches!(&tasks[..], [Task::Write { results, .. }] if results.results.len() == 10));
}

#[test]
fn the_live_count_and_the_results_are_searched_side_by_side() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><right><down><enter><enter>e");
    let images = app.world.sets[1].images.clone();
    let event = Event::Indexed { matrix: matrix(&images), progress: Progress::images(1, 1) };
    let tasks = app.update(happened(1, event, Instant::now()));
    assert!(tasks.iter().any(|t| matches!(t, Task::Search(_))) && tasks.iter().any(|t| matches!(t, Task::Count(_))));
    answer(&mut app, &tasks);
    assert_eq!((results(&app).len(), app.world.live.ranking.as_ref().unwrap().len()), (3, 3));
}

#[test]
fn a_digit_goes_back_to_a_key_of_the_trail() {
    let mut app = app(120, 40);
    press(&mut app, "<enter><right><enter><right><enter>");
    let keys = |app: &App| -> Vec<String> {
        app.trail.shown().walked().into_iter().map(|keys| keys.first().name.clone()).collect()
    };
    let walked = keys(&app);
    assert_eq!(walked.len(), 3);
    assert!(screen(&app).contains("┌ 1 ───") && screen(&app).contains("┌ 2 ───"), "{}", screen(&app));
    // Their pictures are requested at this small size.
    let slots = app.trail.shown().visible(&app.world);
    let small = |slot: &&Slot| slot.path.ends_with(&walked[0]) && slot.room.width < 12;
    assert_eq!(slots.iter().filter(small).count(), 1);
    press(&mut app, "3");
    assert!(matches!(&app.world.notice, Some(Notice::Info(text)) if text.contains("trail has no key")));
    press(&mut app, "1");
    assert_eq!((keys(&app), place(&app)), (walked[..1].to_vec(), "Results"));
    press(&mut app, "b");
    assert_eq!(place(&app), "Key select");
    // A small screen has no room for the trail: no digit does anything.
    let mut small = self::app(60, 18);
    press(&mut small, "<enter><right><enter>1");
    assert_eq!(keys(&small).len(), 2);
}

#[test]
fn a_range_that_follows_the_key_says_so() {
    let mut app = app(120, 40);
    let before = app.trail.key_select.settings.clone();
    press(&mut app, "<tab><right><right><right><down>");
    assert!(screen(&app).contains("0.7 auto"), "{}", screen(&app));
    press(&mut app, "<esc>");
    assert!(app.trail.key_select.settings == before && !screen(&app).contains("0.7 auto"), "{}", screen(&app));
    press(&mut app, "<tab><right><right><right><down><enter>");
    press(&mut app, "<enter>");
    assert!(screen(&app).contains("range auto 0."), "{}", screen(&app));
    press(&mut app, "e<right><right><right>0.5<enter>");
    assert!(screen(&app).contains("range 0.5"), "{}", screen(&app));
}
