//! Slurm: a job array per wave, each starting when the one before has succeeded. Needs `sbatch` and the related
//! commands on PATH, configured for the user as usual. Further options, such as an account or a partition, come from
//! Slurm's variables (`SBATCH_ACCOUNT`, `SBATCH_PARTITION`, `SBATCH_TIMELIMIT` ...) or from `options`.
//!
//! All files of a run are in `FOLDER/slurm/NAME`, where NAME is also the name of its jobs: each element's tasks, its
//! log, and a mark when it is done. So only the queue is read from Slurm, and accounting isn't needed.

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
    /// For `sbatch`, such as `--cpus-per-task=16`: a task uses as many threads as processors.
    pub options: Vec<OsString>,
    pub search: SearchPath,
}

impl Scheduler for Slurm {
    fn run(&self, job: &Job, cancel: &Cancel) -> Result<()> {
        let commands = Commands::find(&self.search, cancel)?;
        let all = job.plan.join("slurm");
        fs::create_dir_all(&all).map_err(Error::io(&all))?;
        // Jobs of a killed driver may still be running.
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
                // After a failure, no job may keep running unattended. If cancelling fails too, the reason was already
                // reported.
                let _ = commands.end(run.name());
                outcome
            }
        }
    }
}
