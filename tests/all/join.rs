//! `simages join`: exact records, streamed to stdout, or to a file that appears only when complete.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use crate::common::{DRAKE, Place};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use serde_json::Value;
use simages::Error;
use simages::cancel::Cancel;
use simages::descriptor::{Pooling, Row};
use simages::join::export::{NewFile, PairFormat, PairWriter};
use simages::join::{DescriptorKind, Engine, JoinedFiles, Metric, Plan, Predicate, SetJoin, With};
use simages::simd::Instructions;
use simages::storage::npz;

/// With simple cosines: a and b are equal, c has 0.6 to them, d is orthogonal.
const ANIMALS: [(&str, &[f32]); 4] =
    [("a.jpg", &[1.0, 0.0]), ("b.jpg", &[1.0, 0.0]), ("c.jpg", &[3.0, 4.0]), ("d.jpg", &[0.0, 1.0])];
const GARDEN: [(&str, &[f32]); 2] = [("x.jpg", &[2.0, 0.0]), ("y, 2.jpg", &[1.0, 2.0])];

/// The datasets animals and garden, as if indexed.
fn reckoned() -> Place {
    let place = Place::with(&[]);
    fs::create_dir(place.dataset("garden")).unwrap();
    for (dataset, pictures) in [("animals", &ANIMALS[..]), ("garden", &GARDEN)] {
        for (name, _) in pictures {
            place.copy_into(dataset, DRAKE, name);
        }
        place.pretend_indexed_in(dataset, pictures);
    }
    place
}

/// The dataset animals with `count` slightly different pictures.
fn many(count: usize) -> Place {
    let place = Place::with(&[DRAKE]);
    let names: Vec<_> = (0..count).map(|i| format!("{i:04}.jpg")).collect();
    names.iter().for_each(|name| place.copy(DRAKE, name));
    fs::remove_file(place.animals().join(DRAKE)).unwrap();
    let values: Vec<_> = (0..count).map(|i| [1.0, i as f32]).collect();
    place.pretend_indexed(&names.iter().zip(&values).map(|(n, v)| (n.as_str(), &v[..])).collect::<Vec<_>>());
    place
}

