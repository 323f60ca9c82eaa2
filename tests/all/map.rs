//! `simages map`: places that stay, a picture of them, and what is refused.

use std::fs;
use std::path::Path;

use crate::common::{DRAKE, DUCK, Place};

const NAMES: [&str; 12] =
    ["a.jpg", "b.jpg", "c.jpg", "d.jpg", "e.jpg", "f.jpg", "g.jpg", "h.jpg", "i.jpg", "j.jpg", "k.jpg", "l.jpg"];

/// Twelve pictures in `animals`, of two kinds by their descriptors; two in `garden`.
fn place() -> Place {
    let place = Place::with(&[]);
    fs::create_dir(place.dataset("garden")).unwrap();
    NAMES.iter().for_each(|name| place.copy(DUCK, name));
    let values: Vec<[f32; 3]> =
        (0u8..12).map(|at| [9.0 * f32::from(at % 2), 9.0 * f32::from(1 - at % 2), f32::from(at) / 9.0]).collect();
    let rows: Vec<(&str, &[f32])> = NAMES.iter().zip(&values).map(|(name, values)| (*name, &values[..])).collect();
    place.pretend_indexed(&rows);
    ["y.jpg", "z.jpg"].iter().for_each(|name| place.copy_into("garden", DRAKE, name));
    place.pretend_indexed_in("garden", &[("y.jpg", &[9.0, 0.0, 0.5]), ("z.jpg", &[0.0, 0.0, 9.0])]);
    place
}

fn maps(place: &Place) -> Vec<Vec<u8>> {
    let folders = fs::read_dir(place.path().join("cache/simages/maps")).into_iter().flatten().flatten();
    folders
        .flat_map(|folder| fs::read_dir(folder.path()).unwrap())
        .map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect()
}

#[test]
fn places_are_written_as_csv_the_same_ones_on_any_number_of_threads() {
    let place = place();
    let printed = place.run(&["map", "animals", "--threads", "1"]).exits(0).stdout;
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!((lines[0], lines.len()), ("path,x,y,dataset", 13));
    assert!(lines[1].contains("animals/a.jpg,") && lines[1].ends_with(",animals"), "{printed}");
    let x = |line: &str| line.rsplit(',').nth(2).unwrap().parse::<f32>().unwrap();
    let y = |line: &str| line.rsplit(',').nth(1).unwrap().parse::<f32>().unwrap();
    let distance = |a: usize, b: usize| (x(lines[a]) - x(lines[b])).hypot(y(lines[a]) - y(lines[b]));
    assert!(distance(1, 3) < distance(1, 2), "of a kind nearer than of two: {printed}");

    // What was kept is read; without it the same comes again, to a file.
    let kept = maps(&place);
    assert_eq!(kept.len(), 1);
    assert_eq!(place.run(&["map", "animals"]).exits(0).stdout, printed);
    fs::remove_dir_all(place.path().join("cache/simages/maps")).unwrap();
    place
        .run(&["map", "animals", "--threads", "3", "--output", "map.csv"])
        .exits(0)
        .says(&["12 pictures, written to map.csv"]);
    assert_eq!(fs::read_to_string(place.path().join("map.csv")).unwrap(), printed);
    assert_eq!(maps(&place), kept);
    let before = fs::read(place.npz()).unwrap();
    place.run(&["map", "animals", "--output", "map.csv"]).exits(2).says(&["--force replaces it"]);
    place.run(&["map", "animals", "garden", "--output", "map.csv", "--force"]).exits(0);
    assert_eq!(
        fs::read_to_string(place.path().join("map.csv")).unwrap().lines().filter(|l| l.ends_with(",garden")).count(),
        2
    );
    assert_eq!(fs::read(place.npz()).unwrap(), before, "features stay as they are");
}

#[test]
fn a_picture_of_two_datasets_shows_those_that_have_room() {
    let place = place();
    let run =
        |more: &[&str]| place.run(&[&["map", "animals", "garden", "--size", "600", "--tile", "40"], more].concat());
    let told = run(&["--output", "map.png"]).exits(0);
    told.says(&["animals + garden: 14 pictures, ", " of them shown, written to map.png"]);
    let drawn = image::open(place.path().join("map.png")).unwrap().into_rgb8();
    assert_eq!(drawn.width().max(drawn.height()), 600);
    let count = |colour: [u8; 3]| drawn.pixels().filter(|pixel| pixel.0 == colour).count();
    assert!(count([213, 94, 0]) > 50, "frames of the second one");
    let coloured = drawn.pixels().filter(|pixel| pixel.0 != [255; 3]).count();
    assert!(coloured > 40 * 20 * 4, "pictures: {coloured}");
    run(&["--output", "map.png", "--force"]).exits(2).says(&["a picture is never replaced"]);
    run(&["--output", "datasets/garden/map.png"]).exits(2).says(&["would become a picture of garden"]);
    run(&["--output", "map.gif"]).exits(2).says(&[".png or .csv"]);
    run(&["--output", "nowhere/map.png"]).exits(1).says(&["nowhere/map.png"]);
    assert!(!Path::new("nowhere").exists());
}

#[test]
fn how_well_neighbours_are_kept_is_printed_or_why_not() {
    let place = place();
    place.run(&["map", "animals", "--trustworthiness"]).exits(1).says(&["too few pictures"]);
    let names: Vec<String> = (0..30).map(|at| format!("{at:02}.jpg")).collect();
    names.iter().for_each(|name| place.copy(DUCK, name));
    let values: Vec<[f32; 4]> =
        (0u8..30).map(|at| [9.0, f32::from(at), f32::from(at % 3) * 8.0, f32::from(at % 5)]).collect();
    let rows: Vec<(&str, &[f32])> = names.iter().zip(&values).map(|(name, values)| (&**name, &values[..])).collect();
    NAMES.iter().for_each(|name| fs::remove_file(place.animals().join(name)).unwrap());
    place.pretend_indexed(&rows);
    let printed = place.run(&["map", "animals", "--trustworthiness"]).exits(0).stdout;
    let lines: Vec<_> = printed.lines().map(|line| line.split_once(',').unwrap()).collect();
    assert_eq!(lines.iter().map(|line| line.0).collect::<Vec<_>>(), ["map", "components", "neighbours"]);
    assert!(lines[1..].iter().all(|line| (0.5..=1.0).contains(&line.1.parse::<f64>().unwrap())), "{printed}");
}

#[test]
fn an_empty_folder_is_told_by_its_name() {
    let place = Place::with(&[]);
    place.run(&["map", "animals"]).exits(1).says(&["animals: no pictures"]);
    place.run(&["map", "nothing"]).exits(2).says(&["no such dataset"]);
}
