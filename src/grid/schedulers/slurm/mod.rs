//! Slurm: a job array for each wave, which begins when the one before has ended well. In: `sbatch` and its kin on PATH, set up
//! for the user as always; what else is wanted of it, as an account or a partition, is said by Slurm's own variables
//! (`SBATCH_ACCOUNT`, `SBATCH_PARTITION`, `SBATCH_TIMELIMIT` ...) or by `options`.
//!
//! All that belongs to a run lies in `FOLDER/slurm/NAME`, which is the name of its jobs, too: the tasks of each element, what
//! it said, and whether it is done. So nothing but the queue is asked of Slurm, and no accounting is needed.

mod commands;
mod run;

use std::ffi::OsString;
use std::fs;

use super::search_path::SearchPath;
use super::{Job, Scheduler};
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use commands::Commands;
use run::SlurmRun;

#[derive(Default)]
pub struct Slurm {
    /// For `sbatch`, as `--cpus-per-task=16`: a task has as many threads as processors.
    pub options: Vec<OsString>,
    pub search: SearchPath,
}

impl Scheduler for Slurm {
    fn run(&self, job: &Job, cancel: &Cancel) -> Result<()> {
        let commands = Commands::find(&self.search, cancel)?;
        let all = job.plan.join("slurm");
        fs::create_dir_all(&all).map_err(Error::io(&all))?;
        // Of a driver that was killed, what it started may still go on.
        for earlier in fs::read_dir(&all).map_err(Error::io(&all))? {
            let earlier = earlier.map_err(Error::io(&all))?;
            commands.end(&earlier.file_name().to_string_lossy())?;
            let _ = fs::remove_dir_all(earlier.path());
        }
        let run = SlurmRun::begin(job, all, &commands)?;
        let outcome = run.submit(&self.options).and_then(|()| run.wait());
        match outcome {
            Ok(()) => fs::remove_dir_all(run.folder()).map_err(Error::io(run.folder())),
            Err(_) => {
                // Whatever went wrong, nothing goes on that nobody waits for; if that can't be, it was said.
                let _ = commands.end(run.name());
                outcome
            }
        }
    }
}