fn names_in(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn each_format_is_exact_and_sorted_by_key_and_rank() {
    let place = reckoned();
    let csv = place.run(&["join", "animals", "garden", "--descriptor", "full", "--knn", "1"]).exits(0);
    assert_eq!(
        csv.stdout,
        "key,rank,file,value\na.jpg,1,x.jpg,1.0\nb.jpg,1,x.jpg,1.0\nc.jpg,1,\"y, 2.jpg\",0.9838699100999074\n\
         d.jpg,1,\"y, 2.jpg\",0.8944271909999159\n"
    );
    let (start, end) = csv.stderr.split_at("animals ⋈ garden: 4 results of 4 keys in ".len());
    assert_eq!(start, "animals ⋈ garden: 4 results of 4 keys in ");
    assert!(end.ends_with(" s\n"), "{end}");
    let jsonl = ["join", "garden", "animals", "--descriptor", "full", "--range", "0.9", "--format", "jsonl"];
    let jsonl = place.run(&jsonl).exits(0);
    assert_eq!(
        jsonl.stdout,
        "{\"key\":\"x.jpg\",\"rank\":1,\"file\":\"a.jpg\",\"value\":1.0,\"descriptor\":\"full\"}\n\
         {\"key\":\"x.jpg\",\"rank\":2,\"file\":\"b.jpg\",\"value\":1.0,\"descriptor\":\"full\"}\n\
         {\"key\":\"y, 2.jpg\",\"rank\":1,\"file\":\"c.jpg\",\"value\":0.9838699100999074,\"descriptor\":\"full\"}\n"
    );
    let none = ["join", "animals", "garden", "--descriptor", "full", "--range", "0", "--metric", "euclidean"];
    let none = place.run(&none).exits(0);
    assert_eq!(none.stdout, "key,rank,file,value\n");
}

#[test]
fn a_self_join_is_a_query_with_every_key() {
    let place = reckoned();
    for (arguments, once) in [
        (&["--knn", "2"][..], false),
        (&["--range", "0.6"], true),
        (&["--metric", "euclidean"], false),
        (&["--metric", "euclidean", "--range", "4.2"], true),
    ] {
        let mut expected = String::from("key,rank,file,value\n");
        for (key, _) in ANIMALS {
            let query = place.run(&[&["query", key, "animals", "--format", "csv"], arguments].concat()).exits(0);
            let results = query.stdout.lines().skip(1).map(|line| line.split_once(',').unwrap().1);
            let reported = results.filter(|result| !once || *result > key);
            (1..).zip(reported).for_each(|(rank, result)| expected += &format!("{key},{rank},{result}\n"));
        }
        let join = [&["join", "animals", "animals"], arguments].concat();
        assert_eq!(place.run(&join).exits(0).stdout, expected, "{arguments:?}");
    }
}

#[test]
fn in_a_self_join_no_picture_is_its_own_result() {
    let place = reckoned();
    // However the dataset is named.
    for again in ["animals", "datasets/animals/", place.animals().to_str().unwrap()] {
        let nearest = place.run(&["join", "animals", again, "--descriptor", "full", "--knn", "1"]).exits(0);
        let expected =
            "key,rank,file,value\na.jpg,1,b.jpg,1.0\nb.jpg,1,a.jpg,1.0\nc.jpg,1,d.jpg,0.8\nd.jpg,1,c.jpg,0.8\n";
        assert_eq!(nearest.stdout, expected, "{again}");
        let near = place.run(&["join", "animals", again, "--descriptor", "full", "--range", "0.6"]).exits(0);
        let expected =
            "key,rank,file,value\na.jpg,1,b.jpg,1.0\na.jpg,2,c.jpg,0.6\nb.jpg,1,c.jpg,0.6\nc.jpg,1,d.jpg,0.8\n";
        assert_eq!(near.stdout, expected, "each pair once, {again}");
        near.says(&["animals ⋈ animals: 4 results of 4 keys"]);
    }
}

#[test]
fn parquet_holds_the_same_records() {
    let place = reckoned();
    let outcome = place.run(&["join", "animals", "garden", "--knn", "2", "--output", "pairs.parquet"]).exits(0);
    assert_eq!(outcome.stdout, "");
    let file = fs::File::open(place.path().join("pairs.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let mut csv = String::from("key,rank,file,value\n");
    for row in reader.get_row_iter(None).unwrap().map(Result::unwrap) {
        let file = row.get_string(2).unwrap();
        let file = if file.contains(',') { format!("\"{file}\"") } else { file.clone() };
        let (key, rank) = (row.get_string(0).unwrap(), row.get_long(1).unwrap());
        csv += &format!("{key},{rank},{file},{:?}\n", row.get_double(3).unwrap());
    }
    assert_eq!(csv, place.run(&["join", "animals", "garden", "--knn", "2"]).exits(0).stdout);
}

#[test]
fn parquet_comes_in_row_groups_of_bounded_size() {
    let place = many(600);
    place.run(&["join", "animals", "animals", "--knn", "599", "--output", "pairs.parquet"]).exits(0);
    let file = fs::File::open(place.path().join("pairs.parquet")).unwrap();
    let reader = SerializedFileReader::new(file).unwrap();
    let rows: Vec<_> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
    assert_eq!(rows, [1 << 18, 600 * 599 - (1 << 18)]);
}

#[test]
fn a_file_is_replaced_only_by_force_and_a_picture_never() {
    let place = reckoned();
    let output = place.path().join("pairs.jsonl");
    fs::write(&output, "old").unwrap();
    let join = |output: &str, more: &[&str]| {
        place.run(&[&["join", "animals", "garden", "--knn", "1", "--output", output], more].concat())
    };
    join("pairs.jsonl", &[]).exits(2).says(&["pairs.jsonl: exists already", "--force"]);
    assert_eq!(fs::read_to_string(&output).unwrap(), "old");
    join("pairs.jsonl", &["--force"]).exits(0);
    let lines: Vec<Value> =
        fs::read_to_string(&output).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 4);

    let before = fs::read(place.npz()).unwrap();
    for (file, says) in [("features.npz", "descriptors"), ("a.jpg", "picture"), ("new.png", "picture")] {
        let path = format!("datasets/animals/{file}");
        join(&path, &["--force", "--format", "csv"]).exits(2).says(&[file, says]);
    }
    assert_eq!(fs::read(place.npz()).unwrap(), before);
    assert!(!place.animals().join("new.png").exists());
    join("datasets", &["--force", "--format", "csv"]).exits(2).says(&["datasets: ", "folder"]);
    assert_eq!(names_in(place.path()), ["datasets", "pairs.jsonl"]);
}

#[test]
fn what_cannot_be_written_is_named_and_leaves_nothing() {
    let place = many(300);
    place.run(&["join", "animals", "animals", "--output", "no/pairs.csv"]).exits(1).says(&["no/pairs.csv: "]);
    #[cfg(target_os = "linux")]
    {
        let simages = place.command(&[]).get_program().to_owned();
        let run = |script: &str| {
            // Files may grow to about 32 kB, as if the disk were full then.
            let mut shell = std::process::Command::new("sh");
            shell
                .args(["-c", &format!("trap '' XFSZ; ulimit -f 64; {script}")])
                .arg(&simages)
                .current_dir(place.path());
            shell.env("XDG_CACHE_HOME", place.path().join("cache")).output().unwrap()
        };
        for file in ["pairs.csv", "pairs.jsonl", "pairs.parquet"] {
            let output = run(&format!("\"$0\" join animals animals --knn 299 --output {file}"));
            let message = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{message}");
            assert!(message.contains(&format!("{file}: larger than this disk or ulimit -f allows")), "{message}");
            assert_eq!(names_in(place.path()), ["datasets"]);
        }
        let output = run("\"$0\" join animals animals > /dev/full");
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains("stdout: the disk is full"), "{message}");
    }
}

#[cfg(unix)]
#[test]
fn cancelled_it_exits_130_and_leaves_nothing() {
    use rustix::process::{Pid, Signal, kill_process};
    let place = many(1500);
    // With --force, the temporary file has a name.
    let arguments = ["join", "animals", "animals", "--knn", "1499", "--output", "pairs.csv", "--force"];
    let mut child = place.command(&arguments).stderr(Stdio::piped()).spawn().unwrap();
    // When the temporary file appears, two million records are on their way.
    while !names_in(place.path()).iter().any(|name| name.starts_with(".pairs.csv.")) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was cancelled");
        std::thread::sleep(Duration::from_millis(5));
    }
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{message}");
    assert!(message.contains("animals ⋈ animals: cancelled; pairs.csv is not written"), "{message}");
    assert_eq!(names_in(place.path()), ["datasets"]);
}

