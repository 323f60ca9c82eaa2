//! `simages index`: computes what is missing, once, and never loses anything.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::common::{BINARY, Place, files, index, starter, wait_for};
use serde_json::{Value, json};
use simages::dataset::Dataset;
use simages::index::store::Store;
use simages::storage::{Prepared, npz, sparse};

const DUCK: &str = "birds_duck.jpg";
const OWL: &str = "birds_owl.jpg";
const FROG: &str = "amphibians_frog.jpg";

#[test]
fn what_is_computed_once_is_not_computed_again() {
    let place = Place::with(&[DUCK, OWL]);
    let (report, outcome) = index(&place);
    for (key, value) in [
        ("dataset", json!("animals")),
        ("images", json!(2)),
        ("indexed", json!(2)),
        ("computed", json!(2)),
        ("skipped", json!([])),
    ] {
        assert_eq!(report[key], value, "{report}");
    }
    assert!(report["seconds"].as_f64().unwrap() > 0.0 && report["images_per_second"].as_f64().unwrap() > 0.0);
    outcome.says(&["animals: 2 pictures, 0 indexed, 2 to index", "2 indexed (2 computed) in"]);
    assert_eq!(files(&place), [DUCK, OWL, "features.npz", "features.simages"]);
    assert_eq!(place.names(), [DUCK, OWL]);

    let written = place.npz().metadata().unwrap().modified().unwrap();
    let (report, outcome) = index(&place);
    assert_eq!((&report["indexed"], &report["computed"]), (&json!(2), &json!(0)));
    assert_eq!(report["images_per_second"], Value::Null);
    outcome.says(&["2 indexed (0 computed) in"]);
    assert_eq!(place.npz().metadata().unwrap().modified().unwrap(), written);
    assert_eq!(files(&place), [DUCK, OWL, "features.npz", "features.simages"]);
}

#[test]
fn only_what_changed_is_computed() {
    let place = Place::with(&["birds_crow.jpg", "birds_hen.jpg", "birds_lark.jpg", DUCK]);
    let all = ["birds_crow.jpg", "birds_hen.jpg", "birds_lark.jpg", DUCK];
    place.pretend_indexed(&all.map(|name| (name, &[1.0, 2.0][..])));
    let pretended = place.stored().matrix.rows()[0].descriptor.clone();

    place.copy(OWL, "birds_crow.jpg");
    fs::remove_file(place.animals().join("birds_hen.jpg")).unwrap();
    fs::rename(place.animals().join("birds_lark.jpg"), place.animals().join("lark.jpg")).unwrap();
    place.copy(FROG, FROG);

    let (report, _) = index(&place);
    assert_eq!((&report["images"], &report["computed"]), (&json!(4), &json!(2)));
    let stored = place.stored().matrix;
    // An absent picture is kept, a renamed one is recognized.
    assert_eq!(place.names(), [FROG, "birds_crow.jpg", DUCK, "birds_hen.jpg", "lark.jpg"]);
    let kept: Vec<_> = stored.rows().iter().filter(|r| r.descriptor == pretended).map(|r| r.name.as_str()).collect();
    assert_eq!(kept, [DUCK, "birds_hen.jpg", "lark.jpg"]);
}

/// Another picture of the same size and time takes this one's place.
fn replaced(place: &Place, name: &str) {
    let path = place.animals().join(name);
    let (before, at) = (fs::read(&path).unwrap(), path.metadata().unwrap().modified().unwrap());
    // The kernel's file clock ticks every few milliseconds.
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::remove_file(&path).unwrap();
    let mut other = fs::read(starter(OWL)).unwrap();
    other.resize(before.len().max(other.len()), 0);
    fs::write(&path, &other).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
}

