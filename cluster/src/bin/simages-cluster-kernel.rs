//! Becomes a kernel that is killed when its worker ends, for whatever reason: `simages-cluster-kernel PARENT PROGRAM
//! ARGS...`
//!
//! A separate program, because the worker's binary takes 6 ms to start, and this one less than 1.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let (Some(parent), Some(program)) = (args.next(), args.next()) else {
        eprintln!("simages-cluster-kernel is started by simages-cluster worker");
        return ExitCode::FAILURE;
    };
    if let Err(error) = end_with(&parent.to_string_lossy()) {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    let error = Command::new(&program).args(args).exec();
    eprintln!("can't run {}: {error}", program.display());
    ExitCode::FAILURE
}

#[cfg(target_os = "linux")]
fn end_with(parent: &str) -> std::io::Result<()> {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};
    set_parent_process_death_signal(Some(Signal::KILL))?;
    match getppid() {
        Some(now) if now.as_raw_nonzero().to_string() == parent => Ok(()),
        _ => Err(std::io::Error::other("the worker is gone")),
    }
}

#[cfg(not(target_os = "linux"))]
fn end_with(_: &str) -> std::io::Result<()> {
    Ok(())
}