#[test]
fn a_join_that_is_cancelled_between_records_leaves_nothing() {
    let place = reckoned();
    let matrix = npz::read(&place.npz()).unwrap().matrix;
    let join = SetJoin {
        keys: matrix,
        with: With::Themselves,
        files: JoinedFiles::default(),
        descriptor: DescriptorKind::Full,
        metric: Metric::Cosine,
        predicate: Predicate::Knn(3),
    };
    let cancel = Cancel::default();
    let output = place.path().join("pairs.csv");
    let mut file = NewFile::create(&output, false).unwrap();
    let mut writer = PairWriter::new(PairFormat::Csv, None, &mut file).unwrap();
    let ended = join.run(Engine::default(), &cancel, &mut |_| {}, &mut |group| {
        writer.take(&group).unwrap();
        cancel.cancel();
        cancel.check()
    });
    assert!(matches!(ended, Err(Error::Cancelled)));
    drop(writer);
    drop(file);
    assert_eq!(names_in(place.path()), ["datasets"]);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let place = many(300);
    let arguments = ["join", "animals", "animals", "--knn", "299"];
    let mut child = place.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn bad_arguments_exit_2_and_say_what_is_right() {
    let place = reckoned();
    for (arguments, says) in [
        (&["--knn", "0"][..], &["\"0\"", "at least 1"][..]),
        (&["--range", "1.1"], &["from 0 to 1"]),
        (&["--range", "0.5", "--knn", "3"], &["--range"]),
        (&["--format", "parquet"], &["--output FILE"]),
        (&["--format", "json"], &["csv", "jsonl", "parquet"]),
        (&["--output", "pairs.json"], &["pairs.json", ".jsonl"]),
        (&["--force"], &["--output"]),
    ] {
        let outcome = place.run(&[&["join", "animals", "garden"], arguments].concat()).exits(2).says(says);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
    }
    place.run(&["join", "animals"]).exits(2);
    place.run(&["join", "animals", "nope"]).exits(2).says(&["nope", "animals, garden"]);
    fs::create_dir(place.dataset("empty")).unwrap();
    place.run(&["join", "animals", "empty"]).exits(1).says(&["datasets/empty", "no pictures"]);
}

#[test]
fn more_than_there_are_is_all_with_a_note() {
    let place = reckoned();
    let outcome = place.run(&["join", "animals", "animals"]).exits(0);
    assert_eq!(outcome.stdout.lines().count(), 1 + 4 * 3);
    outcome.says(&["note: k is 10", "3 pictures"]);
}

/// The only test here that runs the network.
#[test]
fn pictures_are_indexed_first() {
    let place = Place::with(&[DRAKE, "birds_duck.jpg", "amphibians_frog.jpg"]);
    let joined = place.run(&["join", "animals", "animals", "--knn", "1"]).exits(0);
    let joined = joined.says(&["animals: 3 pictures, 0 indexed, 3 to index", "3 results of 3 keys"]);
    let query = place.run(&["query", DRAKE, "animals", "--knn", "1", "--format", "csv"]).exits(0).stdout;
    let drakes = joined.stdout.lines().find(|line| line.starts_with(DRAKE)).unwrap().to_owned();
    assert_eq!(drakes, format!("{DRAKE},{}", query.lines().nth(1).unwrap()));
}

#[test]
fn on_real_descriptors_every_plan_and_instruction_set_writes_the_same() {
    let pictures = ["birds_duck.jpg", "birds_owl.jpg", "amphibians_frog.jpg", "birds_drake.jpg", "birds_crow.jpg"];
    let place = Place::with(&pictures);
    place.copy("birds_duck.jpg", "once-more.jpg");
    let matrix = {
        place.run(&["index"]).exits(0);
        place.stored().matrix
    };
    let descriptors = [DescriptorKind::Full, DescriptorKind::Pooled(Pooling::Gem), DescriptorKind::Regions];
    for (descriptor, metric) in
        descriptors.into_iter().flat_map(|descriptor| Metric::ALL.map(|metric| (descriptor, metric)))
    {
        let mut expected = String::from("key,rank,file,value\n");
        for key in matrix.rows() {
            let others = matrix.rows().iter().filter(|row| row.name != key.name);
            let value = |row: &Row| descriptor.comparison().value(&key.descriptor, &row.descriptor, metric);
            let mut all: Vec<_> = others.map(|row| (value(row), &row.name)).collect();
            all.sort_by(|a, b| metric.compare(a.0, b.0).then(a.1.cmp(b.1)));
            (1..).zip(&all[..2]).for_each(|(rank, (value, file))| {
                expected += &format!("{},{rank},{file},{value:?}\n", key.name);
            });
        }
        for plan in Plan::ALL.map(Plan::name) {
            for instructions in Instructions::available().into_iter().map(Instructions::name) {
                let by = ["--descriptor", descriptor.name(), "--metric", metric.name()];
                let mut command =
                    place.command(&[["join", "animals", "animals", "--knn", "2"].as_slice(), &by].concat());
                let output = command.env("SIMAGES_PLAN", plan).env("SIMAGES_CPU", instructions).output().unwrap();
                assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{plan}, {instructions}, {by:?}");
            }
        }
    }
}

#[test]
fn what_joins_are_told_to_compute_with_eval_is_told_too() {
    let place = reckoned();
    let labels = place.path().join("labels.csv");
    fs::write(&labels, "file,class\na.jpg,1\nb.jpg,1\nc.jpg,2\nd.jpg,2\n").unwrap();
    let with = |(variable, value): (&str, &str), arguments: &[&str]| {
        place.command(arguments).env(variable, value).output().unwrap()
    };
    let eval = ["eval", "animals", "--labels", labels.to_str().unwrap(), "--json"];
    let expected = place.run(&eval).exits(0).stdout;
    let forced = Instructions::available().into_iter().map(|i| ("SIMAGES_CPU", i.name()));
    for forced in forced.chain(Plan::ALL.map(|plan| ("SIMAGES_PLAN", plan.name()))) {
        let output = with(forced, &eval);
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{forced:?}");
    }
    for unknown in [("SIMAGES_PLAN", "cunning"), ("SIMAGES_CPU", "abacus")] {
        let said = |arguments: &[&str]| {
            let output = with(unknown, arguments);
            assert_eq!(output.status.code(), Some(2), "{unknown:?} {arguments:?}");
            String::from_utf8(output.stderr).unwrap()
        };
        let message = said(&["join", "animals", "animals"]);
        assert!(message.contains(&format!("{}: ", unknown.0)) && message.contains(unknown.1), "{message}");
        assert_eq!(said(&eval), message);
    }
}

#[test]
fn without_tells_the_keys_that_nothing_is_like() {
    let place = reckoned();
    let keys = |datasets: [&str; 2], more: &[&str]| {
        let by = ["join", datasets[0], datasets[1], "--descriptor", "full", "--without"];
        place.run(&[&by, more].concat()).exits(0).stdout
    };
    // x is similar to a, b and c; y to c and d.
    assert_eq!(keys(["animals", "garden"], &["--range", "0.8"]), "key\n");
    assert_eq!(keys(["garden", "animals"], &["--range", "0.99"]), "key\n\"y, 2.jpg\"\n");
    assert_eq!(keys(["animals", "garden"], &["--range", "0.95", "--format", "jsonl"]), "{\"key\":\"d.jpg\"}\n");
    // b is similar to a, which sorts first and reports both.
    assert_eq!(keys(["animals", "animals"], &["--range", "0.9"]), "key\nc.jpg\nd.jpg\n");
    place.run(&["join", "animals", "garden", "--without"]).exits(2);
    let parquet = ["join", "animals", "garden", "--without", "--range", "0.8", "--output", "a.parquet"];
    place.run(&parquet).exits(2).says(&["--without needs the format csv or jsonl"]);
}
