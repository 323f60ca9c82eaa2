//! Full disks, and folders that aren't writable, from the start or suddenly: a clear message, and nothing stored is
//! lost.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use crate::common::{BINARY, Place, starter, wait_for};
use crate::missing::Missing;
use serde_json::{Value, json};
use simages::storage::npz;

const DUCK: &str = "birds_duck.jpg";

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// The binary, run by a user to whom permissions apply: not by root, but as nobody.
pub fn without_privileges(place: &Place, arguments: &[&str]) -> Result<Command, Missing> {
    const NOBODY: u32 = 65534;
    let cache = place.path().join("cache");
    fs::create_dir_all(&cache).unwrap();
    mode(place.path(), 0o755);
    mode(&cache, 0o777);
    if !rustix::process::getuid().is_root() {
        return Ok(place.command(arguments));
    }
    // The user nobody can't enter root's folders.
    let binary = place.path().join("simages");
    if !binary.exists() {
        fs::hard_link(BINARY, &binary).or_else(|_| fs::copy(BINARY, &binary).map(drop)).unwrap();
    }
    let command = |arguments: &[&str]| {
        let mut command = place.command_of(&binary, arguments);
        command.uid(NOBODY).gid(NOBODY);
        command
    };
    match command(&["--version"]).output() {
        Ok(output) if output.status.success() => Ok(command(arguments)),
        outcome => Err(Missing(format!("nobody may not run the binary: {outcome:?}"))),
    }
}

pub fn a_read_only_folder_is_indexed_in_the_cache() -> Result<(), Missing> {
    let place = Place::with(&[DUCK]);
    mode(&place.animals(), 0o555);
    for computed in [1, 0] {
        let mut command = without_privileges(&place, &["index", "animals", "--json"])?;
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
    // So that the user who runs this can remove the folder.
    mode(&place.animals(), 0o755);
    Ok(())
}

pub fn a_folder_that_turns_read_only_is_named_and_its_rows_are_not_lost() -> Result<(), Missing> {
    let place = Place::with(&[]);
    (0..40).for_each(|i| place.copy(DUCK, &format!("{i:02}.jpg")));
    mode(&place.animals(), 0o777);
    let mut command = without_privileges(&place, &["index", "animals"])?;
    let child = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    wait_for("indexing begins", || place.sparse().exists());
    mode(&place.animals(), 0o555);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("animals/features.npz: can't be written (permission denied"), "{said}");
    // All rows fit into the existing file.
    mode(&place.animals(), 0o777);
    let outcome = place.run(&["index", "animals", "--json"]).exits(0);
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&report["indexed"], &report["computed"]), (&json!(40), &json!(0)));
    Ok(())
}

pub fn a_picture_without_permission_is_listed() -> Result<(), Missing> {
    let place = Place::with(&[DUCK, "birds_owl.jpg"]);
    mode(&place.animals(), 0o777);
    mode(&place.animals().join(DUCK), 0);
    let mut command = without_privileges(&place, &["index", "animals", "--json"])?;
    let output = command.output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["indexed"], json!(1));
    assert_eq!(report["skipped"][0]["file"], json!(DUCK));
    assert!(report["skipped"][0]["error"].as_str().unwrap().contains("permission denied"), "{report}");
    Ok(())
}

