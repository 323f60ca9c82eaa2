//! Parse, resolve, run; and say on stderr what went wrong.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use simages::cli::Cli;
use simages::dataset::apart;
use simages::text::printable;
use simages::{Error, defects, log, signals};

/// Bad arguments, clap's own code for them; no terminal for the screens.
const BAD_ARGUMENTS: u8 = 2;

fn main() -> ExitCode {
    if let Some(code) = apart::run(std::env::args_os()) {
        return code;
    }
    apart::offer();
    defects::report_panics();
    let cli = Cli::parse();
    if let Some(file) = cli.log()
        && let Err(error) = log::to_file(file)
    {
        return fail(&error.into(), BAD_ARGUMENTS);
    }
    let task = match cli.resolve() {
        Ok(task) => task,
        Err(error) => return fail(&error.into(), BAD_ARGUMENTS),
    };
    match task.run() {
        Ok(code) => code,
        // Whoever read our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) if matches!(error.downcast_ref(), Some(Error::Cancelled)) => {
            // What was cancelled did not fail.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(signals::CANCELLED)
        }
        Err(error) if matches!(error.downcast_ref(), Some(Error::NoTerminal(_))) => fail(&error, BAD_ARGUMENTS),
        Err(error) => fail(&error, 1),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let source = match error.downcast_ref() {
        Some(Error::Io { source, .. }) => Some(source),
        _ => error.downcast_ref::<std::io::Error>(),
    };
    source.is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

fn fail(error: &anyhow::Error, code: u8) -> ExitCode {
    tracing::error!(%error, "ended");
    let _ = writeln!(std::io::stderr(), "error: {}", printable(&error.to_string()));
    ExitCode::from(code)
}
