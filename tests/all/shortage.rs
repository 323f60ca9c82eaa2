//! Too little memory, too few files: an error that names the limit, and nothing else. No panic, no hang, and no picture
//! is blamed.

#![cfg(target_os = "linux")]

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::common::{BINARY, DRAKE, DUCK, Place};

/// Longer than any run takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the binary in a shell after the commands `limits`.
fn limited(place: &Place, limits: &str, arguments: &[&str]) -> Output {
    let mut command = place.placed(Command::new("sh"));
    // Whoever runs the tests may have left files open.
    let closed = "exec 3<&- 4<&- 5<&- 6<&- 7<&- 8<&- 9<&-";
    command.args(["-c", &format!("{closed}; {limits}; exec \"$0\" \"$@\""), BINARY]).args(arguments);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (id, begun) = (child.id(), Instant::now());
    let output = std::thread::spawn(move || child.wait_with_output().unwrap());
    while !output.is_finished() {
        if begun.elapsed() > PATIENCE {
            let pid = rustix::process::Pid::from_raw(id as i32).unwrap();
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
            panic!("{limits}: {arguments:?} hangs");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    output.join().unwrap()
}

/// Expects success, or an error about too little of `what`. Returns whether it succeeded.
#[track_caller]
fn is_done_or_says(what: &str, limits: &str, output: &Output) -> bool {
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => true,
        Some(1) if said.contains(what) => {
            let is_plain = !said.contains("defect") && !said.contains("panicked") && !said.contains("skipped");
            assert!(is_plain && said.contains("raise the limit"), "{limits}: {said}");
            false
        }
        code => panic!("{limits}: {code:?} ({:?}) {said}", output.status),
    }
}

/// Three pictures, each decoded differently: in this process, here in bands, and in another process.
fn three_kinds() -> Place {
    let place = Place::with(&[DUCK]);
    let drake = image::open(crate::common::starter(DRAKE)).unwrap();
    drake.save(place.animals().join("drake.png")).unwrap();
    drake.save(place.animals().join("drake.tiff")).unwrap();
    place
}

#[test]
fn with_any_memory_all_pictures_are_indexed_or_memory_is_what_is_missing() {
    let mut done = Vec::new();
    // With less, the system can't even load the binary of the tests.
    for kilobytes in [125_000, 150_000, 170_000, 200_000, 260_000, 320_000, 400_000, 500_000, 650_000, 1_200_000] {
        let (place, limits) = (three_kinds(), format!("ulimit -v {kilobytes}"));
        let output = limited(&place, &limits, &["index", "animals"]);
        if is_done_or_says("not enough memory", &limits, &output) {
            assert_eq!(place.names().len(), 3, "{limits}");
            done.push(kilobytes);
        }
    }
    assert!(done.contains(&1_200_000) && !done.contains(&125_000), "{done:?}");
}

#[test]
fn with_any_number_of_files_all_pictures_are_indexed_or_files_are_what_is_missing() {
    for files in [4, 5, 6, 7, 8, 10, 12, 16, 24] {
        let (place, limits) = (three_kinds(), format!("ulimit -n {files}"));
        let output = limited(&place, &limits, &["index", "animals"]);
        if is_done_or_says("not enough open files", &limits, &output) {
            assert_eq!(place.names().len(), 3, "{limits}");
        }
    }
}

#[test]
fn what_is_stored_is_never_taken_for_damaged_because_of_a_limit() {
    let place = three_kinds();
    place.run(&["index", "animals"]).exits(0);
    fs::remove_file(place.sparse()).unwrap();
    for limits in ["ulimit -n 4", "ulimit -n 5", "ulimit -n 6", "ulimit -v 125000", "ulimit -v 160000"] {
        for arguments in [&["index", "animals"][..], &["join", "animals", "animals", "--knn", "1"]] {
            let output = limited(&place, limits, arguments);
            is_done_or_says("not enough", limits, &output);
        }
    }
    assert_eq!(place.names().len(), 3);
    assert!(crate::common::files(&place).iter().all(|name| !name.contains("kept")));
}

#[test]
fn with_hardly_any_stack_all_is_as_ever() {
    let place = three_kinds();
    // Memory that the environment itself takes.
    for arguments in [&["index", "animals"][..], &["query", DUCK, "animals", "--knn", "1"], &["doctor"], &["--help"]] {
        for kilobytes in [48, 128] {
            let output = limited(&place, &format!("ulimit -s {kilobytes}"), arguments);
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{kilobytes}: {arguments:?}: {:?} {said}", output.status);
        }
    }
    assert_eq!(place.names().len(), 3);
}

#[test]
fn every_command_says_it() {
    let commands: [&[&str]; 6] = [
        &["query", DUCK, "animals", "--knn", "1"],
        &["join", "animals", "animals", "--knn", "1"],
        &["duplicates", "animals"],
        &["duplicates", "animals", "--quick"],
        &["new", "animals", "more"],
        &["eval", "animals"],
    ];
    for arguments in commands {
        for (limits, what) in [("ulimit -v 180000", "not enough memory"), ("ulimit -n 5", "not enough open files")] {
            let place = three_kinds();
            fs::create_dir(place.dataset("more")).unwrap();
            place.copy_into("more", DRAKE, "other.jpg");
            let output = limited(&place, limits, arguments);
            let said = String::from_utf8_lossy(&output.stderr);
            // Without classes there is nothing to measure.
            if !said.contains("no picture has another one of its class") {
                is_done_or_says(what, &format!("{limits}; {arguments:?}"), &output);
            }
        }
    }
}
