//! A `features.simages` on its own, without pictures and `features.npz`: `simages query` and `simages join` read it.

use std::fs;

use crate::common::{DRAKE, Place};

/// a and b are equal, c has 0.6 to them, d is orthogonal.
const ROWS: [(&str, &[f32]); 4] =
    [("a.jpg", &[1.0, 0.0]), ("b.jpg", &[1.0, 0.0]), ("c.jpg", &[3.0, 4.0]), ("d.jpg", &[0.0, 1.0])];

/// Only the file of descriptors, in a folder of its own.
fn alone() -> (Place, String) {
    let place = Place::with(&[]);
    ROWS.iter().for_each(|(name, _)| place.copy(DRAKE, name));
    place.pretend_indexed(&ROWS);
    let folder = place.path().join("alone");
    fs::create_dir(&folder).unwrap();
    fs::rename(place.sparse(), folder.join("rows.simages")).unwrap();
    (place, "alone/rows.simages".to_owned())
}

#[test]
fn it_is_queried_and_joined_and_nothing_is_written() {
    let (place, file) = alone();
    let before = fs::read(place.path().join(&file)).unwrap();
    let found = place.run(&["query", "c.jpg", &file, "--descriptor", "full", "--knn", "2", "--format", "csv"]).exits(0);
    assert_eq!(found.stdout, "rank,file,value\n1,d.jpg,0.8\n2,a.jpg,0.6\n");
    for descriptor in ["full", "gap"] {
        let expected = "key,rank,file,value\na.jpg,1,b.jpg,1.0\n";
        let found = place.run(&["join", &file, &file, "--descriptor", descriptor, "--range", "0.99"]).exits(0);
        assert_eq!(found.stdout, expected, "{descriptor}");
    }
    let names: Vec<_> = fs::read_dir(place.path().join("alone")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["rows.simages"]);
    assert!(fs::read(place.path().join(&file)).unwrap() == before);
}

#[test]
fn a_row_given_twice_is_one_key() {
    let (place, file) = alone();
    let others = ["--like", "d.jpg", "--descriptor", "full"];
    let once = place.run(&[&["query", "--like", "a.jpg", &file][..], &others].concat()).exits(0).stdout;
    let twice = place.run(&[&["query", "--like", "a.jpg", "--like", "a.jpg", &file][..], &others].concat()).exits(0);
    assert_eq!(twice.stdout, once);
    let error = place.run(&["query", "--like", "a.jpg", "--unlike", "a.jpg", &file]).exits(1).stderr;
    assert!(error.contains("a.jpg: a key can't be both for and against"), "{error}");
}

#[test]
fn what_needs_pictures_says_so() {
    let (place, file) = alone();
    let only = "holds only descriptors";
    for option in [&["--html", "page.html"][..], &["--preview", "--protocol", "halfblocks"]] {
        let query = [&["query", "c.jpg", &file][..], option].concat();
        let error = place.run(&query).exits(2).stderr;
        assert!(error.contains(&format!("{} needs pictures", option[0])) && error.contains(only), "{error}");
    }
    let error = place.run(&["join", &file, &file, "--html", "page.html"]).exits(2).stderr;
    assert!(error.contains("--html needs pictures") && error.contains(only), "{error}");
    let error = place.run(&["index", &file]).exits(2).stderr;
    assert!(error.contains("only simages query and simages join can use"), "{error}");
    let error = place.run(&["query", "e.jpg", &file]).exits(1).stderr;
    assert!(error.contains("e.jpg: no such file"), "{error}");
}

#[test]
fn a_damaged_row_is_named_when_it_is_used() {
    let (place, file) = alone();
    let path = place.path().join(&file);
    let mut bytes = fs::read(&path).unwrap();
    // The only entry of the last row: four bytes at the end, before four of padding.
    let end = bytes.len();
    bytes[end - 8] ^= 1;
    fs::write(&path, &bytes).unwrap();
    for arguments in [
        &["query", "a.jpg", &file, "--descriptor", "full"][..],
        &["query", "d.jpg", &file, "--descriptor", "full"],
        &["join", &file, &file, "--descriptor", "full", "--range", "0.1"],
    ] {
        let run = place.run(arguments).exits(1);
        assert!(run.stderr.contains("the descriptor of d.jpg is damaged"), "{arguments:?}: {}", run.stderr);
        assert!(!run.stdout.contains("b.jpg"), "{}", run.stdout);
    }
    // A file without its end isn't opened.
    fs::write(&path, &bytes[..end - 8]).unwrap();
    let error = place.run(&["query", "a.jpg", &file]).exits(1).stderr;
    assert!(error.contains("rows.simages: not a file of descriptors, or damaged"), "{error}");
}
