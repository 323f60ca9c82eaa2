//! `simages query`: exact results on stdout, everything else on stderr.

use std::fs;
use std::process::Stdio;

use crate::common::{DRAKE, Place, reckoned, starter};
use serde_json::{Value, json};
use simages::dataset::decode;
use simages::join::{DescriptorKind, Metric};

#[test]
fn each_format_is_exact_and_the_key_is_no_result() {
    let place = reckoned();
    let json = place.run(&["query", "key.jpg", "animals", "--as-reference", "--format", "json"]).exits(0);
    assert_eq!(
        json.stdout,
        "[{\"rank\":1,\"file\":\"same.jpg\",\"value\":1.0,\"descriptor\":\"full\"},\
         {\"rank\":2,\"file\":\"near.jpg\",\"value\":0.6,\"descriptor\":\"full\"},\
         {\"rank\":3,\"file\":\"far.jpg\",\"value\":0.0,\"descriptor\":\"full\"}]\n"
    );
    let csv =
        place.run(&["query", "key.jpg", "animals", "--descriptor", "full", "--knn", "2", "--format", "csv"]).exits(0);
    assert_eq!(csv.stdout, "rank,file,value\n1,same.jpg,1.0\n2,near.jpg,0.6\n");
    assert_eq!(csv.stderr, "");
    let table = place.run(&["query", "key.jpg", "animals", "--descriptor", "full", "--knn", "1"]).exits(0);
    assert_eq!(table.stdout, "rank      cosine  file\n   1       1.000  same.jpg\n");
}

#[test]
fn paths_are_for_other_programs() {
    let place = reckoned();
    let query = |more: &[&str]| place.run(&[&["query", "key.jpg", "animals", "--knn", "1"], more].concat());
    let path = place.dataset("animals").canonicalize().unwrap().join("same.jpg");
    assert_eq!(query(&["--format", "paths"]).exits(0).stdout, format!("{}\n", path.display()));
    assert_eq!(query(&["--format", "paths", "--print0"]).exits(0).stdout, format!("{}\0", path.display()));
    query(&["--print0"]).exits(2).says(&["--print0 needs --format paths"]);
}

#[test]
fn a_key_that_does_not_exist_brings_up_pictures_of_that_name() {
    let place = reckoned();
    let sub = place.dataset("animals").join("sub");
    fs::create_dir(&sub).unwrap();
    fs::copy(place.dataset("animals").join("far.jpg"), sub.join("Inner.jpg")).unwrap();
    for typed in ["inner.jpg", "Inner", "elsewhere/Inner.jpg"] {
        place.run(&["query", typed, "animals"]).exits(1).says(&["no such file", "did you mean sub/Inner.jpg?"]);
    }
    let none = place.run(&["query", "nowhere.jpg", "animals"]).exits(1);
    assert!(none.stderr.contains("no such file") && !none.stderr.contains("did you mean"), "{}", none.stderr);
}

