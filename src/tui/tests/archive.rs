//! Which pictures of a dataset are in the others, on the screens.

use super::duplicates::is_asked_for_again_with_rows;
use super::*;
use crate::archive::StandingKind;
use crate::dataset::{ContentHash, Facts, FileLook, PerceptualHash, Skipped, SmallPicture};
use crate::index::indexer::Summary;
use crate::tui::rehearsal::{ended, photograph};
use crate::tui::scene::as_screen_mut;
use crate::tui::scenes::ArchiveTabs;

/// Garden has the first animal byte for byte, the second smaller, and perhaps another shot of the third.
fn found(width: u16, height: u16) -> App {
    let mut app = app(width, height);
    let row = |image: &ImageFile, motif: usize, content: u8, facts: Facts| {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        (dense[motif], dense[100]) = (10.0, f32::from(content % 7));
        let mut random = fastrand::Rng::with_seed(motif as u64);
        let hash = PerceptualHash([random.u64(..) | 1, random.u64(..), random.u64(..), random.u64(..)]);
        let small = SmallPicture(Box::new([content; SmallPicture::BYTES]));
        let look = FileLook { content: ContentHash([content; 32]), hash, facts, small };
        Row::of(image, Descriptor::from_dense(&dense).unwrap(), &look)
    };
    let smaller = Facts { width: 800, height: 600, ..photograph() };
    let sets = &app.world.sets;
    let animals = sets[0].images.iter().enumerate().map(|(at, image)| row(image, at, at as u8 + 50, photograph()));
    let garden = sets[1].images.iter().enumerate().map(|(at, image)| match at {
        0 => row(image, 0, 50, photograph()),
        1 => row(image, 1, 90, smaller),
        _ => row(image, 2, 91, photograph()),
    });
    let (animals, garden): (FeatureMatrix, FeatureMatrix) = (animals.collect(), garden.collect());
    for (dataset, matrix) in [(0, animals), (1, garden)] {
        let progress = Progress::images(0, 0);
        app.update(happened(dataset, Event::Indexed { matrix, progress }, Instant::now()));
    }
    let skipped = vec![Skipped { file: "broken.jpg".into(), path: None, error: "damaged".into() }];
    let summary = |skipped| Summary { images: 12, indexed: 12, computed: 0, absent: 0, skipped };
    app.update(ended(0, Ok(summary(skipped))));
    app.update(ended(1, Ok(summary(Vec::new()))));
    press(&mut app, "I");
    app
}

fn shown(app: &mut App) -> &mut ArchiveTabs {
    as_screen_mut::<ArchiveTabs>(app.trail.shown_mut()).expect("the archive is shown")
}

fn info(app: &App) -> &str {
    match &app.world.notice {
        Some(Notice::Info(text) | Notice::Error(text)) => text,
        None => "",
    }
}

