//! Where commands say things: results on stdout, everything else on stderr.

use std::io::{self, Write};
use std::path::Path;

use crate::error::{Error, Result};
use crate::join::export::NewFile;
use crate::shown::ShownOn;
use crate::text::printable;

/// Says something to the person on stderr; names in it are harmless. A stderr that is gone is no reason to stop.
pub fn say(text: &str) {
    for line in text.lines() {
        let _ = writeln!(io::stderr(), "{}", printable(line));
    }
}

/// Asks the person something on stderr; the answer is what was typed, to the end of the line.
pub fn ask(question: &str) -> io::Result<String> {
    let mut stderr = io::stderr();
    write!(stderr, "{}", printable(question))?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

/// Whether a result may be written to `path`. Where a file is in the way, the error says what replaces it.
pub fn may_be_written(path: &Path, force: bool) -> Result<()> {
    NewFile::allowed(path, force).map_err(|error| match error {
        Error::Io { .. } => Error::Input(format!("{error}; --force replaces it")),
        other => other,
    })
}

/// Writes a whole result to stdout at once: whoever stops reading early gets what they wanted. Names in it are harmless where that
/// is a terminal.
pub fn print(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = ShownOn::stdout();
    stdout.write_all(bytes)?;
    stdout.flush()
}
