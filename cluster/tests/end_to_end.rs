//! Runs a scheduler and two workers on this machine, with a script in place of the kernel.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const BINARY: &str = env!("CARGO_BIN_EXE_simages-cluster");

struct Cluster {
    address: String,
    folder: TempDir,
    processes: Vec<Child>,
}

impl Cluster {
    fn start(seconds: &str) -> Self {
        let mut scheduler = Command::new(BINARY)
            .args(["scheduler", "--bind", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(scheduler.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("seconds"), seconds).unwrap();
        let mut cluster = Self { address, folder, processes: vec![scheduler] };
        for _ in 0..2 {
            let worker = Command::new(BINARY)
                .args(["worker", "--scheduler", &cluster.address])
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            cluster.processes.push(worker);
        }
        cluster
    }

    fn plan(&self) -> &Path {
        self.folder.path()
    }

    fn submit(&self, kernel: &Path, waves: &str) -> Command {
        let file = self.plan().join("waves");
        std::fs::write(&file, waves).unwrap();
        let mut submit = submit(&self.address, kernel, self.plan(), &file);
        submit.stdout(Stdio::piped()).stderr(Stdio::piped());
        submit
    }

    fn started(&self) -> Vec<u32> {
        let started = std::fs::read_to_string(self.plan().join("started")).unwrap_or_default();
        started.lines().map(|task| task.parse().unwrap()).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn submit(address: &str, kernel: &Path, plan: &Path, waves: &Path) -> Command {
    let mut submit = Command::new(BINARY);
    submit.args(["submit", "--scheduler", address, "--program"]).arg(kernel);
    submit.arg("--plan").arg(plan).arg("--waves").arg(waves);
    submit
}

fn kernel() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("trials/kernel.sh")
}

fn numbers(output: &Output) -> Vec<u32> {
    String::from_utf8_lossy(&output.stdout).lines().map(|line| line.parse().unwrap()).collect()
}

fn wait_for(mut condition: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the condition never came true");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn each_task_is_answered_once_and_waves_wait() {
    let cluster = Cluster::start("0.05");
    let output = cluster.submit(&kernel(), "5 6 7 8 9\n\n1 2 3").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    for answered in [numbers(&output), cluster.started()] {
        let (mut first, mut second) = (answered[..5].to_vec(), answered[5..].to_vec());
        first.sort();
        second.sort();
        assert_eq!((first, second), (vec![5, 6, 7, 8, 9], vec![1, 2, 3]));
    }
    for task in numbers(&output) {
        assert!(cluster.plan().join(format!("part.{task}")).exists());
    }
}

#[test]
fn a_kernel_that_fails_is_tried_four_times_and_has_the_last_word() {
    let cluster = Cluster::start("no number");
    let output = cluster.submit(&kernel(), "3").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(cluster.started(), [3, 3, 3, 3]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains("task 3 on ") && error.contains("exit status: 1"), "{error}");
    assert!(error.contains("invalid time interval"), "{error}");

    let output = cluster.submit(Path::new("/no/such/program"), "3").output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("can't run /no/such/program: No such file"), "{error}");
}

#[test]
fn asked_to_stop_it_stops_the_kernels() {
    let cluster = Cluster::start("100");
    let mut submit = cluster.submit(&kernel(), "1 2 3").spawn().unwrap();
    wait_for(|| cluster.started().len() == 2);
    let stop = |child: &Child| Command::new("kill").arg(child.id().to_string()).status().unwrap();
    stop(&submit);
    assert_eq!(submit.wait().unwrap().code(), Some(130));
    let working = |process: &Child| {
        let found = Command::new("pgrep").arg("-P").arg(process.id().to_string()).output().unwrap();
        !found.stdout.is_empty()
    };
    wait_for(|| !cluster.processes.iter().any(working));
    assert_eq!(cluster.started().len(), 2);
}

#[test]
fn without_a_scheduler_it_says_where_it_looked() {
    let folder = tempfile::tempdir().unwrap();
    let waves = folder.path().join("waves");
    std::fs::write(&waves, "1").unwrap();
    let output = submit("127.0.0.1:1", &kernel(), folder.path(), &waves).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("127.0.0.1:1") && error.contains("SSH tunnel"), "{error}");
}

#[test]
fn a_scheduler_that_dies_ends_the_submission_and_the_kernels() {
    let mut cluster = Cluster::start("100");
    let mut submit = cluster.submit(&kernel(), "1 2").spawn().unwrap();
    wait_for(|| cluster.started().len() == 2);
    cluster.processes[0].kill().unwrap();
    let begun = Instant::now();
    assert_eq!(submit.wait().unwrap().code(), Some(1));
    assert!(begun.elapsed() < Duration::from_secs(10));
    let mut error = String::new();
    submit.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    assert!(error.contains(&cluster.address), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

#[test]
fn other_addresses_need_a_trusted_network() {
    for args in [["scheduler", "--bind", "0.0.0.0:0"], ["worker", "--scheduler", "192.0.2.1:50050"]] {
        let output = Command::new(BINARY).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains("no authentication") && error.contains("--trusted-network"), "{error}");
    }
}