#[test]
fn a_picture_replaced_by_one_of_the_same_size_and_time_is_computed_again() {
    let place = Place::with(&[DUCK]);
    let mut long = fs::read(starter(DUCK)).unwrap();
    long.resize(1 << 16, 0);
    for i in 0..25 {
        fs::write(place.animals().join(format!("{i:02}.jpg")), &long).unwrap();
    }
    let names: Vec<_> = (0..25).map(|i| format!("{i:02}.jpg")).collect();
    let pretended: Vec<_> = names.iter().map(|name| (name.as_str(), &[1.0][..])).chain([(DUCK, &[1.0][..])]).collect();
    place.pretend_indexed(&pretended);
    assert_eq!(index(&place).0["computed"], json!(0));
    replaced(&place, "03.jpg");
    assert_eq!(index(&place).0["computed"], json!(1));
    assert_eq!(index(&place).0["computed"], json!(0));
    // All at once, like copying the folder or changing its permissions.
    std::thread::sleep(std::time::Duration::from_millis(20));
    for name in &names {
        let path = place.animals().join(name);
        let mut mode = path.metadata().unwrap().permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o600);
        fs::set_permissions(&path, mode).unwrap();
    }
    assert_eq!(index(&place).0["computed"], json!(0));
}

#[test]
fn a_clock_set_back_changes_nothing() {
    let place = Place::with(&[DUCK, OWL]);
    index(&place);
    let of =
        |path: std::path::PathBuf, at| fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
    // The features are older than their pictures, then from the future.
    let day = std::time::Duration::from_hours(24);
    for at in [std::time::SystemTime::UNIX_EPOCH, std::time::SystemTime::now() + day] {
        of(place.npz(), at);
        of(place.sparse(), at);
        assert_eq!(index(&place).0["computed"], json!(0));
    }
    // Pictures dated in the future or before 1970 are valid.
    of(place.animals().join(DUCK), std::time::SystemTime::now() + day);
    of(place.animals().join(OWL), std::time::SystemTime::UNIX_EPOCH - day);
    assert_eq!(index(&place).0["computed"], json!(0));
    assert_eq!(index(&place).0["computed"], json!(0));
}

#[test]
fn a_damaged_file_is_named_kept_and_replaced() {
    let place = Place::with(&[DUCK]);
    place.pretend_indexed(&[(DUCK, &[1.0])]);
    let whole = fs::read(place.npz()).unwrap();
    fs::write(place.npz(), &whole[..whole.len() / 2]).unwrap();

    // features.simages still has its rows.
    let (report, outcome) = index(&place);
    assert_eq!(report["computed"], json!(0));
    outcome.says(&["animals/features.npz: ", "damaged", "kept as", "features.npz.kept-1", "1 picture taken from"]);
    assert_eq!(fs::read(place.animals().join("features.npz.kept-1")).unwrap(), whole[..whole.len() / 2]);
    assert_eq!(npz::read(&place.npz()).unwrap().matrix, npz::read_bytes(&whole).unwrap().matrix);

    fs::write(place.npz(), &whole[..whole.len() / 2]).unwrap();
    fs::remove_file(place.sparse()).unwrap();
    let (report, outcome) = index(&place);
    assert_eq!(report["computed"], json!(1));
    outcome.says(&["damaged", "features.npz.kept-2", "computing again"]);
    assert_eq!(place.names(), [DUCK]);
}

#[test]
fn a_damaged_file_of_five_crops_costs_none_of_them_and_rows_of_others_are_kept_aside() {
    let place = Place::with(&[DUCK]);
    place.run(&["index", "animals", "--crops", "5"]).exits(0);
    let before = place.stored();
    let whole = fs::read(place.npz()).unwrap();
    fs::write(place.npz(), &whole[..whole.len() / 2]).unwrap();
    assert_eq!(index(&place).0["computed"], json!(0));
    assert_eq!((place.stored().model, place.stored().matrix), (before.model, before.matrix));
    // With other crops, neither is lost: not if features.npz is damaged,
    let whole = fs::read(place.npz()).unwrap();
    fs::write(place.npz(), &whole[..whole.len() / 2]).unwrap();
    place.run(&["index", "animals", "--crops", "1"]).exits(0).says(&["damaged", "computing again"]);
    let kept = npz::read(&place.npz()).unwrap();
    assert!(place.animals().join("features.simages.kept-1").is_file() && kept.matrix.len() == 1);
    fs::remove_file(place.animals().join("features.simages.kept-1")).unwrap();
    place.run(&["index", "animals", "--crops", "5"]).exits(0);
    // nor if features.simages is the only record.
    fs::remove_file(place.npz()).unwrap();
    let rows = fs::read(place.sparse()).unwrap();
    let outcome = place.run(&["index", "animals", "--crops", "1"]).exits(0);
    outcome.says(&["features.simages: ", "other crops", "kept as", "features.simages.kept-1", "computing again"]);
    assert!(fs::read(place.animals().join("features.simages.kept-1")).unwrap() == rows);
}

