//! Whether there is a terminal to draw screens on, and whether it may be asked questions.

use std::fs::File;
use std::io::IsTerminal;
use std::os::fd::AsFd;

use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;

use crate::error::{Error, Result};

/// The screens need a terminal that does more than print lines.
pub fn check_usable() -> Result<()> {
    if std::env::var("TERM").is_ok_and(|term| term == "dumb") {
        return Err(Error::NoTerminal(" that does more than print lines (TERM is dumb)"));
    }
    let is_ours = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    match is_ours || File::open("/dev/tty").is_ok() {
        true => Ok(()),
        false => Err(Error::NoTerminal("")),
    }
}

/// Whether the process is in the foreground of this terminal: a background process that changes its settings is
/// stopped.
pub fn is_in_foreground(terminal: impl AsFd) -> bool {
    tcgetpgrp(terminal).is_ok_and(|group| group == getpgrp())
}
