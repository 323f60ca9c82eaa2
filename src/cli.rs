//! The command line. In: the arguments as typed and some environment variables. Out: a [`Run`] that has all it needs to
//! run. What fails on the way is a bad argument.

use std::num::NonZero;
use std::path::PathBuf;

use clap::{CommandFactory, Parser};

use crate::commands::screens::{self, ScreenChoices};
use crate::commands::{Command, GlobalOptions, Run};
use crate::error::{Error, Result};

/// Join sets of images by similarity, in the terminal.
///
/// A picture is the key; SIMages finds the pictures of a dataset that are like it: the k nearest, or all within a range.
/// Each picture is described by 25,088 numbers of the neural network VGG-16, once, kept in the dataset's features.npz.
///
/// Without a command the screens open: choose a key on the first one, see what is like it on the second. The commands
/// do the same for scripts.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, override_usage = USAGE, after_long_help = TOP)]
pub struct Cli {
    /// Folders of pictures; each is a dataset [default: the folders in the datasets directory, or the current folder]
    ///
    /// A picture before them is the key: what is similar to it is shown at once. A file of pairs that simages join has
    /// written, before the folders that were joined, is shown as well.
    ///
    /// Pictures are found in subfolders too. Folders given here replace the datasets directory, unless that one is
    /// given as well. A folder that is called like a command is given as ./index.
    #[arg(value_name = "FOLDER")]
    folders: Vec<PathBuf>,

    #[command(flatten)]
    choices: ScreenChoices,

    /// Print the paths of marked pictures with a NUL after each, for xargs -0
    ///
    /// Quitting the screens with q prints them, one a line, to a pipe or a file too: simages --print0 ~/Photos >marked. Ctrl-C,
    /// a signal or an error prints none.
    #[arg(long)]
    print0: bool,

    #[command(flatten)]
    options: GlobalOptions,

    #[command(subcommand)]
    command: Option<Command>,
}

impl Cli {
    /// The file that what happens is appended to, if it is wanted.
    pub fn log(&self) -> Option<&PathBuf> {
        self.options.log.as_ref()
    }

    /// Threads that are wanted, if somebody says so.
    pub fn threads(&self) -> Option<NonZero<usize>> {
        self.options.threads
    }

    /// Turns what was typed into what is to be done.
    pub fn resolve(self) -> Result<Box<dyn Run>> {
        match (self.command, self.folders.first()) {
            (Some(_), Some(folder)) => {
                let folder = crate::shown::path(folder);
                let remedy = "folders stand after the command (a folder called index: ./index)";
                Err(Error::Input(format!("{folder}: {remedy}")))
            }
            (Some(_), None) if self.print0 => Err(Error::Input("--print0 is for the screens, not for commands".into())),
            (Some(_), None) if !self.choices.is_empty() => {
                let remedy = "--metric, --descriptor, --knn and --range before a command are for the screens; they stand after it";
                Err(Error::Input(remedy.into()))
            }
            (Some(command), None) => command.resolve(&self.options, Cli::command()),
            (None, _) => Ok(Box::new(screens::resolve(&self.folders, &self.choices, self.print0, &self.options)?)),
        }
    }
}

const USAGE: &str = "simages [OPTIONS] [KEY] [FOLDER]...\n       simages [OPTIONS] COMMAND ...";

const TOP: &str = "\
Examples:
  simages                        the datasets in ./datasets
  simages ~/Photos ~/Scans       these two folders
  simages --datasets ~/Pictures  each folder in ~/Pictures
  simages index ~/Photos         compute descriptors without a screen
  simages query duck.jpg animals --knn 5
  simages duck.jpg ~/Photos      what is similar to a picture, at once

On the screens, ? lists the keys and q quits.

Files:
  DATASET/features.npz       descriptors, for numpy too: numpy.load(\"features.npz\")[\"features\"]
  DATASET/features.simages   the same, to be opened at once; made again whenever it is missing or in doubt
  ~/.cache/simages           both, of read-only folders; $XDG_CACHE_HOME/simages if that is set
  ~/.config/simages/config.toml          a configuration of one's own: simages config prints it
  ~/.local/state/simages/settings.toml   the screens' settings of the last time

Environment:
  SIMAGES_DATASETS, SIMAGES_WEIGHTS   as --datasets and --weights, which go before them
  SIMAGES_LOG                         as --log: a file that tells what happened, for reports of defects
  SIMAGES_CPU                         instructions to compute with: avx512, avx2, neon or portable;
                                      without it the fastest that simages doctor lists
  SIMAGES_PLAN                        how joins are computed: plain, norms or values; the results are the
                                      same; without it a sample tells which is the fastest

Exit codes:
  0    done; the screens: left by q, and what was marked is printed
  1    it failed, and the message names the file
  2    bad arguments, no dataset, or no terminal for the screens
  130  cancelled (Ctrl-C, SIGTERM or SIGHUP); what was computed is kept";

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
