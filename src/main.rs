//! Parse, resolve, run; and say on stderr what went wrong.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use simages::cli::Cli;
use simages::config::{self, Task};
use simages::dataset::decode;
use simages::text::printable;
use simages::{Error, commands, signals, tui};

/// Bad arguments, clap's own code for them.
const BAD_ARGUMENTS: u8 = 2;

fn main() -> ExitCode {
    keep_quiet_about_caught_panics();
    let task = match config::resolve(Cli::parse()) {
        Ok(task) => task,
        Err(error) => return fail(&error.into(), BAD_ARGUMENTS),
    };
    match run(task) {
        Ok(code) => code,
        // Whoever read our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) if matches!(error.downcast_ref(), Some(Error::Cancelled)) => {
            // What was cancelled did not fail.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(signals::CANCELLED)
        }
        Err(error) => fail(&error, 1),
    }
}

fn run(task: Task) -> anyhow::Result<ExitCode> {
    match task {
        Task::Screens(screens) => tui::run(screens).map(|()| ExitCode::SUCCESS),
        Task::Index(index) => commands::index::run(index),
        Task::Query(query) => commands::query::run(query),
        Task::Join(join) => commands::join::run(join),
        Task::Doctor(doctor) => commands::doctor::run(doctor),
        Task::Completions(shell) => commands::completions::run(shell),
        Task::Man => commands::man::run(),
        Task::Bench(bench) => commands::bench::run(bench),
        Task::BenchJoin(bench) => commands::bench_join::run(bench),
    }
}

/// A decoder that panics is its picture's error, which is told as such.
fn keep_quiet_about_caught_panics() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !decode::is_decoding() {
            told(panic);
        }
    }));
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let source = match error.downcast_ref() {
        Some(Error::Io { source, .. }) => Some(source),
        _ => error.downcast_ref::<std::io::Error>(),
    };
    source.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

fn fail(error: &anyhow::Error, code: u8) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "error: {}", printable(&error.to_string()));
    ExitCode::from(code)
}
