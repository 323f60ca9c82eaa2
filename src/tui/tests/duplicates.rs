//! Groups of near-duplicates on the screens.

use std::sync::Arc;

use super::*;
use crate::dataset::{ContentHash, Facts, FileLook, PerceptualHash, SmallPicture};
use crate::duplicates::VerdictsFile;
use crate::index::indexer::Summary;
use crate::tui::jobs::{ArchiveJob, DuplicatesJob, JoinGoal, JoinJob};
use crate::tui::rehearsal::{ended, photograph};
use crate::tui::scene::as_screen_mut;
use crate::tui::scenes::Duplicates;
use crate::tui::set::SetState;

/// Eight of the animals form four pairs: another size, byte-identical, another shot (twice).
pub fn copies(width: u16, height: u16) -> App {
    alike(width, height, 2)
}

/// Eight of the animals form groups of `size`.
pub fn alike(width: u16, height: u16, size: usize) -> App {
    let mut app = app(width, height);
    let facts = photograph();
    let row = |(at, image): (usize, &ImageFile)| {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        // The last four are like nothing.
        let motif = if at < 8 { at / size } else { at };
        (dense[motif], dense[100]) = (10.0, if at < 8 && at % 2 == 1 { 2.0 } else { 0.0 });
        let copy = at < 8 && at % 2 == 1;
        let facts = match (motif, copy) {
            (0, true) => Facts { width: 800, height: 600, ..facts },
            _ => facts,
        };
        let mut random = fastrand::Rng::with_seed(motif as u64);
        let hash = PerceptualHash([random.u64(..) | 1, random.u64(..), random.u64(..), random.u64(..)]);
        let content = if motif == 1 && size == 2 { 1 } else { at as u8 + 50 };
        let small = SmallPicture(Box::new([9; SmallPicture::BYTES]));
        let look = FileLook { content: ContentHash([content; 32]), hash, facts, small };
        Row::of(image, Descriptor::from_dense(&dense).unwrap(), &look)
    };
    let matrix = app.world.sets[0].images.iter().enumerate().map(row).collect();
    let progress = Progress::images(0, 0);
    app.update(happened(0, Event::Indexed { matrix, progress }, Instant::now()));
    app.world.sets[1].matrix = FeatureMatrix::default();
    app
}

pub fn found(width: u16, height: u16) -> App {
    let mut app = copies(width, height);
    press(&mut app, "D");
    app
}

fn shown(app: &mut App) -> &mut Duplicates {
    as_screen_mut::<Duplicates>(app.trail.shown_mut()).expect("groups are shown")
}

fn name_of(app: &mut App, picture: u32) -> String {
    shown(app).answer().unwrap().collection.name(picture)
}

pub fn marked(app: &App) -> Vec<&str> {
    app.world.marks.iter().map(|mark| mark.file.name.as_str()).collect()
}

pub fn info(app: &App) -> &str {
    match &app.world.notice {
        Some(Notice::Info(text) | Notice::Error(text)) => text,
        None => "",
    }
}

fn selected(app: &mut App) -> (usize, usize) {
    let at = shown(app).selected;
    (at.row, at.picture)
}

