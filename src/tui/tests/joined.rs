//! Joins of whole sets on the screens.

use super::*;
use crate::cancel::Cancel;
use crate::join::{BestPairs, Engine, Group, Pair, Predicate, With};
use crate::tui::jobs::{Findings, JoinAnswer, JoinGoal, JoinJob, JoinNews, JoinOutcome};
use crate::tui::pairs::Selected;

/// Groups of near-duplicates: the angle between two neighbours shrinks along the list.
fn grouped(width: u16, height: u16) -> App {
    let mut app = app(width, height);
    press(&mut app, "<tab><right><right><right><down><right>");
    press(&mut app, "0.99<enter>P");
    app
}

/// `centre: member member`, as shown.
fn rows(app: &App) -> Vec<String> {
    let joined = pairs(app);
    let found = &joined.request.answer().unwrap().found;
    let row = |at| {
        let (first, others) = found.get(at).unwrap();
        let others: Vec<_> = others.iter().map(|n| n.row.name.trim_end_matches(".jpg")).collect();
        format!("{}: {}", first.name.trim_end_matches(".jpg"), others.join(" "))
    };
    (0..found.len()).map(row).collect()
}

fn selected(app: &App) -> (usize, usize) {
    let Selected { row, picture } = pairs(app).selected;
    (row, picture)
}

fn marked(app: &App) -> Vec<&str> {
    app.world.marks.iter().map(|mark| mark.file.path.file_name().unwrap().to_str().unwrap()).collect()
}

#[test]
fn two_sets_are_joined_as_pairs_best_first() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><right><down><right><right><right><backspace><backspace>1<enter>");
    assert_eq!(place(&app), "Key select");
    press(&mut app, "P");
    assert_eq!(place(&app), "Joined sets");
    let rows = rows(&app);
    assert_eq!(rows.len(), 12);
    // Equal descriptors first; ties by name.
    assert_eq!(rows[..2], ["birds_drake: flowers_rose", "birds_duck: fruit_apple"]);
    let shown = screen(&app);
    // Garden has three pictures, two of which are indexed.
    for text in ["animals ⋈ garden", "cosine  kNN 1", "12 pairs", "without 1 picture not indexed yet"] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    press(&mut app, "b");
    assert_eq!((place(&app), app.trail.key_select.selected), ("Key select", 0));
}

#[test]
fn pictures_that_find_each_other_are_one_pair() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><left><left><backspace><backspace>1<enter>P");
    let rows = rows(&app);
    assert_eq!(rows.iter().filter(|row| row.contains("mammals_fox") && row.contains("mammals_pig")).count(), 1);
    assert_eq!(rows[0], "mammals_fox: mammals_pig");
}

#[test]
fn a_range_self_join_shows_groups_around_a_picture() {
    let app = grouped(120, 40);
    // Angles shrink along the list: the last ones are nearest, and the group's centre is in its middle.
    let rows = rows(&app);
    assert!(rows[0].starts_with("mammals_"), "{rows:?}");
    let pictures: usize = rows.iter().map(|row| row.split_whitespace().count()).sum();
    let shown = screen(&app);
    assert!(shown.contains(&format!("{} groups", rows.len())), "{rows:?} {shown}");
    assert!(shown.contains(&format!("{pictures} of 12 pictures, in 300 ms")), "{rows:?} {shown}");
    assert!(shown.contains("range 0.99"));
}

#[test]
fn a_range_nobody_has_said_is_a_sensible_one() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><right><right><right><down><enter>P");
    assert_eq!(pairs(&app).join.predicate, Predicate::Range(0.8));
    press(&mut app, "e<right><down>");
    assert_eq!(place(&app), "Settings");
    press(&mut app, "<enter>");
    let joined = pairs(&app);
    assert!(matches!(joined.join.with, With::Dataset(_)));
    // A range set by the user stays.
    assert_eq!(joined.join.predicate, Predicate::Range(0.8));
    press(&mut app, "e<right><right><down><enter>");
    assert!(matches!(pairs(&app).join.predicate, Predicate::Range(distance) if distance >= 1.0));
    // Key select's settings are unchanged.
    press(&mut app, "<esc>");
    assert_eq!(
        (
            app.trail.key_select.settings.metric,
            app.trail.key_select.settings.dataset,
            app.trail.key_select.settings.predicate(None)
        ),
        (Metric::Cosine, 0, None)
    );
}