#[test]
fn either_file_is_made_again_from_the_other() {
    let place = Place::with(&[DUCK, OWL]);
    // The owl is absent: its row is kept, too.
    place.pretend_indexed(&[(DUCK, &[1.0]), (OWL, &[2.0])]);
    fs::rename(place.animals().join(OWL), place.path().join(OWL)).unwrap();
    assert_eq!(index(&place).0["computed"], json!(0));
    let rows = place.stored().matrix;
    for file in [place.npz(), place.sparse(), place.npz()] {
        fs::remove_file(&file).unwrap();
        assert_eq!(index(&place).0["computed"], json!(0));
        assert!(file.is_file());
        assert_eq!(npz::read(&place.npz()).unwrap().matrix, rows);
        assert_eq!(place.stored().matrix, rows);
    }
}

#[test]
fn descriptors_of_other_weights_are_kept_aside_and_replaced() {
    let place = Place::with(&[DUCK]);
    place.pretend_indexed(&[(DUCK, &[1.0])]);
    let rows = place.stored().matrix;
    let dataset = Dataset::open(&place.animals()).unwrap();
    Store::new(&dataset, place.path()).save(&rows, "simages 1; vgg16; sha256 0; of others").unwrap();

    let (report, outcome) = index(&place);
    assert_eq!(report["computed"], json!(1));
    outcome.says(&["other weights", "features.npz.kept-1"]);
    assert_eq!(npz::read(&place.animals().join("features.npz.kept-1")).unwrap().matrix, rows);
}

#[test]
fn five_crops_are_averaged_and_stay_until_others_are_asked_for() {
    let place = Place::new();
    let picture = image::open(starter(DUCK)).unwrap().resize_exact(256, 256, image::imageops::FilterType::Triangle);
    fs::create_dir_all(place.animals()).unwrap();
    picture.save(place.animals().join("whole.png")).unwrap();
    let crops = place.dataset("crops");
    fs::create_dir_all(&crops).unwrap();
    for (i, (x, y)) in [(0, 0), (32, 0), (0, 32), (32, 32), (16, 16)].into_iter().enumerate() {
        picture.crop_imm(x, y, 224, 224).save(crops.join(format!("{i}.png"))).unwrap();
    }
    place.run(&["index", "crops"]).exits(0);
    place.run(&["index", "animals", "--crops", "5"]).exits(0).says(&["1 indexed (1 computed)"]);
    let parts = npz::read(&crops.join("features.npz")).unwrap().matrix;
    let mean: Vec<f32> =
        (0..25_088).map(|i| parts.rows().iter().map(|row| row.descriptor.to_dense()[i]).sum::<f32>() / 5.0).collect();
    let ours = place.stored().matrix.rows()[0].descriptor.to_dense();
    let most = mean.iter().zip(&ours).map(|(a, b)| (a - b).abs()).fold(0f32, f32::max);
    assert!(most < 1e-3 && mean.iter().any(|x| *x > 10.0), "{most}");

    // Without the option, the stored rows decide; a key is treated the same way.
    place.run(&["index", "animals"]).exits(0).says(&["1 indexed (0 computed)"]);
    place.run(&["doctor"]).exits(0);
    let key = place.path().join("again.png");
    picture.save(&key).unwrap();
    let found = place.run(&["query", key.to_str().unwrap(), "animals", "--format", "json"]).exits(0).stdout;
    let found: Value = serde_json::from_str(&found).unwrap();
    assert!(found[0]["value"].as_f64().unwrap() > 0.999999, "{found}");
    place.run(&["join", "animals", "crops"]).exits(0).says(&["only one of the two was indexed with --crops 5"]);

    place.run(&["index", "animals", "--crops", "1"]).exits(0).says(&[
        "other crops",
        "kept as",
        "1 indexed (1 computed)",
    ]);
    assert!(files(&place).contains(&"features.npz.kept-1".to_owned()));
    place.run(&["index", "animals"]).exits(0).says(&["1 indexed (0 computed)"]);
}

