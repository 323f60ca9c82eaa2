//! Joins and indexing in several processes: byte-identical output, even after a task was killed; parts that are
//! missing, damaged or from another plan are never used.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{DRAKE, Outcome, Place};
use simages::dataset::Dataset;
use simages::descriptor::{FeatureMatrix, Row};
use simages::index::store::Store;
use simages::simd::InstructionClass;
use simages::storage::Stored;

const PICTURES: usize = 60;

/// Two datasets, as if indexed, with ties and duplicates across all blocks.
fn two_datasets() -> Place {
    let place = Place::with(&[]);
    fs::create_dir(place.dataset("garden")).unwrap();
    for (dataset, count, step) in [("animals", PICTURES, 7), ("garden", 25, 3)] {
        let names: Vec<_> = (0..count).map(|i| format!("{i:03}.jpg")).collect();
        names.iter().for_each(|name| place.copy_into(dataset, DRAKE, name));
        let values: Vec<_> = (0..count).map(|i| [(i % step) as f32, (i % 5) as f32, 1.0, (i / 30) as f32]).collect();
        let pictures: Vec<_> = names.iter().zip(&values).map(|(name, values)| (name.as_str(), &values[..])).collect();
        place.pretend_indexed_in(dataset, &pictures);
    }
    place
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// The folder of the plan.
fn planned(place: &Place, join: &str) -> PathBuf {
    let line = format!("grid plan --shared shared --block 20 {join}");
    PathBuf::from(place.run(&words(&line)).exits(0).stdout.trim_end())
}

fn task(place: &Place, plan: &Path, tasks: &str) -> Outcome {
    place.run(&[&["grid", "task", plan.to_str().unwrap()], &words(tasks)[..]].concat())
}

fn merge(place: &Place, plan: &Path) -> Outcome {
    place.run(&["grid", "merge", plan.to_str().unwrap()])
}

fn flip(file: &Path, at: usize) {
    let mut bytes = fs::read(file).unwrap();
    bytes[at] ^= 1;
    fs::write(file, bytes).unwrap();
}

#[test]
fn processes_give_the_same_bytes() {
    let place = two_datasets();
    for descriptor in ["full", "gap", "best"] {
        for (metric, range) in [("cosine", "0.9"), ("euclidean", "1.5")] {
            for asked in ["--knn 7".to_owned(), format!("--range {range}")] {
                for with in ["animals", "garden"] {
                    let join = format!("join animals {with} --descriptor {descriptor} --metric {metric} {asked}");
                    let alone = place.run(&words(&join)).exits(0).stdout;
                    assert!(alone.lines().count() > 50, "{join}");
                    let line = format!("{join} --on processes:2 --block 20");
                    assert_eq!(place.run(&words(&line)).exits(0).stdout, alone, "{line}");
                }
            }
        }
    }
    let join = "join animals garden --descriptor full --range 0.99 --without";
    let alone = place.run(&words(join)).exits(0).stdout;
    assert_eq!(place.run(&words(&format!("{join} --on processes:3"))).exits(0).stdout, alone);
}

#[test]
fn a_file_on_both_sides_is_no_neighbour_of_its_own() {
    let place = two_datasets();
    // The parent folder of both, which contains each picture of animals.
    let all = place.path().join("datasets");
    place.run(&["index", all.to_str().unwrap()]).exits(0);
    let join = format!("join animals {} --knn 5", all.display());
    let alone = place.run(&words(&join)).exits(0).stdout;
    assert_eq!(place.run(&words(&format!("{join} --on processes:2 --block 20"))).exits(0).stdout, alone);
}

/// Waits for a child of the process `parent` that was started with `word`.
fn child_of(parent: &mut Child, word: &str) -> Option<u32> {
    let deadline = Instant::now() + Duration::from_secs(60);
    while parent.try_wait().unwrap().is_none() && Instant::now() < deadline {
        let children = format!("/proc/{0}/task", parent.id());
        let of_threads = fs::read_dir(children).into_iter().flatten().flatten();
        let numbers = of_threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
        for child in numbers.collect::<Vec<_>>().concat().split_whitespace() {
            let arguments = fs::read(format!("/proc/{child}/cmdline")).unwrap_or_default();
            if arguments.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes()) {
                return child.parse().ok();
            }
        }
    }
    None
}

/// Runs `line`, and kills one of its tasks.
fn with_a_killed_task(place: &Place, line: &str) {
    for attempt in 0..50 {
        let log = place.path().join(format!("log-{attempt}"));
        let mut command = place.command(&words(line));
        command.env("SIMAGES_LOG", &log).stdout(Stdio::null()).stderr(Stdio::null());
        let mut driver = command.spawn().unwrap();
        let killed = child_of(&mut driver, "task");
        if let Some(task) = killed {
            Command::new("kill").args(["-9", &task.to_string()]).status().unwrap();
        }
        assert!(driver.wait().unwrap().success(), "{}", fs::read_to_string(&log).unwrap());
        // The task may have finished before.
        if fs::read_to_string(&log).unwrap().contains("a task failed") {
            return;
        }
        let _ = fs::remove_dir_all(place.path().join("shared"));
    }
    panic!("no task could be killed");
}

