//! Lists of marks that an earlier session wrote.

use super::duplicates::{copies, found, info, marked};
use super::*;
use crate::marks::{Separator, joined};
use crate::tui::jobs::ReadList;

/// The message about a list that was opened; the pictures are from before it was written, unless `written_ns` is 0.
fn list_of(app: &App, written_ns: i64) -> Msg {
    let paths: Vec<_> = app.world.marks.iter().map(|mark| mark.file.path.clone()).collect();
    let bytes = joined(&paths, Separator::Line).unwrap();
    Msg::Opened(Ok(OpenedFile::List(ReadList { path: "/lists/yesterday.txt".into(), bytes, written_ns })))
}

/// Each marked picture, and the one kept in its place.
fn kept(app: &App) -> Vec<(PathBuf, Option<PathBuf>)> {
    let of = |mark: &crate::marks::Mark| (mark.file.path.clone(), mark.kept().map(|kept| kept.path.clone()));
    app.world.marks.iter().map(of).collect()
}

#[test]
fn marks_come_back_in_their_groups_with_what_was_kept() {
    let mut before = found(120, 40);
    // By the rules, but in the first group the user keeps the other picture.
    press(&mut before, "KM<enter>");
    assert_eq!(before.world.marks.len(), 2);
    let mut app = found(120, 40);
    press(&mut app, "oyesterday.txt<enter>");
    app.update(list_of(&before, 2));
    assert_eq!(kept(&app), kept(&before));
    assert!(kept(&app).iter().all(|(_, kept)| kept.is_some()));
    assert_eq!(info(&app), "2 pictures marked again");
    // The same list is proposed again.
    let tasks = press(&mut app, "W<enter>");
    assert!(list(&tasks).path.ends_with("yesterday.txt"));
}

#[test]
fn elsewhere_they_come_back_as_marked_by_hand_and_near_duplicates_keep_one_of_each_group() {
    let mut before = copies(120, 40);
    press(&mut before, " <right> ");
    assert_eq!(before.world.marks.len(), 2);
    let mut app = copies(120, 40);
    app.update(list_of(&before, 2));
    assert_eq!(kept(&app), kept(&before));
    press(&mut app, "D");
    assert_eq!(marked(&app).len(), 1, "{}", info(&app));
}

#[test]
fn what_has_changed_or_gone_since_is_not_marked_and_that_is_said() {
    let mut before = copies(120, 40);
    press(&mut before, " ");
    let mut app = copies(120, 40);
    press(&mut app, "oyesterday.txt<enter>");
    app.update(list_of(&before, 0));
    assert!(app.world.marks.is_empty());
    let text = screen(&app);
    assert!(text.contains("nothing marked: ") && text.contains("has changed since the list"), "{text}");
    assert_eq!(prompt(&app), "yesterday.txt");
    press(&mut app, "<esc>");
    let list = |text: &str| ReadList { path: "/l.txt".into(), bytes: text.into(), written_ns: 2 };
    app.update(Msg::Opened(Ok(OpenedFile::List(list("/gone.jpg\n")))));
    assert!(info(&app).contains("gone.jpg is in none of the scanned datasets"), "{}", info(&app));
    app.update(Msg::Opened(Ok(OpenedFile::List(list("")))));
    assert!(info(&app).ends_with("the list is empty"), "{}", info(&app));
}
