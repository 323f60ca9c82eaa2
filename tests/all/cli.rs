//! The command line's own messages.

use std::fs;
use std::path::Path;

use crate::common::Place;
use simages::dataset::Dataset;
use simages::index::store::Store;
use simages::simd::Instructions;

#[test]
fn help_tells_what_one_needs_to_know() {
    let place = Place::new();
    for (arguments, facts) in [
        (
            &["--help"][..],
            &[
                "simages ~/Photos",
                "./datasets",
                "SIMAGES_WEIGHTS",
                "SIMAGES_CPU",
                "--threads",
                "halfblocks",
                "./index",
                "130",
            ][..],
        ),
        (&["-h"], &["index", "query", "join", "doctor", "completions", "man"]),
        (&["index", "--help"], &["--json", "images_per_second", "null", "Exit codes"]),
        (&["query", "--help"], &["[default: cosine]", "[default: 10", "[default: table]", "\"rank\":1", "Exit codes"]),
        (&["join", "--help"], &["self-join", "[default: by FILE's extension", "\"key\":", "Parquet", "Exit codes"]),
        (&["map", "--help"], &["path,x,y,dataset", ".png or .csv", "--trustworthiness", "Exit codes"]),
        (&["clusters", "--help"], &["cluster,size,rank,path", "--resolution", "--labels", "Exit codes"]),
        (&["doctor", "--help"], &["weights", "Looks at the configuration", "Exit codes"]),
        (&["completions", "--help"], &["bash", "zsh", "fish"]),
        (&["man", "--help"], &["man1"]),
    ] {
        let outcome = place.run(arguments).exits(0);
        for fact in facts {
            assert!(outcome.stdout.contains(fact), "{arguments:?} lacks {fact:?}:\n{}", outcome.stdout);
        }
    }
    assert_eq!(place.run(&["--version"]).exits(0).stdout, format!("simages {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn bad_arguments_exit_2() {
    let place = Place::new();
    for arguments in [&["--nope"][..], &["index", "--nope"], &["query"], &["completions", "tcsh"], &["--protocol", "x"]]
    {
        let outcome = place.run(arguments).exits(2).says(&["--help"]);
        assert_eq!(outcome.stdout, "");
    }
}

/// Leaves the screen alone until there is something to show.
#[test]
fn no_dataset_is_said_with_the_remedy() {
    let place = Place::new();
    for arguments in [&[][..], &["index"]] {
        let outcome = place.run(arguments).exits(2);
        assert_eq!(outcome.stdout, "");
        outcome.says(&["error: no datasets: ./datasets holds no folders and no pictures", "--datasets DIR"]);
    }
    fs::remove_dir(place.path().join("datasets")).unwrap();
    let outcome = place.run(&[]).exits(2);
    assert_eq!(
        outcome.stderr,
        "error: no datasets: ./datasets does not exist; give folders of pictures (simages ~/Photos) or --datasets DIR\n"
    );
    place.run(&["Photos"]).exits(2).says(&["Photos: no such folder"]);
    place.run(&["index", "Photos"]).exits(2).says(&["Photos: no such dataset or folder"]);
    place.run(&["--datasets", "elsewhere"]).exits(2).says(&["elsewhere"]);
    fs::write(place.path().join("a.txt"), "").unwrap();
    place.run(&["a.txt"]).exits(2).says(&["a.txt: not a folder"]);
    // Pictures in this folder are a dataset; the given picture is the key.
    fs::write(place.path().join("a.jpg"), "").unwrap();
    for arguments in [&[][..], &["a.jpg"], &["a.jpg", "--knn", "3"]] {
        place.run(arguments).exits(2).says(&["need a terminal"]);
    }
    place.run(&["a.jpg", "--range", "7"]).exits(2).says(&["range"]);
    place.run(&["--knn", "3", "index"]).exits(2).says(&["come after the command"]);
}

#[test]
fn a_configuration_counts_and_is_printed_and_a_wrong_one_is_named() {
    let place = Place::with(&["birds_duck.jpg", "birds_drake.jpg"]);
    let file = place.path().join("config/simages/config.toml");
    let defaults = place.run(&["config"]).exits(0).stdout;
    assert!(defaults.contains("which doesn't exist") && defaults.contains("# exclude = []"), "{defaults}");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "exclude = [\"*drake*\"]\n[screens]\nknn = 3\n").unwrap();
    let said = place.run(&["config"]).exits(0).stdout;
    assert!(said.contains("\nexclude = [\"*drake*\"]\n") && said.contains("\nknn = 3\n"), "{said}");
    place.run(&["index", "animals"]).exits(0).says(&["1 picture, "]);
    fs::write(&file, "colour = \"red\"\n").unwrap();
    place.run(&["index", "animals"]).exits(2).says(&["config.toml", "colour"]);
}

#[test]
fn settings_come_from_the_environment_and_nothing_means_nothing() {
    let place = Place::new();
    fs::create_dir_all(place.path().join("mine/set")).unwrap();
    let index = |variable: &str, value: &str| place.command(&["index"]).env(variable, value).output().unwrap();
    assert!(index("SIMAGES_DATASETS", "mine").status.success());
    let output = index("SIMAGES_DATASETS", "");
    assert!(String::from_utf8_lossy(&output.stderr).contains("./datasets holds no"), "{output:?}");
    fs::create_dir(place.path().join("datasets/set")).unwrap();
    let output = index("SIMAGES_WEIGHTS", "no.safetensors");
    assert!(String::from_utf8_lossy(&output.stderr).contains("no.safetensors"), "{output:?}");
    assert!(index("SIMAGES_WEIGHTS", "").status.success());
}

#[test]
fn the_instruction_set_can_be_forced_and_the_doctor_tells_it() {
    let place = Place::new();
    let doctor = |cpu: &str| place.command(&["doctor"]).env("SIMAGES_CPU", cpu).output().unwrap();
    let report = String::from_utf8(doctor("portable").stdout).unwrap();
    assert!(report.contains("portable, as SIMAGES_CPU says"), "{report}");
    assert!(report.contains("prepared for portable"), "{report}");
    let fastest = Instructions::fastest().name();
    let report = String::from_utf8(doctor("").stdout).unwrap();
    assert!(report.contains(&format!("prepared for {fastest}")), "{report}");
    let output = doctor("mmx");
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("mmx") && message.contains(fastest) && message.contains("portable"), "{message}");
}