#[test]
fn the_selection_goes_from_picture_to_picture() {
    let mut app = grouped(120, 40);
    assert_eq!(selected(&app), (0, 1));
    press(&mut app, "<left><left>");
    assert_eq!(selected(&app), (0, 0));
    press(&mut app, "<right><right><down>");
    let joined = pairs(&app);
    assert_eq!(selected(&app), (1, 2.min(joined.pictures(1) - 1)));
    press(&mut app, "G<down><down>");
    assert_eq!(selected(&app).0, rows(&app).len() - 1);
    // Pairs follow each other in a row.
    press(&mut app, "bgPe<left><left><left><up><enter>");
    assert_eq!(selected(&app), (0, 1));
    press(&mut app, "<right><right><right>");
    assert_eq!(selected(&app), (2, 0));
    press(&mut app, "<down><left>");
    let columns = pairs(&app).grid(&app.world).shape.columns;
    assert_eq!(selected(&app), (1 + columns / 2, 1));
}

#[test]
fn a_large_group_is_walked_through_part_by_part() {
    let mut app = app(60, 18);
    press(&mut app, "<tab><right><right><right><down><right>");
    press(&mut app, "0<enter>P");
    assert_eq!(rows(&app).len(), 1);
    let shown = screen(&app);
    assert!(shown.contains("12 pictures") && shown.contains("2 of 12") && !shown.contains("4 of 12"), "{shown}");
    press(&mut app, &"<right>".repeat(20));
    assert_eq!(selected(&app), (0, 11));
    assert!(screen(&app).contains("┏ 12 of 12"), "{}", screen(&app));
}

#[test]
fn groups_of_two_are_laid_out_as_pairs() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><right><right><right><down><right>");
    // Twins.
    let row = |(i, image): (usize, &ImageFile)| {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        dense[i / 2] = 1.0;
        Row::new(image.name.clone(), None, Descriptor::from_dense(&dense).unwrap())
    };
    app.world.sets[0].matrix = app.world.sets[0].images.iter().enumerate().map(row).collect();
    press(&mut app, "0.9<enter>P");
    let rows = rows(&app);
    assert!(rows.len() > 1 && rows.iter().all(|row| row.split_whitespace().count() == 2), "{rows:?}");
    press(&mut app, "<right>");
    assert_eq!(selected(&app), (1, 0));
    assert!(screen(&app).contains("┏ 2 ━") && screen(&app).contains("2 pictures"), "{}", screen(&app));
}

#[test]
fn two_pictures_are_viewed_side_by_side() {
    let mut app = grouped(120, 40);
    press(&mut app, "<left><enter>");
    assert_eq!(place(&app), "Side by side");
    let sides = |app: &App| app.visible().iter().map(|slot| slot.path.clone()).collect::<Vec<_>>();
    let first = sides(&app);
    assert_eq!(first.len(), 2);
    let shown = screen(&app);
    for text in ["group 1 of", "cosine 0.99", "euclidean 1."] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    press(&mut app, "f");
    assert_eq!(sides(&app), [first[1].clone(), first[0].clone()]);
    press(&mut app, "f<right>");
    assert_eq!((selected(&app), sides(&app)[0].clone()), ((0, 2), first[0].clone()));
    press(&mut app, "<left><left>");
    assert_eq!((selected(&app), sides(&app)), ((0, 1), first.clone()));
    // After a group's last picture comes the next group.
    let pictures = pairs(&app).pictures(0);
    press(&mut app, &"<right>".repeat(pictures - 1));
    assert_eq!(selected(&app), (1, 1));
    press(&mut app, "<left>");
    assert_eq!(selected(&app), (0, pictures - 1));
    press(&mut app, "<down><up>");
    assert_eq!(selected(&app), (0, 1));
    press(&mut app, "<esc>");
    assert_eq!((place(&app), selected(&app)), ("Joined sets", (0, 1)));
}

