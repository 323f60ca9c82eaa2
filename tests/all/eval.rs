//! `simages eval` with a file of labels, as people write them.

use std::fs;

use serde_json::{Value, json};

use crate::common::{DRAKE, Outcome, Place};

/// In two classes, x and y.
const PICTURES: [(&str, &[f32]); 4] =
    [("a.jpg", &[1.0, 0.0]), ("b.jpg", &[1.0, 0.1]), ("sub/c.jpg", &[0.0, 1.0]), ("sub/d.jpg", &[0.1, 1.0])];
const RIGHT: &str = "file,class\na.jpg,x\nb.jpg,x\nsub/c.jpg,y\nsub/d.jpg,y\n";

/// The dataset animals, as if indexed, and beside the pictures what is none.
fn place() -> Place {
    let place = Place::with(&[]);
    fs::create_dir(place.animals().join("sub")).unwrap();
    PICTURES.iter().for_each(|(name, _)| place.copy(DRAKE, name));
    place.pretend_indexed(&PICTURES);
    fs::write(place.animals().join("notes.txt"), "text").unwrap();
    fs::write(place.path().join("datasets/outside.jpg"), "outside").unwrap();
    place
}

fn eval(place: &Place, labels: impl AsRef<[u8]>) -> Outcome {
    fs::write(place.path().join("labels.csv"), labels).unwrap();
    place.run(&["eval", "animals", "--labels", "labels.csv", "--json", "--descriptor", "full", "--metric", "cosine"])
}

fn report(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap()
}

#[test]
fn a_picture_is_labelled_by_whatever_path() {
    let place = place();
    let right = eval(&place, RIGHT).exits(0);
    assert_eq!((right.stderr.as_str(), &report(&right)["keys"]), ("", &json!(4)));
    let animals = place.animals().display().to_string();
    let names = format!("file,class\n./a.jpg,x\n{animals}/b.jpg,x\nsub//c.jpg,y\n../animals/sub/d.jpg,y\n");
    let twice = format!("{RIGHT}./a.jpg,x\na.jpg,x\n");
    let windows = format!("\u{feff}{}", RIGHT.replace('\n', "\r\n\r\n  \r\n"));
    for labels in [names, twice, windows] {
        let outcome = eval(&place, &labels).exits(0);
        assert_eq!((outcome.stdout, outcome.stderr.as_str()), (right.stdout.clone(), ""), "{labels}");
    }
}

#[cfg(unix)]
#[test]
fn a_picture_is_labelled_through_a_linked_folder() {
    let place = place();
    let alias = place.path().join("alias");
    std::os::unix::fs::symlink(place.animals(), &alias).unwrap();
    let alias = alias.display();
    let labels = format!("file,class\n{alias}/a.jpg,x\n{alias}/b.jpg,x\n{alias}/sub/c.jpg,y\n");
    let outcome = eval(&place, &labels).exits(0).says(&["note: 1 of 4 pictures without a class"]);
    assert_eq!(report(&outcome)["keys"], json!(2));
    let by_alias = place.run(&["eval", "alias", "--labels", "labels.csv", "--json"]).exits(0);
    assert_eq!(report(&by_alias)["keys"], json!(2));
}

#[test]
fn labels_of_no_picture_are_told_and_left_out() {
    let place = place();
    let right = report(&eval(&place, RIGHT).exits(0));
    let many: String = (0..10).map(|i| format!("gone{i}.jpg,x\n")).collect();
    let more = format!("{many}notes.txt,x\n../outside.jpg,y\n/nowhere/a.jpg,y\nbad.jpg,y\n");
    fs::write(place.animals().join("bad.jpg"), "no picture").unwrap();
    let outcome = eval(&place, format!("{RIGHT}{more}")).exits(0).says(&[
        "note: labels.csv: 10 labels left out: no such file; correct the names",
        "\n  line 6: gone0.jpg\n",
        "\n  line 10: gone4.jpg\n  and 5 more\n",
        "note: labels.csv: 1 label left out: the file exists, but isn't one of the dataset's pictures",
        "\n  line 16: notes.txt (not a picture)\n",
        "note: labels.csv: 2 labels left out: outside ",
        "\n  line 17: ../outside.jpg\n  line 18: /nowhere/a.jpg\n",
        "note: labels.csv: 1 label left out: their pictures can't be read",
        "\n  line 19: bad.jpg (",
    ]);
    assert_eq!(report(&outcome), right);
    assert!(!outcome.stderr.contains("gone5") && !outcome.stderr.contains("without a class"), "{}", outcome.stderr);
}

