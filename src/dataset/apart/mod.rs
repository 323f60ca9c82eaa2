//! Decodes pictures in processes of their own: the program starts itself again to decode a single picture. A decoder
//! given up is killed, which returns its memory. And it can't use more memory or processor time than allowed, whatever
//! it does.
//!
//! The thread that would decode a picture reads its rows from a pipe instead ([`Apart`]). A program that hasn't agreed
//! to be started this way ([`offer`]), or can't be started, decodes in the thread.

mod parent;
#[cfg(unix)]
mod process;
mod wire;

pub use parent::{Apart, offer};
#[cfg(unix)]
pub use process::run;

/// Processes aren't started on this system.
#[cfg(not(unix))]
pub fn run(_: impl Iterator<Item = std::ffi::OsString>) -> Option<std::process::ExitCode> {
    None
}
