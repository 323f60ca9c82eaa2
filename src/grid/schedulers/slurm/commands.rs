//! Runs Slurm's commands, and reports their errors. Each has a time limit: they hang if the controller doesn't answer.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::grid::schedulers::running::{Pause, RunningProgram};
use crate::grid::schedulers::search_path::SearchPath;

/// How long the controller may take to answer a ping: with all machines busy it takes a second or more. A command still
/// ends within ten seconds.
const PING: Duration = Duration::from_secs(5);
/// How long a command may take before we check whether the controller answers.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it may take in all if the controller answers: busy controllers are slow.
const LONG_PATIENCE: Duration = Duration::from_secs(120);

const REMEDY: &str = "install Slurm's commands (Debian: apt install slurm-client) or start this on a machine that has \
    them, such as the login node; --on processes:N needs none";

pub struct Commands<'a> {
    sbatch: PathBuf,
    squeue: PathBuf,
    scancel: PathBuf,
    scontrol: PathBuf,
    cancel: &'a Cancel,
}

impl Commands<'_> {
    pub fn find<'a>(search: &SearchPath, cancel: &'a Cancel) -> Result<Commands<'a>> {
        let find = |name| search.find(name, REMEDY);
        let (sbatch, squeue) = (find("sbatch")?, find("squeue")?);
        Ok(Commands { sbatch, squeue, scancel: find("scancel")?, scontrol: find("scontrol")?, cancel })
    }

    /// An error if the run was cancelled.
    pub fn check(&self) -> Result<()> {
        self.cancel.check()
    }

    /// The number of the submitted job.
    pub fn submit(&self, describe: impl FnOnce(&mut Command)) -> Result<String> {
        let mut command = Command::new(&self.sbatch);
        describe(command.arg("--parsable"));
        let said = self.call(command, Some(self.cancel))?;
        // Where there are several clusters, followed by the cluster's name.
        let number = said.trim().split(';').next().unwrap_or_default();
        match number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Err(Error::Input(format!("sbatch printed no job number, but: {}", said.trim()))),
            false => Ok(number.to_owned()),
        }
    }

    /// Whether a job of this name is waiting or running.
    pub fn is_queued(&self, name: &str) -> Result<bool> {
        let mut command = Command::new(&self.squeue);
        command.args(["--noheader", "--format=%T", "--name", name]);
        self.call(command, Some(self.cancel)).map(|said| !said.trim().is_empty())
    }

    /// Cancels all jobs of this name.
    pub fn end(&self, name: &str) -> Result<()> {
        let mut command = Command::new(&self.scancel);
        command.args(["--name", name]);
        self.call(command, None).map(|_| ())
    }

    /// Its stdout.
    fn call(&self, mut command: Command, cancel: Option<&Cancel>) -> Result<String> {
        let program = PathBuf::from(command.get_program());
        let io = || Error::io(&program);
        let name = program.file_stem().unwrap_or_default().to_string_lossy();
        let mut said = tempfile::tempfile().map_err(io())?;
        command.stdout(said.try_clone().map_err(io())?);
        let mut running = RunningProgram::start(&mut command).map_err(io())?;
        let (mut pause, begun) = (Pause::default(), Instant::now());
        let mut is_there = false;
        let status = loop {
            if let Some(status) = running.ended().map_err(io())? {
                break status;
            }
            cancel.map_or(Ok(()), Cancel::check)?;
            if begun.elapsed() > PATIENCE && !is_there {
                is_there = self.controller_answers();
            }
            if begun.elapsed() > if is_there { LONG_PATIENCE } else { PATIENCE } {
                running.kill();
                let remedy =
                    "running tasks continue; once it is back (see sinfo), the same command continues from here";
                return Err(Error::Input(format!("{name}: Slurm's controller (slurmctld) doesn't answer; {remedy}")));
            }
            pause.rest();
        };
        match status.success() {
            true => text_of(&mut said).map_err(io()),
            false => Err(Error::Input(format!("{name} failed with {status}: {}", running.last_words()))),
        }
    }

    /// Whether the controller is merely slow.
    fn controller_answers(&self) -> bool {
        let ping = || {
            let mut said = tempfile::tempfile()?;
            let mut running =
                RunningProgram::start(Command::new(&self.scontrol).arg("ping").stdout(said.try_clone()?))?;
            let (mut pause, begun) = (Pause::default(), Instant::now());
            while running.ended()?.is_none() && begun.elapsed() < PING {
                pause.rest();
            }
            text_of(&mut said)
        };
        ping().is_ok_and(|said| said.contains("is UP"))
    }
}

fn text_of(file: &mut File) -> std::io::Result<String> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text).map(|_| text)
}
