//! Arguments as they are typed, and folders to type, for the tests of commands.

use clap::{Args, Parser};
use tempfile::TempDir;

use super::options::GlobalOptions;

/// A datasets directory with animals and garden, and a folder beside it.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Place {
        let place = tempfile::tempdir().unwrap();
        for folder in ["datasets/animals", "datasets/garden", "photos"] {
            std::fs::create_dir_all(place.path().join(folder)).unwrap();
        }
        Place(place)
    }

    /// The path of something in it.
    pub fn at(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }
}

#[derive(Parser)]
struct CommandLine<A: Args> {
    #[command(flatten)]
    args: A,
    #[command(flatten)]
    options: GlobalOptions,
}

/// The arguments parsed from the words typed after a command.
pub fn parsed<A: Args>(typed: &[&str]) -> (A, GlobalOptions) {
    let CommandLine { args, options } = CommandLine::try_parse_from([&["simages"], typed].concat()).unwrap();
    (args, options)
}
