//! Where commands say things: results on stdout, everything else on stderr.

use std::io::{self, Write};

use crate::text::printable;

/// Says something to the person on stderr; names in it are harmless. A stderr that is gone is no reason to stop.
pub fn say(text: &str) {
    for line in text.lines() {
        let _ = writeln!(io::stderr(), "{}", printable(line));
    }
}

/// Writes a whole result to stdout at once: whoever stops reading early gets what they wanted.
pub fn print(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}
