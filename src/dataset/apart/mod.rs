//! Pictures that are decoded by a process of their own: the program starts itself again, only to decode one. What is given
//! up is ended, and its memory is back; and it can't take more memory or processor time than it may, whatever its decoder does.
//!
//! The thread that would decode a picture takes its rows from a pipe instead ([`Apart`]). A program that hasn't said that it
//! can be started so ([`offer`]), or can't be started, decodes in that thread.

mod parent;
#[cfg(unix)]
mod process;
mod wire;

pub use parent::{Apart, offer};
#[cfg(unix)]
pub use process::run;

/// No process is started so.
#[cfg(not(unix))]
pub fn run(_: impl Iterator<Item = std::ffi::OsString>) -> Option<std::process::ExitCode> {
    None
}