#[test]
fn a_task_that_is_killed_is_started_again() {
    let place = two_datasets();
    place.run(&words("join animals animals --knn 7 --output alone.parquet")).exits(0);
    let line =
        "join animals animals --knn 7 --output three.parquet --force --on processes:3 --shared shared --block 10";
    with_a_killed_task(&place, line);
    let [alone, three] = ["alone.parquet", "three.parquet"].map(|file| fs::read(place.path().join(file)).unwrap());
    assert!(alone == three);
}

#[test]
fn indexing_in_processes_gives_the_same_rows_also_after_a_kill() {
    let pictures = [DRAKE, "birds_duck.jpg"];
    let place = Place::with(&pictures);
    let copies: Vec<_> = (0..40).map(|i| format!("{i:02}.jpg")).collect();
    copies.iter().enumerate().for_each(|(i, copy)| place.copy(pictures[i % 2], copy));
    fs::write(place.animals().join("broken.jpg"), b"no picture").unwrap();
    place.run(&["index", "animals"]).exits(0);
    let alone = place.stored().matrix;
    for file in [place.npz(), place.sparse()] {
        fs::remove_file(file).unwrap();
    }
    with_a_killed_task(&place, "index animals --on processes:3 --shared shared");
    let elsewhere = place.stored().matrix;
    assert_eq!(alone.len(), 42);
    for (a, b) in alone.rows().iter().zip(elsewhere.rows()) {
        assert!(a.name == b.name && a.descriptor == b.descriptor && a.content() == b.content(), "{}", a.name);
        assert!(a.instructions().is_some() && a.instructions() == b.instructions());
    }
    assert_eq!(elsewhere.len(), alone.len());
    // Nothing remains to be done.
    let again = place.run(&["index", "animals", "--json"]).exits(0);
    assert!(again.stdout.contains("\"computed\":0") && again.stdout.contains("broken.jpg"), "{}", again.stdout);
}

#[test]
fn what_is_missing_damaged_or_of_another_plan_is_named_and_made_again() {
    let place = two_datasets();
    let alone = place.run(&words("join animals animals --knn 4")).exits(0).stdout;
    let plan = planned(&place, "animals animals --knn 4");
    assert_eq!(fs::read_to_string(plan.join("waves.txt")).unwrap(), "0 1 2\n3 4\n5\n");
    task(&place, &plan, "0 1 2 3 4").exits(0);
    let said = merge(&place, &plan).exits(1).stderr;
    assert!(said.contains("000005.part: is missing") && said.contains("1 part of 6"), "{said}");
    task(&place, &plan, "5").exits(0);
    assert_eq!(merge(&place, &plan).exits(0).stdout, alone);
    task(&place, &plan, "6").exits(1);

    // A part.
    let part = |number: usize| plan.join(format!("parts/{number:06}.part"));
    for at in [0, 70, 100] {
        flip(&part(2), at);
        let said = merge(&place, &plan).exits(1).stderr;
        assert!(said.contains("task 2: ") && said.contains("000002.part: is damaged"), "{said}");
        task(&place, &plan, "2").exits(0);
        assert_eq!(merge(&place, &plan).exits(0).stdout, alone);
    }
    // From another task, and from another plan.
    fs::copy(part(1), part(2)).unwrap();
    assert!(merge(&place, &plan).exits(1).stderr.contains("of another plan or task"));
    let other = planned(&place, "animals animals --knn 5");
    assert_ne!(other, plan);
    task(&place, &other, "2").exits(0);
    fs::copy(other.join("parts/000002.part"), part(2)).unwrap();
    assert!(merge(&place, &plan).exits(1).stderr.contains("of another plan or task"));
    task(&place, &plan, "2").exits(0);
    assert_eq!(merge(&place, &plan).exits(0).stdout, alone);

    // The same command continues with the existing parts, and makes only the missing one.
    flip(&part(0), 90);
    let log = place.path().join("log");
    let line = "join animals animals --knn 4 --on processes:2 --shared shared --block 20";
    let mut command = place.command(&words(line));
    let again = Outcome::of(command.env("SIMAGES_LOG", &log).output().unwrap()).exits(0);
    assert_eq!(again.stdout, alone);
    assert!(again.stderr.contains("000000.part: is damaged"), "{}", again.stderr);
    assert_eq!(fs::read_to_string(log).unwrap().matches("a part was made").count(), 1);

    // The manifest, and a piece.
    flip(&plan.join("plan.json"), 50);
    for outcome in [task(&place, &plan, "2"), merge(&place, &plan)] {
        let said = outcome.exits(1).stderr;
        assert!(said.contains("plan.json: is damaged") && said.contains("to make a new plan"), "{said}");
    }
    assert_eq!(planned(&place, "animals animals --knn 4"), plan);
    assert_eq!(merge(&place, &plan).exits(0).stdout, alone);
    let rows = fs::read_dir(place.path().join("shared")).unwrap().map(|entry| entry.unwrap().path());
    let piece = rows.filter(|path| path.to_str().unwrap().contains("rows-")).map(|path| path.join("000001.simages"));
    let piece = piece.last().unwrap();
    let whole = fs::read(&piece).unwrap();
    flip(&piece, whole.len() / 2);
    fs::remove_file(part(3)).unwrap();
    let said = task(&place, &plan, "3").exits(1).stderr;
    assert!(said.contains("000001.simages: is damaged"), "{said}");
    assert_eq!(place.run(&words(line)).exits(0).stdout, alone);
    assert!(fs::read(&piece).unwrap() == whole);

    // Another piece in its place, sound and with as many rows: whoever reads only names, or only some rows, notices too.
    fs::copy(piece.with_file_name("000000.simages"), &piece).unwrap();
    let said = merge(&place, &plan).exits(1).stderr;
    assert!(said.contains("000001.simages: is damaged"), "{said}");
    assert_eq!(place.run(&words(line)).exits(0).stdout, alone);
    let plan = planned(&place, "animals animals --knn 4 --descriptor full");
    task(&place, &plan, "0 1 2 3 4 5").exits(0);
    fs::copy(piece.with_file_name("000000.simages"), &piece).unwrap();
    let said = task(&place, &plan, "6 7 8").exits(1).stderr;
    assert!(said.contains("000001.simages: is damaged"), "{said}");
}