#[test]
fn groups_say_what_is_kept_and_what_may_go() {
    let mut app = found(120, 40);
    assert_eq!(place(&app), "Near-duplicates");
    let text = screen(&app);
    for part in [
        "animals + garden",
        "4 groups",
        "2 to mark, 14 kB",
        "range 0.60",
        "keep: pixels, lossless, colours",
        "identical",
        "smaller",
        "another shot?",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // Identical ones first; the selected one is told in full.
    assert_eq!(selected(&mut app), (0, 1));
    assert!(text.contains(": a copy (identical) of animals/"), "{text}");
}

#[test]
fn a_rule_marks_what_it_says_and_asks_before() {
    let mut app = found(120, 40);
    press(&mut app, "M");
    assert!(screen(&app).contains("mark 2 pictures in 2 groups, 14 kB?"), "{}", screen(&app));
    assert!(screen(&app).contains("2 unsure stay unmarked"), "{}", screen(&app));
    press(&mut app, "<esc>");
    assert_eq!(marked(&app), [""; 0]);
    // Keys that are no answer leave the question.
    press(&mut app, "Mxq");
    assert!(screen(&app).contains("mark 2 pictures in 2 groups"), "{}", screen(&app));
    press(&mut app, "n");
    assert_eq!(marked(&app), [""; 0]);
    press(&mut app, "My");
    assert_eq!(marked(&app).len(), 2);
    assert_eq!(info(&app), "2 pictures marked; W writes their paths");
    assert!(app.world.marks.iter().all(|mark| mark.kept().is_some_and(|kept| !app.world.marks.contains(&kept.path))));
    // The kept picture can't be marked, nor a whole group.
    press(&mut app, "<left> ");
    assert_eq!(marked(&app).len(), 2, "{}", info(&app));
    assert!(!info(&app).is_empty());
    press(&mut app, "MM");
    assert_eq!(marked(&app), [""; 0]);
    // What has changed since the question isn't answered by it.
    press(&mut app, "MyM");
    let first = app.world.marks.iter().next().unwrap().file.path.clone();
    app.world.marks.unmark(&first);
    press(&mut app, "y");
    assert!(marked(&app).len() == 1 && info(&app).contains("have changed since M asked"), "{}", info(&app));
    // Five keys from the first screen to a list of paths.
    let mut app = copies(120, 40);
    let tasks = press(&mut app, "DM<enter>W<enter>");
    assert_eq!(list(&tasks).marks.len(), 2);
}

#[test]
fn one_key_goes_to_each_picture_that_is_left_to_judge() {
    let mut app = found(120, 40);
    let mut seen = Vec::new();
    for _ in 0..3 {
        press(&mut app, "u");
        seen.push(selected(&mut app));
    }
    assert!(seen[0] != seen[1] && seen[0] == seen[2], "{seen:?}");
    // A mark by hand counts as judged.
    press(&mut app, " uu");
    assert_eq!(selected(&mut app), seen[1]);
    press(&mut app, " u");
    assert_eq!(info(&app), "no picture is left for you to judge");
}

#[test]
fn the_range_is_moved_and_groups_and_marks_follow() {
    let mut app = found(120, 40);
    press(&mut app, "M<enter>e");
    assert_eq!(place(&app), "Range of near-duplicates");
    // The cosine of the pairs is 0.98; the hash holds some together whatever the range.
    let groups = shown(&mut app).plan.groups.len();
    press(&mut app, &"<right>".repeat(39));
    assert!(screen(&app).contains("range 0.99"), "{}", screen(&app));
    assert_eq!(shown(&mut app).plan.groups.len(), groups);
    press(&mut app, &"<right>".repeat(9));
    assert!(screen(&app).contains("range 1.00"));
    press(&mut app, &"<left>".repeat(200));
    assert!(screen(&app).contains("range 0.30"), "{}", screen(&app));
    press(&mut app, "<esc>");
    assert!(screen(&app).contains("range 0.60") && place(&app) == "Near-duplicates");
    assert_eq!(marked(&app).len(), 2);
    // Another descriptor applies at once.
    press(&mut app, "e<down>");
    assert!(screen(&app).contains("by full") && screen(&app).contains("range 0.65"), "{}", screen(&app));
    press(&mut app, "<esc>");
    assert!(screen(&app).contains("by best") && screen(&app).contains("range 0.60"), "{}", screen(&app));
}

#[test]
fn what_is_no_duplicate_is_remembered_listed_and_taken_back() {
    let mut app = found(120, 40);
    let folder = tempfile::tempdir().unwrap();
    app.world.verdicts = Some(VerdictsFile::new(folder.path()));
    press(&mut app, "n");
    assert!(info(&app).contains("byte-identical"), "{}", info(&app));
    press(&mut app, "<right><right>n");
    assert!(info(&app).contains("no duplicate of animals/birds_drake.jpg; N lists such pairs"), "{}", info(&app));
    assert!(screen(&app).contains("3 groups"), "{}", screen(&app));
    press(&mut app, "N");
    assert_eq!(place(&app), "Not duplicates");
    assert!(screen(&app).contains("1 of 1") && screen(&app).contains("/pictures/animals/"), "{}", screen(&app));
    press(&mut app, "n");
    assert!(screen(&app).contains("Nothing declared yet"), "{}", screen(&app));
    press(&mut app, "N");
    assert!(screen(&app).contains("4 groups"), "{}", screen(&app));
    // Side by side, only the two shown; the next pair follows.
    press(&mut app, "<enter>n");
    assert_eq!(place(&app), "Side by side");
    assert!(info(&app).contains("no duplicate of "), "{}", info(&app));
    assert!(screen(&app).contains("of 3   picture"), "{}", screen(&app));
    assert_eq!(app.world.judged.len(), 1);
    // Marks outlive what follows from the answer, the byte-identical one's too.
    press(&mut app, "<esc>M<enter>");
    let before = marked(&app).len();
    press(&mut app, "e<left><right><esc>");
    assert!(before > 0 && marked(&app).len() == before, "{}", info(&app));
    // They are by rule also when one comes back.
    press(&mut app, "bDM");
    assert!(screen(&app).contains("unmark "), "{}", screen(&app));
}

#[test]
fn of_a_group_of_four_n_parts_the_two_shown_and_k_marks_none_that_was_parted() {
    let mut app = alike(120, 40, 4);
    let folder = tempfile::tempdir().unwrap();
    app.world.verdicts = Some(VerdictsFile::new(folder.path()));
    press(&mut app, "D");
    shown(&mut app).selected.picture = 1;
    press(&mut app, "<enter>");
    let pictures: Vec<u32> = shown(&mut app).group(0).unwrap().pictures().collect();
    assert_eq!(pictures.len(), 4);
    let selected = |app: &mut App| {
        let groups = shown(app);
        groups.number(groups.selected).unwrap()
    };
    assert_eq!(selected(&mut app), pictures[1]);
    // The next one follows, wherever the parted one went.
    press(&mut app, "n");
    assert_eq!((place(&app), selected(&mut app)), ("Side by side", pictures[2]));
    let parted = name_of(&mut app, pictures[1]);
    press(&mut app, "<esc>");
    let row = shown(&mut app).selected.row;
    let group: Vec<u32> = shown(&mut app).group(row).unwrap().pictures().collect();
    assert!(group[0] == pictures[0] && group.contains(&pictures[1]), "through the others: {group:?}");
    shown(&mut app).selected.picture = 0;
    press(&mut app, "K");
    assert_eq!(marked(&app).len(), 2, "{}", info(&app));
    assert!(!marked(&app).iter().any(|name| parted.ends_with(name)), "{parted}: {:?}", marked(&app));
    // Once a marked one is declared no duplicate of the kept one, it isn't marked, although one group holds both.
    let place = marked(&app)[0].to_owned();
    let group: Vec<u32> = shown(&mut app).group(row).unwrap().pictures().collect();
    shown(&mut app).selected.picture = group.iter().position(|at| name_of(&mut app, *at).ends_with(&place)).unwrap();
    press(&mut app, "<enter>n");
    assert!(info(&app).contains("1 picture unmarked") && marked(&app).len() == 1, "{}", info(&app));
    assert!(!marked(&app).contains(&&*place), "{place}");
}

#[test]
fn q_asks_before_it_leaves_out_marks_whose_groups_are_being_recomputed() {
    let mut app = found(120, 40);
    press(&mut app, "M<enter>");
    app.world.marks.unsettle();
    let stop = Msg::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    assert!(app.update(stop).is_empty());
    assert!(press(&mut app, "q").is_empty() && screen(&app).contains("q again leaves out their marks"));
    assert!(matches!(press(&mut app, "q")[..], [Task::Quit]));
}

#[test]
fn one_moves_through_groups_and_compares_side_by_side() {
    let mut app = found(120, 40);
    press(&mut app, "<right>");
    assert_eq!(selected(&mut app), (1, 0));
    press(&mut app, "<left><left><left>");
    assert_eq!(selected(&mut app), (0, 0));
    press(&mut app, "G<down><right><right>");
    assert_eq!(selected(&mut app), (3, 1));
    press(&mut app, "g<enter>");
    assert_eq!(place(&app), "Side by side");
    assert_eq!(app.visible().len(), 2);
    assert!(screen(&app).contains("group 1 of 4   picture 2 of 2"), "{}", screen(&app));
    press(&mut app, "<right> ");
    assert_eq!(marked(&app).len(), 1);
    press(&mut app, "<esc>");
    assert_eq!(selected(&mut app), (1, 1));
    // Now this one is kept, and the other one marked.
    let before = marked(&app)[0].to_owned();
    press(&mut app, "K");
    assert!(marked(&app).len() == 1 && marked(&app)[0] != before, "{:?}", marked(&app));
}

#[test]
fn rules_and_folders_are_switched_by_a_key() {
    let mut app = found(120, 40);
    press(&mut app, "R");
    assert!(screen(&app).contains("keep: oldest, pixels"), "{}", screen(&app));
    press(&mut app, "M<enter>");
    assert!(!marked(&app).is_empty());
    // Then the open folders, whose pictures are never marked, not even if they were before.
    press(&mut app, "RRRR");
    assert!(info(&app).contains("unmarked, because rules") && marked(&app).is_empty(), "{}", info(&app));
    assert!(screen(&app).contains("keep: in animals, pixels"), "{}", screen(&app));
    press(&mut app, "M");
    assert!(info(&app).contains("the rules mark nothing here"), "{}", info(&app));
    press(&mut app, "R");
    assert!(screen(&app).contains("keep: in garden, pixels"), "{}", screen(&app));
    press(&mut app, "R");
    assert!(screen(&app).contains("keep: pixels, lossless"), "{}", screen(&app));
    press(&mut app, "A");
    // All are in one folder: only byte-identical ones are left.
    assert!(screen(&app).contains("1 group") && screen(&app).contains("across folders"), "{}", screen(&app));
    press(&mut app, "A");
    assert!(screen(&app).contains("4 groups"));
}

#[test]
fn what_is_looked_for_can_be_given_up_and_why_there_is_nothing_is_said() {
    let mut app = copies(120, 40);
    let tasks = app.update(Msg::Key(KeyEvent::new(KeyCode::Char('D'), KeyModifiers::NONE)));
    assert!(screen(&app).contains("comparing 12 pictures with each other"), "{}", screen(&app));
    let left = press(&mut app, "<esc>");
    assert!(matches!(&left[..], [Task::StopJoin]), "{left:?}");
    answer(&mut app, &tasks);
    assert_eq!(place(&app), "Key select");
    app.world.sets[0].matrix = FeatureMatrix::default();
    press(&mut app, "D");
    assert!(screen(&app).contains("no near-duplicates among"), "{}", screen(&app));
    app.world.sets[0].images = Arc::default();
    app.world.sets[1].images = Arc::default();
    assert!(screen(&app).contains("no pictures"), "{}", screen(&app));
}

#[test]
fn screens_look_as_drawn() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut app = found(width, height);
        insta::assert_snapshot!(format!("groups_{width}x{height}"), screen(&app));
        press(&mut app, "M<enter><right><right>");
        insta::assert_snapshot!(format!("marked_{width}x{height}"), screen(&app));
    }
}

