//! `simages duplicates`: what is kept of a group, what may go, and what is said to be no duplicate.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{DRAKE, DUCK, copies};

fn names(text: &str) -> BTreeSet<String> {
    text.split(['\n', '\0']).filter(|line| !line.is_empty()).map(|line| name(Path::new(line))).collect()
}

fn name(path: &Path) -> String {
    assert!(path.is_absolute() && path.is_file(), "{}", path.display());
    path.file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn the_worse_copies_of_several_folders_are_listed_and_the_original_never() {
    let place = copies();
    let run =
        |more: &[&str]| place.run(&[&["duplicates", "animals", "garden", "--quick"], more].concat()).exits(0).stdout;
    assert_eq!(names(&run(&["--format", "paths"])), ["half.png", "turned.jpg", "twin.jpg"].map(String::from).into());
    assert_eq!(run(&["--format", "paths", "--print0"]).matches('\0').count(), 3);
    let groups: Value = serde_json::from_str(&run(&["--format", "json"])).unwrap();
    let group = groups[0].as_array().unwrap();
    assert_eq!((groups.as_array().unwrap().len(), group.len()), (1, 4));
    let seen = |at: usize, key: &str| group[at][key].as_str().unwrap().to_owned();
    assert_eq!((seen(0, "action"), name(Path::new(&seen(0, "path")))), ("keep".into(), DUCK.into()));
    assert!(group[1]["identical"].as_bool().unwrap() && seen(1, "why") == "identical");
    // What was seen is seen once: the broken one is tried again.
    let again = place.run(&["duplicates", "animals", "garden", "--quick"]);
    assert!(again.stderr.contains("skipped broken.jpg"), "{}", again.stderr);
    // Protected ones are never listed.
    let inside = place.dataset("garden").display().to_string();
    let protected = run(&["--keep", "pixels", "--keep", &format!("in:{inside}"), "--format", "paths"]);
    assert_eq!(names(&protected), BTreeSet::from([DUCK.to_owned()]), "it is the same to the byte as a protected one");
}

#[test]
fn the_network_finds_what_is_cropped_too() {
    let place = copies();
    let csv = place.run(&["duplicates", "animals", "garden", "--format", "csv"]).exits(0).stdout;
    let line = csv.lines().find(|line| line.contains("cropped.png")).unwrap_or_else(|| panic!("{csv}"));
    assert!(line.starts_with("1,mark,cropped,") || line.starts_with("1,leave,"), "{csv}");
    assert!(!csv.contains(DRAKE), "{csv}");
    let refused = place.run(&["duplicates", "animals", "--range", "0.1"]).exits(2);
    refused.says(&["the least for best is 0.3"]);
    for wrong in [&["--keep", "best"][..], &["--keep", "in:nowhere"], &["--print0"], &["--quick", "--range", "0.7"]] {
        place.run(&[&["duplicates", "animals"], wrong].concat()).exits(2);
    }
}

#[test]
fn what_is_said_to_be_no_duplicate_is_kept_by_several_processes_and_parts_pictures() {
    let place = copies();
    let path = |dataset: &str, name: &str| place.dataset(dataset).join(name).display().to_string();
    let (duck, half) = (path("animals", DUCK), path("garden", "half.png"));
    let others: Vec<String> = (0..12).map(|at| path("garden", &format!("other{at}.jpg"))).collect();
    others.iter().for_each(|other| fs::write(other, other).unwrap());
    std::thread::scope(|scope| {
        for other in &others {
            scope.spawn(|| place.run(&["not-duplicates", &duck, other]).exits(0));
        }
    });
    let list = || place.run(&["not-duplicates"]).exits(0).stdout;
    assert_eq!(list().lines().count(), others.len());
    others.iter().for_each(|other| fs::remove_file(other).unwrap());

    let paths =
        || names(&place.run(&["duplicates", "animals", "garden", "--quick", "--format", "paths"]).exits(0).stdout);
    assert!(paths().contains("half.png"));
    place.run(&["not-duplicates", &duck, &half]).exits(0);
    assert!(!paths().contains("half.png"));
    place.run(&["not-duplicates", "--undo", &half, &duck]).exits(0);
    assert!(paths().contains("half.png"));
    assert_eq!(list().lines().count(), others.len());
    place.run(&["not-duplicates", &duck]).exits(2);
    let same = place.run(&["not-duplicates", &duck, &path("garden", "twin.jpg")]).exits(1);
    same.says(&["byte-identical"]);
}
