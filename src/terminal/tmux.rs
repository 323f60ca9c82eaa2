//! tmux: whether we run in it, what it is shown in, and how to reach that terminal.

use std::process::{Command, Stdio};

pub fn inside() -> bool {
    std::env::var_os("TMUX").is_some_and(|v| !v.is_empty())
}

/// Makes tmux hand pictures through to the terminal, in this pane.
pub fn allow_passthrough() {
    let mut tmux = Command::new("tmux");
    let quiet = Stdio::null;
    let _ = tmux.args(["set", "-p", "allow-passthrough", "on"]).stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
}

/// The name of the terminal that tmux is shown in, asked of tmux.
pub fn client() -> Option<String> {
    let output = Command::new("tmux").args(["display-message", "-p", "#{client_termtype}"]).output();
    let name = String::from_utf8(output.ok()?.stdout).ok()?.trim().to_owned();
    (!name.is_empty()).then_some(name)
}

/// `sequence` for the terminal: as tmux hands it on, wrapped and each escape doubled, if that lies between.
pub fn passed_through(sequence: String, in_tmux: bool) -> String {
    match in_tmux {
        true => format!("\x1bPtmux;{}\x1b\\", sequence.replace('\x1b', "\x1b\x1b")),
        false => sequence,
    }
}
