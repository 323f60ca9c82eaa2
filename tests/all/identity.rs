//! Which picture is which: what was moved, copied or touched is not computed again, and what is away is not lost.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::common::{Place, files, index, starter};
use serde_json::json;
use simages::dataset::Dataset;
use simages::descriptor::Row;
use simages::index::store::Store;

const DUCK: &str = "birds_duck.jpg";
const OWL: &str = "birds_owl.jpg";
const FROG: &str = "amphibians_frog.jpg";

/// With three pictures in a folder below, indexed.
fn indexed() -> Place {
    let place = Place::with(&[DUCK]);
    fs::create_dir(place.animals().join("a")).unwrap();
    place.copy(OWL, "a/owl.jpg");
    place.copy(FROG, "a/frog.jpg");
    assert_eq!(index(&place).0["computed"], json!(3));
    place
}

/// How many pictures are computed, are there, and are absent.
fn counts(place: &Place) -> [u64; 3] {
    let (report, _) = index(place);
    ["computed", "indexed", "absent"].map(|key| report[key].as_u64().unwrap())
}

fn set_modified(path: &Path, at: SystemTime) {
    fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
}

/// As `cp -r` does it: what is copied is new.
fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        match entry.path().is_dir() {
            true => copy_folder(&entry.path(), &to.join(entry.file_name())),
            false => fs::write(to.join(entry.file_name()), fs::read(entry.path()).unwrap()).unwrap(),
        }
    }
}

#[test]
fn a_renamed_folder_or_file_is_not_computed_again() {
    let place = indexed();
    let before = place.stored().matrix;
    fs::rename(place.animals().join("a"), place.animals().join("b")).unwrap();
    fs::rename(place.animals().join(DUCK), place.animals().join("mallard.jpg")).unwrap();
    assert_eq!(counts(&place), [0, 3, 0]);
    assert_eq!(place.names(), ["b/frog.jpg", "b/owl.jpg", "mallard.jpg"]);
    let after = place.stored().matrix;
    for (old, new) in [("a/owl.jpg", "b/owl.jpg"), (DUCK, "mallard.jpg")] {
        assert_eq!(before.get(old).unwrap().descriptor, after.get(new).unwrap().descriptor);
    }
}

#[test]
fn pictures_that_swap_their_names_are_found_by_what_they_hold() {
    let place = indexed();
    let before = place.stored().matrix;
    let path = |name: &str| place.animals().join("a").join(name);
    fs::rename(path("owl.jpg"), path("x.jpg")).unwrap();
    fs::rename(path("frog.jpg"), path("owl.jpg")).unwrap();
    fs::rename(path("x.jpg"), path("frog.jpg")).unwrap();
    assert_eq!(counts(&place), [0, 3, 0]);
    let after = place.stored().matrix;
    assert_eq!(before.get("a/owl.jpg").unwrap().descriptor, after.get("a/frog.jpg").unwrap().descriptor);
    assert_eq!(before.get("a/frog.jpg").unwrap().descriptor, after.get("a/owl.jpg").unwrap().descriptor);
}

#[test]
fn a_touched_or_unzipped_dataset_is_not_computed_again() {
    let place = indexed();
    // Archives keep even seconds; what is unpacked over it has the same bytes.
    let whole = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    for name in [DUCK, "a/owl.jpg", "a/frog.jpg"] {
        let path = place.animals().join(name);
        fs::write(&path, fs::read(&path).unwrap()).unwrap();
        set_modified(&path, whole);
    }
    assert_eq!(counts(&place), [0, 3, 0]);
    // Where all have the same time, another name is looked into.
    fs::rename(place.animals().join(DUCK), place.animals().join("mallard.jpg")).unwrap();
    assert_eq!(counts(&place), [0, 3, 0]);
}

#[test]
fn a_copied_dataset_brings_its_descriptors() {
    let place = indexed();
    copy_folder(&place.animals(), &place.dataset("copied"));
    let report = |names: &[&str]| {
        let outcome = place.run(&[&["index", "--json"], names].concat()).exits(0);
        outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>()
    };
    assert_eq!(report(&["copied"])[0]["computed"], json!(0));
    // Without its features too, if the dataset that it was copied from is open.
    fs::remove_file(place.dataset("copied").join("features.npz")).unwrap();
    fs::remove_file(place.dataset("copied").join("features.simages")).unwrap();
    let reports = report(&["animals", "copied"]);
    assert_eq!((&reports[1]["computed"], &reports[1]["indexed"]), (&json!(0), &json!(3)));
}

