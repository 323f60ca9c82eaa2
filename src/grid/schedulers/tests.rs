//! Runs shell scripts in place of the programs: checks what is started, in which order, how often, and the errors.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::*;

/// Appends its arguments to FOLDER/starts, then writes a part for each task.
const KERNEL: &str = r#"
folder=$3; shift 3
for task in "$@"; do
    case $task in --*) break;; esac
    echo "$task" >>"$folder/starts"
    : >"$folder/part.$task"
done
"#;

/// Like `simages-cluster submit` and `spark-submit SCRIPT`: runs all tasks and prints the number of each.
const SUBMITS: &str = r#"
while read -r wave; do
    for task in $wave; do "$program" grid task "$plan" "$task" && echo "$task"; done
done <"$waves"
"#;

/// Like `sbatch`, but runs all elements at once, one after another. Records its arguments, and prints a job number.
const SBATCH: &str = r#"
folder=$(dirname "$0")
echo "$*" >>"$folder/arguments"
while :; do
    case $1 in
        --array=0-*) last=${1#--array=0-};;
        --chdir) shift; cd "$1";;
        --output=*) output=${1#--output=};;
        --job-name) shift;;
        -*) ;;
        *) break;;
    esac
    shift
done
for SLURM_ARRAY_TASK_ID in $(seq 0 "$last"); do
    export SLURM_ARRAY_TASK_ID
    sh "$@" >"${output%\%a.log}$SLURM_ARRAY_TASK_ID.log" 2>&1
done
echo "17;cluster"
"#;

const CANCELS: &str = r#"echo "$*" >>"$(dirname "$0")/cancelled""#;

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

    /// A folder with these programs.
    fn with(&self, programs: &[(&str, &str)]) -> SearchPath {
        let folder = self.path().join("bin");
        fs::create_dir(&folder).unwrap();
        for (name, text) in programs {
            script(&folder.join(name), text);
        }
        SearchPath::of(folder)
    }

    fn slurm(&self, sbatch: &str) -> Slurm {
        let programs = [("sbatch", sbatch), ("squeue", ""), ("scontrol", ""), ("scancel", CANCELS)];
        Slurm { options: vec!["--cpus-per-task=4".into()], search: self.with(&programs) }
    }

    /// The arguments of each call of `sbatch` or `scancel`.
    fn calls(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.path().join("bin").join(name)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The numbers of the tasks, in the order of their starts.
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
    // The first start of each task kills itself.
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

#[test]
fn slurm_gets_an_array_for_each_wave_that_begins_after_the_one_before() {
    let trial = Trial::new(KERNEL);
    trial.run(&trial.slurm(SBATCH), &[vec![0, 1, 2], vec![], vec![3]]).unwrap();
    assert_eq!(trial.starts(), [0, 1, 2, 3]);
    let calls = trial.calls("arguments");
    assert!(calls[0].contains("--array=0-2") && !calls[0].contains("--dependency"), "{}", calls[0]);
    assert!(calls[1].contains("--array=0-0") && calls[1].contains("--dependency=afterok:17"), "{}", calls[1]);
    assert!(calls.iter().all(|call| call.contains("--requeue") && call.contains("--cpus-per-task=4")));
    // A successful run leaves no files.
    assert_eq!(fs::read_dir(trial.path().join("slurm")).unwrap().count(), 0);
}

#[test]
fn what_an_element_of_slurm_said_last_is_told_and_the_next_run_ends_what_was_left() {
    let trial = Trial::new("echo no such piece >&2; exit 3");
    let slurm = trial.slurm(SBATCH);
    let error = trial.run(&slurm, &[vec![8, 9]]).unwrap_err().to_string();
    assert!(error.contains("tasks 8 failed") && error.contains("no such piece"), "{error}");
    let name = calls_name(&trial.calls("cancelled")[0]);
    assert!(trial.path().join("slurm").join(&name).join("0.0.log").exists());
    script(&trial.program, KERNEL);
    trial.run(&slurm, &[vec![8, 9]]).unwrap();
    assert_eq!(calls_name(&trial.calls("cancelled")[1]), name);
}

#[test]
fn jobs_that_were_cancelled_are_cancelled_in_slurm() {
    let trial = Trial::new(KERNEL);
    let slurm = trial.slurm("echo 17");
    script(&trial.path().join("bin/squeue"), ": >\"$(dirname \"$0\")/asked\"; echo PENDING");
    let cancel = Cancel::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            until(|| trial.path().join("bin/asked").exists());
            cancel.cancel();
        });
        let outcome = trial.run_until(&slurm, &[vec![0]], &cancel);
        assert!(matches!(outcome, Err(Error::Cancelled)), "{outcome:?}");
    });
    assert_eq!(trial.calls("cancelled").len(), 1);
}

