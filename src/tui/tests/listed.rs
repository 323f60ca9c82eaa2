//! Lists of marks that an earlier session wrote.

use super::duplicates::{alike, copies, found, info, marked};
use super::*;
use crate::marks::{Mark, MarkRecord, Separator, joined};
use crate::tui::jobs::ReadList;

/// The message about the list that `app` would write.
fn list_of(app: &App) -> Msg {
    opened(app.world.marks.iter().map(|mark| (mark.file.path.clone(), MarkRecord::of(mark))).collect())
}

fn opened(marks: Vec<(PathBuf, MarkRecord)>) -> Msg {
    let paths: Vec<_> = marks.iter().map(|(path, _)| path.clone()).collect();
    let bytes = joined(&paths, Separator::Line).unwrap();
    Msg::Opened(Ok(OpenedFile::List(ReadList { path: "/lists/yesterday.txt".into(), bytes, marks })))
}

/// Each marked picture, and the one kept in its place.
fn kept(app: &App) -> Vec<(PathBuf, Option<PathBuf>)> {
    let of = |mark: &Mark| (mark.file.path.clone(), mark.kept().map(|kept| kept.path.clone()));
    app.world.marks.iter().map(of).collect()
}

#[test]
fn marks_come_back_in_their_groups_with_what_was_kept() {
    let mut before = found(120, 40);
    // By the rules, but in the first group the user keeps the other picture.
    press(&mut before, "KM<enter>");
    assert_eq!(before.world.marks.len(), 2);
    let mut app = found(120, 40);
    let tasks = press(&mut app, "oyesterday.txt<enter>");
    assert!(matches!(&tasks[..], [Task::Open(path)] if path.as_os_str() == "yesterday.txt"), "{tasks:?}");
    app.update(list_of(&before));
    assert_eq!(kept(&app), kept(&before));
    assert!(kept(&app).iter().all(|(_, kept)| kept.is_some()));
    assert_eq!(info(&app), "2 pictures marked again");
    // The same list is proposed again.
    let tasks = press(&mut app, "W<enter>");
    assert!(list(&tasks).path.ends_with("yesterday.txt"));
}

#[test]
fn in_a_group_of_several_the_one_that_was_kept_stays_or_nothing_is_marked() {
    let group = |app: &mut App| {
        press(app, "D");
        app.world.sets[0].images.iter().take(4).cloned().collect::<Vec<_>>()
    };
    let mut before = alike(120, 40, 4);
    let images = group(&mut before);
    let record = |at: usize, kept: usize| {
        let content = |at: usize| before.world.sets[0].matrix.get(&images[at].name).and_then(|row| row.content());
        let kept = crate::marks::KeptRecord { path: images[kept].path.clone(), content: content(kept) };
        (images[at].path.clone(), MarkRecord { content: content(at), kept: Some(kept) })
    };
    // Neither the first of the group, nor the one that the rules keep.
    let list = vec![record(0, 3), record(1, 3)];
    let mut app = alike(120, 40, 4);
    group(&mut app);
    app.update(opened(list.clone()));
    assert!(kept(&app).iter().all(|(_, kept)| kept.as_ref() == Some(&images[3].path)), "{}", info(&app));
    assert_eq!(app.world.marks.len(), 2);
    // The kept one has gone: no other takes its place.
    let mut app = alike(120, 40, 4);
    let mut left = app.world.sets[0].images.to_vec();
    left.retain(|image| image.path != images[3].path);
    app.update(happened(0, Event::Scanned(Scan { images: left, ..Scan::default() }), Instant::now()));
    group(&mut app);
    app.update(opened(list.clone()));
    assert!(app.world.marks.is_empty(), "{}", info(&app));
    assert!(info(&app).contains("is in none of the scanned datasets"));
    // Nor where no group holds the two any more.
    let mut app = found(120, 40);
    app.update(opened(vec![record(0, 3)]));
    assert!(app.world.marks.is_empty() && info(&app).contains("nothing marked: "), "{}", info(&app));
}

#[test]
fn elsewhere_only_pictures_marked_by_hand_come_back() {
    let mut before = copies(120, 40);
    press(&mut before, " <right> ");
    assert_eq!(before.world.marks.len(), 2);
    let mut app = copies(120, 40);
    app.update(list_of(&before));
    assert_eq!(kept(&app), kept(&before));
    // Both are one pair of near-duplicates: one stays.
    press(&mut app, "D");
    assert_eq!(marked(&app).len(), 1, "{}", info(&app));
    let mut grouped = found(120, 40);
    press(&mut grouped, "M<enter>");
    let mut app = copies(120, 40);
    app.update(list_of(&grouped));
    assert!(
        app.world.marks.is_empty() && info(&app) == "nothing marked: press D, then o: marked in groups",
        "{}",
        info(&app)
    );
}

#[test]
fn what_has_changed_since_is_not_marked_and_that_is_said() {
    let mut before = copies(120, 40);
    press(&mut before, " <right> ");
    let mut list: Vec<_> =
        before.world.marks.iter().map(|mark| (mark.file.path.clone(), MarkRecord::of(mark))).collect();
    list[0].1.content = Some(crate::dataset::ContentHash([1; 32]));
    let mut app = copies(120, 40);
    app.update(opened(list.clone()));
    assert!(app.world.marks.len() == 1 && info(&app).starts_with("1 of 2 marked again; not: "), "{}", info(&app));
    // Written anew, it would lose what was refused: another name is proposed.
    let tasks = press(&mut app, "W<enter>");
    assert!(super::list(&tasks).path.ends_with("simages-marked.txt"));
    let mut app = copies(120, 40);
    press(&mut app, "oyesterday.txt<enter>");
    app.update(opened(list[..1].to_vec()));
    assert!(app.world.marks.is_empty());
    let text = screen(&app);
    assert!(text.contains("nothing marked: ") && text.contains("has changed since the list was written"), "{text}");
    assert_eq!(prompt(&app), "yesterday.txt");
}