#[test]
fn codes_are_kept_for_the_tasks_to_come_and_never_used_if_they_are_not_as_they_were_written() {
    let place = two_datasets();
    for with in ["animals --knn 4", "animals --range 0.9", "garden --knn 4"] {
        let with = format!("{with} --descriptor full");
        let alone = place.run(&words(&format!("join animals {with}"))).exits(0).stdout;
        let plan = planned(&place, &format!("animals {with}"));
        let tasks = fs::read_to_string(plan.join("waves.txt")).unwrap();
        let made = |expected: &[Vec<u8>]| {
            fs::remove_dir_all(plan.join("parts")).unwrap();
            fs::create_dir(plan.join("parts")).unwrap();
            task(&place, &plan, &format!("{tasks} --plan values")).exits(0);
            assert_eq!(merge(&place, &plan).exits(0).stdout, alone);
            let codes = codes(&place);
            assert!(codes.len() >= 3);
            let bytes: Vec<_> = codes.iter().map(|path| fs::read(path).unwrap()).collect();
            assert!(expected.is_empty() || bytes == expected);
            (codes, bytes)
        };
        let (paths, bytes) = made(&[]);
        for at in [0, 30, 100] {
            flip(&paths[1], at);
            made(&bytes);
        }
        fs::write(&paths[0], &bytes[0][..bytes[0].len() / 2]).unwrap();
        made(&bytes);
        // Codes of other rows.
        fs::copy(&paths[0], &paths[1]).unwrap();
        made(&bytes);
    }
}

