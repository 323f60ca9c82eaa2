//! `--on`: where to compute, if this process alone would take too long.

use std::path::PathBuf;

use clap::Args;

use super::options::cache;
use super::teller::Teller;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::grid::schedulers::{Scheduler, named};
use crate::grid::{self, PlanFolder};

/// Tasks per process on this machine, so that no process waits long for the others.
const EACH: usize = 4;
/// Tasks for schedulers, whose number of machines is unknown.
pub const MANY: usize = 136;

#[derive(Debug, Args)]
pub struct OnOptions {
    /// Compute in tasks: processes:N on this machine, or slurm, ballista://HOST:PORT, spark://HOST:PORT
    ///
    /// The result is the same to the bit. If a worker dies, its tasks are started again; after Ctrl-C or a crash, the
    /// same command resumes where it stopped. docs/cluster.md explains which to choose, and how to start each.
    #[arg(long, value_name = "WHERE")]
    on: Option<String>,

    /// The folder for the tasks' files, at the same path on all machines [default, for processes:
    /// ~/.cache/simages/grid]
    #[arg(long, value_name = "DIR", requires = "on")]
    shared: Option<PathBuf>,

    /// Pictures per block: for a join, each pair of blocks is a task; for indexing, each block [default: by the number
    /// of workers; at most 65,536 and 4,096]
    #[arg(long, value_name = "N", requires = "on", value_parser = clap::value_parser!(u32).range(1..))]
    block: Option<u32>,
}

/// Where to compute, and where the tasks' files are.
pub struct On {
    pub scheduler: Box<dyn Scheduler>,
    pub shared: PathBuf,
    /// The least number of tasks.
    pub tasks: usize,
    /// Pictures per block, if given.
    pub block: Option<usize>,
}

impl std::fmt::Debug for On {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("On").field("shared", &self.shared).finish_non_exhaustive()
    }
}

impl On {
    /// What remains of cancelled work.
    pub fn kept(&self, name: &str) -> String {
        let shared = crate::shown::path(&self.shared);
        format!("{name}: cancelled; finished tasks are kept in {shared}; run the same command to resume")
    }
}

impl OnOptions {
    /// None: compute in this process.
    pub fn resolve(self) -> Result<Option<On>> {
        let Some(typed) = &self.on else { return Ok(None) };
        let scheduler = named(typed)?;
        let at_once = scheduler.at_once();
        let shared = match (self.shared, at_once) {
            (Some(shared), _) => shared,
            (None, Some(_)) => cache().join("grid"),
            (None, None) => {
                let remedy = "give --shared DIR, a folder at the same path on all machines";
                return Err(Error::Input(format!("{typed}: {remedy}")));
            }
        };
        let tasks = at_once.map_or(MANY, |count| count * EACH);
        Ok(Some(On { scheduler, shared, tasks, block: self.block.map(|block| block as usize) }))
    }
}

/// Has all missing parts of a plan made, and reports progress.
pub fn drive(folder: &PlanFolder, on: &On, cancel: &Cancel, teller: &mut Teller) -> Result<()> {
    let program = std::env::current_exe().map_err(Error::io("simages"))?;
    let notes = std::cell::RefCell::new(Vec::new());
    teller.begin();
    let mut noted = |note: String| notes.borrow_mut().push(note);
    let mut tell = |progress| {
        notes.take().iter().for_each(|note: &String| teller.line(note));
        teller.share(progress);
    };
    grid::drive(folder, &*on.scheduler, &program, cancel, &mut tell, &mut noted)
}