#[test]
fn labels_that_are_all_of_no_picture_are_an_error_before_anything_is_computed() {
    let place = Place::with(&[DRAKE]);
    fs::write(place.animals().join("bad.jpg"), "no picture").unwrap();
    let outcome = eval(&place, "file,class\na.jpg,x\nb.jpg,x\n").exits(1);
    let outcome = outcome.says(&[
        "  line 2: a.jpg\n  line 3: b.jpg\n",
        "error: labels.csv: none of the labels belongs to a picture in ",
    ]);
    assert_eq!(outcome.stdout, "");
    assert!(!place.npz().exists());
    let outcome = eval(&place, "file,class\nbad.jpg,x\n").exits(1);
    outcome.says(&[
        "  line 2: bad.jpg (",
        "error: labels.csv: none of the labels belongs to a picture that can be read\n",
    ]);
    fs::remove_file(place.animals().join(DRAKE)).unwrap();
    fs::remove_file(place.animals().join("bad.jpg")).unwrap();
    eval(&place, "file,class\na.jpg,x\n").exits(1).says(&["is a drive not mounted?"]);
}

#[test]
fn a_file_that_is_not_as_it_should_be_is_an_error_that_says_where() {
    let place = place();
    let labels = RIGHT.strip_prefix("file,class\n").unwrap();
    let header = "; it should be file,class, followed by a line for each picture: 2024/a.jpg,beach\n";
    for found in ["path,label", "class,file", "file,class,size", "file", "file;class"] {
        let outcome = eval(&place, format!("{found}\n{labels}")).exits(2);
        assert_eq!(outcome.stderr, format!("error: labels.csv: the header is {found}{header}"));
    }
    eval(&place, labels).exits(2).says(&["labels.csv: the header is a.jpg,x; it should be file,class"]);
    eval(&place, "").exits(2).says(&["labels.csv: there is no header; it should be file,class"]);
    let wrong = |line: &str| eval(&place, format!("{RIGHT}\n{line}\n")).exits(2);
    wrong("e.jpg,").says(&["labels.csv, line 7: e.jpg has no class"]);
    wrong("e.jpg").says(&["labels.csv, line 7: 1 field; there should be two"]);
    wrong("a.jpg,y").says(&["labels.csv: a.jpg is of class x (line 2) and of class y (line 7)"]);
    // Which picture a name means is known only when the dataset is looked at.
    let outcome = eval(&place, format!("{RIGHT}./a.jpg,y\n")).exits(1);
    outcome.says(&["labels.csv: a.jpg is of class x (line 2) and of class y (line 6)"]);
}

#[test]
fn several_keys_of_a_class_are_asked_with_at_a_time() {
    let place = Place::with(&[]);
    // Each of class x is like one of the two keys that may be drawn, or both; y lies between.
    let rows: [(&str, &[f32]); 5] = [
        ("x_a.jpg", &[1.0, 0.0, 0.0]),
        ("x_b.jpg", &[0.0, 1.0, 0.0]),
        ("x_c.jpg", &[1.0, 1.0, 0.0]),
        ("y_a.jpg", &[0.0, 0.0, 1.0]),
        ("y_b.jpg", &[0.1, 0.0, 1.0]),
    ];
    rows.iter().for_each(|(name, _)| place.copy(DRAKE, name));
    place.pretend_indexed(&rows);
    let eval = |keys: &str| {
        let what = ["eval", "animals", "--labels", "prefix", "--descriptor", "full", "--metric", "cosine", "--json"];
        place.run(&[&what[..], &["--keys", keys]].concat())
    };
    let two = report(&eval("2").exits(0));
    // Of y none would be left to be found.
    assert_eq!((&two["keys_at_a_time"], &two["keys"], &two["expanded"]), (&json!(2), &json!(3), &Value::Null));
    assert_eq!(two["results"][0]["map"]["mean"], json!(1.0));
    let one = report(&eval("1").exits(0));
    assert_eq!((&one["keys_at_a_time"], &one["keys"]), (&Value::Null, &json!(5)));
    eval("3").exits(1).says(&["no picture has 3 others of its class"]);
    eval("0").exits(2);
    place.run(&["eval", "animals", "--keys", "2", "--expand"]).exits(2);
}

#[test]
fn the_help_says_what_a_file_of_labels_is() {
    let help = place().run(&["eval", "--help"]).exits(0).stdout;
    for fact in ["file,class\n", "2024/a.jpg,beach", "reported on stderr", "no label", "another header"] {
        assert!(help.contains(fact), "no {fact:?} in:\n{help}");
    }
}