#[test]
fn a_picture_moved_to_another_dataset_is_not_computed_again() {
    let place = indexed();
    fs::create_dir(place.dataset("other")).unwrap();
    fs::rename(place.animals().join("a/owl.jpg"), place.dataset("other").join("night.jpg")).unwrap();
    let outcome = place.run(&["index", "--json"]).exits(0);
    let lines: Vec<serde_json::Value> = outcome.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!((&lines[0]["indexed"], &lines[0]["computed"], &lines[0]["absent"]), (&json!(2), &json!(0), &json!(1)));
    assert_eq!((&lines[1]["indexed"], &lines[1]["computed"]), (&json!(1), &json!(0)));
    // Whatever command comes first.
    fs::rename(place.animals().join("a/frog.jpg"), place.dataset("other").join("frog.jpg")).unwrap();
    place.run(&["query", &format!("animals/{DUCK}"), "other", "--log", "log"]).exits(0);
    let log = fs::read_to_string(place.path().join("log")).unwrap();
    assert!(log.contains("computed=0"), "{log}");
}

#[test]
fn what_is_the_same_to_the_byte_is_computed_once() {
    let place = Place::with(&[DUCK]);
    fs::copy(starter(DUCK), place.animals().join("same.jpg")).unwrap();
    assert_eq!(counts(&place), [1, 2, 0]);
    // Later too.
    fs::copy(starter(DUCK), place.animals().join("again.jpg")).unwrap();
    assert_eq!(counts(&place), [0, 3, 0]);
    let rows = place.stored().matrix;
    let hash = blake3::hash(&fs::read(starter(DUCK)).unwrap());
    assert!(rows.rows().iter().all(|row| row.content().unwrap().0 == *hash.as_bytes()));
    assert_eq!(rows.get("again.jpg").unwrap().descriptor, rows.get(DUCK).unwrap().descriptor);

    // It is told instead of a value: of a key in the dataset, one elsewhere, and of pairs.
    place.copy(OWL, OWL);
    let elsewhere = place.path().join("key.jpg");
    fs::copy(starter(DUCK), &elsewhere).unwrap();
    for (key, copies) in [(DUCK, 2), (elsewhere.to_str().unwrap(), 3)] {
        let table = place.run(&["query", key, "animals"]).exits(0).stdout;
        let identical: Vec<_> = table.lines().map(|line| line.contains("  identical  ")).collect();
        assert_eq!(identical.iter().filter(|is| **is).count(), copies, "{table}");
        assert!(!identical.last().unwrap() && table.lines().last().unwrap().contains(OWL), "{table}");
    }
    let json = place.run(&["query", DUCK, "animals", "--format", "json"]).stdout;
    assert_eq!(json.matches("\"identical\":true").count(), 2, "{json}");
    place.run(&["join", "animals", "animals", "--output", "pairs.jsonl"]).exits(0);
    let pairs = fs::read_to_string(place.path().join("pairs.jsonl")).unwrap();
    assert_eq!(pairs.matches("\"identical\":true").count(), 6, "{pairs}");
}

#[test]
fn another_picture_of_the_same_size_and_time_is_another_picture() {
    let place = Place::with(&[]);
    let len = 20_000;
    let write = |name: &str, from: &str| {
        let mut bytes = fs::read(starter(from)).unwrap();
        bytes.resize(len, 0);
        fs::write(place.animals().join(name), bytes).unwrap();
        set_modified(&place.animals().join(name), SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    };
    write("1.jpg", DUCK);
    assert_eq!(counts(&place), [1, 1, 0]);
    fs::remove_file(place.animals().join("1.jpg")).unwrap();
    write("2.jpg", OWL);
    assert_eq!(counts(&place), [1, 1, 1]);
    // Not by its name either, as archives with fixed times have it: folders of different pictures with the same names.
    fs::create_dir(place.animals().join("next")).unwrap();
    write("next/2.jpg", FROG);
    fs::remove_file(place.animals().join("2.jpg")).unwrap();
    assert_eq!(counts(&place), [1, 1, 2]);
}

#[test]
fn what_is_away_is_kept_and_told_once_until_it_is_pruned() {
    let place = indexed();
    let away = place.path().join("away");
    fs::rename(place.animals().join("a"), &away).unwrap();
    let (report, outcome) = index(&place);
    assert_eq!([&report["computed"], &report["indexed"], &report["absent"]], [&json!(0), &json!(1), &json!(2)]);
    outcome.says(&["a/: every picture is absent (2 pictures): is a drive not mounted?", "--prune", "2 absent"]);
    let (_, outcome) = index(&place);
    assert!(!outcome.stderr.contains("mounted"), "{}", outcome.stderr);
    // Not in results, but known.
    let found = place.run(&["query", DUCK, "animals", "--knn", "9"]).exits(0);
    assert!(!found.stdout.contains("owl") && !found.stdout.contains("frog"), "{}", found.stdout);
    let absent: Vec<bool> = place.stored().matrix.rows().iter().map(|row| row.is_absent()).collect();
    assert_eq!(absent, [true, true, false]);
    let doctor = place.run(&["doctor"]).stdout;
    assert!(doctor.contains("2 pictures absent, with about"), "{doctor}");
    // An empty mount, and back again.
    fs::create_dir(place.animals().join("a")).unwrap();
    assert_eq!(counts(&place), [0, 1, 2]);
    fs::remove_dir(place.animals().join("a")).unwrap();
    fs::rename(&away, place.animals().join("a")).unwrap();
    assert_eq!(counts(&place), [0, 3, 0]);
    assert!(place.stored().matrix.rows().iter().all(|row| !row.is_absent()));

    fs::remove_file(place.animals().join("a/owl.jpg")).unwrap();
    let outcome = place.run(&["index", "animals", "--prune", "--json"]).exits(0);
    let report: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&report["pruned"], &report["absent"]), (&json!(1), &json!(0)), "{report}");
    assert_eq!(place.names(), ["a/frog.jpg", DUCK]);
}