#[test]
fn values_that_come_last_are_of_rows_and_bounds_as_they_were_written() {
    let place = two_datasets();
    for (with, waves) in [("animals", "0 1 2\n3 4\n5\n6 7 8\n"), ("garden", "0 1 2\n3 4 5\n6 7 8\n")] {
        let with = format!("animals {with} --knn 4 --descriptor full");
        let alone = place.run(&words(&format!("join {with}"))).exits(0).stdout;
        for metric in ["cosine", "euclidean"] {
            let with = format!("{with} --metric {metric}");
            let alone = place.run(&words(&format!("join {with}"))).exits(0).stdout;
            for engine_plan in ["values", "norms", "plain"] {
                let plan = planned(&place, &with);
                fs::remove_dir_all(plan.join("parts")).unwrap();
                fs::create_dir(plan.join("parts")).unwrap();
                task(&place, &plan, &format!("0 1 2 3 4 5 6 7 8 --plan {engine_plan}")).exits(0);
                assert_eq!(merge(&place, &plan).exits(0).stdout, alone, "{with} {engine_plan}");
            }
        }
        let plan = planned(&place, &with);
        assert_eq!(fs::read_to_string(plan.join("waves.txt")).unwrap(), waves);
        let part = |number: usize| plan.join(format!("parts/{number:06}.part"));
        for number in 6..9 {
            fs::remove_file(part(number)).unwrap();
        }
        // Bounds.
        let bounds = fs::read(part(0)).unwrap();
        flip(&part(0), bounds.len() - 1);
        let said = task(&place, &plan, "6").exits(1).stderr;
        assert!(said.contains("000000.part: is damaged"), "{said}");
        fs::write(part(0), &bounds[..bounds.len() - 16]).unwrap();
        assert!(task(&place, &plan, "6").exits(1).stderr.contains("000000.part: is damaged"));
        fs::write(part(0), &bounds).unwrap();
        // Rows: all bytes of the last quarter belong to descriptors, each of which some task uses.
        let piece = rows_of_animals(&place).join("000001.simages");
        let whole = fs::read(&piece).unwrap();
        let mut damaged = whole.clone();
        damaged[whole.len() * 3 / 4..].iter_mut().for_each(|byte| *byte ^= 8);
        fs::write(&piece, damaged).unwrap();
        let said = task(&place, &plan, "7").exits(1).stderr;
        assert!(said.contains("000001.simages: is damaged"), "{said}");
        fs::write(&piece, &whole[..whole.len() - 100]).unwrap();
        assert!(task(&place, &plan, "7").exits(1).stderr.contains("000001.simages: is damaged"));
        fs::write(&piece, whole).unwrap();
        task(&place, &plan, "6 7 8").exits(0);
        assert_eq!(merge(&place, &plan).exits(0).stdout, alone);
    }
}

/// The folder with the three pieces of animals.
fn rows_of_animals(place: &Place) -> PathBuf {
    let folders = fs::read_dir(place.path().join("shared")).unwrap().map(|entry| entry.unwrap().path());
    folders.filter(|folder| folder.join("000002.simages").is_file()).last().unwrap()
}

/// The codes beside the pieces, sorted by name.
fn codes(place: &Place) -> Vec<PathBuf> {
    let shared = place.path().join("shared");
    let folders = fs::read_dir(shared).unwrap().map(|entry| entry.unwrap().path());
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    let mut codes: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "codes")).collect();
    codes.sort();
    codes
}

#[test]
fn a_plan_of_rows_that_changed_since_is_refused() {
    let place = two_datasets();
    let plan = planned(&place, "animals garden --range 0.5");
    let tasks = fs::read_to_string(plan.join("waves.txt")).unwrap();
    task(&place, &plan, &tasks).exits(0);
    merge(&place, &plan).exits(0);
    let other: Vec<_> = (0..25).map(|i| format!("{i:03}.jpg")).collect();
    place.pretend_indexed_in("garden", &other.iter().map(|name| (name.as_str(), &[9.0f32][..])).collect::<Vec<_>>());
    let said = merge(&place, &plan).exits(1).stderr;
    assert!(said.contains("garden/features") && said.contains("has changed since the plan was made"), "{said}");
}

#[test]
fn rows_of_instructions_that_differ_in_the_last_bits_are_refused_in_one_plan() {
    let place = two_datasets();
    // As if computed on other processors.
    for (name, class) in [("animals", InstructionClass::Portable), ("garden", InstructionClass::Avx)] {
        let store = Store::new(&Dataset::open(&place.dataset(name)).unwrap(), &place.path().join("cache"));
        let Stored { matrix, model, .. } = store.load().unwrap().unwrap();
        let rows: FeatureMatrix =
            matrix.rows().iter().map(|row| Row::clone(row).with_instructions(Some(class))).collect();
        store.save(&rows, &model.unwrap()).unwrap();
    }
    place.run(&words("join animals garden --range 0.1")).exits(0);
    let said = place.run(&words("join animals garden --range 0.1 --on processes:2")).exits(1).stderr;
    assert!(said.contains("portable") && said.contains("same class of instructions"), "{said}");
}

#[test]
fn whoever_is_asked_for_and_not_there_is_said_to_be_and_how_it_is_had() {
    let place = two_datasets();
    for (on, remedy) in
        [("slurm", "sbatch"), ("spark://127.0.0.1:7077", "pyspark"), ("ballista://127.0.0.1:50050", "simages-cluster")]
    {
        let mut command = place.command(&words(&format!("join animals garden --on {on} --shared shared")));
        let said = Outcome::of(command.env("PATH", place.path()).output().unwrap()).exits(1).stderr;
        assert!(said.contains(remedy), "{said}");
    }
    for (line, why) in [
        ("--on slurm", "--shared DIR"),
        ("--on processes:0", "processes:N"),
        ("--on ray", "processes:N"),
        ("--shared x", "--on"),
    ] {
        let said = place.run(&words(&format!("join animals garden {line}"))).exits(2).stderr;
        assert!(said.contains(why), "{said}");
    }
}
