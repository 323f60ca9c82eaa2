//! The commands: the library without a screen. In: settings from [`crate::config`]. Out: results on stdout, everything
//! else on stderr, and an exit code.

pub mod bench;
pub mod bench_join;
pub mod completions;
pub mod doctor;
pub mod eval;
pub mod index;
mod indexed;
pub mod join;
mod joining;
pub mod man;
mod progress;
pub mod query;

use std::io::{self, Write};

use crate::text::printable;

/// Says something to the person on stderr; names in it are harmless. A stderr that is gone is no reason to stop.
fn say(text: &str) {
    for line in text.lines() {
        let _ = writeln!(io::stderr(), "{}", printable(line));
    }
}

/// Writes a whole result to stdout at once: whoever stops reading early gets what they wanted.
fn print(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}