#[test]
fn a_script_does_not_prune_where_nothing_is_there() {
    let place = indexed();
    for name in ["a/owl.jpg", "a/frog.jpg", DUCK] {
        fs::remove_file(place.animals().join(name)).unwrap();
    }
    let outcome = place.run(&["index", "animals", "--prune"]).exits(1);
    outcome.says(&["every picture indexed before is absent (3 pictures)", "nothing was dropped"]);
    assert_eq!(place.names().len(), 3);
    place.copy(DUCK, DUCK);
    place.run(&["index", "animals", "--prune"]).exits(0).says(&["2 absent pictures dropped"]);
    assert_eq!(place.names(), [DUCK]);
}

#[cfg(unix)]
#[test]
fn features_that_are_links_stay_links_and_what_they_lead_to_is_written() {
    let place = Place::with(&[DUCK]);
    let elsewhere = place.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    for name in ["features.npz", "features.simages"] {
        // One of them leads to nothing yet.
        std::os::unix::fs::symlink(Path::new("../../elsewhere").join(name), place.animals().join(name)).unwrap();
    }
    assert_eq!(counts(&place), [1, 1, 0]);
    place.copy(OWL, OWL);
    assert_eq!(counts(&place), [1, 2, 0]);
    assert!(place.npz().is_symlink() && place.sparse().is_symlink());
    let mut there: Vec<_> = fs::read_dir(&elsewhere).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    there.sort();
    assert_eq!(there, ["features.npz", "features.simages"]);
    assert_eq!(files(&place), [DUCK, OWL, "features.npz", "features.simages"]);
}

/// A version that looked at a linked file or folder as at a picture of its own.
#[cfg(unix)]
#[test]
fn rows_of_further_names_go_without_a_word() {
    use std::os::unix::fs::symlink;
    let place = Place::with(&[DUCK]);
    fs::create_dir(place.animals().join("a")).unwrap();
    place.copy(OWL, "a/owl.jpg");
    symlink("a", place.animals().join("b")).unwrap();
    symlink(DUCK, place.animals().join("link.jpg")).unwrap();
    fs::hard_link(place.animals().join(DUCK), place.animals().join("hard.jpg")).unwrap();
    let all = ["a/owl.jpg", "b/owl.jpg", DUCK, "hard.jpg", "link.jpg"];
    place.pretend_indexed(&all.map(|name| (name, &[1.0][..])));
    // Nor did it know what files hold.
    let stored = place.stored();
    let bare = stored.matrix.rows().iter().map(|row| Row::new(row.name.clone(), row.stamp, row.descriptor.clone()));
    let store = Store::new(&Dataset::open(&place.animals()).unwrap(), place.path());
    store.save(&bare.collect(), stored.model.as_deref().unwrap()).unwrap();
    let (report, outcome) = index(&place);
    assert_eq!([&report["images"], &report["computed"], &report["absent"]], [&json!(2), &json!(0), &json!(0)]);
    assert!(!outcome.stderr.contains("not there"), "{}", outcome.stderr);
    assert_eq!(place.names(), ["a/owl.jpg", DUCK]);
}

#[test]
fn what_is_left_out_is_kept_and_not_called_absent() {
    let place = indexed();
    fs::write(place.animals().join(".simagesignore"), "a/\n").unwrap();
    let (report, outcome) = index(&place);
    assert_eq!([&report["images"], &report["computed"], &report["absent"]], [&json!(1), &json!(0), &json!(0)]);
    assert!(!outcome.stderr.contains("not there"), "{}", outcome.stderr);
    place.run(&["index", "animals", "--prune"]).exits(0);
    fs::remove_file(place.animals().join(".simagesignore")).unwrap();
    assert_eq!(counts(&place), [0, 3, 0]);
}