#[test]
fn a_controller_that_does_not_answer_is_told() {
    let trial = Trial::new(KERNEL);
    let slurm = trial.slurm("echo 17");
    script(&trial.path().join("bin/squeue"), "sleep 60");
    let begun = Instant::now();
    let error = trial.run(&slurm, &[vec![0]]).unwrap_err().to_string();
    assert!(error.contains("slurmctld"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn spark_and_ballista_are_handed_the_waves_and_answer_each_task() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    for is_spark in [true, false] {
        let trial = Trial::new(KERNEL);
        let arguments = match is_spark {
            true => {
                r#"echo "$*" >"$(dirname "$0")/arguments"; while [ "${1%.py}" = "$1" ]; do shift; done
                program=$2 plan=$3 waves=$4"#
            }
            false => r#"echo "$*" >"$(dirname "$0")/arguments"; program=$5 plan=$7 waves=$9"#,
        };
        let name = if is_spark { "spark-submit" } else { "simages-cluster" };
        let search = trial.with(&[(name, &format!("{arguments}\n{SUBMITS}"))]);
        let scheduler: Box<dyn Scheduler> = match is_spark {
            true => Box::new(Spark { master: format!("spark://{address}"), search }),
            false => Box::new(Ballista { scheduler: address.clone(), search }),
        };
        trial.run(&*scheduler, &[vec![0, 1], vec![2]]).unwrap();
        assert_eq!(trial.starts(), [0, 1, 2]);
        assert!(trial.calls("arguments")[0].contains(&address));
        // A task without an answer is a failure.
        script(&trial.path().join("bin").join(name), "echo 0; echo 2");
        let error = trial.run(&*scheduler, &[vec![0, 1], vec![2]]).unwrap_err().to_string();
        assert!(error.contains("never reported task 1"), "{error}");
        script(&trial.path().join("bin").join(name), "echo 0; echo task 1 failed: no such piece >&2; exit 1");
        let error = trial.run(&*scheduler, &[vec![0, 1], vec![2]]).unwrap_err().to_string();
        assert!(error.contains("no such piece"), "{error}");
    }
}

#[test]
fn a_scheduler_that_is_gone_is_told_and_what_was_submitted_is_ended() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let trial = Trial::new(KERNEL);
    let submit =
        r#"here=$(dirname "$0"); trap ': >"$here/ended"; exit 1' TERM; : >"$here/begun"; while :; do sleep 0.01; done"#;
    let ballista = Ballista { scheduler: address, search: trial.with(&[("simages-cluster", submit)]) };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            until(|| trial.path().join("bin/begun").exists());
            drop(listener);
        });
        let error = trial.run(&ballista, &[vec![0]]).unwrap_err().to_string();
        assert!(error.contains("can't be reached any more"), "{error}");
    });
    assert!(trial.path().join("bin/ended").exists());
    // Unreachable from the beginning: nothing is started.
    fs::remove_file(trial.path().join("bin/begun")).unwrap();
    let error = trial.run(&ballista, &[vec![0]]).unwrap_err().to_string();
    assert!(error.contains("can't be reached;"), "{error}");
    assert!(!trial.path().join("bin/begun").exists());
}

#[test]
fn a_program_that_is_missing_is_named_with_how_to_get_it() {
    let trial = Trial::new(KERNEL);
    let search = trial.with(&[]);
    let scheduler = "127.0.0.1:1".to_owned();
    let all: [(Box<dyn Scheduler>, &str); 3] = [
        (Box::new(Slurm { options: vec![], search: search.clone() }), "apt install slurm-client"),
        (Box::new(Spark { master: "spark://127.0.0.1:1".into(), search: search.clone() }), "pip install"),
        (Box::new(Ballista { scheduler, search }), "cargo install --path cluster"),
    ];
    for (scheduler, remedy) in all {
        let error = trial.run(&*scheduler, &[vec![0]]).unwrap_err().to_string();
        assert!(error.contains("is not on PATH") && error.contains(remedy), "{error}");
    }
}

#[test]
fn schedulers_are_named_as_typed() {
    for good in ["processes:3", "slurm", "ballista://localhost:50050", "spark://a:7077,b:7077", "spark://[::1]:7077"] {
        assert!(named(good).is_ok(), "{good}");
    }
    for bad in ["processes", "processes:0", "slurm:", "ballista://localhost", "spark://", "spark://a:b", "ray://a:1"] {
        let error = named(bad).err().unwrap().to_string();
        assert!(error.starts_with(bad) && error.contains("processes:N"), "{error}");
    }
}

/// The job's name, from `--name NAME`.
fn calls_name(call: &str) -> String {
    call.strip_prefix("--name ").unwrap().to_owned()
}

fn until(done: impl Fn() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the condition never came true");
        std::thread::sleep(Duration::from_millis(5));
    }
}