#[test]
fn marks_are_set_in_the_list_and_side_by_side() {
    let mut app = grouped(120, 40);
    let names = rows(&app)[0].replace(':', "");
    let names: Vec<_> = names.split_whitespace().map(|name| format!("{name}.jpg")).collect();
    press(&mut app, " ");
    assert_eq!(marked(&app), [&names[1]]);
    press(&mut app, " <left>K");
    let mut others = names[1..].to_vec();
    others.sort();
    assert_eq!(marked(&app), others);
    press(&mut app, "K");
    assert!(app.world.marks.is_empty());
    press(&mut app, "<right>v ");
    assert_eq!(marked(&app), [&names[1]]);
    assert!(screen(&app).contains("✓ marked"));
    // Flipping puts the other one on the right, where space marks it.
    press(&mut app, " f ");
    assert_eq!(marked(&app), [&names[0]]);
    press(&mut app, "W");
    assert!(screen(&app).contains("1 marked picture, 7 kB, 1 kept instead"), "{}", screen(&app));
    let tasks = press(&mut app, "<enter>");
    assert!(list(&tasks).path.ends_with("simages-marked.txt") && list(&tasks).marks.len() == 1);
    list_ends(&mut app, Ok("1 path written".into()), Vec::new());
    press(&mut app, " W");
    assert!(matches!(&app.world.notice, Some(Notice::Error(text)) if text.contains("no picture is marked")));
}

#[test]
fn pairs_are_written_by_a_join_groups_as_they_are_shown() {
    let mut app = app(120, 40);
    press(&mut app, "P");
    let tasks = press(&mut app, "w<enter>");
    let [Task::WriteJoin(JoinJob { generation, goal: JoinGoal::Write(path, join) })] = &tasks[..] else {
        panic!("{tasks:?}")
    };
    assert_eq!(path, &PathBuf::from("simages-animals-animals.csv"));
    assert_eq!(join.predicate, Predicate::Knn(10));
    let step = after_a_second(*generation, Progress::pairs(50, 200));
    app.update(Msg::Joining(JoinNews::Step(step)));
    assert!(
        screen(&app).contains("writing simages-animals-animals.csv")
            && screen(&app).contains("25 %   50 pairs/s   3 s left")
    );
    press(&mut app, "w");
    assert!(matches!(&app.world.notice, Some(Notice::Error(text)) if text.contains("still being written")));
    // Quitting would lose it: the user must ask twice.
    assert!(press(&mut app, "q").is_empty());
    assert!(matches!(&app.world.notice, Some(Notice::Error(text)) if text.contains("quit again")));
    assert!(matches!(press(&mut app, "q")[..], [Task::Quit]));
    app.update(Msg::Joining(JoinNews::Ended(
        *generation,
        Ok(JoinOutcome::Written("120 results written to x.csv".into())),
    )));
    assert_eq!(app.world.notice, Some(Notice::Info("120 results written to x.csv".into())));

    let mut app = grouped(120, 40);
    press(&mut app, "w");
    assert_eq!(prompt(&app), "simages-animals-groups.csv");
    let tasks = press(&mut app, ".xlsx<enter>");
    assert!(tasks.is_empty() && matches!(&app.world.notice, Some(Notice::Error(text)) if text.contains(".parquet")));
    // The typed text stays, to be corrected.
    assert_eq!(prompt(&app), "simages-animals-groups.csv.xlsx");
    let tasks = press(&mut app, "<esc>w<enter>");
    assert!(matches!(&tasks[..], [Task::WriteJoin(JoinJob { goal: JoinGoal::WriteShown(..), .. })]), "{tasks:?}");
}

/// Presses P without answering.
fn asked(app: &mut App) -> (u64, Vec<Task>) {
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Char('P'), KeyModifiers::NONE)));
    let Some(Task::Join(work)) = tasks.iter().find(|t| matches!(t, Task::Join(_))) else { panic!("{tasks:?}") };
    (work.generation, tasks)
}

