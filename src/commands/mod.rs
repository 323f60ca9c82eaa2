//! The commands, a file for each: the library without screens. Input: arguments as typed. Output: results on stdout,
//! everything else on stderr, and an exit code.
//!
//! A command is first resolved ([`Command::resolve`]), where any failure is a bad argument, and then run ([`Run`]). To
//! add a command, add a file here with its arguments, and a variant of [`Command`].

mod bench;
mod bench_join;
mod clusters;
mod completions;
mod config;
mod datasets;
mod doctor;
mod duplicates;
mod eval;
mod grid;
mod help;
mod html;
mod index;
mod indexed;
mod join;
mod joined_sets;
mod keys;
mod labelled;
mod last_check;
mod made_rows;
mod man;
mod map;
mod new;
mod not_duplicates;
mod on;
mod options;
mod output;
mod pair_output;
mod preview;
mod query;
mod run;
pub mod screens;
mod similar;
mod teller;
#[cfg(test)]
mod tests;
mod words;

use clap::Subcommand;

pub use help::{WIDEST, wrapped};
pub use options::GlobalOptions;
pub use run::Run;

use crate::error::Result;

#[derive(Debug, Subcommand)]
pub enum Command {
    Index(index::IndexArgs),
    Query(query::QueryArgs),
    Join(join::JoinArgs),
    Duplicates(duplicates::DuplicatesArgs),
    NotDuplicates(not_duplicates::NotDuplicatesArgs),
    New(new::NewArgs),
    Map(map::MapArgs),
    Clusters(clusters::ClustersArgs),
    Eval(eval::EvalArgs),
    Grid(grid::GridArgs),
    Config(config::ConfigArgs),
    Doctor(doctor::DoctorArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
    #[command(hide = true)]
    Bench(bench::BenchArgs),
    #[command(hide = true)]
    BenchJoin(bench_join::BenchJoinArgs),
}

impl Command {
    /// `cli` is the definition of the whole command line.
    pub fn resolve(self, options: &GlobalOptions, cli: clap::Command) -> Result<Box<dyn Run>> {
        Ok(match self {
            Command::Index(args) => Box::new(args.resolve(options)?),
            Command::Query(args) => Box::new(args.resolve(options)?),
            Command::Join(args) => Box::new(args.resolve(options)?),
            Command::Duplicates(args) => Box::new(args.resolve(options)?),
            Command::NotDuplicates(args) => Box::new(args.resolve(options)?),
            Command::New(args) => Box::new(args.resolve(options)?),
            Command::Map(args) => Box::new(args.resolve(options)?),
            Command::Clusters(args) => Box::new(args.resolve(options)?),
            Command::Eval(args) => Box::new(args.resolve(options)?),
            Command::Grid(args) => Box::new(args.resolve(options)?),
            Command::Config(args) => Box::new(args.resolve(options)?),
            Command::Doctor(args) => Box::new(args.resolve(options)?),
            Command::Completions(args) => Box::new(args.resolve(cli)),
            Command::Man(args) => Box::new(args.resolve(cli)),
            Command::Bench(args) => Box::new(args.resolve(options)?),
            Command::BenchJoin(args) => Box::new(args.resolve(options)?),
        })
    }
}
