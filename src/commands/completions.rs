//! `simages completions`: completion scripts for shells.

use std::process::ExitCode;

use clap::Args;
use clap_complete::Shell;

use super::output::print;
use super::run::Run;

/// Print a shell's completion script
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct CompletionsArgs {
    #[arg(value_enum)]
    shell: Shell,
}

pub struct Completions {
    shell: Shell,
    cli: clap::Command,
}

impl CompletionsArgs {
    pub fn resolve(self, cli: clap::Command) -> Completions {
        Completions { shell: self.shell, cli }
    }
}

impl Run for Completions {
    fn run(mut self: Box<Self>) -> anyhow::Result<ExitCode> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut self.cli, "simages", &mut script);
        print(&script)?;
        Ok(ExitCode::SUCCESS)
    }
}

const HELP: &str = "\
Examples:
  simages completions bash > ~/.local/share/bash-completion/completions/simages
  simages completions zsh > ~/.zfunc/_simages
  simages completions fish > ~/.config/fish/completions/simages.fish";
