//! Submits a job through another program: the waves go into a file, and the program prints the number of each finished
//! task on stdout. Shared by Spark and Ballista.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::host::addresses;
use super::running::{Pause, RunningProgram, last_lines};
use super::{Job, failed};
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::limits;

/// The interval between checks that the scheduler is reachable.
const BETWEEN: Duration = Duration::from_secs(2);
/// How long a reachable scheduler may take to accept a connection.
const ACCEPT: Duration = Duration::from_secs(1);
/// A scheduler unreachable for this long is gone.
const GONE: Duration = Duration::from_secs(4);
/// How long to wait for output after the program has ended.
const DRAIN: Duration = Duration::from_secs(1);

/// Writes the waves to a file in the plan's folder: a line of task numbers per wave.
pub fn write_waves(job: &Job) -> Result<PathBuf> {
    let file = job.plan.join("waves.txt");
    let line = |wave: &Vec<usize>| wave.iter().map(usize::to_string).collect::<Vec<_>>().join(" ") + "\n";
    let text: String = job.waves.iter().filter(|wave| !wave.is_empty()).map(line).collect();
    fs::write(&file, text).map_err(Error::io(&file))?;
    Ok(file)
}

/// Starts `command`, which submits `job` to the scheduler at any of `addresses` (HOST:PORT), and waits for it.
pub fn submit(job: &Job, mut command: Command, addresses: &[&str], cancel: &Cancel) -> Result<()> {
    let mut left: BTreeSet<usize> = job.waves.iter().flatten().copied().collect();
    let gone = |when: &str| {
        let addresses = addresses.join(", ");
        let remedy = "once it is back, the same command continues from here";
        failed(job, format!("the scheduler at {addresses} can't be reached{when}; {remedy}"))
    };
    if !addresses.iter().any(|address| is_there(address)) {
        return Err(gone(""));
    }
    let program = PathBuf::from(command.get_program());
    let mut running = RunningProgram::start(command.stdout(Stdio::piped())).map_err(Error::io(&program))?;
    let lines = lines(&mut running);
    let mut words = Vec::new();
    let mut answered = |line: String| match line.trim().parse() {
        Ok(task) => {
            let is_wanted = left.remove(&task);
            tracing::info!(task, is_wanted, "answered");
        }
        Err(_) => words.push(line),
    };
    let (mut looked, mut seen) = (Instant::now(), Instant::now());
    let mut pause = Pause::default();
    let status = loop {
        lines.try_iter().for_each(&mut answered);
        if let Some(status) = running.ended().map_err(Error::io(&program))? {
            break status;
        }
        if cancel.is_cancelled() {
            running.end();
            return Err(Error::Cancelled);
        }
        if looked.elapsed() > BETWEEN {
            if addresses.iter().any(|address| is_there(address)) {
                seen = Instant::now();
            } else if seen.elapsed() > GONE {
                running.end();
                return Err(gone(" any more"));
            }
            looked = Instant::now();
        }
        pause.rest();
    };
    while let Ok(line) = lines.recv_timeout(DRAIN) {
        answered(line);
    }
    // spark-submit passes on its script's stderr as stdout, and fills stderr with its own output.
    let words = last_lines(&words.join("\n"));
    let words = if words.is_empty() { running.last_words() } else { words };
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    match left.first() {
        _ if !status.success() => Err(failed(job, format!("{name} ended with {status}: {words}"))),
        Some(task) => Err(failed(job, format!("{name} succeeded, but never reported task {task}"))),
        None => Ok(()),
    }
}

/// The lines that it prints, as they arrive: task numbers and messages.
fn lines(running: &mut RunningProgram) -> Receiver<String> {
    let (to, lines) = channel();
    let stdout = running.stdout().expect("stdout is piped");
    // The thread ends when the pipe closes, or nobody receives any more.
    limits::spawn("answers", move || {
        let read = BufReader::new(stdout).lines().map_while(std::result::Result::ok);
        read.map(|line| to.send(line)).find(std::result::Result::is_err)
    });
    lines
}

/// Whether something listens at the address.
fn is_there(address: &str) -> bool {
    addresses(address).iter().any(|place| TcpStream::connect_timeout(place, ACCEPT).is_ok())
}
