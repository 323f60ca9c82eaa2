//! What a command is once its arguments are resolved.

use std::process::ExitCode;

/// Has all it needs to run. What goes wrong from here on is no bad argument.
pub trait Run {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode>;
}
