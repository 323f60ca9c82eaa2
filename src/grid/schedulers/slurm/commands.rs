//! Slurm's own programs: started, waited for, and what they say of what went wrong. None may take for ever, as they do where
//! the controller doesn't answer.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::grid::schedulers::running::{Pause, RunningProgram};
use crate::grid::schedulers::search_path::SearchPath;

/// As long as one may take until it is asked whether the controller is there at all.
/// What a controller has to answer a ping: with all machines at work it takes a second or more. A command ends within ten seconds
/// all the same.
const PING: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(2);
/// As long as one may take in all, if it is: busy controllers are slow.
const LONG_PATIENCE: Duration = Duration::from_secs(120);

const REMEDY: &str = "install Slurm's commands (Debian: apt install slurm-client) or start this on a machine that has \
    them, as the login node; --on processes:N needs none";

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

    /// An error once the driver was asked to end.
    pub fn check(&self) -> Result<()> {
        self.cancel.check()
    }

    /// The number of the job that was submitted.
    pub fn submit(&self, describe: impl FnOnce(&mut Command)) -> Result<String> {
        let mut command = Command::new(&self.sbatch);
        describe(command.arg("--parsable"));
        let said = self.call(command, Some(self.cancel))?;
        // With the cluster's name behind it, where there are several.
        let number = said.trim().split(';').next().unwrap_or_default();
        match number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Err(Error::Input(format!("sbatch said no job's number, but: {}", said.trim()))),
            false => Ok(number.to_owned()),
        }
    }

    /// Whether any job of this name waits or runs.
    pub fn is_queued(&self, name: &str) -> Result<bool> {
        let mut command = Command::new(&self.squeue);
        command.args(["--noheader", "--format=%T", "--name", name]);
        self.call(command, Some(self.cancel)).map(|said| !said.trim().is_empty())
    }

    /// Ends all jobs of this name.
    pub fn end(&self, name: &str) -> Result<()> {
        let mut command = Command::new(&self.scancel);
        command.args(["--name", name]);
        self.call(command, None).map(|_| ())
    }

    /// What it said on stdout.
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
                    "what runs goes on; once it is back (sinfo tells), the same command goes on where this ended";
                return Err(Error::Input(format!("{name}: Slurm's controller (slurmctld) doesn't answer; {remedy}")));
            }
            pause.rest();
        };
        match status.success() {
            true => text_of(&mut said).map_err(io()),
            false => Err(Error::Input(format!("{name} failed with {status}: {}", running.last_words()))),
        }
    }

    /// Whether it is only slow.
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
