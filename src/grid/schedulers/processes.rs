//! Processes of this machine: needs nothing else, and is what one tries first. So many at once, each with one task at a time.

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

/// A task is started again so often.
const AGAIN: usize = 4;
/// One that was stopped (SIGSTOP) for so long is killed, and its task started again.
const STILL: Duration = Duration::from_secs(10);

/// So many at once.
pub struct Processes(pub NonZero<usize>);

impl Scheduler for Processes {
    fn run(&self, job: &Job, cancel: &Cancel) -> Result<()> {
        job.waves.iter().try_for_each(|wave| self.wave(job, wave, cancel))
    }

    fn at_once(&self) -> Option<usize> {
        Some(self.0.get())
    }
}

/// What the threads of a wave share.
struct WaveInTurn<'a> {
    job: &'a Job<'a>,
    wave: &'a [usize],
    next: AtomicUsize,
    /// One has failed for good: the others end.
    given_up: AtomicBool,
    cancel: &'a Cancel,
    /// Of each process.
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
                    // Those that are there do it all.
                    Err(_) if !workers.is_empty() => break,
                    Err(error) => outcomes.push(Err(Error::Limit(Limit::of_start(&error).unwrap_or(Limit::Threads)))),
                }
            }
            outcomes.extend(workers.into_iter().map(|worker| worker.join().expect("it doesn't panic")));
        });
        // What went wrong, rather than that the others were ended for it.
        let (cancelled, others): (Vec<_>, Vec<_>) =
            outcomes.into_iter().partition(|outcome| matches!(outcome, Err(Error::Cancelled)));
        others.into_iter().chain(cancelled).collect()
    }
}

impl WaveInTurn<'_> {
    /// One task after the other, until none is left.
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
                let said = if said.is_empty() { "it said nothing".into() } else { format!("it said: {said}") };
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
