//! `--on`: who computes, where this process alone would take too long.

use std::path::PathBuf;

use clap::Args;

use super::options::cache;
use super::teller::Teller;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::grid::schedulers::{Scheduler, named};
use crate::grid::{self, PlanFolder};

/// Tasks for each process of this machine, so that none waits long for the others.
const EACH: usize = 4;
/// Tasks for schedulers, of which nobody knows how many machines they have.
pub const MANY: usize = 136;

#[derive(Debug, Args)]
pub struct OnOptions {
    /// Compute in tasks: processes:N on this machine, or slurm, ballista://HOST:PORT, spark://HOST:PORT
    ///
    /// The result is the same to the bit. A worker may die, its tasks are started again; after Ctrl-C, or whatever else, the same
    /// command goes on with what is done. docs/cluster.md tells which to choose, and how to start each.
    #[arg(long, value_name = "WHERE")]
    on: Option<String>,

    /// The folder for the tasks' files, which all machines have at the same path [default, for processes:
    /// ~/.cache/simages/grid]
    #[arg(long, value_name = "DIR", requires = "on")]
    shared: Option<PathBuf>,

    /// Pictures of a block: each pair of blocks is a task of a join, each block one of indexing [default: by the number of
    /// workers; at most 65,536 and 4,096]
    #[arg(long, value_name = "N", requires = "on", value_parser = clap::value_parser!(u32).range(1..))]
    block: Option<u32>,
}

/// Who computes, and where its files are.
pub struct On {
    pub scheduler: Box<dyn Scheduler>,
    pub shared: PathBuf,
    /// How many tasks there should be, at least.
    pub tasks: usize,
    /// Pictures of a block, if somebody said.
    pub block: Option<usize>,
}

impl std::fmt::Debug for On {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("On").field("shared", &self.shared).finish_non_exhaustive()
    }
}

impl On {
    /// What remains of work that was cancelled.
    pub fn kept(&self, name: &str) -> String {
        let shared = crate::shown::path(&self.shared);
        format!("{name}: cancelled; what is done is kept in {shared}, and the same command goes on with it")
    }
}

impl OnOptions {
    /// None: this process computes.
    pub fn resolve(self) -> Result<Option<On>> {
        let Some(typed) = &self.on else { return Ok(None) };
        let scheduler = named(typed)?;
        let at_once = scheduler.at_once();
        let shared = match (self.shared, at_once) {
            (Some(shared), _) => shared,
            (None, Some(_)) => cache().join("grid"),
            (None, None) => {
                let remedy = "give --shared DIR, a folder that all machines have at the same path";
                return Err(Error::Input(format!("{typed}: {remedy}")));
            }
        };
        let tasks = at_once.map_or(MANY, |count| count * EACH);
        Ok(Some(On { scheduler, shared, tasks, block: self.block.map(|block| block as usize) }))
    }
}

/// Has all parts of a plan made that are missing, and tells how far that is.
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
