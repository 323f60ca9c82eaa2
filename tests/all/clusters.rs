//! `simages clusters`: its output, its page, and how well clusters agree with classes.

use std::fs;

use crate::common::{DUCK, Place};

/// Eighteen pictures in `animals`, of three kinds by descriptor and by name.
fn place() -> (Place, Vec<String>) {
    let place = Place::with(&[]);
    let names: Vec<String> = (0..18).map(|at| format!("{}_{at:02}.jpg", ["cow", "duck", "frog"][at % 3])).collect();
    names.iter().for_each(|name| place.copy(DUCK, name));
    let values: Vec<[f32; 4]> = (0..18)
        .map(|at| {
            let mut values = [0.1; 4];
            values[at % 3] = 9.0;
            values[3] = at as f32 / 20.0;
            values
        })
        .collect();
    let rows: Vec<(&str, &[f32])> =
        names.iter().zip(&values).map(|(name, values)| (name.as_str(), &values[..])).collect();
    place.pretend_indexed(&rows);
    (place, names)
}

#[test]
fn kinds_are_printed_the_same_ones_on_any_number_of_threads() {
    let (place, names) = place();
    let outcome = place.run(&["clusters", "animals", "--format", "csv", "--threads", "1"]).exits(0);
    let outcome = outcome.says(&["3 clusters of 18 pictures"]);
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!((lines[0], lines.len()), ("cluster,size,rank,path", 19));
    for name in &names {
        assert_eq!(lines.iter().filter(|line| line.ends_with(name.as_str())).count(), 1, "{name}");
    }
    for (line, cluster) in lines[1..].iter().zip([1, 1, 1, 1, 1, 1, 2]) {
        assert!(line.starts_with(&format!("{cluster},6,")), "{line}");
    }
    assert_eq!(place.run(&["clusters", "animals", "--format", "csv"]).exits(0).stdout, outcome.stdout);
    let json = place.run(&["clusters", "animals", "--format", "json"]).exits(0).stdout;
    let clusters: serde_json::Value = serde_json::from_str(&json).unwrap();
    let first = clusters[0]["pictures"][0].as_str().unwrap();
    assert!(lines[1].ends_with(first) && clusters.as_array().unwrap().len() == 3, "{json}");
    let paths = place.run(&["clusters", "animals", "--only", "2", "--format", "paths", "--print0"]).exits(0).stdout;
    let second: Vec<&str> =
        lines.iter().filter(|line| line.starts_with("2,")).map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(paths.split_terminator('\0').collect::<Vec<_>>(), second);
    place.run(&["clusters", "animals", "--only", "4"]).exits(1).says(&["there are 3 clusters"]);
    let table = place.run(&["clusters", "animals"]).exits(0).stdout;
    assert!(table.lines().count() == 3 && table.starts_with("   1  6 pictures  "), "{table}");
}

#[test]
fn they_are_measured_against_classes() {
    let (place, _) = place();
    let printed = place.run(&["clusters", "animals", "--labels", "prefix"]).exits(0).stdout;
    assert_eq!(printed, "clusters,classes,adjusted_rand_index\n3,3,1.0000\n");
    let labels = place.path().join("labels.csv");
    fs::write(&labels, "file,class\ncow_00.jpg,one\nduck_01.jpg,one\nfrog_02.jpg,two\ngone.jpg,two\n").unwrap();
    let outcome = place.run(&["clusters", "animals", "--labels", labels.to_str().unwrap()]).exits(0);
    let outcome = outcome.says(&["15 of 18 pictures without a class: left out", "1 label left out"]);
    assert!(outcome.stdout.ends_with("3,2,0.0000\n"), "{}", outcome.stdout);
    place.run(&["clusters", "animals", "--labels", "folder", "--format", "csv"]).exits(2);
}

#[test]
fn the_page_has_a_heading_for_each() {
    let (place, _) = place();
    let page = place.path().join("clusters.html");
    let page = page.to_str().unwrap();
    place.run(&["clusters", "animals", "--html", page]).exits(0).says(&["18 pictures"]);
    let text = fs::read_to_string(page).unwrap();
    assert_eq!(text.matches("Cluster ").count(), 3);
    assert!(text.contains("Cluster 3: 6 pictures") && text.contains("resolution"));
    place.run(&["clusters", "animals", "--html", page]).exits(2).says(&["--force"]);
}
