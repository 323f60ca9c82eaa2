//! Which paths are the same file, and which files count as the user's pictures, as seen by a user of the binary.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;

use crate::common::{DRAKE, Place, starter};
use serde_json::{Value, json};

const DUCK: &str = "birds_duck.jpg";

/// The report of `index --json` for one dataset; nothing may be computed.
#[track_caller]
fn indexed(place: &Place, arguments: &[&str]) -> Value {
    let outcome = place.run(&[&["index", "--json"], arguments].concat()).exits(0);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(report["computed"], json!(0), "{}", outcome.stderr);
    report
}

#[test]
fn a_picture_that_many_paths_lead_to_is_one_and_no_duplicate_of_its_own() {
    let place = Place::with(&[]);
    fs::create_dir(place.animals().join("sub")).unwrap();
    place.copy(DRAKE, "m_original.jpg");
    place.copy(DUCK, "sub/b.jpg");
    symlink("m_original.jpg", place.animals().join("a_link.jpg")).unwrap();
    symlink("sub", place.animals().join("best")).unwrap();
    fs::hard_link(place.animals().join("sub/b.jpg"), place.animals().join("z.jpg")).unwrap();
    place.pretend_indexed(&[("m_original.jpg", &[1.0]), ("sub/b.jpg", &[1.0])]);

    let report = indexed(&place, &["animals"]);
    assert_eq!((&report["images"], &report["skipped"]), (&json!(2), &json!([])));
    assert_eq!(
        report["further_names"],
        json!([
            {"file": "z.jpg", "same_as": "sub/b.jpg", "by": "hard_link"},
            {"file": "a_link.jpg", "same_as": "m_original.jpg", "by": "link"},
            {"file": "best", "same_as": "sub", "by": "folder_link"},
        ])
    );
    let lines = place.run(&["index", "animals"]).exits(0);
    lines.says(&[
        "z.jpg is a hard link of sub/b.jpg",
        "best is the same folder as sub (link)",
        "2 pictures, 2 indexed",
    ]);
    let join = place.run(&["join", "animals", "animals", "--range", "0.9"]).exits(0);
    assert_eq!(join.stdout, "key,rank,file,value\nm_original.jpg,1,sub/b.jpg,1.0\n");
    // The key is no result, whatever its path.
    for key in ["a_link.jpg", "m_original.jpg", "best/b.jpg", "z.jpg"] {
        let found = place.run(&["query", key, "animals", "--format", "csv"]).exits(0).stdout;
        assert_eq!(found.lines().count(), 2, "{key}: {found}");
    }
    let doctor = place.run(&["doctor"]).exits(0);
    assert!(doctor.stdout.contains("a_link.jpg is the same file as m_original.jpg (link)"), "{}", doctor.stdout);
}

#[test]
fn a_file_in_two_datasets_is_not_joined_with_itself_and_costs_no_neighbour() {
    let place = Place::with(&[DRAKE, DUCK]);
    let all = place.dataset("all");
    fs::create_dir(&all).unwrap();
    symlink(place.animals(), all.join("in")).unwrap();
    fs::copy(starter(DRAKE), all.join("copy.jpg")).unwrap();
    place.pretend_indexed(&[(DRAKE, &[1.0]), (DUCK, &[1.0, 1.0])]);
    let rows: [(&str, &[f32]); 3] =
        [("copy.jpg", &[1.0]), ("in/birds_drake.jpg", &[1.0]), ("in/birds_duck.jpg", &[1.0, 1.0])];
    place.pretend_indexed_in("all", &rows);
    let pairs = |predicate: [&str; 2]| {
        let csv = place.run(&["join", "animals", "all", predicate[0], predicate[1]]).exits(0).stdout;
        let pair = |line: &str| line.rsplit_once(',').unwrap().0.to_owned();
        csv.lines().skip(1).map(pair).collect::<Vec<_>>()
    };
    let nearest = ["birds_drake.jpg,1,copy.jpg", "birds_duck.jpg,1,copy.jpg"];
    assert_eq!(pairs(["--knn", "1"]), nearest);
    assert_eq!(pairs(["--range", "0.9"]), ["birds_drake.jpg,1,copy.jpg"]);
    assert_eq!(
        pairs(["--knn", "9"]),
        [nearest[0], "birds_drake.jpg,2,in/birds_duck.jpg", nearest[1], "birds_duck.jpg,2,in/birds_drake.jpg"]
    );
    // In a query too: the key is one of them, under another path.
    let found = place.run(&["query", "datasets/animals/birds_drake.jpg", "all", "--format", "csv"]).exits(0).stdout;
    assert!(found.contains(",copy.jpg,") && !found.contains("in/birds_drake.jpg"), "{found}");
    // A folder with two names is one dataset.
    symlink(place.animals(), place.path().join("again")).unwrap();
    let itself = place.run(&["join", "animals", "again", "--range", "0.9"]).exits(0).stdout;
    assert_eq!(itself, "key,rank,file,value\n");
}