#[test]
fn each_picture_is_in_one_tab_beside_its_best_match() {
    let mut app = found(120, 40);
    assert_eq!(place(&app), "Is it there?");
    let text = screen(&app);
    for part in ["animals in garden", "not there 9", "unsure 1", "there, but smaller 1", "there 1", "can't be read 1"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    for (tab, said) in [
        ("unsure", "perhaps another shot"),
        ("smaller", "fewer pixels there"),
        ("there", "identical"),
        ("read", "broken.jpg: damaged"),
    ] {
        press(&mut app, "]");
        assert!(screen(&app).contains(said), "{tab}: {}", screen(&app));
    }
    press(&mut app, "]");
    assert_eq!(shown(&mut app).tab, StandingKind::New);
    press(&mut app, "[[");
    assert_eq!(shown(&mut app).tab, StandingKind::There);
    press(&mut app, "b");
    assert_eq!(place(&app), "Key select");
}

#[test]
fn a_tab_is_written_compared_and_marked_in() {
    let mut app = found(80, 24);
    // Three keys from the first screen to the list of new pictures.
    let tasks = press(&mut app, "W<enter>");
    let MarksToWrite { path, marks, .. } = list(&tasks);
    assert!(marks.len() == 9 && path.ends_with("simages-new.txt") && marks.iter().all(|mark| mark.kept().is_none()));
    list_ends(&mut app, Ok("9 paths written".into()), Vec::new());
    // More was indexed, and isn't compared yet: what is missing isn't known.
    let archive = shown(&mut app);
    let answer = archive.request.answer().unwrap().clone();
    archive.request.again(u64::MAX);
    assert!(press(&mut app, "W").is_empty() && info(&app).contains("still comparing"), "{}", info(&app));
    shown(&mut app).request.take(Ok(answer));
    press(&mut app, "[[");
    let tasks = press(&mut app, "W<enter>");
    assert!(list(&tasks).marks[0].kept().is_some());
    list_ends(&mut app, Ok("1 path written".into()), Vec::new());
    press(&mut app, "v");
    assert_eq!(place(&app), "Side by side with an archive");
    // The card's is on the left, as in the list.
    press(&mut app, " ");
    let marked: Vec<_> = app.world.marks.iter().map(|mark| mark.file.path.clone()).collect();
    assert_eq!(marked, [app.world.sets[0].images[0].path.clone()]);
    press(&mut app, "b");
    assert_eq!(app.world.marks.len(), 1);
    // The marked one only, still beside the archive's.
    let tasks = press(&mut app, "]W<enter>");
    let MarksToWrite { path, marks, .. } = list(&tasks);
    let files: Vec<_> = marks.iter().map(|mark| mark.file.path.clone()).collect();
    assert!(files == marked && marks[0].kept().is_some() && path.ends_with("simages-marked.txt"), "{marks:?}");
    list_ends(&mut app, Ok("1 path written".into()), Vec::new());
    assert_eq!(app.world.marks_taken, app.world.marks.changes());
    press(&mut app, "[");
    press(&mut app, "n");
    assert!(info(&app).contains("byte-identical"), "{}", info(&app));
    // The archive goes while the prompt is open.
    let mut gone = found(80, 24);
    press(&mut gone, "W");
    gone.update(happened(1, Event::Scanned(Scan::default()), Instant::now()));
    gone.update(ended(1, failure("garden: no such file or folder")));
    assert!(press(&mut gone, "<enter>").is_empty());
    assert!(info(&gone).contains("couldn't be read or indexed"), "{}", info(&gone));
    // The next tab has no pictures to write.
    press(&mut app, " ");
    assert_eq!(app.world.marks.len(), 0);
    press(&mut app, "]W");
    assert!(info(&app).contains("no pictures"), "{}", info(&app));
}

#[test]
fn without_another_dataset_there_is_nothing_to_look_in_and_what_is_missing_is_said() {
    let mut app = app(120, 40);
    press(&mut app, "I");
    // One picture of garden isn't indexed.
    assert!(screen(&app).contains("1 picture of the others not indexed yet"), "{}", screen(&app));
    for key in ["W", "C"] {
        press(&mut app, key);
        assert!(info(&app).contains("1 picture not compared yet; which pictures are missing"), "{key}: {}", info(&app));
        assert_eq!(place(&app), "Is it there?");
    }
    let mut alone = super::app(120, 40);
    alone.world.sets.truncate(1);
    press(&mut alone, "I");
    assert!(info(&alone).contains("no other dataset"), "{}", info(&alone));
}

#[test]
fn screens_look_as_drawn() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut app = found(width, height);
        insta::assert_snapshot!(format!("not_there_{width}x{height}"), screen(&app));
        press(&mut app, "]");
        insta::assert_snapshot!(format!("unsure_{width}x{height}"), screen(&app));
    }
}

#[test]
fn what_was_asked_for_before_the_stored_rows_were_open_is_asked_for_again_with_them() {
    let mut app = found(120, 40);
    press(&mut app, "<esc>");
    is_asked_for_again_with_rows(app, 'I');
}
