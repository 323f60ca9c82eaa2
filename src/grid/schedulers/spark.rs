//! Spark, by `spark-submit` and a script of thirty lines. In: pyspark as it is set up for the user, with its own authentication
//! (`spark.authenticate` and its kin in `spark-defaults.conf`). A task has as many threads as `spark.task.cpus` says.

use std::fs;
use std::process::Command;

use super::search_path::SearchPath;
use super::submission::{submit, write_waves};
use super::{Job, Scheduler};
use crate::cancel::Cancel;
use crate::error::{Error, Result};

const SCRIPT: &str = include_str!("../../../contrib/spark_grid.py");

const REMEDY: &str = "pip install 'pyspark>=4' in an environment that is active here (it needs Java 17 or later); Spark's own \
    bin folder will do, too";

/// A task is started four times at most. An executor that says nothing is given up after half a minute, not two: tasks are
/// processes of their own, none of them holds it up.
const SETTINGS: [&str; 6] = [
    "spark.task.maxFailures=4",
    "spark.executor.heartbeatInterval=5s",
    "spark.network.timeout=30s",
    "spark.network.timeoutInterval=5s",
    "spark.log.level=WARN",
    "spark.ui.showConsoleProgress=false",
];

pub struct Spark {
    /// `spark://HOST:PORT`; several masters as Spark has them: `spark://HOST:PORT,HOST:PORT`.
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
