//! Files that another program cuts while they are mapped: the error names the file, nothing is lost.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::common::Place;

const DUCK: &str = "birds_duck.jpg";

/// Another program cuts what is mapped, while joins are computed of it.
#[test]
fn a_file_that_is_cut_while_it_is_used_is_named_and_made_anew() {
    let place = Place::with(&[]);
    let names: Vec<_> = (0..24).map(|i| format!("{i:02}.jpg")).collect();
    names.iter().for_each(|name| place.copy(DUCK, name));
    let values: Vec<Vec<f32>> = (0..24).map(|i| (0..4000).map(|at| (at * (i + 3) % 11) as f32).collect()).collect();
    let rows: Vec<_> = names.iter().zip(&values).map(|(name, values)| (name.as_str(), &values[..])).collect();
    place.pretend_indexed(&rows);
    let whole = fs::read(place.sparse()).unwrap();
    let index = || {
        let outcome = place.run(&["index", "animals", "--json"]).exits(0);
        serde_json::from_str::<Value>(&outcome.stdout).unwrap()
    };
    for (cut, asked) in [
        (0, "query cosine knn 3 5"),
        (100, "query euclidean range 500 5 best"),
        (4096, "join cosine knn 3"),
        (whole.len() / 2, "join cosine range 0.1 best"),
        (whole.len() / 2, "join euclidean knn 3 gem"),
        (whole.len() - 64, "join cosine knn 3"),
    ] {
        let mut command = place.command(&["bench-join"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (mut questions, mut answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        writeln!(questions, "open datasets/animals").unwrap();
        let mut answer = String::new();
        answers.read_line(&mut answer).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&answer).unwrap()["at_once"], true, "{answer}");
        fs::OpenOptions::new().write(true).open(place.sparse()).unwrap().set_len(cut as u64).unwrap();
        writeln!(questions, "{asked}").unwrap();
        drop(questions);
        let (mut rest, output) = (String::new(), child.wait_with_output().unwrap());
        answers.read_to_string(&mut rest).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), &*rest), (Some(1), ""), "{asked}, cut at {cut}: {said}");
        assert!(said.contains("features.simages: was cut short") && said.contains("run the command again"), "{said}");
        // Nothing is computed again, and the file is as it was.
        assert_eq!(index()["computed"], json!(0));
        assert!(fs::read(place.sparse()).unwrap() == whole);
    }
}
