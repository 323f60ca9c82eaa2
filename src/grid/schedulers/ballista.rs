//! Ballista, through `simages-cluster`, a separate program: it needs a hundred crates that SIMages does without.

use std::process::Command;

use super::search_path::SearchPath;
use super::submission::{submit, write_waves};
use super::{Job, Scheduler};
use crate::cancel::Cancel;
use crate::error::Result;

const REMEDY: &str = "build it in SIMages' source folder: cargo install --path cluster; or copy it beside simages";

pub struct Ballista {
    /// HOST:PORT.
    pub scheduler: String,
    pub search: SearchPath,
}

impl Scheduler for Ballista {
    fn run(&self, job: &Job, cancel: &Cancel) -> Result<()> {
        let mut command = Command::new(self.search.find("simages-cluster", REMEDY)?);
        command.args(["submit", "--scheduler", &self.scheduler]);
        command.arg("--program").arg(job.program).arg("--plan").arg(job.plan);
        command.arg("--waves").arg(write_waves(job)?);
        submit(job, command, &[&self.scheduler], cancel)
    }
}
