//! Output of commands: results on stdout, everything else on stderr.

use std::io::{self, Write};
use std::path::Path;

use crate::error::{Error, Result};
use crate::join::export::NewFile;
use crate::marks::Separator;
use crate::shown::ShownOn;
use crate::text::printable;

/// Prints a message on stderr, with names in it escaped. If stderr is gone, carries on.
pub fn say(text: &str) {
    for line in text.lines() {
        let _ = writeln!(io::stderr(), "{}", printable(line));
    }
}

/// Asks a question on stderr and returns the line typed.
pub fn ask(question: &str) -> io::Result<String> {
    let mut stderr = io::stderr();
    write!(stderr, "{}", printable(question))?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}

/// The separator after each path printed. `--print0` is only for paths.
pub fn path_separator(print0: bool, prints_paths: bool) -> Result<Separator> {
    match (print0, prints_paths) {
        (true, false) => Err(Error::Input("--print0 needs --format paths".into())),
        (true, true) => Ok(Separator::Null),
        (false, _) => Ok(Separator::Line),
    }
}

/// Whether a result may be written to `path`. If a file exists there, the error names the option that replaces it.
pub fn may_be_written(path: &Path, force: bool) -> Result<()> {
    NewFile::allowed(path, force).map_err(|error| match error {
        Error::Io { .. } => Error::Input(format!("{error}; --force replaces it")),
        other => other,
    })
}

/// Writes a complete result to stdout in one go; a reader that stops early is not an error. On a terminal, names in it
/// are escaped.
pub fn print(bytes: &[u8]) -> Result<()> {
    let mut stdout = ShownOn::stdout();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(Error::io("stdout"))
}
