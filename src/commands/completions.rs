//! `simages completions`: what a shell needs to complete our arguments.

use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use super::print;
use crate::cli::Cli;

pub fn run(shell: Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "simages", &mut script);
    print(&script)?;
    Ok(ExitCode::SUCCESS)
}