#[test]
fn a_bad_picture_is_listed_and_no_failure() {
    let place = Place::with(&[DUCK]);
    place.pretend_indexed(&[(DUCK, &[1.0])]);
    fs::write(place.animals().join("empty.jpg"), "").unwrap();
    fs::write(place.animals().join("apple.psd"), "8BPS").unwrap();
    // Videos aren't listed one by one.
    for n in 0..30 {
        fs::write(place.animals().join(format!("film{n}.jpg")), "....ftypisom....mp41").unwrap();
    }

    let (report, outcome) = index(&place);
    assert_eq!((&report["images"], &report["indexed"], &report["computed"]), (&json!(33), &json!(1), &json!(0)));
    assert_eq!(report["films"], 30);
    let mut skipped = report["skipped"].as_array().unwrap().clone();
    skipped.sort_by_key(|s| s["file"].to_string());
    assert_eq!(skipped[1], json!({"file": "empty.jpg", "error": "the file is empty"}));
    assert_eq!((skipped.len(), &skipped[0]["file"]), (2, &json!("apple.psd")));
    let photoshop = "skipped apple.psd: Photoshop is not supported";
    assert!(!outcome.stderr.contains("film7.jpg"), "{}", outcome.stderr);
    outcome.says(&["skipped empty.jpg: the file is empty", photoshop, "2 skipped, 30 videos"]);
}

#[test]
fn without_names_all_datasets_are_indexed_and_empty_ones_are_no_failure() {
    let place = Place::new();
    fs::create_dir(place.path().join("datasets/b")).unwrap();
    fs::create_dir(place.path().join("datasets/a")).unwrap();
    let outcome = place.run(&["index", "--json"]).exits(0);
    let reports: Vec<Value> = outcome.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let names: Vec<_> = reports.iter().map(|r| (r["dataset"].clone(), r["images"].clone())).collect();
    assert_eq!(names, [(json!("a"), json!(0)), (json!("b"), json!(0))]);
    assert_eq!(fs::read_dir(place.path().join("datasets/a")).unwrap().count(), 0);
}

#[test]
fn two_at_once_both_succeed_and_leave_a_whole_file() {
    two_at_once(&[]);
}

/// Like on some network file systems: both compute, and neither removes the other's files.
#[test]
fn two_at_once_without_locks_leave_a_whole_file() {
    (0..3).for_each(|_| two_at_once(&[("SIMAGES_TEST_NO_LOCKS", "1")]));
}

