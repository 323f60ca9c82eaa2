//! Marks: set on every screen, listed, and removed with their pictures.

use ratatui::style::Modifier;

use std::path::Path;

use super::*;
use crate::dataset::FileId;
use crate::error::Error;
use crate::tui::rehearsal::drawn;

fn marked(app: &App) -> Vec<&str> {
    app.world.marks.iter().map(|mark| mark.file.name.as_str()).collect()
}

/// Near-duplicates of `animals` within this range.
fn joined(range: &str) -> App {
    let mut app = app(120, 40);
    press(&mut app, "<tab><right><right><right><down><right>");
    press(&mut app, &format!("{range}<enter>P"));
    app
}

fn info(app: &App) -> &str {
    match &app.world.notice {
        Some(Notice::Info(text) | Notice::Error(text)) => text,
        None => "",
    }
}

#[test]
fn what_is_picked_by_hand_stays_picked_and_is_told_in_every_header() {
    let mut app = app(80, 24);
    press(&mut app, " <right> <enter>");
    assert!(screen(&app).contains("✓ 2 marked, 14 kB"), "{}", screen(&app));
    press(&mut app, " <enter>v");
    assert!(screen(&app).contains("✓ 3 marked, 21 kB"), "{}", screen(&app));
    press(&mut app, "<esc>bb");
    assert_eq!(place(&app), "Key select");
    assert_eq!(marked(&app), ["birds_drake.jpg", "birds_duck.jpg", "birds_goose.jpg"]);
    assert!(screen(&app).contains("▸✓ birds_duck"), "{}", screen(&app));
}

#[test]
fn marks_stand_out_in_the_header_and_the_rest_of_it_does_not() {
    let mut app = app(80, 24);
    press(&mut app, " ");
    let terminal = drawn(&app);
    let reversed = |x: u16| terminal.backend().buffer()[(x, 0)].modifier.contains(Modifier::REVERSED);
    let columns: Vec<u16> = (0..80).filter(|x| reversed(*x)).collect();
    let width = " ✓ 1 marked, 7 kB ".chars().count() as u16;
    assert_eq!(columns, (80 - width..80).collect::<Vec<_>>());
}

#[test]
fn the_list_shows_unmarks_and_clears() {
    let mut app = joined("0.99");
    press(&mut app, "<left>Kbv m");
    assert_eq!(place(&app), "Marks");
    let shown = screen(&app);
    for text in ["5 marked", "kept: mammals_dog.jpg", "by hand", "1970-01-01", "/pictures/animals/birds_drake.jpg"] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    press(&mut app, " ");
    assert_eq!(marked(&app).len(), 4);
    press(&mut app, "<enter>");
    assert!(screen(&app).contains(" keep  mammals_dog.jpg") && app.visible().len() == 2, "{}", screen(&app));
    press(&mut app, "<esc>U");
    assert!(screen(&app).contains("unmark 4 pictures?  ⏎ yes  esc no"), "{}", screen(&app));
    // Keys that are no answer leave the question.
    press(&mut app, "<down>vqm");
    assert_eq!((marked(&app).len(), place(&app)), (4, "Unmarking all"));
    press(&mut app, "n");
    assert_eq!((marked(&app).len(), place(&app)), (4, "Marks"));
    press(&mut app, "U<esc>");
    assert_eq!((marked(&app).len(), place(&app)), (4, "Marks"));
    press(&mut app, "Uy");
    assert!(info(&app).contains("4 pictures unmarked"), "{}", info(&app));
    assert!(app.world.marks.is_empty());
    assert!(screen(&app).contains("No picture is marked"));
    press(&mut app, "m");
    assert_eq!(place(&app), "Viewer");
}