#[test]
fn a_join_under_way_says_how_far_it_is_and_is_cancelled_by_leaving() {
    let mut app = app(120, 40);
    let (generation, tasks) = asked(&mut app);
    assert!(screen(&app).contains("12 pictures with each other"), "{}", screen(&app));
    let step = after_a_second(generation, Progress::pairs(36, 144));
    app.update(Msg::Joining(JoinNews::Step(step)));
    assert!(screen(&app).contains("25 %   36 pairs/s   3 s left"), "{}", screen(&app));
    let left = press(&mut app, "<esc>");
    assert!(matches!(&left[..], [Task::StopJoin]), "{left:?}");
    // A late answer changes nothing.
    super::answer(&mut app, &tasks);
    app.update(Msg::Joining(JoinNews::Step(step)));
    assert_eq!((place(&app), &app.world.notice), ("Key select", &None));
    // The newer join ignores the older one's answer.
    let (_, newer) = asked(&mut app);
    super::answer(&mut app, &tasks);
    assert!(pairs(&app).found().is_none());
    super::answer(&mut app, &newer);
    assert!(pairs(&app).found().is_some());
    assert!(press(&mut app, "b").is_empty());
}

#[test]
fn what_cannot_be_joined_says_why() {
    let mut app = app(120, 40);
    press(&mut app, "<tab><right><right><right><down><right>");
    press(&mut app, "1<enter>P");
    assert!(screen(&app).contains("no two pictures of animals are within this range"), "{}", screen(&app));
    press(&mut app, "v mwb");
    app.world.sets[1].matrix = FeatureMatrix::default();
    press(&mut app, "<tab><right><down><enter>P");
    assert!(screen(&app).contains("nothing of garden was indexed yet"), "{}", screen(&app));
    press(&mut app, "b");
    let (generation, _) = asked(&mut app);
    app.update(Msg::Joining(JoinNews::Ended(generation, failure("no thread is left"))));
    assert!(screen(&app).contains("✗ no thread is left"));
}

#[test]
fn more_than_is_kept_is_said() {
    let mut app = app(120, 40);
    let (generation, tasks) = asked(&mut app);
    let Some(Task::Join(JoinJob { goal: JoinGoal::Show(join), .. })) =
        tasks.iter().find(|t| matches!(t, Task::Join(_)))
    else {
        panic!("{tasks:?}")
    };
    let mut best = BestPairs::new(join, 5);
    join.run(Engine::default(), &Cancel::default(), &mut |_| {}, &mut |group: Group| {
        best.take(&group);
        Ok(())
    })
    .unwrap();
    let pairs: Vec<Pair> = best.into_pairs();
    let kept = pairs.len();
    let answer = JoinAnswer {
        found: Arc::new(Findings::Pairs(pairs)),
        results: 3_214_551,
        cut: true,
        in_rows: false,
        took: Duration::from_secs(2),
        file: None,
    };
    app.update(Msg::Joining(JoinNews::Ended(generation, Ok(JoinOutcome::Shown(answer)))));
    assert!(screen(&app).contains(&format!("the best {kept} of 3,214,551 results; w writes all")), "{}", screen(&app));
}

#[test]
fn the_mouse_selects_and_opens_a_pair() {
    let mut app = grouped(120, 40);
    let now = Instant::now();
    let click = |app: &mut App, column, after| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        let event = MouseEvent { kind, column, row: 6, modifiers: KeyModifiers::NONE };
        app.update(Msg::Mouse(event, now + Duration::from_millis(after)));
    };
    click(&mut app, 55, 0);
    assert_eq!(selected(&app), (0, 2));
    click(&mut app, 55, 100);
    assert_eq!(place(&app), "Side by side");
}

#[test]
fn screens_look_as_drawn() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let size = format!("{width}x{height}");
        let mut app = grouped(width, height);
        press(&mut app, "<left>K<right>");
        insta::assert_snapshot!(format!("groups_{size}"), screen(&app));
        press(&mut app, "v");
        insta::assert_snapshot!(format!("side_by_side_{size}"), screen(&app));
        press(&mut app, "<esc>b<tab><right><right><right><up><right><backspace><backspace>1<enter>");
        let (generation, tasks) = asked(&mut app);
        let step = after_a_second(generation, Progress::pairs(36, 144));
        app.update(Msg::Joining(JoinNews::Step(step)));
        insta::assert_snapshot!(format!("joining_{size}"), screen(&app));
        super::answer(&mut app, &tasks);
        insta::assert_snapshot!(format!("pairs_{size}"), screen(&app));
        press(&mut app, "e");
        insta::assert_snapshot!(format!("pairs_settings_{size}"), screen(&app));
    }
}
