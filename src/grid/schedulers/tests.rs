//! With programs that are shell scripts: what is started, in which order, how often, and what is said of what goes wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;

/// Appends its arguments to FOLDER/starts, then writes a part of each task.
const KERNEL: &str = r#"
folder=$3; shift 3
for task in "$@"; do
    case $task in --*) break;; esac
    echo "$task" >>"$folder/starts"
    : >"$folder/part.$task"
done
"#;

struct Trial {
    folder: tempfile::TempDir,
    program: PathBuf,
}

impl Trial {
    fn new(kernel: &str) -> Trial {
        let folder = tempfile::tempdir().unwrap();
        let program = script(&folder.path().join("kernel"), kernel);
        Trial { folder, program }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, scheduler: &dyn Scheduler, waves: &[Vec<usize>]) -> Result<()> {
        self.run_until(scheduler, waves, &Cancel::default())
    }

    fn run_until(&self, scheduler: &dyn Scheduler, waves: &[Vec<usize>], cancel: &Cancel) -> Result<()> {
        scheduler.run(&Job { program: &self.program, plan: self.path(), waves }, cancel)
    }

    /// The numbers of the tasks, as they were started.
    fn starts(&self) -> Vec<usize> {
        let text = fs::read_to_string(self.path().join("starts")).unwrap_or_default();
        text.lines().map(|line| line.parse().unwrap()).collect()
    }

    fn parts(&self) -> usize {
        fs::read_dir(self.path())
            .unwrap()
            .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with("part."))
            .count()
    }
}

fn script(path: &Path, text: &str) -> PathBuf {
    fs::write(path, format!("#!/bin/sh\n{text}")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    path.to_owned()
}

fn processes(count: usize) -> Processes {
    Processes(count.try_into().unwrap())
}

#[test]
fn processes_do_each_task_once_and_waves_in_turn() {
    let trial = Trial::new(KERNEL);
    trial.run(&processes(3), &[vec![4, 2, 0], vec![], vec![1], vec![3, 5]]).unwrap();
    let mut starts = trial.starts();
    assert_eq!(starts[3], 1, "{starts:?}");
    starts[..3].sort();
    starts[4..].sort();
    assert_eq!(starts, [0, 2, 4, 1, 3, 5]);
    assert_eq!(trial.parts(), 6);
}

#[test]
fn a_process_that_is_killed_is_started_again() {
    // Each first start kills itself.
    let kernel = r#"[ -e "$3/tried.$4" ] || { : >"$3/tried.$4"; kill -9 $$; }"#;
    let trial = Trial::new(&format!("{kernel}\n{KERNEL}"));
    trial.run(&processes(2), &[vec![0, 1, 2]]).unwrap();
    assert_eq!(trial.parts(), 3);
}

#[test]
fn a_task_that_always_fails_is_named_with_its_last_words() {
    let trial = Trial::new(r#"echo "$4" >>"$3/starts"; echo no such piece >&2; [ "$4" != 1 ]"#);
    let error = trial.run(&processes(1), &[vec![0, 1], vec![2]]).unwrap_err().to_string();
    assert!(error.contains("task 1 failed 5 times") && error.contains("no such piece"), "{error}");
    assert_eq!(trial.starts(), [0, 1, 1, 1, 1, 1]);
}

#[test]
fn cancelled_processes_are_asked_to_end_and_waited_for() {
    let kernel = r#"trap 'sleep 0.2; : >"$3/ended.$4"; exit 130' TERM; : >"$3/begun.$4"; while :; do sleep 0.01; done"#;
    let trial = Trial::new(kernel);
    let cancel = Cancel::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            until(|| [0, 1].iter().all(|task| trial.path().join(format!("begun.{task}")).exists()));
            cancel.cancel();
        });
        let outcome = trial.run_until(&processes(2), &[vec![0, 1, 2]], &cancel);
        assert!(matches!(outcome, Err(Error::Cancelled)), "{outcome:?}");
    });
    assert!(trial.path().join("ended.0").exists() && trial.path().join("ended.1").exists());
    assert!(!trial.path().join("begun.2").exists());
}

fn until(done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60), "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}