fn two_at_once(environment: &[(&str, &str)]) {
    let place = Place::with(&[DUCK, OWL, FROG]);
    let start = || {
        let mut command = place.command(&["index", "animals"]);
        command.envs(environment.iter().copied());
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let both = [start(), start()];
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert_eq!(place.names(), [FROG, DUCK, OWL]);
    assert_eq!(files(&place), [FROG, DUCK, OWL, "features.npz", "features.simages"]);
}

/// Starts to index `animals`, and returns once the first pictures are computed.
fn started(place: &Place) -> (Child, BufReader<ChildStderr>) {
    started_by(place.command(&["index", "animals"]))
}

fn started_by(mut command: Command) -> (Child, BufReader<ChildStderr>) {
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut seen = String::new();
    while !seen.contains("pictures/s") {
        let length = seen.len();
        stderr.read_line(&mut seen).unwrap();
        assert!(seen.len() > length, "ended before the first picture:\n{seen}");
    }
    (child, stderr)
}

#[test]
fn a_kill_loses_work_but_never_the_file() {
    let place = Place::with(&[DUCK]);
    place.pretend_indexed(&[(DUCK, &[1.0])]);
    (0..6).for_each(|i| place.copy(OWL, &format!("owl-{i}.jpg")));
    let (mut child, _stderr) = started(&place);
    child.kill().unwrap();
    child.wait().unwrap();

    assert!(place.names().contains(&DUCK.to_owned()));
    let (report, _) = index(&place);
    assert_eq!(report["indexed"], json!(7));
    assert_eq!(place.names().len(), 7);
    // Neither lock nor temporary file remains, whatever the killed process left.
    assert_eq!(files(&place).len(), 9, "{:?}", files(&place));
}

#[test]
fn a_kill_loses_seconds_of_work() {
    let place = Place::with(&[]);
    (0..200).for_each(|i| place.copy(DUCK, &format!("duck-{i:03}.jpg")));
    let (mut child, _stderr) = started(&place);
    // Empty at first; while rows are being written, the file isn't known to be complete.
    let rows = || sparse::open(&place.sparse()).map_or(0, |sparse| sparse.matrix.len());
    wait_for("descriptors are appended", || rows() > 0);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!place.npz().exists());

    let mut child = place.command(&["index", "animals"]).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.contains("200 pictures") && !line.contains(" 0 indexed"), "{line}");
}

#[test]
fn what_is_opened_at_once_is_made_again_when_in_doubt() {
    let place = Place::with(&[DUCK, OWL]);
    place.pretend_indexed(&[(DUCK, &[1.0]), (OWL, &[2.0])]);
    let computed = || index(&place).0["computed"].clone();
    assert_eq!(computed(), json!(0));
    let whole = fs::read(place.sparse()).unwrap();
    for damaged in [&b""[..], b"junk", &whole[..whole.len() - 1], &[&whole[..], b"more"].concat()] {
        fs::write(place.sparse(), damaged).unwrap();
        assert_eq!(computed(), json!(0));
        assert_eq!(fs::read(place.sparse()).unwrap(), whole);
    }
    // It belonged to another features.npz.
    place.pretend_indexed(&[(DUCK, &[1.0]), (OWL, &[3.0])]);
    let newer = fs::read(place.sparse()).unwrap();
    fs::write(place.sparse(), whole).unwrap();
    assert_eq!(computed(), json!(0));
    assert_eq!(fs::read(place.sparse()).unwrap(), newer);
}

/// The dataset and both files, as written by version 3.
#[test]
fn a_dataset_of_an_older_version_is_opened_as_it_is_and_what_is_derived_is_made_once() {
    let place = Place::with(&[]);
    let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/version3");
    fs::create_dir(place.animals().join("sub")).unwrap();
    let set = |path: std::path::PathBuf, ns: u64| {
        let at = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_nanos(ns);
        fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
    };
    for name in ["grey.png", "sub/steps.png", "features.npz", "features.simages"] {
        fs::copy(from.join(name), place.animals().join(name)).unwrap();
    }
    // Their times identify the files.
    set(place.animals().join("grey.png"), 1_000_000_000_000_000_000);
    set(place.animals().join("sub/steps.png"), 1_000_000_000_000_000_000);
    let old = sparse::open(&place.sparse()).unwrap();
    set(place.npz(), old.npz.mtime_ns as u64);
    let npz = fs::read(place.npz()).unwrap();

    let store = Store::new(&Dataset::open(&place.animals()).unwrap(), place.path());
    assert_eq!(store.load().unwrap().unwrap().prepared, Prepared::Older);
    place.run(&["query", "grey.png", "animals"]).exits(0).says(&[]);
    // Nothing was computed; the derived file is current, and stays.
    assert!(fs::read(place.npz()).unwrap() == npz);
    assert_eq!(store.load().unwrap().unwrap().prepared, Prepared::Current);
    let simages = fs::read(place.sparse()).unwrap();
    place.run(&["query", "grey.png", "animals", "--descriptor", "best"]).exits(0).says(&[]);
    assert!(fs::read(place.npz()).unwrap() == npz && fs::read(place.sparse()).unwrap() == simages);
    place.run(&["doctor"]).exits(0);

    // One more picture: its row and the existing ones, in today's format.
    place.copy(DUCK, DUCK);
    assert_eq!(index(&place).0["computed"], json!(1));
    let new = sparse::open(&place.sparse()).unwrap();
    assert!(new.whole && new.current && !old.current);
    assert_eq!((new.matrix.len(), store.load().unwrap().unwrap().prepared), (3, Prepared::Current));
    for row in old.matrix.rows() {
        let now = new.matrix.get(&row.name).unwrap();
        assert_eq!((now.stamp, &now.descriptor), (row.stamp, &row.descriptor));
        assert_eq!(now.descriptor.derived(), row.descriptor.derived());
        // The file's content hash was added.
        assert!(row.content().is_none() && now.content().is_some());
    }
    // Files from later versions can't be read, so they are made again.
    let mut later = fs::read(place.sparse()).unwrap();
    let today = later.clone();
    later[8] += 1;
    let sum = crc32(&later, later[48..52].try_into().map(u32::from_le_bytes).unwrap() as usize);
    later[52..56].copy_from_slice(&sum.to_le_bytes());
    fs::write(place.sparse(), &later).unwrap();
    assert!(sparse::open(&place.sparse()).is_none());
    assert_eq!(index(&place).0["computed"], json!(0));
    assert!(fs::read(place.sparse()).unwrap() == today);
}

