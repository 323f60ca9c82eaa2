//! What the terminal can show: what is asked, and what it answers.
//!
//! Environment variables don't cross SSH, and several terminals answer kitty's query without the placeholders that we
//! need, so the terminal is asked for its name (XTVERSION). Every question is followed by one that all terminals answer
//! (`CSI 5 n`), so that silence is noticed.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tempfile::TempPath;

use super::{shared, tmux};

/// A terminal that has not answered by then won't.
const PATIENCE: Duration = Duration::from_secs(2);
/// What the terminal said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// Name and version, as XTVERSION gives them.
    pub version: Option<String>,
    /// It accepts kitty's graphics.
    pub kitty: bool,
    /// It reads kitty's graphics from files that we write.
    pub files: bool,
    /// It lists sixel among its device attributes.
    pub sixel: bool,
    /// A cell's width and height in pixels.
    pub cell: Option<(u16, u16)>,
    /// It answered the last question: nothing more will come.
    pub complete: bool,
}

impl Answers {
    /// Whether its name begins like this, in lower case.
    pub fn is_called(&self, name: &str) -> bool {
        self.version.as_deref().is_some_and(|version| version.to_lowercase().starts_with(name))
    }
}

/// Asks for the terminal's name, and may be asked at any time.
pub const NAME: &str = "\x1b[>q";

/// The bytes that ask: name, kitty's graphics and whether it reads `file` (of three bytes), device attributes, cell
/// size, and the question that ends it.
pub fn question(in_tmux: bool, file: Option<&Path>) -> String {
    let graphics = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\";
    let file = file.map(|f| format!("\x1b_Gi=32,s=1,v=1,a=q,t=t,f=24;{}\x1b\\", shared::named(f)));
    let file = file.unwrap_or_default();
    tmux::passed_through(format!("{NAME}{graphics}{file}\x1b[c\x1b[16t\x1b[5n"), in_tmux)
}

/// A file that the terminal may prove it can read.
pub fn proof() -> Option<TempPath> {
    shared::file(&[0; 3]).ok()
}

/// Reads answers from the terminal until the last one has come, or patience ends. Also returns what else was read:
/// keys pressed meanwhile.
pub fn answers() -> (Answers, Vec<u8>) {
    let deadline = Instant::now() + PATIENCE;
    let mut bytes = Vec::new();
    let mut answers = Answers::default();
    let mut rest = Vec::new();
    let tty = std::fs::File::open("/dev/tty");
    let Ok(tty) = tty else { return (answers, rest) };
    while !answers.complete {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        let mut fds = [PollFd::new(&tty, PollFlags::IN)];
        match poll(&mut fds, Some(&timeout)) {
            Ok(n) if n > 0 => {}
            Err(rustix::io::Errno::INTR) => continue,
            _ => break,
        }
        let mut buffer = [0; 1024];
        match rustix::io::read(&tty, &mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(n) => bytes.extend_from_slice(&buffer[..n]),
        }
        (answers, rest) = parse(&bytes);
    }
    (answers, rest)
}

/// Asks the terminal that the process runs in, outside the screens. None where there is none.
pub fn ask_now() -> Option<Answers> {
    use std::io::Write;
    let mut tty = std::fs::OpenOptions::new().write(true).open("/dev/tty").ok()?;
    let in_tmux = tmux::inside();
    if in_tmux {
        tmux::allow_passthrough();
    }
    // Else the answers would be shown, and wait for a line's end.
    crossterm::terminal::enable_raw_mode().ok()?;
    let proof = proof();
    let asked = tty.write_all(question(in_tmux, proof.as_deref()).as_bytes());
    let mut answers = asked.map(|()| answers().0).unwrap_or_default();
    let _ = crossterm::terminal::disable_raw_mode();
    if in_tmux {
        ask_tmux(&mut answers);
    }
    Some(answers)
}

/// Splits what the terminal sent into its answers and the rest.
pub fn parse(bytes: &[u8]) -> (Answers, Vec<u8>) {
    let mut answers = Answers::default();
    let mut rest = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let tail = &bytes[at..];
        let length = sequence(tail);
        let body = &tail[..length];
        at += length;
        let text = String::from_utf8_lossy(body);
        if let Some(version) = text.strip_prefix("\x1bP>|") {
            answers.version = Some(version.trim_end_matches(['\x1b', '\\']).to_owned());
        } else if text.starts_with("\x1b_G") {
            answers.kitty |= text.contains("i=31;OK");
            answers.files |= text.contains("i=32;OK");
        } else if let Some(attributes) = text.strip_prefix("\x1b[?").and_then(|t| t.strip_suffix('c')) {
            answers.sixel = attributes.split(';').skip(1).any(|a| a == "4");
        } else if let Some(size) = text.strip_prefix("\x1b[6;").and_then(|t| t.strip_suffix('t')) {
            answers.cell = size.split_once(';').and_then(|(h, w)| cell(w.parse().ok()?, h.parse().ok()?));
        } else if text == "\x1b[0n" || text == "\x1b[3n" {
            answers.complete = true;
        } else {
            rest.extend_from_slice(body);
        }
    }
    (answers, rest)
}

/// A cell's size in pixels, if it has one.
pub fn cell(width: u16, height: u16) -> Option<(u16, u16)> {
    (width > 0 && height > 0).then_some((width, height))
}

/// Length of the control sequence, or of the single byte, that `bytes` (not empty) begins with.
fn sequence(bytes: &[u8]) -> usize {
    let end = match bytes {
        [0x1b, b'[', parameters @ ..] => parameters.iter().position(|b| (0x40..=0x7e).contains(b)).map(|i| i + 3),
        [0x1b, b'P' | b'_' | b']', text @ ..] => text.windows(2).position(|w| w == b"\x1b\\").map(|i| i + 4),
        _ => Some(1),
    };
    end.unwrap_or(bytes.len())
}

/// Completes what a terminal inside tmux can't be asked through it.
pub fn ask_tmux(answers: &mut Answers) {
    if answers.version.is_some() && !answers.is_called("tmux") {
        return;
    }
    answers.version = tmux::client();
    answers.sixel |= ["xterm(", "foot", "mlterm"].iter().any(|name| answers.is_called(name));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_pressed_meanwhile_are_not_lost() {
        let (answers, rest) = parse(b"j\x1b[?62;4cl\r\x1b[B\x1b[0nq");
        assert!(answers.sixel && answers.complete);
        assert_eq!(rest, b"jl\r\x1b[Bq");
    }

    #[test]
    fn any_bytes_are_parsed() {
        let sent = b"\x1bP>|kitty(0.41.1)\x1b\\\x1b_Gi=31;OK\x1b\\\x1b[?62;c";
        for cut in 0..=sent.len() {
            parse(&sent[..cut]);
            parse(&sent[cut..]);
        }
        assert_eq!(parse(b"\x1b[6;0;0t").0.cell, None);
    }
}