/// Pictures of one size and one time, as archives may leave them.
fn alike(place: &Place, count: usize) -> impl Fn(usize) -> std::path::PathBuf + use<> {
    let animals = place.animals();
    let path = move |at: usize| animals.join(format!("{at:02}.jpg"));
    for at in 0..count {
        let mut bytes = fs::read(starter([DUCK, OWL, FROG][at % 3])).unwrap();
        bytes.resize(30_000, at as u8);
        fs::write(path(at), bytes).unwrap();
        set_modified(&path(at), SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000));
    }
    path
}

/// Each row says what is in its file.
fn assert_true(place: &Place) {
    for row in place.stored().matrix.rows().iter().filter(|row| !row.is_absent()) {
        let bytes = fs::read(place.animals().join(&row.name)).unwrap();
        assert_eq!(row.content().unwrap().0, *blake3::hash(&bytes).as_bytes(), "{}", row.name);
    }
}

#[test]
fn pictures_that_only_their_bytes_tell_apart_are_not_mistaken() {
    let place = Place::with(&[]);
    let path = alike(&place, 24);
    index(&place);
    assert_true(&place);
    // All of them one further: more than are suspected where each has a size or time of its own.
    let spare = place.path().join("spare");
    fs::rename(path(23), &spare).unwrap();
    (0..23).rev().for_each(|at| fs::rename(path(at), path(at + 1)).unwrap());
    fs::rename(&spare, path(0)).unwrap();
    assert_eq!(counts(&place), [0, 24, 0]);
    assert_true(&place);

    // Folders that swap their names: no file knows of it.
    let folder = |name: &str| place.animals().join(name);
    for (name, from) in [("one", 0), ("two", 3)] {
        fs::create_dir(folder(name)).unwrap();
        (0..3).for_each(|at| fs::rename(path(from + at), folder(name).join(format!("{at}.jpg"))).unwrap());
    }
    assert_eq!(counts(&place), [0, 24, 0]);
    fs::rename(folder("one"), &spare).unwrap();
    fs::rename(folder("two"), folder("one")).unwrap();
    fs::rename(&spare, folder("two")).unwrap();
    assert_eq!(counts(&place), [0, 24, 0]);
    assert_true(&place);

    // One `touch` gives both the same time, to the nanosecond.
    let now = SystemTime::now();
    let away = place.path().join("away.jpg");
    let mut other = fs::read(path(10)).unwrap();
    other[29_999] = 99;
    fs::write(&away, other).unwrap();
    [&away, &path(10)].iter().for_each(|path| set_modified(path, now));
    assert_eq!(counts(&place), [0, 24, 0]);
    fs::rename(&away, path(30)).unwrap();
    fs::remove_file(path(10)).unwrap();
    assert_eq!(counts(&place), [1, 24, 1]);
    assert_true(&place);
}

#[cfg(unix)]
#[test]
fn what_can_not_be_read_for_now_is_not_computed_again() {
    let place = indexed();
    let path = place.animals().join("a/owl.jpg");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, "").unwrap();
    assert_eq!(counts(&place), [0, 2, 0]);
    fs::write(&path, whole).unwrap();
    assert_eq!(counts(&place), [0, 3, 0]);

    // Nor is it pruned where a link leads nowhere.
    let away = place.path().join("away");
    fs::rename(place.animals().join("a"), &away).unwrap();
    std::os::unix::fs::symlink("../../nowhere", place.animals().join("a")).unwrap();
    place.run(&["index", "animals", "--prune"]).exits(0);
    fs::remove_file(place.animals().join("a")).unwrap();
    fs::rename(&away, place.animals().join("a")).unwrap();
    assert_eq!(counts(&place), [0, 3, 0]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_no_regular_file_is_neither_waited_for_nor_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let place = Place::with(&[DUCK]);
    let pipe = |path: &Path| assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    pipe(&place.sparse());
    place.run(&["index", "animals"]).exits(1).says(&["features.simages", "not a regular file"]);
    fs::remove_file(place.sparse()).unwrap();
    let _ = fs::remove_file(place.npz());
    let elsewhere = place.path().join("pipe");
    pipe(&elsewhere);
    std::os::unix::fs::symlink(&elsewhere, place.npz()).unwrap();
    place.run(&["index", "animals"]).exits(1).says(&["features.npz", "not a regular file"]);
    assert!(elsewhere.metadata().unwrap().file_type().is_fifo());
}