/// Of a file's header and the model's name after it.
fn crc32(file: &[u8], model_len: usize) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&file[..52]);
    hasher.update(&file[56..56 + model_len]);
    hasher.finalize()
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_was_computed() {
    use rustix::process::{Pid, Signal, kill_process};
    let place = Place::with(&[]);
    // More than a busy machine computes before the signal arrives.
    (0..200).for_each(|i| place.copy(DUCK, &format!("duck-{i:03}.jpg")));
    // Tests run in the background may inherit an ignored signal, and pass it on. A signal with a handler here has its
    // default action in children.
    let handled = Arc::new(AtomicBool::new(true));
    signal_hook::flag::register_conditional_shutdown(2, 130, handled).unwrap();
    let (mut child, mut stderr) = started(&place);
    // A second signal at once is the same request: `timeout` signals a process and its group.
    for signal in [Signal::INT, Signal::TERM, Signal::CONT] {
        kill_process(Pid::from_child(&child), signal).unwrap();
    }
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");

    let kept = place.names().len();
    assert!((4..200).contains(&kept), "{kept}");
    assert!(rest.contains(&format!("animals: cancelled; {kept} of 200 are kept")), "{rest}");
    assert_eq!(files(&place).len(), 202);
}

#[cfg(unix)]
#[test]
fn a_signal_that_is_to_be_ignored_is() {
    use rustix::process::{Pid, Signal, kill_process};
    let place = Place::with(&[]);
    (0..12).for_each(|i| place.copy(DUCK, &format!("duck-{i:02}.jpg")));
    // As started by `nohup`.
    let mut command = place.placed(Command::new("sh"));
    command.args(["-c", "trap '' HUP INT; exec \"$0\" index animals"]).arg(BINARY);
    let (mut child, mut stderr) = started_by(command);
    for signal in [Signal::HUP, Signal::INT, Signal::HUP, Signal::INT] {
        kill_process(Pid::from_child(&child), signal).unwrap();
    }
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
    assert_eq!((child.wait().unwrap().code(), place.names().len()), (Some(0), 12), "{rest}");
}

#[test]
fn wrong_weights_are_named() {
    let place = Place::with(&[DUCK]);
    place.run(&["index", "--weights", "/nowhere/w.safetensors"]).exits(1).says(&["/nowhere/w.safetensors"]);
    place.run(&["index", "--weights", starter(DUCK).to_str().unwrap()]).exits(1).says(&[DUCK, "safetensors"]);
    assert_eq!(files(&place), [DUCK]);
}