/// Indexes 30 pictures on a disk with room for half of their rows, then runs `more`. The cache is in `cache`.
fn on_a_full_disk(place: &Place, cache: &str, more: &str) -> Result<String, Missing> {
    (0..30).for_each(|i| place.copy(DUCK, &format!("{i:02}.jpg")));
    let kilobytes = starter(DUCK).metadata().unwrap().len().div_ceil(4096) * 4 * 30 + 15 * 16;
    let script = format!(
        "cp -r datasets/animals pictures
        mount -t tmpfs -o size={kilobytes}k none datasets/animals || exit 77
        cp pictures/* datasets/animals
        {BINARY} index animals; echo ended with $?
        {more}"
    );
    let mut command = Command::new("unshare");
    command.args(["-Urm", "sh", "-c", &script]).current_dir(place.path());
    let output = match command.env("XDG_CACHE_HOME", place.path().join(cache)).output() {
        Ok(output) => output,
        Err(error) => return Err(Missing(format!("there is no unshare: {error}"))),
    };
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    if !output.status.success() {
        return Err(Missing(format!("no file system can be mounted here: {}", said.trim())));
    }
    Ok(said)
}

pub fn a_full_disk_is_named_and_costs_nothing_that_was_stored() -> Result<(), Missing> {
    let place = Place::with(&[]);
    let more = format!(
        "rm datasets/animals/2*.jpg
        ls -A datasets/animals
        mount -o remount,size=4m datasets/animals
        {BINARY} index animals --json; echo ended with $?"
    );
    // The cache is on the same disk.
    let said = on_a_full_disk(&place, "datasets/animals/.cache", &more)?;
    assert!(said.contains("the disk is full") && said.contains("ended with 1"), "{said}");
    assert!(said.contains("what was stored before is still there"), "{said}");
    // Some rows fitted.
    assert!(!said.contains("20 pictures, 0 indexed") && !said.contains("\n.features"), "{said}");
    assert!(said.contains("\"indexed\":20") && said.contains("ended with 0"), "{said}");
    Ok(())
}

pub fn what_a_full_disk_has_no_room_for_is_kept_in_the_cache() -> Result<(), Missing> {
    let place = Place::with(&[]);
    let more = format!(
        "{BINARY} query 00.jpg animals --knn 3; echo query ended with $?
        mount -o remount,size=8m datasets/animals
        {BINARY} index animals --json; echo ended with $?
        ls datasets/animals"
    );
    let said = on_a_full_disk(&place, "cache", &more)?;
    assert!(said.contains("the disk is full; descriptors are stored in"), "{said}");
    assert!(said.contains("30 pictures, 30 indexed") && said.contains("query ended with 0"), "{said}");
    // With room again, it is in its usual place, and nothing is computed again.
    assert!(said.contains("\"indexed\":30,\"computed\":0") && said.contains("features.npz\n"), "{said}");
    assert!(!said.contains("ended with 1"), "{said}");
    Ok(())
}

pub fn a_cache_that_cannot_be_written_either_is_named() -> Result<(), Missing> {
    let place = Place::with(&[DUCK]);
    mode(&place.animals(), 0o555);
    let mut command = without_privileges(&place, &["index", "animals"])?;
    mode(&place.path().join("cache"), 0o555);
    let output = command.output().unwrap();
    mode(&place.path().join("cache"), 0o755);
    mode(&place.animals(), 0o755);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("permission denied") && said.contains("cache"), "{said}");
    Ok(())
}

pub fn a_folder_or_file_that_is_mounted_twice_is_one() -> Result<(), Missing> {
    let place = Place::with(&[]);
    fs::create_dir_all(place.animals().join("sub")).unwrap();
    fs::create_dir_all(place.animals().join("again")).unwrap();
    fs::create_dir_all(place.dataset("whole")).unwrap();
    place.copy(DUCK, "a.jpg");
    place.copy(DUCK, "sub/b.jpg");
    place.copy(DUCK, "z.jpg");
    // The same as after mounting `sub` over `again`.
    fs::hard_link(place.animals().join("sub/b.jpg"), place.animals().join("again/b.jpg")).unwrap();
    place.pretend_indexed(&[("a.jpg", &[1.0]), ("again/b.jpg", &[1.0])]);
    let script = format!(
        "cd datasets
        mount --bind animals/a.jpg animals/z.jpg || exit 77
        mount --bind animals/sub animals/again || exit 77
        mount --bind animals whole || exit 77
        cd ..
        {BINARY} index animals --json
        {BINARY} join animals whole --range 0.9"
    );
    let output = Command::new("unshare")
        .args(["-Urm", "sh", "-c", &script])
        .current_dir(place.path())
        .env("XDG_CACHE_HOME", place.path().join("cache"))
        .output()
        .map_err(|error| Missing(format!("there is no unshare: {error}")))?;
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    if output.status.code() == Some(77) || stderr.contains("unshare failed") {
        return Err(Missing(format!("nothing can be mounted here: {}", stderr.trim())));
    }
    let (report, pairs) = stdout.split_once('\n').unwrap_or_else(|| panic!("{stdout}{stderr}"));
    let report: Value = serde_json::from_str(report).unwrap();
    assert_eq!((&report["images"], &report["computed"]), (&json!(2), &json!(0)), "{stderr}");
    let mounted = |file, same_as, by| json!({"file": file, "same_as": same_as, "by": by});
    let expected = json!([mounted("sub", "again", "folder_mount"), mounted("z.jpg", "a.jpg", "mount")]);
    assert_eq!(report["further_names"], expected);
    // The second mount is the same dataset, joined with itself.
    assert_eq!(pairs, "key,rank,file,value\na.jpg,1,again/b.jpg,1.0\n", "{stderr}");
    Ok(())
}
