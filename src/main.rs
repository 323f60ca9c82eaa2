//! Parses the arguments, resolves them, runs the command, and reports errors on stderr.

use std::io::Write;
use std::process::ExitCode;

use simages::cli::Cli;
use simages::dataset::apart;
use simages::limits::Limit;
use simages::text::printable;
use simages::{Error, defects, limits, log, signals};

/// Bad arguments (clap's own code), or no terminal for the screens.
const BAD_ARGUMENTS: u8 = 2;

#[global_allocator]
static MEMORY: limits::Allocator = limits::Allocator;

fn main() -> ExitCode {
    limits::with_room(begin)
}

fn begin() -> ExitCode {
    if let Some(code) = apart::run(std::env::args_os()) {
        return code;
    }
    apart::offer();
    limits::prepare();
    signals::ignore_file_size();
    defects::report_panics();
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return told(&error),
    };
    if let Some(file) = cli.log()
        && let Err(error) = log::to_file(file)
    {
        return fail(&error.into(), BAD_ARGUMENTS);
    }
    let threads = cli.threads();
    let task = match cli.resolve() {
        Ok(task) => task,
        Err(error) => return fail(&error.into(), BAD_ARGUMENTS),
    };
    if let Some(fewer) = limits::share(threads) {
        let _ = writeln!(std::io::stderr(), "note: {fewer}");
    }
    if let Err(limit) = limits::begin() {
        return fail(&limit.into(), 1);
    }
    match task.run() {
        Ok(code) => code,
        // Whoever reads our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) if matches!(error.downcast_ref(), Some(Error::Cancelled)) => {
            // Being cancelled is not a failure.
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(signals::CANCELLED)
        }
        Err(error) if matches!(error.downcast_ref(), Some(Error::NoTerminal(_))) => fail(&error, BAD_ARGUMENTS),
        Err(error) => fail(&error, 1),
    }
}

/// Prints the help, or what is wrong with the arguments. They appear in the message as typed, so they are escaped.
fn told(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        error.exit();
    }
    for line in error.render().to_string().lines() {
        let _ = writeln!(std::io::stderr(), "{}", printable(line));
    }
    ExitCode::from(BAD_ARGUMENTS)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let source = match error.downcast_ref() {
        Some(Error::Io { source, .. }) => Some(source),
        _ => error.downcast_ref::<std::io::Error>(),
    };
    let is_one = |e: &std::io::Error| e.kind() == std::io::ErrorKind::BrokenPipe;
    // The CSV writer wraps the error once more.
    let of_csv = source.and_then(|e| e.get_ref()?.downcast_ref()).map(csv::Error::kind);
    source.is_some_and(is_one) || matches!(of_csv, Some(csv::ErrorKind::Io(e)) if is_one(e))
}

fn fail(error: &anyhow::Error, code: u8) -> ExitCode {
    tracing::error!(%error, "ended");
    let limit = error.chain().find_map(|cause| match cause.downcast_ref() {
        Some(Error::Limit(limit)) => Some(*limit),
        _ => Limit::behind(cause),
    });
    let text = limit.map_or_else(|| in_words(error), |limit| limit.to_string());
    let _ = writeln!(std::io::stderr(), "error: {}", printable(&text));
    ExitCode::from(code)
}

/// The error and its causes, leaving out what the text already says.
fn in_words(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.downcast_ref().map_or_else(|| cause.to_string(), simages::error::in_words);
        if !text.contains(&cause) {
            text += &format!(": {cause}");
        }
    }
    text
}
