//! Spark, through `spark-submit` and a script of thirty lines. Needs pyspark, configured for the user, including
//! authentication (`spark.authenticate` and related settings in `spark-defaults.conf`). A task uses `spark.task.cpus`
//! threads.

use std::fs;
use std::process::Command;

use super::search_path::SearchPath;
use super::submission::{submit, write_waves};
use super::{Job, Scheduler};
use crate::cancel::Cancel;
use crate::error::{Error, Result};

const SCRIPT: &str = include_str!("../../../contrib/spark_grid.py");

const REMEDY: &str = "pip install 'pyspark>=4' in an active environment (it needs Java 17 or later), or put Spark's own \
    bin folder on PATH";

/// A task is started at most four times. A silent executor is given up after half a minute instead of two: tasks are
/// separate processes, so none of them can block it.
const SETTINGS: [&str; 6] = [
    "spark.task.maxFailures=4",
    "spark.executor.heartbeatInterval=5s",
    "spark.network.timeout=30s",
    "spark.network.timeoutInterval=5s",
    "spark.log.level=WARN",
    "spark.ui.showConsoleProgress=false",
];

pub struct Spark {
    /// `spark://HOST:PORT`; several masters in Spark's syntax: `spark://HOST:PORT,HOST:PORT`.
    pub master: String,
    pub search: SearchPath,
}

impl Scheduler for Spark {
    fn run(&self, job: &Job, cancel: &Cancel) -> Result<()> {
        let mut command = Command::new(self.search.find("spark-submit", REMEDY)?);
        let script = job.plan.join("spark_grid.py");
        fs::write(&script, SCRIPT).map_err(Error::io(&script))?;
        command.args(["--master", &self.master, "--name", "simages"]);
        for setting in SETTINGS {
            command.args(["--conf", setting]);
        }
        command.arg(script).arg(job.program).arg(job.plan).arg(write_waves(job)?);
        let addresses: Vec<_> = self.master.trim_start_matches("spark://").split(',').collect();
        submit(job, command, &addresses, cancel)
    }
}