#[test]
fn a_dataset_is_found_by_the_name_it_has_in_the_directory() {
    let place = Place::with(&[]);
    let real = place.path().join("2020");
    fs::create_dir(&real).unwrap();
    fs::copy(starter(DRAKE), real.join(DRAKE)).unwrap();
    symlink(&real, place.dataset("holiday")).unwrap();
    symlink("holiday", place.dataset("spain")).unwrap();
    place.pretend_indexed_in("holiday", &[(DRAKE, &[1.0])]);
    for (typed, name) in [("holiday", "holiday"), ("spain", "spain"), ("datasets/holiday", "holiday"), ("2020", "2020")]
    {
        let report = indexed(&place, &[typed]);
        assert_eq!((&report["dataset"], &report["images"]), (&json!(name), &json!(1)));
    }
    place.run(&["query", DRAKE, "2019"]).exits(2).says(&["known datasets are animals, holiday"]);
}

#[test]
fn what_systems_keep_and_what_the_user_excludes_is_left_out_and_told() {
    let place = Place::with(&[]);
    for folder in ["@eaDir/IMG_1.jpg", "#recycle", "raw", "sub/raw"] {
        fs::create_dir_all(place.animals().join(folder)).unwrap();
    }
    let all =
        ["IMG_1.jpg", "@eaDir/IMG_1.jpg/THUMB_XL.jpg", "#recycle/2.jpg", "raw/3.jpg", "sub/raw/4.jpg", "sub/5.tif"];
    all.iter().for_each(|name| place.copy(DRAKE, name));
    let rows: [(&str, &[f32]); 4] =
        [("IMG_1.jpg", &[1.0]), ("raw/3.jpg", &[1.0]), ("sub/5.tif", &[1.0]), ("sub/raw/4.jpg", &[1.0])];
    place.pretend_indexed(&rows);
    let report = indexed(&place, &["animals"]);
    assert_eq!((&report["images"], &report["left_out"][1]["name"]), (&json!(4), &json!("@eaDir")));

    fs::write(place.animals().join(".simagesignore"), "raw/\n").unwrap();
    fs::write(place.animals().join("sub/.simagesignore"), "!raw/\n").unwrap();
    let excluded = indexed(&place, &["animals", "--exclude", "*.tif", "--exclude", "/other"]);
    assert_eq!(excluded["images"], json!(2));
    assert_eq!(
        excluded["left_out"].as_array().unwrap()[2..],
        [
            json!({"name": "*.tif", "by": "--exclude", "folders": 0, "pictures": 1}),
            json!({"name": ".simagesignore", "by": ".simagesignore", "folders": 1, "pictures": 0}),
        ]
    );
    let doctor = place.run(&["doctor", "--exclude", "*.tif"]).exits(0).stdout;
    for line in [
        "2 pictures in ",
        "@eaDir: system folder, skipped (1 folder)",
        "--exclude *.tif: left out (1 picture)",
        ".simagesignore: left out (1 folder)",
    ] {
        assert!(doctor.contains(line), "{line} in:\n{doctor}");
    }
    place.run(&["--exclude", "a{b", "index", "animals"]).exits(2).says(&["--exclude", "a{b"]);
}

#[test]
fn a_drive_that_is_not_there_is_told() {
    let place = Place::with(&[DRAKE]);
    place.pretend_indexed(&[(DRAKE, &[1.0])]);
    symlink("/mnt/nowhere/2020", place.animals().join("2020")).unwrap();
    let report = indexed(&place, &["animals"]);
    let error = "broken link to /mnt/nowhere/2020; is a drive not mounted?";
    assert_eq!(report["skipped"], json!([{"file": "2020", "error": error}]));
    // A folder isn't a picture.
    assert_eq!(report["images"], json!(1));
    symlink("/mnt/nowhere/all", place.dataset("all")).unwrap();
    place.run(&["index", "all"]).exits(2).says(&["all: broken link to /mnt/nowhere/all; is a drive not mounted?"]);
    let doctor = place.run(&["doctor"]).exits(0).stdout;
    assert!(doctor.contains("all is a broken link to /mnt/nowhere/all; is a drive not mounted?"), "{doctor}");
}
