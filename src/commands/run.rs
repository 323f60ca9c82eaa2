//! A command whose arguments are resolved.

use std::process::ExitCode;

/// A command with everything it needs to run. An error from here on is not a bad argument.
pub trait Run {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode>;
}
