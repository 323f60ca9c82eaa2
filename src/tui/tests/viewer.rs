//! The viewer.

use super::*;

#[test]
fn a_heat_map_lies_over_both_pictures_and_goes_again() {
    let mut app = app(120, 40);
    press(&mut app, "va");
    assert!(app.visible()[0].heat.is_none() && app.world.notice.is_some(), "there is no key yet");
    press(&mut app, "<esc><enter>va");
    let heat = |app: &App| app.visible()[0].heat;
    // All is at the first position.
    let hottest = |heat: Option<[u8; 49]>| heat.unwrap().iter().position(|x| *x == 255);
    assert_eq!(hottest(heat(&app)), Some(0));
    press(&mut app, "f");
    assert_eq!(hottest(heat(&app)), Some(0));
    assert!(app.wanted().iter().any(|slot| slot.heat.is_some()));
    press(&mut app, "<right>");
    assert!(heat(&app).is_some(), "it stays for the next result");
    press(&mut app, "a");
    assert_eq!(heat(&app), None);
}

#[test]
fn the_viewer_walks_flips_zooms_and_comes_back() {
    let mut app = app(120, 40);
    press(&mut app, "<enter>v<right><right>");
    assert_eq!(place(&app), "Viewer");
    press(&mut app, "i");
    let shown = screen(&app);
    for fact in ["3 of 10", "rank", "cosine", "euclidean", "/pictures/animals/"] {
        assert!(shown.contains(fact), "{fact} in {shown}");
    }
    let before = app.visible();
    press(&mut app, "f");
    assert!(app.visible()[0].path.ends_with("birds_drake.jpg"));
    press(&mut app, "f");
    assert_eq!(app.visible(), before);
    press(&mut app, "++<right>");
    assert_ne!(app.visible(), before);
    press(&mut app, "0");
    assert_eq!(app.visible(), before);
    let tasks = press(&mut app, "y");
    assert!(matches!(&tasks[..], [Task::Copy(path)] if path.starts_with(b"/pictures/animals/")));
    press(&mut app, "<esc>");
    assert_eq!((place(&app), trail(&app)[0].selected), ("Results", 2));
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
    app.update(happened(0, Event::Scanned(Scan { images: images.clone(), ..Scan::default() }), Instant::now()));
    let mut rows = matrix(&images);
    let key = rows.get("birds_drake.jpg").unwrap().descriptor.clone();
    rows.extend([Arc::new(Row::new("zebra.jpg", Some(images[12].stamp()), key))]);
    let event = Event::Indexed { matrix: rows, progress: Progress::images(1, 1) };
    let tasks = app.update(happened(0, event, Instant::now()));
    answer(&mut app, &tasks);
    assert_eq!(results(&app)[0], "zebra.jpg");
    assert_eq!(app.visible()[0].path, looked_at);
}

#[test]
fn facts_are_read_once_for_the_picture_shown() {
    let mut app = app(120, 40);
    assert!(!press(&mut app, "<right><enter>v").iter().any(|task| matches!(task, Task::ReadHeader(_))));
    let tasks = press(&mut app, "i");
    assert!(matches!(&tasks[..], [Task::ReadHeader(file)] if file.path.ends_with("birds_goose.jpg")), "{tasks:?}");
    let shown = screen(&app);
    for part in ["taken", "2019-07-21", "camera", "  Canon EOS 400D", "exposure", "  1/60 s", "rank", "  1 of 11"] {
        assert!(shown.contains(part), "{part} in:\n{shown}");
    }
    // Then of the next one; going back, it is known.
    let asked = |tasks: Vec<Task>| tasks.into_iter().filter(|task| matches!(task, Task::ReadHeader(_))).count();
    assert_eq!([asked(press(&mut app, "<right>")), asked(press(&mut app, "<left>"))], [1, 0]);
}