#[test]
fn the_kept_one_is_never_marked_nor_all_of_a_group() {
    let mut app = joined("0.99");
    press(&mut app, "<left>K ");
    assert!(info(&app).contains("mammals_dog.jpg is the kept picture"), "{}", info(&app));
    let others = marked(&app).len();
    // Another one is kept instead: pictures outside its range aren't marked for it.
    press(&mut app, "<right>K");
    let kept_for = |app: &App, name: &str| {
        let marks = app.world.marks.iter().filter(|mark| mark.kept().unwrap().name == name);
        marks.map(|mark| mark.file.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(kept_for(&app, "mammals_fox.jpg"), ["mammals_cow.jpg", "mammals_pig.jpg"]);
    assert_eq!(kept_for(&app, "mammals_dog.jpg"), ["mammals_cat.jpg"]);
    assert!(
        info(&app).contains("mammals_dog.jpg is kept instead of mammals_cat.jpg: unmark that first"),
        "{}",
        info(&app)
    );
    assert!(marked(&app).len() <= others, "{:?}", marked(&app));
    for _ in 0..6 {
        press(&mut app, " <right>");
    }
    let pictures = pairs(&app).pictures(0);
    assert!(marked(&app).len() < pictures);
}

#[test]
fn perhaps_the_same_file_is_never_marked() {
    let mut app = joined("0.99");
    press(&mut app, " ");
    assert_eq!(marked(&app).len(), 1);
    press(&mut app, " ");
    // One file, seen through several network mounts.
    let images = std::sync::Arc::make_mut(&mut app.world.sets[0].images);
    for (device, image) in (1..).zip(images) {
        (image.id, image.size, image.mtime_ns) = (FileId::Inode { device, inode: 7 }, 7, 7);
    }
    for keys in [" ", "<left>K", " "] {
        press(&mut app, keys);
        assert_eq!(marked(&app), [""; 0], "{keys}");
        assert!(!info(&app).is_empty(), "{keys}");
    }
}

#[test]
fn marks_follow_the_groups_of_a_changed_range() {
    let mut app = joined("0.9");
    press(&mut app, "<left>K");
    let before = marked(&app).len();
    press(&mut app, "e<left><left>");
    press(&mut app, &"<backspace>".repeat(4));
    press(&mut app, "0.999<enter>");
    let (after, notice) = (marked(&app).len(), info(&app).to_owned());
    assert!(after < before, "{after} of {before}");
    assert!(notice.contains(&format!("{} mark", before - after)) && notice.contains("group"), "{notice}");
    // Each remaining mark is in a shown group, with its kept picture.
    let list = app.world.marks.iter().cloned().collect::<Vec<_>>();
    for mark in list {
        let kept = mark.kept().unwrap().name.clone();
        let together = (0..pairs(&app).rows()).any(|row| {
            let (first, others) = pairs(&app).found().unwrap().get(row).unwrap();
            let names: Vec<_> = std::iter::once(&first.name).chain(others.iter().map(|n| &n.row.name)).collect();
            names.contains(&&kept) && names.contains(&&mark.file.name)
        });
        assert!(together, "{} with {kept}", mark.file.name);
    }
}

#[test]
fn a_join_that_was_left_is_come_back_to_with_its_marks() {
    let mut app = joined("0.99");
    press(&mut app, "<left>K<down>b");
    assert!(screen(&app).contains("✓ 4 marked"), "{}", screen(&app));
    let tasks = press(&mut app, "P");
    assert!(tasks.is_empty() && pairs(&app).selected.row == 1, "{tasks:?}");
    // Another join removes marks only once it has results.
    press(&mut app, "b<tab><left><left><backspace><backspace><backspace><backspace>1<enter>");
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Char('P'), KeyModifiers::NONE)));
    assert_eq!(marked(&app).len(), 4);
    press(&mut app, "W");
    assert!(info(&app).contains("not done yet"), "{}", info(&app));
    answer(&mut app, &tasks);
    assert_eq!((marked(&app).len(), info(&app)), (0, "4 marks dropped: their groups no longer exist"));
}

#[test]
fn what_a_scan_does_not_find_is_not_marked_any_more() {
    let mut app = joined("0.99");
    press(&mut app, "<left>K");
    let mut names = ANIMALS.to_vec();
    names.retain(|name| *name != "mammals_fox.jpg");
    let scan = |names: &[&str]| Event::Scanned(Scan { images: images("animals", names), ..Scan::default() });
    app.update(happened(0, scan(&names), Instant::now()));
    assert_eq!(marked(&app).len(), 3);
    assert!(info(&app).contains("1 mark dropped"), "{}", info(&app));
    names.retain(|name| *name != "mammals_dog.jpg");
    app.update(happened(0, scan(&names), Instant::now()));
    assert_eq!(marked(&app).len(), 0, "the kept one went");
    // Nor can it be marked.
    press(&mut app, " ");
    assert_eq!(marked(&app).len(), 0);
}

#[test]
fn all_of_a_group_picked_by_hand_lose_one_when_the_group_is_found() {
    let mut app = app(120, 40);
    for _ in ANIMALS {
        press(&mut app, " <right>");
    }
    assert_eq!(marked(&app).len(), 12);
    press(&mut app, "<tab><right><right><right><down><right>");
    press(&mut app, "0.99<enter>P");
    assert_eq!(info(&app), format!("{} pictures unmarked: one of each group must be kept", 12 - marked(&app).len()));
    assert_eq!(marked(&app).len(), 12 - pairs(&app).rows());
}

