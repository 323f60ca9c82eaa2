//! Disks that are full, and folders that can't be written, from the start or suddenly: a clear message, and nothing that
//! was stored is lost.

#![cfg(unix)]

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Place, starter};
use serde_json::{Value, json};
use simages::storage::npz;

const DUCK: &str = "birds_duck.jpg";

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The binary, run by somebody for whom permissions count: root may write anywhere, so it runs as nobody then. None where
/// nobody may not run it.
fn without_privileges<'a>(place: &'a Place, arguments: &'a [&str]) -> Option<Command> {
    const NOBODY: u32 = 65534;
    let cache = place.path().join("cache");
    fs::create_dir_all(&cache).unwrap();
    mode(place.path(), 0o755);
    mode(&cache, 0o777);
    let command = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        if rustix::process::getuid().is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    };
    if !command(&["--version"]).output().is_ok_and(|o| o.status.success()) {
        eprintln!("skipped: as root, and nobody else may run the binary");
        return None;
    }
    Some(command(arguments))
}

#[test]
fn a_read_only_folder_is_indexed_in_the_cache() {
    let place = Place::with(&[DUCK]);
    mode(&place.animals(), 0o555);
    for computed in [1, 0] {
        let Some(mut command) = without_privileges(&place, &["index", "animals", "--json"]) else { return };
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}\n{stderr}"));
        assert_eq!(report["computed"], json!(computed), "{stderr}");
    }
    assert_eq!(fs::read_dir(place.animals()).unwrap().count(), 1);
    let cached: Vec<_> = fs::read_dir(place.path().join("cache/simages/features")).unwrap().collect();
    assert_eq!(cached.len(), 1);
    let folder = cached[0].as_ref().unwrap().path();
    assert!(folder.file_name().unwrap().to_string_lossy().starts_with("animals-"));
    assert_eq!(npz::read(&folder.join("features.npz")).unwrap().matrix.len(), 1);
    // So that the folder can be removed by whoever runs this.
    mode(&place.animals(), 0o755);
}

#[test]
fn a_folder_that_turns_read_only_is_named_and_its_rows_are_not_lost() {
    let place = Place::with(&[]);
    (0..40).for_each(|i| place.copy(DUCK, &format!("{i:02}.jpg")));
    mode(&place.animals(), 0o777);
    let Some(mut command) = without_privileges(&place, &["index", "animals"]) else { return };
    let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    common::wait_for("indexing begins", || place.sparse().exists());
    mode(&place.animals(), 0o555);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("animals/features.npz: can't be written (permission denied"), "{said}");
    // All of them fit into the file that was there.
    mode(&place.animals(), 0o777);
    let outcome = place.run(&["index", "animals", "--json"]).exits(0);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&report["indexed"], &report["computed"]), (&json!(40), &json!(0)));
}

#[test]
fn a_picture_without_permission_is_listed() {
    let place = Place::with(&[DUCK, "birds_owl.jpg"]);
    mode(&place.animals(), 0o777);
    mode(&place.animals().join(DUCK), 0);
    let Some(mut command) = without_privileges(&place, &["index", "animals", "--json"]) else { return };
    let output = command.output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["indexed"], json!(1));
    assert_eq!(report["skipped"][0]["file"], json!(DUCK));
    assert!(report["skipped"][0]["error"].as_str().unwrap().contains("Permission denied"), "{report}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named_and_costs_nothing_that_was_stored() {
    let place = Place::with(&[]);
    (0..30).for_each(|i| place.copy(DUCK, &format!("{i:02}.jpg")));
    // The pictures, and the rows of half of them.
    let kilobytes = starter(DUCK).metadata().unwrap().len().div_ceil(4096) * 4 * 30 + 15 * 16;
    let simages = assert_cmd::cargo::cargo_bin!("simages").display();
    let script = format!(
        "cp -r datasets/animals pictures
        mount -t tmpfs -o size={kilobytes}k none datasets/animals || exit 77
        cp pictures/* datasets/animals
        {simages} index animals; echo ended with $?
        rm datasets/animals/2*.jpg
        ls -A datasets/animals
        mount -o remount,size=4m datasets/animals
        {simages} index animals --json; echo ended with $?"
    );
    let mut command = Command::new("unshare");
    command.args(["-Urm", "bash", "-c", &script]).current_dir(place.path());
    let output = command.env("XDG_CACHE_HOME", place.path().join("cache")).output();
    let Some(output) = output.ok().filter(|output| output.status.success()) else {
        eprintln!("skipped: file systems can't be mounted here");
        return;
    };
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("No space left on device") && said.contains("ended with 1"), "{said}");
    assert!(said.contains("what was stored before is still there"), "{said}");
    // Some rows had room.
    assert!(!said.contains("20 images, 0 indexed") && !said.contains("\n.features"), "{said}");
    assert!(said.contains("\"indexed\":20") && said.contains("ended with 0"), "{said}");
}

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
        assert!(said.contains("features.simages: was cut short") && said.contains("run it again"), "{said}");
        // Nothing is computed again, and the file is as it was.
        assert_eq!(index()["computed"], json!(0));
        assert!(fs::read(place.sparse()).unwrap() == whole);
    }
}

#[test]
fn a_cache_that_cannot_be_written_either_is_named() {
    let place = Place::with(&[DUCK]);
    mode(&place.animals(), 0o555);
    let Some(mut command) = without_privileges(&place, &["index", "animals"]) else { return };
    mode(&place.path().join("cache"), 0o555);
    let output = command.output().unwrap();
    mode(&place.path().join("cache"), 0o755);
    mode(&place.animals(), 0o755);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("Permission denied") && said.contains("cache"), "{said}");
}
