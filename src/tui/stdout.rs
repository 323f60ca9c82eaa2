//! Stdout and stdin if they aren't the terminal: marked paths go to stdout at the end, and keys may come from stdin.
//! The screens use the terminal itself.

use std::fs::File;
use std::io::{self, IsTerminal, Write};

use crate::shown::ShownOn;

/// The process's original stdout. While the screens run, the process's stdout is the terminal.
pub struct Stdout {
    /// A pipe or a file, if that is what it was.
    elsewhere: Option<File>,
    /// Otherwise.
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

/// Replaces stdout by the terminal, and returns the original.
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

/// The original stdin if it isn't the terminal, which replaces it. An error if there is no terminal.
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
