//! The commands: the library without a screen. In: settings from [`crate::config`]. Out: results on stdout, everything
//! else on stderr, and an exit code.

pub mod completions;
pub mod doctor;
pub mod index;
pub mod man;
mod progress;
pub mod query;

use std::io::{self, Write};

/// Says something to the person on stderr. A stderr that is gone is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes a whole result to stdout at once: whoever stops reading early gets what they wanted.
fn print(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}