#[test]
fn only_q_tells_the_marks() {
    let mut app = app(120, 40);
    press(&mut app, " ");
    let stop = || Msg::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    let stopped = |app: &mut App| matches!(app.update(stop())[..], [Task::Stop]);
    // Marks would be lost: the user must ask twice.
    assert!(!stopped(&mut app) && info(&app).contains("1 mark not written"));
    assert!(stopped(&mut app));
    // Written marks aren't lost.
    press(&mut app, "W<enter>");
    list_ends(&mut app, Ok("1 path written".into()), Vec::new());
    assert!(stopped(&mut app));
    assert!(matches!(app.update(Msg::Terminate)[..], [Task::Terminate]));
    assert!(matches!(press(&mut app, "q")[..], [Task::Quit]));
    // Those left out are.
    let mut app = super::app(120, 40);
    press(&mut app, " W<enter>");
    list_ends(&mut app, Ok("nothing written".into()), vec![(PathBuf::from("/there/two\nlines.jpg"), "why".into())]);
    assert!(!stopped(&mut app) && info(&app).contains("1 mark not written"));
}

#[test]
fn what_was_refused_is_asked_for_again_over_the_list_of_marks_too() {
    let mut app = app(120, 40);
    press(&mut app, " m");
    press(&mut app, "W<enter>");
    let refused = Err(Error::Input("simages-marked.txt exists already; choose another name".into()));
    list_ends(&mut app, refused, Vec::new());
    assert!(prompt(&app) == "simages-marked.txt" && screen(&app).contains("choose another name"), "{}", screen(&app));
}

#[test]
fn pictures_are_copied_into_a_folder_and_what_was_refused_is_asked_for_again() {
    let mut app = app(120, 40);
    press(&mut app, "C");
    assert!(screen(&app).contains("copy into the folder") && screen(&app).contains(ANIMALS[0]), "{}", screen(&app));
    press(&mut app, "<esc> <right> C");
    assert!(screen(&app).contains("2 marked pictures"), "{}", screen(&app));
    let tasks = press(&mut app, "/there/picked<enter>");
    let Some(Task::WriteJoin(JoinJob { generation, goal: JoinGoal::Copy(job) })) = tasks.first() else {
        panic!("{tasks:?}")
    };
    assert_eq!((job.files.len(), job.folder.as_path()), (2, Path::new("/there/picked")));
    let ended = |outcome| Msg::Joining(JoinNews::Ended(*generation, outcome));
    app.update(ended(Err(Error::Input("0 of 2 pictures copied; /there: no space left".into()))));
    assert!(prompt(&app) == "/there/picked" && screen(&app).contains("no space left"), "{}", screen(&app));
    let tasks = press(&mut app, "2<enter>");
    let Some(Task::WriteJoin(JoinJob { generation, goal: JoinGoal::Copy(job) })) = tasks.first() else {
        panic!("{tasks:?}")
    };
    assert_eq!((job.files.len(), job.folder.as_path()), (2, Path::new("/there/picked2")));
    app.update(Msg::Joining(JoinNews::Ended(
        *generation,
        Ok(JoinOutcome::Written("2 pictures copied to /there/picked2".into())),
    )));
    assert_eq!(info(&app), "2 pictures copied to /there/picked2");
    // The pictures were copied: stopping loses nothing.
    let stop = Msg::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    assert!(matches!(app.update(stop)[..], [Task::Stop]));
}

#[test]
fn the_path_is_copied_wherever_one_stands_and_then_how_to_fetch_it() {
    let mut app = app(120, 40);
    let copied = |app: &mut App| match &press(app, "y")[..] {
        [Task::Copy(text)] => String::from_utf8(text.clone()).unwrap(),
        other => panic!("{other:?}"),
    };
    let path = format!("/pictures/animals/{}", ANIMALS[0]);
    assert_eq!(copied(&mut app), path);
    let line = copied(&mut app);
    assert!(line.starts_with("scp ") && line.contains(&path), "{line}");
    assert_eq!(copied(&mut app), path);
    press(&mut app, "<right>");
    assert!(copied(&mut app).ends_with(ANIMALS[1]));
    for keys in ["v", "<esc><enter>", "v", "<esc>bP", "v"] {
        press(&mut app, keys);
        assert!(copied(&mut app).contains("/pictures/"), "after {keys}: {}", screen(&app));
    }
}