#[test]
fn bench_prints_one_number() {
    let place = Place::new();
    let outcome = place.run(&["bench", "--batch", "1", "--runs", "1", "--threads", "1"]).exits(0);
    assert!(outcome.stdout.trim().parse::<f64>().unwrap() > 0.0, "{}", outcome.stdout);
}

#[test]
fn completions_and_the_manual_page_are_written() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = place.run(&["completions", shell]).exits(0).stdout;
        assert!(script.contains("simages") && script.contains("doctor"), "{shell}");
    }
    let page = place.run(&["man"]).exits(0).stdout;
    assert!(page.contains("\n.TH simages 1"));
    for heading in
        [".SH NAME", ".SH \"SIMAGES INDEX\"", ".SH \"SIMAGES QUERY\"", ".SH \"EXIT CODES\"", ".SS \"EXAMPLES\""]
    {
        assert!(page.contains(heading), "{heading}");
    }
}

#[test]
fn the_doctor_looks_at_the_starter_datasets() {
    let place = Place::new();
    let datasets = Path::new(env!("CARGO_MANIFEST_DIR")).join("datasets");
    let report = place.run(&["doctor", "--datasets", datasets.to_str().unwrap()]).exits(0).stdout;
    for fact in [
        "animals",
        "garden",
        "142 pictures",
        "90 pictures",
        "embedded",
        "f2028462c063",
        "caffe",
        "cache/simages",
        "All is well",
    ] {
        assert!(report.contains(fact), "{fact}:\n{report}");
    }
    assert!(!place.path().join("cache").exists());
}