#[test]
fn ranges_hold_their_limit() {
    let place = reckoned();
    let files = |arguments: &[&str]| {
        let all = [&["query", "key.jpg", "animals", "--descriptor", "full", "--format", "json"], arguments].concat();
        let results: Vec<Value> = serde_json::from_str(&place.run(&all).exits(0).stdout).unwrap();
        results.iter().map(|r| r["file"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(files(&["--range", "0.6"]), ["same.jpg", "near.jpg"]);
    assert_eq!(files(&["--range", "0.61"]), ["same.jpg"]);
    assert_eq!(files(&["--range", "0"]), ["same.jpg", "near.jpg", "far.jpg"]);
    assert_eq!(files(&["--metric", "euclidean", "--range", "2"]), ["same.jpg", "far.jpg"]);
    assert_eq!(files(&["--metric", "euclidean", "--range", "0"]), ["same.jpg"]);
    assert_eq!(files(&["--metric", "euclidean"]), ["same.jpg", "far.jpg", "near.jpg"]);
}

#[test]
fn a_second_pass_orders_the_nearest_and_says_by_what() {
    let place = Place::with(&[]);
    ["key.jpg", "sure.jpg", "of-its-kind.jpg", "by-chance.jpg"].iter().for_each(|name| place.copy(DRAKE, name));
    place.pretend_indexed(&[
        ("key.jpg", &[1.0, 1.0]),
        ("sure.jpg", &[1.0, 1.0, 1.0]),
        ("of-its-kind.jpg", &[0.0, 0.6, 1.0, 0.0, 0.8]),
        ("by-chance.jpg", &[0.65, 0.0, 0.0, 0.0, 0.0, 1.2, 0.5]),
    ]);
    let found = |arguments: &[&str]| {
        let all = [&["query", "key.jpg", "animals", "--format", "json"], arguments].concat();
        let run = place.run(&all).exits(0);
        let results: Vec<Value> = serde_json::from_str(&run.stdout).unwrap();
        let told = results.iter().map(|r| (r["file"].as_str().unwrap().to_owned(), r["value"].as_f64().unwrap()));
        (told.collect::<Vec<_>>(), run.stderr)
    };
    let (plain, _) = found(&[]);
    let (expanded, note) = found(&["--expand"]);
    assert_eq!(
        plain.iter().map(|r| r.0.as_str()).collect::<Vec<_>>(),
        ["sure.jpg", "by-chance.jpg", "of-its-kind.jpg"]
    );
    assert_eq!(expanded, [plain[0].clone(), plain[2].clone(), plain[1].clone()]);
    assert!(note.contains("expanded by 1 key"), "{note}");
    let refused = place.run(&["query", "key.jpg", "animals", "--expand", "--range", "0.5"]).exits(2);
    assert!(refused.stderr.contains("--expand"), "{}", refused.stderr);
}

/// With the network: a part gives the same result as a file of its own.
#[test]
fn a_part_of_a_picture_is_a_key_as_it_would_be_as_a_file() {
    let place = Place::with(&[DRAKE, "birds_duck.jpg", "amphibians_frog.jpg"]);
    let whole = decode::open(&starter(DRAKE)).unwrap();
    let (width, height) = (whole.width(), whole.height());
    let part = format!("{},{},{},{}", width / 4, 3, width / 2, height / 2);
    whole.crop_imm(width / 4, 3, width / 2, height / 2).save(place.path().join("part.png")).unwrap();
    let query = |key: &str, more: &[&str]| {
        place.run(&[&["query", key, "animals", "--knn", "3", "--format", "json"], more].concat())
    };
    let key = format!("{DRAKE}#{part}");
    let by_part = query(&key, &[]).exits(0);
    assert_eq!(by_part.stderr, "");
    let values = |text: &str| -> Vec<(String, f64)> {
        let found: Vec<Value> = serde_json::from_str(text).unwrap();
        found.iter().map(|r| (r["file"].as_str().unwrap().into(), r["value"].as_f64().unwrap())).collect()
    };
    let found = values(&by_part.stdout);
    assert_eq!((found.len(), found[0].0.as_str()), (3, DRAKE));
    let as_file = query("part.png", &["--descriptor", "best"]).exits(0);
    assert_eq!((values(&as_file.stdout), as_file.stderr.as_str()), (found, ""), "a lossless file of the same pixels");
    assert_eq!(query(&key, &["--descriptor", "gap"]).exits(0).stderr, "");

    // An existing file takes precedence over a part.
    fs::copy(starter("amphibians_frog.jpg"), place.path().join(&key)).unwrap();
    let frog = values(&query(&key, &[]).exits(0).stdout);
    assert_eq!(frog[0].0, "amphibians_frog.jpg");
    fs::remove_file(place.path().join(&key)).unwrap();

    let outside = query(&format!("{DRAKE}#{width},0,1,1"), &[]).exits(1);
    outside.says(&[&format!("the part {width},0,1,1 is outside the picture, which has {width} x {height} pixels")]);
    for wrong in ["", "1,2,3", "1,2,0,4", "-1,0,4,4", "a,b,c,d"] {
        query(&format!("{DRAKE}#{wrong}"), &[])
            .exits(1)
            .says(&[&format!("#{wrong}: a part of a picture is written #x,y,")]);
    }
    query("gone.jpg#1,2,3,4", &[]).exits(1).says(&["gone.jpg#1,2,3,4: no such file"]);
    // Two parts of a picture are two keys, for and against.
    let both =
        query(&format!("{DRAKE}#0,0,40,40"), &["--like", &key, "--unlike", &format!("{DRAKE}#0,0,9,9")]).exits(0);
    assert!(both.stdout.contains(&format!("\"nearest\":\"{DRAKE}#")), "{}", both.stdout);
}

/// Two keys for and one against, reported as they were typed.
#[test]
fn several_keys_make_one_value_and_each_result_says_the_nearest() {
    let place = Place::with(&[]);
    let rows: [(&str, &[f32]); 6] = [
        ("a.jpg", &[1.0, 0.0, 0.0]),
        ("b.jpg", &[0.0, 1.0, 0.0]),
        ("c.jpg", &[0.0, 0.0, 1.0]),
        ("like-a.jpg", &[4.0, 3.0, 0.0]),
        ("like-b.jpg", &[3.0, 4.0, 0.0]),
        ("like-c.jpg", &[0.0, 3.0, 4.0]),
    ];
    rows.iter().for_each(|(name, _)| place.copy(DRAKE, name));
    place.pretend_indexed(&rows);
    let found = |arguments: &[&str]| {
        let all = [&["query"], arguments, &["animals", "--descriptor", "full", "--format", "json"]].concat();
        serde_json::from_str::<Value>(&place.run(&all).exits(0).stdout).unwrap()
    };
    let both = found(&["--like", "a.jpg", "--like", "b.jpg"]);
    assert_eq!(
        both,
        json!([
            {"rank": 1, "file": "like-a.jpg", "value": (0.6 + 0.8) / 2.0, "descriptor": "full", "nearest": "a.jpg"},
            {"rank": 2, "file": "like-b.jpg", "value": (0.6 + 0.8) / 2.0, "descriptor": "full", "nearest": "b.jpg"},
            {"rank": 3, "file": "like-c.jpg", "value": 0.3, "descriptor": "full", "nearest": "b.jpg"},
            {"rank": 4, "file": "c.jpg", "value": 0.0, "descriptor": "full", "nearest": "a.jpg"},
        ])
    );
    // KEY is the first key for; the order of keys doesn't affect values.
    assert_eq!(found(&["a.jpg", "--like", "b.jpg"]), both);
    let values =
        |found: &Value| -> Vec<Value> { found.as_array().unwrap().iter().map(|r| r["value"].clone()).collect() };
    assert_eq!(values(&found(&["b.jpg", "--like", "a.jpg", "--like", "./animals/a.jpg"])), values(&both));
    let against = found(&["a.jpg", "--unlike", "c.jpg"]);
    assert_eq!(
        against,
        json!([
            {"rank": 1, "file": "like-a.jpg", "value": 0.8, "descriptor": "full"},
            {"rank": 2, "file": "like-b.jpg", "value": 0.6, "descriptor": "full"},
            {"rank": 3, "file": "b.jpg", "value": 0.0, "descriptor": "full"},
            {"rank": 4, "file": "like-c.jpg", "value": -0.2, "descriptor": "full"},
        ])
    );
    // A range applies to that value, and includes its limit.
    let files = |found: Value| found.as_array().unwrap().iter().map(|r| r["file"].clone()).collect::<Vec<_>>();
    assert_eq!(files(found(&["a.jpg", "--unlike", "c.jpg", "--range", "0.6"])), ["like-a.jpg", "like-b.jpg"]);
    assert_eq!(files(found(&["a.jpg", "--unlike", "c.jpg", "--range", "0.61"])), ["like-a.jpg"]);
    let csv = place
        .run(&["query", "a.jpg", "--like", "b.jpg", "animals", "--descriptor", "full", "--knn", "1", "--format", "csv"])
        .exits(0);
    assert_eq!(csv.stdout, "rank,file,value,nearest\n1,like-a.jpg,0.7,a.jpg\n");
    let table =
        place.run(&["query", "a.jpg", "--like", "b.jpg", "animals", "--descriptor", "full", "--knn", "1"]).exits(0);
    assert_eq!(table.stdout, "rank      cosine  file        nearest key\n   1       0.700  like-a.jpg  a.jpg\n");
    let note = place.run(&["query", "a.jpg", "--like", "b.jpg", "animals", "--knn", "5"]).exits(0);
    assert_eq!(note.stderr, "note: k is 5, but there are only 4 pictures to compare with\n");

    place.run(&["query", "animals"]).exits(2).says(&["KEY DATASET"]);
    place.run(&["query", "a.jpg", "b.jpg", "animals"]).exits(2);
    place.run(&["query", "a.jpg", "--like", "b.jpg", "c.jpg", "--unlike", "c.jpg", "animals"]).exits(2);
    place.run(&["query", "--unlike", "a.jpg", "animals"]).exits(2);
    place.run(&["query", "a.jpg", "--like", "b.jpg", "animals", "--expand"]).exits(2).says(&["--expand"]);
    place.run(&["query", "a.jpg", "--like", "nowhere.jpg", "animals"]).exits(1).says(&["nowhere.jpg: no such file"]);
    let both_sides = place.run(&["query", "a.jpg", "--unlike", "animals/a.jpg", "animals"]).exits(1);
    both_sides.says(&["animals/a.jpg: a key can't be both for and against"]);
}

#[test]
fn more_than_there_are_is_all_with_a_note() {
    let place = reckoned();
    let outcome = place.run(&["query", "key.jpg", "animals", "--knn", "99"]).exits(0);
    assert_eq!(outcome.stdout.lines().count(), 4);
    outcome.says(&["note: k is 99", "3 pictures"]);
}

#[test]
fn a_key_is_found_by_path_in_the_dataset_or_in_the_datasets_directory() {
    let place = reckoned();
    let absolute = place.animals().join("key.jpg");
    for key in ["key.jpg", "animals/key.jpg", "datasets/animals/key.jpg", absolute.to_str().unwrap()] {
        for dataset in ["animals", "datasets/animals", "datasets/animals/", place.animals().to_str().unwrap()] {
            let outcome = place.run(&["query", key, dataset, "--knn", "1", "--format", "csv"]).exits(0);
            assert_eq!(outcome.stdout, "rank,file,value\n1,same.jpg,1.0\n", "{key} {dataset}");
        }
    }
}

#[test]
fn bad_arguments_exit_2_and_say_what_is_right() {
    let place = reckoned();
    for (arguments, says) in [
        (&["--knn", "0"][..], &["\"0\"", "at least 1"][..]),
        (&["--knn", "-3"], &["\"-3\"", "at least 1"]),
        (&["--knn", "1.5"], &["whole number"]),
        (&["--range", "1.1"], &["\"1.1\"", "from 0 to 1"]),
        (&["--range", "NaN"], &["from 0 to 1"]),
        (&["--range", "-1", "--metric", "euclidean"], &["\"-1\"", "distance from 0"]),
        (&["--range", "0.5", "--knn", "3"], &["--range"]),
        (&["--metric", "manhattan"], &["cosine", "euclidean"]),
        (&["--format", "xml"], &["table", "json", "csv"]),
    ] {
        let all = [&["query", "key.jpg", "animals"], arguments].concat();
        let outcome = place.run(&all).exits(2).says(says);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
    }
    place.run(&["query", "key.jpg"]).exits(2);
    fs::create_dir(place.path().join("datasets/garden")).unwrap();
    place.run(&["query", "key.jpg", "nope"]).exits(2).says(&["nope", "animals, garden"]);
}

#[test]
fn what_cannot_be_searched_exits_1_and_is_named() {
    let place = reckoned();
    fs::create_dir(place.path().join("datasets/empty")).unwrap();
    place.run(&["query", "animals/key.jpg", "empty"]).exits(1).says(&["datasets/empty", "no pictures"]);
    place.run(&["query", "missing.jpg", "animals"]).exits(1).says(&["missing.jpg: no such file"]);
    fs::write(place.path().join("text.jpg"), "not a picture").unwrap();
    place.run(&["query", "text.jpg", "animals"]).exits(1).says(&["text.jpg: "]);
    place.run(&["query", "datasets", "animals"]).exits(1).says(&["datasets: is a folder; a key is a picture"]);
    fs::write(place.path().join("datasets/empty/bad.png"), "not a picture").unwrap();
    place.run(&["query", "animals/key.jpg", "empty"]).exits(1).says(&["datasets/empty: 1 picture", "simages index"]);
}

#[test]
fn skipped_pictures_are_a_note() {
    let place = reckoned();
    fs::write(place.animals().join("empty.jpg"), "").unwrap();
    let outcome = place.run(&["query", "key.jpg", "animals", "--knn", "1"]).exits(0);
    assert_eq!(outcome.stderr, "note: 1 picture of animals skipped; simages index says why\n");
}

#[test]
fn a_linked_folder_in_the_dataset_belongs_to_it() {
    #[cfg(unix)]
    {
        let place = Place::with(&[]);
        let elsewhere = place.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        fs::copy(starter(DRAKE), elsewhere.join("key.jpg")).unwrap();
        std::os::unix::fs::symlink(&elsewhere, place.animals().join("link")).unwrap();
        place.copy(DRAKE, "other.jpg");
        place.pretend_indexed(&[("link/key.jpg", &[1.0]), ("other.jpg", &[1.0, 1.0])]);
        let outcome = place.run(&["query", "link/key.jpg", "animals", "--format", "csv"]).exits(0);
        assert_eq!(outcome.stdout.lines().count(), 2, "{}", outcome.stdout);
    }
}

/// The only test here that runs the network.
#[test]
fn pictures_are_indexed_first_and_a_key_may_lie_elsewhere() {
    let place = Place::with(&[DRAKE, "birds_duck.jpg", "amphibians_frog.jpg"]);
    let copy = place.path().join("copy.jpg");
    fs::copy(starter(DRAKE), &copy).unwrap();
    let outside = place.run(&["query", "copy.jpg", "animals", "--format", "json"]).exits(0);
    let inside = place.run(&["query", DRAKE, "animals", "--format", "json"]).exits(0);
    assert_eq!(inside.stderr, "note: k is 10, but there are only 2 pictures to compare with\n");

    let outside: Vec<Value> = serde_json::from_str(&outside.stdout).unwrap();
    let inside: Vec<Value> = serde_json::from_str(&inside.stdout).unwrap();
    assert_eq!((&outside[0]["file"], &inside[0]["file"]), (&DRAKE.into(), &"birds_duck.jpg".into()));
    assert!(outside[0]["value"].as_f64().unwrap() > 0.999_999);
    assert_eq!((outside.len(), inside.len()), (3, 2));
    for (a, b) in outside[1..].iter().zip(&inside) {
        assert_eq!(a["file"], b["file"]);
        assert!((a["value"].as_f64().unwrap() - b["value"].as_f64().unwrap()).abs() < 1e-6);
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let place = reckoned();
    for arguments in
        [&["query", "key.jpg", "animals", "--format", "csv"][..], &["man"], &["doctor"], &["completions", "zsh"]]
    {
        let mut child = place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !stderr.contains("panicked"), "{arguments:?}: {stderr}");
    }
}

#[test]
fn a_pooled_descriptor_is_compared_by_and_measured() {
    let place = Place::with(&["birds_duck.jpg", "birds_drake.jpg", "birds_hen.jpg"]);
    let rows = [("birds_duck.jpg", &[1.0, 0.0][..]), ("birds_drake.jpg", &[0.9, 0.1]), ("birds_hen.jpg", &[0.0, 1.0])];
    place.pretend_indexed(&rows);
    let query = |more: &[&str]| {
        let arguments = [&["query", "birds_duck.jpg", "animals", "--format", "json"], more].concat();
        let results: Value = serde_json::from_str(&place.run(&arguments).exits(0).stdout).unwrap();
        results[0]["value"].as_f64().unwrap()
    };
    for descriptor in ["full", "gap", "gem", "mac", "rmac", "best"] {
        let value = query(&["--descriptor", descriptor]);
        assert!(value > 0.9, "{descriptor}: {value}");
        // Pooled descriptors have length 1.
        let distance = query(&["--descriptor", descriptor, "--metric", "euclidean"]);
        assert!(
            descriptor == "full" || (distance - (2.0 - 2.0 * value).sqrt()).abs() < 1e-6,
            "{descriptor}: {distance}"
        );
    }
    place.run(&["query", "birds_duck.jpg", "animals", "--descriptor", "vgg"]).exits(2).says(&["full, gap", "best"]);

    let report = place.run(&["eval", "animals", "--json", "--descriptor", "gap", "--metric", "cosine"]).exits(0).stdout;
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!((&report["labels"], &report["keys"], &report["classes"]), (&json!("prefix"), &json!(3), &json!(1)));
    assert_eq!(report["results"][0]["map"]["mean"], json!(1.0));
    assert_eq!(report["results"].as_array().unwrap().len(), 1);
    let labels = place.path().join("labels.csv");
    std::fs::write(&labels, "file,class\nbirds_duck.jpg,a\nbirds_drake.jpg,b\nbirds_hen.jpg,a\n").unwrap();
    let table = place.run(&["eval", "animals", "--labels", labels.to_str().unwrap()]).exits(0).stdout;
    assert!(table.contains("2 classes") && table.contains("best        cosine     0.500"), "{table}");
    let all = DescriptorKind::ALL.len() * Metric::ALL.len();
    assert_eq!(table.lines().filter(|line| line.contains(" [0.500, 0.500]")).count(), all, "{table}");
    std::fs::write(&labels, "file,class\nbirds_duck.jpg,a\nbirds_drake.jpg,b\n").unwrap();
    place.run(&["eval", "animals", "--labels", labels.to_str().unwrap()]).exits(1).says(&["--labels defines"]);
    // At once, before anything is computed.
    place.run(&["eval", "animals", "--labels", "nowhere.csv"]).exits(2).says(&["nowhere.csv"]);
}