/// Whatever the names that are ours lead to: a picture stays as it is.
#[cfg(unix)]
#[test]
fn links_named_like_our_files_never_cost_a_picture() {
    for ours in [".features.npz.lock", "features.npz", "features.simages"] {
        let place = Place::with(&[DUCK]);
        for victim in [place.path().join("victim.jpg"), place.animals().join(OWL)] {
            fs::copy(starter(OWL), &victim).unwrap();
            let before = fs::read(&victim).unwrap();
            std::os::unix::fs::symlink(&victim, place.animals().join(ours)).unwrap();
            place.run(&["index", "animals"]);
            assert!(fs::read(&victim).unwrap() == before && !victim.is_symlink(), "{ours}");
            files(&place).iter().filter(|file| file.contains("features")).for_each(|file| {
                fs::remove_file(place.animals().join(file)).unwrap();
            });
        }
    }
    // Nor a file of descriptors of another kind, or of another program, nor one file by both names.
    let place = Place::with(&[DUCK]);
    let foreign = place.path().join("embeddings.npz");
    fs::write(&foreign, b"PK\x03\x04 by numpy, without features").unwrap();
    for ours in ["features.npz", "features.simages"] {
        std::os::unix::fs::symlink(&foreign, place.animals().join(ours)).unwrap();
        place.run(&["index", "animals"]).exits(1).says(&["is a link to", "remove the link"]);
        assert!(fs::read(&foreign).unwrap().starts_with(b"PK\x03\x04 by numpy"), "{ours}");
        fs::remove_file(place.animals().join(ours)).unwrap();
        let _ = (fs::remove_file(place.npz()), fs::remove_file(place.sparse()));
    }
    place.run(&["index", "animals"]).exits(0);
    let before = fs::read(place.npz()).unwrap();
    fs::remove_file(place.sparse()).unwrap();
    std::os::unix::fs::symlink("features.npz", place.sparse()).unwrap();
    for _ in 0..2 {
        place.run(&["index", "animals"]);
        assert!(fs::read(place.npz()).unwrap() == before, "the record stays");
    }
    assert_eq!(files(&place), [DUCK, "features.npz", "features.simages"]);
}

#[cfg(unix)]
#[test]
fn a_log_is_appended_to_no_picture_and_no_descriptors() {
    let place = Place::with(&[DUCK]);
    let picture = place.animals().join(DUCK);
    let before = fs::read(&picture).unwrap();
    let [link, nameless] = ["log.txt", "nameless"].map(|name| place.path().join(name));
    std::os::unix::fs::symlink(&picture, &link).unwrap();
    fs::copy(&picture, &nameless).unwrap();
    for (log, why) in [
        (&picture, "the name of a picture"),
        (&link, "the name of a picture"),
        (&nameless, "isn't a text"),
        (&place.npz(), "reserved for descriptors"),
    ] {
        place.run(&["datasets", "--log", log.to_str().unwrap()]).exits(2).says(&[why]);
    }
    assert!(fs::read(&picture).unwrap() == before && fs::read(&nameless).unwrap() == before);
}

/// Nothing waits for a pipe, where a file of ours should be.
#[cfg(unix)]
#[test]
fn pipes_are_not_waited_for() {
    let place = Place::with(&[DUCK, OWL]);
    place.pretend_indexed(&[(DUCK, &[1.0]), (OWL, &[0.5, 1.0])]);
    let pipe = |path: &std::path::Path| {
        let _ = fs::remove_file(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    let verdicts = place.path().join("data/simages/not-duplicates.jsonl");
    pipe(&verdicts);
    place.run(&["duplicates", "animals"]).exits(1).says(&["not-duplicates.jsonl", "not a regular file"]);
    fs::remove_file(verdicts).unwrap();
    for file in [place.npz(), place.sparse()] {
        pipe(&file);
        let report = place.run(&["doctor", "animals"]).exits(1).stdout;
        assert!(report.contains("not a regular file; move it away"), "{report}");
        fs::remove_file(file).unwrap();
    }
}
