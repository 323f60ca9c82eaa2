//! The command line. Input: the arguments as typed, and some environment variables. Output: a `Run` with everything
//! it needs. Any failure on the way is a bad argument.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, FromArgMatches, Parser};

use crate::commands::screens::{self, ScreenChoices};
use crate::commands::{Command, GlobalOptions, Run, WIDEST, wrapped};
use crate::error::{Error, Result};

/// Find similar pictures in your folders, from the terminal.
///
/// Pick a picture as the key; SIMages finds the similar pictures of a dataset: the k nearest, or all within a range.
/// The neural network VGG-16 describes each picture once, by 25,088 numbers, which are stored in the dataset's
/// features.npz.
///
/// Without a command, the screens open: choose a key on the first, see the similar pictures on the second. The commands
/// do the same for scripts.
#[derive(Debug, Parser)]
#[command(version, max_term_width = WIDEST, override_usage = USAGE, after_long_help = TOP)]
pub struct Cli {
    /// Folders of pictures, each a dataset [default: the folders in the datasets directory, or the current folder]
    ///
    /// A picture before the folders becomes the key, and its results are shown at once. A file of pairs written by
    /// simages join is shown at once, too, if the folders that were joined follow it.
    ///
    /// Subfolders are searched too. Folders given here replace the datasets directory, unless that is given as well. If
    /// a folder has the name of a command, write ./index.
    #[arg(value_name = "FOLDER")]
    folders: Vec<PathBuf>,

    #[command(flatten)]
    choices: ScreenChoices,

    /// Print the paths of marked pictures with a NUL after each, for xargs -0
    ///
    /// Quitting the screens with q prints the marked paths, one per line, also to a pipe or a file: simages --print0
    /// ~/Photos >marked. After Ctrl-C, a signal or an error, nothing is printed.
    #[arg(long)]
    print0: bool,

    #[command(flatten)]
    options: GlobalOptions,

    #[command(subcommand)]
    command: Option<Command>,
}

impl Cli {
    /// Reads the program's arguments. An error is the help, if that was asked for, or what is wrong.
    pub fn read() -> std::result::Result<Cli, clap::Error> {
        let mut command = wrapped(Cli::command());
        let mut matches = command.try_get_matches_from_mut(std::env::args_os())?;
        Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
    }

    /// The log file, if one is wanted.
    pub fn log(&self) -> Option<&PathBuf> {
        self.options.log.as_ref()
    }

    /// The number of threads, if given.
    pub fn threads(&self) -> Option<NonZero<usize>> {
        self.options.threads
    }

    /// Turns the arguments into something that can run.
    pub fn resolve(self) -> Result<Box<dyn Run>> {
        match (self.command, self.folders.first()) {
            (Some(_), Some(folder)) => {
                let folder = crate::shown::path(folder);
                let remedy = "folders come after the command (write ./index for a folder called index)";
                Err(Error::Input(format!("{folder}: {remedy}")))
            }
            (Some(_), None) if self.print0 => {
                Err(Error::Input("--print0 works with the screens only, not with commands".into()))
            }
            (Some(_), None) if !self.choices.is_empty() => {
                let remedy = "--metric, --descriptor, --knn and --range must come after the command; before it, they are for the screens";
                Err(Error::Input(remedy.into()))
            }
            (Some(command), None) => command.resolve(&self.options, Cli::command()),
            (None, first) => match screens::resolve(&self.folders, &self.choices, self.print0, &self.options) {
                Ok(screens) => Ok(Box::new(screens)),
                Err(error) => {
                    Err(match first.filter(|first| !first.exists()).and_then(|first| like_a_command(first)) {
                        Some(command) => Error::Input(format!("{error}; did you mean simages {command}?")),
                        None => error,
                    })
                }
            },
        }
    }
}

/// The command whose name is nearly this.
fn like_a_command(typed: &Path) -> Option<String> {
    if typed.extension().is_some() {
        return None;
    }
    let cli = Cli::command();
    let names = cli.get_subcommands().filter(|command| !command.is_hide_set()).map(clap::Command::get_name);
    let alike = names.map(|name| (strsim::jaro_winkler(name, typed.to_str().unwrap_or_default()), name));
    let nearest = alike.filter(|(alike, _)| *alike > 0.85).max_by(|a, b| a.0.total_cmp(&b.0));
    nearest.map(|(_, name)| name.to_owned())
}

const USAGE: &str = "simages [OPTIONS] [KEY] [FOLDER]...\n       simages [OPTIONS] COMMAND ...";

const TOP: &str = "\
Examples:
  simages                        the datasets in ./datasets
  simages ~/Photos ~/Scans       two folders
  simages --datasets ~/Pictures  each folder in ~/Pictures
  simages index ~/Photos         compute descriptors without a screen
  simages query duck.jpg animals --knn 5
  simages duck.jpg ~/Photos      pictures similar to duck.jpg, at once

On the screens, ? lists the keys and q quits.

Files:
  DATASET/features.npz       descriptors; numpy reads them: numpy.load(\"features.npz\")[\"features\"]
  DATASET/features.simages   the same, for fast opening; rebuilt if it is missing or damaged
  ~/.cache/simages           both files for read-only folders, and unfinished joins;
                             or $XDG_CACHE_HOME/simages
  ~/.config/simages/config.toml          your configuration; simages config prints it
  ~/.local/state/simages/settings.toml   the settings last used on the screens

Environment:
  SIMAGES_DATASETS, SIMAGES_WEIGHTS   like --datasets and --weights; the options win
  SIMAGES_LOG                         like --log: a log file, for bug reports
  SIMAGES_CPU                         the instruction set: avx512, avx2, neon, portable or amx;
                                      default: the first that simages doctor lists
  SIMAGES_PLAN                        how joins are computed: plain, norms, channels or values;
                                      results don't change; default: the fastest on a sample

Exit codes:
  0    done; for the screens: left with q, marked paths printed
  1    failed; the message names the file
  2    bad arguments, no dataset, or no terminal for the screens
  130  cancelled (Ctrl-C, SIGTERM or SIGHUP); everything computed so far is kept";

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Cli {
        Cli::try_parse_from([&["simages"], arguments].concat()).unwrap()
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_misspelt_command_is_recognised() {
        let like = |typed: &str| like_a_command(Path::new(typed));
        assert_eq!(like("qurey").as_deref(), Some("query"));
        assert_eq!(like("duplicate").as_deref(), Some("duplicates"));
        assert_eq!([like("Photos"), like("/home/me/query"), like("map.jpg")], [None, None, None]);
    }

    #[test]
    fn folders_and_commands_are_told_apart() {
        assert!(parsed(&["Photos"]).command.is_none());
        assert!(matches!(parsed(&["index"]).command, Some(Command::Index(_))));
        assert_eq!(parsed(&["./index"]).folders, [PathBuf::from("./index")]);
        // After a folder, everything is one.
        assert_eq!(parsed(&["Photos", "index"]).folders.len(), 2);
        // Options may stand on either side of the command.
        for arguments in [["--datasets", "d", "index"], ["index", "--datasets", "d"]] {
            let cli = parsed(&arguments);
            assert!(matches!(cli.command, Some(Command::Index(_))));
            assert_eq!(cli.options.datasets, Some("d".into()));
        }
    }
}
