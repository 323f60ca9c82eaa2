//! Clusters on the screens.

use super::*;
use crate::cancel::Cancel;
use crate::join::Engine;
use crate::tui::jobs::{ClustersJob, ClustersWork, JoinGoal, JoinJob, JoinNews, JoinOutcome};
use crate::tui::scene::as_screen_mut;
use crate::tui::scenes::ClustersScreen;

/// The clusters of the animals; with `both`, of garden too.
fn opened(width: u16, height: u16, both: bool) -> App {
    let mut app = app(width, height);
    app.trail.key_select.settings.dataset = usize::from(both);
    press(&mut app, "<right><right>T");
    app
}

fn clusters(app: &mut App) -> &mut ClustersScreen {
    as_screen_mut::<ClustersScreen>(app.trail.shown_mut()).expect("clusters are shown")
}

fn name(app: &mut App) -> String {
    clusters(app).standing().unwrap().name
}

fn clusters_job(tasks: &[Task]) -> Option<(u64, &ClustersJob)> {
    tasks.iter().find_map(|task| match task {
        Task::Join(JoinJob { generation, goal: JoinGoal::Clusters(job) }) => Some((*generation, job)),
        _ => None,
    })
}

fn key(c: char) -> Msg {
    Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE))
}

#[test]
fn clusters_look_as_drawn() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut app = opened(width, height, width == 120);
        insta::assert_snapshot!(format!("clusters_{width}x{height}"), screen(&app));
        press(&mut app, "<enter>");
        insta::assert_snapshot!(format!("cluster_{width}x{height}"), screen(&app));
    }
}

#[test]
fn one_goes_into_a_cluster_takes_a_picture_as_key_and_comes_back() {
    let mut app = opened(120, 40, false);
    assert_eq!(place(&app), "Clusters");
    let here = clusters(&mut app);
    let (count, selected) = (here.clusters().len(), here.selected);
    assert!(count > 1);
    // It is the cluster of the picture that was selected.
    assert!(here.pictures().iter().any(|picture| picture.name == ANIMALS[2]));
    press(&mut app, "<enter><right>");
    let there = name(&mut app);
    press(&mut app, "<enter>");
    assert_eq!((place(&app), shown(&app).search.keys.first().name.as_str()), ("Results", there.as_str()));
    press(&mut app, "b");
    assert_eq!((place(&app), name(&mut app)), ("Clusters", there));
    press(&mut app, "v");
    assert_eq!(place(&app), "Viewer");
    press(&mut app, "vb");
    assert!(clusters(&mut app).inside.is_none() && clusters(&mut app).selected == selected);
    press(&mut app, "b");
    assert_eq!(place(&app), "Key select");
}

#[test]
fn a_whole_cluster_is_marked_and_unmarked_and_in_it_one_picture() {
    let mut app = opened(120, 40, false);
    let of = clusters(&mut app).pictures().len();
    press(&mut app, " ");
    assert_eq!(app.world.marks.len(), of);
    assert!(screen(&app).contains("all of the cluster"), "{}", screen(&app));
    press(&mut app, "<enter> ");
    assert_eq!(app.world.marks.len(), of - 1);
    press(&mut app, "b");
    assert!(screen(&app).contains(&format!("{of} pictures, {} ✓", of - 1)), "{}", screen(&app));
    press(&mut app, " ");
    assert_eq!(app.world.marks.len(), of);
    press(&mut app, " ");
    assert_eq!(app.world.marks.len(), 0);
}

#[test]
fn finer_and_coarser_ones_are_made_of_the_same_neighbours_and_one_stays_on_the_picture() {
    let mut app = opened(120, 40, false);
    press(&mut app, "<enter>");
    let (before, there) = (clusters(&mut app).clusters().len(), name(&mut app));
    let tasks = app.update(key(']'));
    let (_, job) = clusters_job(&tasks).expect("they are asked for");
    assert!(matches!(job.what, ClustersWork::Again(_)) && job.resolution == 2.0);
    answer(&mut app, &tasks);
    press(&mut app, "]]");
    assert!(clusters(&mut app).clusters().len() > before);
    assert_eq!(name(&mut app), there);
    press(&mut app, "]]]]]]]]");
    assert!(screen(&app).contains("finest"), "{}", screen(&app));
    press(&mut app, "0");
    assert!(clusters(&mut app).clusters().len() == before && clusters(&mut app).fineness == 0);
    press(&mut app, "[[[[[[[[[[[[[[");
    assert!(screen(&app).contains("coarsest") && clusters(&mut app).clusters().len() <= before);
    assert_eq!(name(&mut app), there);
}

#[test]
fn while_indexing_goes_on_it_says_of_how_many_and_grows() {
    let mut app = app(120, 40);
    (app.trail.key_select.settings.key_dataset, app.trail.key_select.settings.dataset) = (1, 1);
    press(&mut app, "T");
    assert!(screen(&app).contains("2 of 3 pictures"), "{}", screen(&app));
    let images = app.world.sets[1].images.clone();
    let event = Event::Indexed { matrix: matrix(&images), progress: Progress::images(1, 1) };
    let tasks = app.update(happened(1, event, Instant::now()));
    answer(&mut app, &tasks);
    assert!(screen(&app).contains("1 cluster   3 pictures"), "{}", screen(&app));
}

#[test]
fn what_fails_is_told_and_what_is_left_is_given_up() {
    let mut app = app(120, 40);
    let tasks = app.update(key('T'));
    assert!(screen(&app).contains("looking for clusters in 12 pictures"), "{}", screen(&app));
    let (generation, job) = clusters_job(&tasks).unwrap();
    let found = job.find(Engine::default(), &Cancel::default(), &mut |_| {}).unwrap();
    app.update(Msg::Joining(JoinNews::Ended(generation, failure("features.simages: was cut short"))));
    assert!(screen(&app).contains("was cut short"), "{}", screen(&app));
    // An answer to another request is ignored.
    app.update(Msg::Joining(JoinNews::Ended(generation - 1, Ok(JoinOutcome::Clusters(found)))));
    assert!(clusters(&mut app).answer.is_none());
    let mut app = super::app(120, 40);
    app.update(key('T'));
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)));
    assert!(tasks.iter().any(|task| matches!(task, Task::StopJoin)) && place(&app) == "Key select");
}

#[test]
fn what_is_picked_by_hand_stays_marked_where_pairs_are_shown() {
    let mut app = opened(120, 40, false);
    let of = clusters(&mut app).pictures().len();
    press(&mut app, " b");
    press(&mut app, "P");
    assert_eq!((place(&app), app.world.marks.len()), ("Joined sets", of));
    press(&mut app, "bTG ");
    assert_eq!(app.world.marks.len(), 8, "others can be marked, all of a pair too");
}