#[test]
fn the_doctor_finds_what_is_broken_and_writes_nothing() {
    let place = Place::with(&["birds_duck.jpg", "birds_owl.jpg"]);
    place.pretend_indexed(&[("birds_duck.jpg", &[1.0])]);
    let dataset = Dataset::open(&place.animals()).unwrap();
    let lock = Store::new(&dataset, place.path()).try_lock().unwrap();
    let report = place.run(&["doctor"]).exits(0).stdout;
    assert!(report.contains("1 indexed, 1 new or unreadable, 0 changed"), "{report}");
    assert!(report.contains("another process is indexing it right now"), "{report}");
    drop(lock);

    // A flipped bit, long after the file was written: features.simages, which is used, still fits.
    place.pretend_indexed(&[("birds_duck.jpg", &[1.0]), ("birds_owl.jpg", &[2.0])]);
    assert!(place.run(&["doctor", "animals"]).exits(0).stdout.contains("undamaged"));
    let (mut bytes, modified) = (fs::read(place.npz()).unwrap(), place.npz().metadata().unwrap().modified().unwrap());
    let middle = bytes.len() / 4;
    bytes[middle] ^= 1;
    fs::write(place.npz(), bytes).unwrap();
    fs::File::options().write(true).open(place.npz()).unwrap().set_modified(modified).unwrap();
    assert!(!place.run(&["doctor"]).exits(0).stdout.contains("damaged"));
    let report = place.run(&["doctor", "animals"]).exits(1).stdout;
    assert!(report.contains("\n! ") && report.contains("damaged: ") && report.contains("move it away"), "{report}");

    place.pretend_indexed(&[("birds_duck.jpg", &[1.0]), ("birds_owl.jpg", &[2.0])]);
    let (store, whole) = (Store::new(&dataset, place.path()), fs::read(place.sparse()).unwrap());
    let rows = store.load().unwrap().unwrap().matrix;
    let is_told = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        fs::write(place.sparse(), bytes).unwrap();
        let is_told = !store.damage().is_empty();
        assert!(is_told || store.load().unwrap().unwrap().matrix == rows, "a flipped bit at {at}");
        is_told
    };
    assert!((64..whole.len()).step_by(61).filter(|at| is_told(*at)).count() > 10);
    assert!((64..whole.len()).any(is_told));
    let report = place.run(&["doctor", "animals"]).exits(1).stdout;
    assert!(report.contains("features.simages: some of its rows don't match"), "{report}");

    fs::write(place.npz(), "PK").unwrap();
    let before = fs::read_dir(place.animals()).unwrap().count();
    let report = place.run(&["doctor"]).exits(1).stdout;
    assert!(report.contains("\n! ") && report.contains("damaged") && report.contains("features.npz"), "{report}");
    assert!(!report.contains("another process"), "{report}");
    assert_eq!(fs::read_dir(place.animals()).unwrap().count(), before);

    fs::remove_file(place.npz()).unwrap();
    fs::write(place.path().join("w.safetensors"), "damaged").unwrap();
    let report = place.run(&["doctor", "--weights", "w.safetensors"]).exits(1).stdout;
    assert!(report.contains("w.safetensors") && report.contains("1 thing is broken"), "{report}");
    let report = place.run(&["doctor", "--datasets", "/nowhere"]).exits(1).stdout;
    assert!(report.contains("/nowhere"), "{report}");
}

#[test]
fn a_log_tells_what_happened_and_goes_on_where_it_was() {
    let place = Place::with(&["birds_duck.jpg"]);
    std::fs::write(place.animals().join("bad.jpg"), "no picture").unwrap();
    let log = place.path().join("simages.log");
    for run in 1..=2 {
        let output = place.command(&["index", "animals"]).env("SIMAGES_LOG", &log).output().unwrap();
        assert!(output.status.success());
        let text = std::fs::read_to_string(&log).unwrap();
        assert_eq!(text.matches("begins version=").count(), run, "{text}");
        for part in ["scanned dataset=", "images=2", "skipped file=bad.jpg", "indexed=1"] {
            assert!(text.contains(part), "no {part} in:\n{text}");
        }
    }
    place
        .run(&["index", "--log", "nowhere/simages.log"])
        .exits(2)
        .says(&["nowhere/simages.log: no such file or folder"]);
}