#[test]
fn what_was_asked_for_before_the_stored_rows_were_open_is_asked_for_again_with_them() {
    is_asked_for_again_with_rows(copies(120, 40), 'D');
}

/// Presses a key that asks for work on the first dataset before its stored rows are open: once they all are, the work is
/// asked for again, with them.
pub fn is_asked_for_again_with_rows(mut app: App, key: char) {
    let matrix = std::mem::take(&mut app.world.sets[0].matrix);
    app.world.sets[0].state = SetState::Waiting;
    let rows = |task: &Task| match task {
        Task::Join(JoinJob { goal: JoinGoal::Duplicates(DuplicatesJob { sources, .. }), .. })
        | Task::Join(JoinJob { goal: JoinGoal::Archive(ArchiveJob { sources, .. }), .. }) => {
            Some(sources[0].matrix.len())
        }
        _ => None,
    };
    let rows = |tasks: &[Task]| tasks.iter().filter_map(rows).collect::<Vec<_>>();
    let early = app.update(Msg::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)));
    assert_eq!(rows(&early), [0]);
    let opened = Event::Indexed { matrix, progress: Progress::images(0, 0) };
    assert_eq!(rows(&app.update(happened(0, opened, Instant::now()))), [0; 0], "perhaps more are on the way");
    let summary = Summary { images: 12, indexed: 12, computed: 0, absent: 0, skipped: Vec::new() };
    assert_eq!(rows(&app.update(ended(0, Ok(summary.clone())))), [12]);
    assert_eq!(rows(&app.update(ended(0, Ok(summary)))), [0; 0], "once");
}
