//! Who runs the tasks of a plan: processes of this machine, or a scheduler that is there already. In: a program, the folder of
//! the plan, and the tasks in waves. Out: nothing but that all have ended well; what they made lies below the folder.
//!
//! A task is a process, `PROGRAM grid task FOLDER N...`, which may be started as often as one likes: it makes the parts of those
//! tasks that aren't there whole. So nothing here needs to know what a task is, and a task that is lost is started again.
//!
//! None of them knows a password: who may submit is the engine's own matter, and its own settings say it.

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

/// Tasks for a scheduler: each once, those of a wave after all of the wave before.
pub struct Job<'a> {
    /// SIMages itself, by its whole path, where each machine finds it.
    pub program: &'a Path,
    /// The folder of the plan, by its whole path, where each machine finds it.
    pub plan: &'a Path,
    pub waves: &'a [Vec<usize>],
}

pub trait Scheduler: Sync {
    /// Returns when all tasks have ended well. Once `cancel` is cancelled, tasks are ended there too, and that is the error.
    fn run(&self, job: &Job, cancel: &Cancel) -> Result<()>;

    /// How many tasks it runs at a time, if that is known: then all of them are on this machine.
    fn at_once(&self) -> Option<usize> {
        None
    }
}

/// An error of a job, in plain words, beside the folder of its plan.
fn failed(job: &Job, words: String) -> Error {
    Error::Io { path: job.plan.to_owned(), source: io::Error::other(words) }
}
