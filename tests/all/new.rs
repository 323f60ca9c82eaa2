//! `simages new`: reports which of a card's pictures are in an archive, and leaves the card unchanged.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use crate::common::{DRAKE, DUCK, copies};

/// The names and standings reported.
fn standings(json: &str) -> BTreeSet<(String, String)> {
    let all: Value = serde_json::from_str(json).unwrap();
    let told = |picture: &Value| {
        let path = Path::new(picture["path"].as_str().unwrap());
        (path.file_name().unwrap().to_str().unwrap().to_owned(), picture["standing"].as_str().unwrap().to_owned())
    };
    all.as_array().unwrap().iter().map(told).collect()
}

fn files(folder: &Path) -> BTreeSet<String> {
    let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
    fs::read_dir(folder).unwrap().map(|entry| name(entry.unwrap())).collect()
}

#[test]
fn each_picture_of_a_card_is_told_once_and_the_card_stays_as_it_was() {
    let place = copies();
    let card = place.dataset("garden");
    let before = files(&card);
    let run = |more: &[&str]| place.run(&[&["new", "garden", "animals"], more].concat()).exits(0);
    let found = run(&["--format", "json"]);
    let told = standings(&found.stdout);
    let is = |name: &str, standing: &str| told.contains(&(name.to_owned(), standing.to_owned()));
    assert!(is("twin.jpg", "there") && is("half.png", "smaller") && is("broken.jpg", "unreadable"), "{told:?}");
    // The duck is compared with the drake too.
    assert!(!is("turned.jpg", "new") && !is("cropped.png", "new"), "{told:?}");
    assert_eq!(told.len(), 5);
    found.says(&["garden: 0 not there", "1 can't be read"]);
    assert_eq!(files(&card), before, "nothing is written to a card");

    // In the other direction, the archive has a smaller version of the duck, and a byte-identical one.
    let whole = place.run(&["new", "animals", "garden", "--format", "json"]).exits(0);
    let expected = [(DUCK, "there"), (DRAKE, "new")].map(|(name, standing)| (name.to_owned(), standing.to_owned()));
    assert_eq!(standings(&whole.stdout), expected.into());
    fs::remove_file(card.join("twin.jpg")).unwrap();
    let less = place.run(&["new", "animals", "garden", "--format", "json"]).exits(0);
    assert!(standings(&less.stdout).contains(&(DUCK.to_owned(), "smaller".to_owned())), "{}", less.stdout);
}

#[test]
fn paths_are_of_new_ones_unless_others_are_asked_for() {
    let place = copies();
    let paths = |more: &[&str]| {
        let arguments = [&["new", "garden", "animals", "--format", "paths"], more].concat();
        place.run(&arguments).exits(0).stdout
    };
    assert_eq!(paths(&[]), "");
    let there = paths(&["--only", "there", "--print0"]);
    assert!(there.matches('\0').count() >= 2 && there.contains("twin.jpg\0"), "{there:?}");
    assert!(paths(&["--only", "unreadable,there"]).contains("broken.jpg\n"));
    // A name that isn't text stays the file's name; a link that leads nowhere is no picture's path.
    let odd = OsStr::from_bytes(b"caf\xe9.jpg");
    fs::write(place.dataset("garden").join(odd), "no picture").unwrap();
    // Displayed like the one before.
    let twin = OsStr::new("caf\\xe9.jpg");
    fs::write(place.dataset("garden").join(twin), "no picture either").unwrap();
    symlink("/nowhere", place.dataset("garden").join("gone.jpg")).unwrap();
    let command = ["new", "garden", "animals", "--format", "paths", "--only", "unreadable", "--print0"];
    let list = place.command(&command).output().unwrap().stdout;
    let named = |name: &OsStr| list.split(|byte| *byte == 0).filter(|path| path.ends_with(name.as_bytes())).count();
    let found = [odd, twin, OsStr::new("broken.jpg"), OsStr::new("gone.jpg")].map(named);
    assert_eq!(found, [1, 1, 1, 0], "{list:?}");
    for wrong in [&["--range", "0.9", "0.5"][..], &["--only", "old"], &["--range", "2"]] {
        place.run(&[&["new", "garden", "animals"], wrong].concat()).exits(2);
    }
    place.run(&["new", "garden", "garden"]).exits(2).says(&["is the card itself"]);
    place.run(&["new", "garden", "animals", "--print0"]).exits(2);
}
