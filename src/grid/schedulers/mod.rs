//! Runs the tasks of a plan: as processes on this machine, or through an existing scheduler. Input: a program, the
//! folder of the plan, and the tasks in waves. Returns when all tasks have succeeded; their results are in the folder.
//!
//! A task is a process, `PROGRAM grid task FOLDER N...`, that may be started any number of times: it makes those parts
//! of its tasks that aren't complete. So schedulers need no knowledge of tasks, and simply start a lost task again.
//!
//! None of them handles passwords: who may submit is decided by each scheduler's own settings.

mod ballista;
mod host;
mod named;
mod processes;
mod running;
mod search_path;
mod slurm;
mod spark;
mod submission;
mod tied;

#[cfg(all(test, unix))]
mod tests;

pub use ballista::Ballista;
pub use named::named;
pub use processes::Processes;
pub use search_path::SearchPath;
pub use slurm::Slurm;
pub use spark::Spark;
pub use tied::end_with_driver;

use std::io;
use std::path::Path;

use crate::cancel::Cancel;
use crate::error::{Error, Result};

/// Tasks for a scheduler: each runs once, after all tasks of the wave before.
pub struct Job<'a> {
    /// SIMages itself, by its full path, which must be the same on all machines.
    pub program: &'a Path,
    /// The folder of the plan, by its full path, which must be the same on all machines.
    pub plan: &'a Path,
    pub waves: &'a [Vec<usize>],
}

pub trait Scheduler: Sync {
    /// Returns when all tasks have succeeded. When `cancel` is cancelled, ends the tasks and returns that error.
    fn run(&self, job: &Job, cancel: &Cancel) -> Result<()>;

    /// The number of tasks it runs at a time, if known: then all of them run on this machine.
    fn at_once(&self) -> Option<usize> {
        None
    }
}

/// An error of a job, together with the folder of its plan.
fn failed(job: &Job, words: String) -> Error {
    Error::Io { path: job.plan.to_owned(), source: io::Error::other(words) }
}
