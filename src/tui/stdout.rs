//! Stdout and stdin where they aren't the terminal, while the screens have that: what is printed at the end goes to the one, and
//! keys may come from the other.

use std::fs::File;
use std::io::{self, IsTerminal, Write};

use crate::shown::ShownOn;

/// The process' stdout as it was at the start. What the program draws goes to its stdout, which is the terminal from then on.
pub struct Stdout {
    /// A pipe or a file, if that is what it was.
    elsewhere: Option<File>,
    /// Else.
    terminal: ShownOn<io::Stdout>,
}

impl Stdout {
    /// An error if there is no terminal to draw on.
    pub fn for_marks() -> io::Result<Stdout> {
        let elsewhere = match io::stdout().is_terminal() {
            true => None,
            false => Some(set_aside()?),
        };
        Ok(Stdout { elsewhere, terminal: ShownOn::stdout() })
    }
}

/// Puts the terminal in the place of stdout, and returns what was there.
#[cfg(unix)]
fn set_aside() -> io::Result<File> {
    let terminal = File::options().read(true).write(true).open("/dev/tty")?;
    let elsewhere = rustix::io::dup(io::stdout())?;
    rustix::stdio::dup2_stdout(terminal)?;
    Ok(elsewhere.into())
}

#[cfg(not(unix))]
fn set_aside() -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What stdin was, if it isn't the terminal, which takes its place. An error if there is no terminal.
pub fn stdin_for_keys() -> io::Result<Option<File>> {
    match io::stdin().is_terminal() {
        true => Ok(None),
        false => set_stdin_aside().map(Some),
    }
}

#[cfg(unix)]
fn set_stdin_aside() -> io::Result<File> {
    let terminal = File::options().read(true).write(true).open("/dev/tty")?;
    let elsewhere = rustix::io::dup(io::stdin())?;
    rustix::stdio::dup2_stdin(terminal)?;
    Ok(elsewhere.into())
}

#[cfg(not(unix))]
fn set_stdin_aside() -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.elsewhere {
            Some(file) => file.write(bytes),
            None => self.terminal.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.elsewhere {
            Some(file) => file.flush(),
            None => self.terminal.flush(),
        }
    }
}
