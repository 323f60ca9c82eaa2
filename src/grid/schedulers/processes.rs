//! Processes on this machine: needs nothing else, so try this first. Runs a number of processes at a time, each with
//! one task.

use std::num::NonZero;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::running::{Pause, RunningProgram};
use super::{Job, Scheduler, failed, tied};
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::limits::Limit;

/// How often a failed task is started again.
const AGAIN: usize = 4;
/// A process stopped (SIGSTOP) for this long is killed, and its task started again.
const STILL: Duration = Duration::from_secs(10);

/// The number of processes at a time.
pub struct Processes(pub NonZero<usize>);

impl Scheduler for Processes {
    fn run(&self, job: &Job, cancel: &Cancel) -> Result<()> {
        job.waves.iter().try_for_each(|wave| self.wave(job, wave, cancel))
    }

    fn at_once(&self) -> Option<usize> {
        Some(self.0.get())
    }
}

/// State shared by the threads of a wave.
struct WaveInTurn<'a> {
    job: &'a Job<'a>,
    wave: &'a [usize],
    next: AtomicUsize,
    /// A task has failed for good; the others end.
    given_up: AtomicBool,
    cancel: &'a Cancel,
    /// Threads per process.
    threads: usize,
}

impl Processes {
    fn wave(&self, job: &Job, wave: &[usize], cancel: &Cancel) -> Result<()> {
        let at_once = self.0.get().min(wave.len());
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads = (cores / at_once.max(1)).max(1);
        let (next, given_up) = (AtomicUsize::new(0), AtomicBool::new(false));
        let turn = WaveInTurn { job, wave, next, given_up, cancel, threads };
        let mut outcomes = Vec::new();
        thread::scope(|scope| {
            let mut workers = Vec::new();
            for _ in 0..at_once {
                match thread::Builder::new().name("task".into()).spawn_scoped(scope, || turn.work()) {
                    Ok(worker) => workers.push(worker),
                    // The workers started so far do all the work.
                    Err(_) if !workers.is_empty() => break,
                    Err(error) => outcomes.push(Err(Error::Limit(Limit::of_start(&error).unwrap_or(Limit::Threads)))),
                }
            }
            outcomes.extend(workers.into_iter().map(|worker| worker.join().expect("workers don't panic")));
        });
        // Report the failure rather than the cancellation of the others that followed from it.
        let (cancelled, others): (Vec<_>, Vec<_>) =
            outcomes.into_iter().partition(|outcome| matches!(outcome, Err(Error::Cancelled)));
        others.into_iter().chain(cancelled).collect()
    }
}

impl WaveInTurn<'_> {
    /// Runs one task after another, until none is left.
    fn work(&self) -> Result<()> {
        while let Some(task) = self.wave.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let done = self.task(*task);
            if done.is_err() {
                self.given_up.store(true, Ordering::Relaxed);
                return done;
            }
        }
        Ok(())
    }

    fn task(&self, task: usize) -> Result<()> {
        let mut tries = 0;
        loop {
            let mut running = self.start(task)?;
            let how = match self.wait(&mut running)? {
                Ended::Well => return Ok(()),
                Ended::Badly(status) => format!("ended with {status}"),
                Ended::Stopped => format!("stood still for {} seconds", STILL.as_secs()),
            };
            let said = running.last_words();
            tracing::warn!(task, how, said, "a task failed");
            if tries == AGAIN {
                let said = if said.is_empty() { "it printed nothing".into() } else { format!("it printed: {said}") };
                let words = format!("task {task} failed {} times; the last time it {how}; {said}", AGAIN + 1);
                return Err(failed(self.job, words));
            }
            tries += 1;
        }
    }

    fn start(&self, task: usize) -> Result<RunningProgram> {
        let mut command = Command::new(self.job.program);
        command.args(["grid", "task"]).arg(self.job.plan).arg(task.to_string());
        command
            .args(["--threads", &self.threads.to_string()])
            .env("RAYON_NUM_THREADS", self.threads.to_string())
            .stdout(Stdio::null());
        tied::tie(&mut command);
        RunningProgram::start(&mut command).map_err(Error::io(self.job.program))
    }

    fn wait(&self, running: &mut RunningProgram) -> Result<Ended> {
        let mut pause = Pause::default();
        loop {
            if let Some(status) = running.ended().map_err(Error::io(self.job.program))? {
                return Ok(if status.success() { Ended::Well } else { Ended::Badly(status) });
            }
            if self.cancel.is_cancelled() || self.given_up.load(Ordering::Relaxed) {
                running.end();
                return Err(Error::Cancelled);
            }
            if running.still() > STILL {
                running.kill();
                return Ok(Ended::Stopped);
            }
            pause.rest();
        }
    }
}

enum Ended {
    Well,
    Badly(ExitStatus),
    Stopped,
}
