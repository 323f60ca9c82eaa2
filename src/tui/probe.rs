//! What the terminal can show: what is asked, what it answers, and what follows from that, all here.
//!
//! Environment variables don't cross SSH, and several terminals answer kitty's query without the placeholders that we
//! need, so the terminal is asked for its name (XTVERSION). Every question is followed by one that all terminals answer
//! (`CSI 5 n`), so that silence is noticed.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tempfile::TempPath;

use super::pictures::shared;
use super::tmux;
use crate::config::Protocol;

/// A terminal that has not answered by then won't.
const PATIENCE: Duration = Duration::from_secs(2);
/// The first kitty that has image placeholders.
const KITTY_WITH_PLACEHOLDERS: (u32, u32) = (0, 28);
/// Terminals that show pictures by iTerm2's protocol better than by any other they have.
const ITERM2: [&str; 4] = ["iterm2", "wezterm", "mintty", "rio"];

/// How pictures are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Graphics {
    Kitty,
    Sixel,
    Iterm2,
    #[default]
    HalfBlocks,
}

impl Graphics {
    pub fn name(self) -> &'static str {
        match self {
            Graphics::Kitty => "kitty",
            Graphics::Sixel => "sixel",
            Graphics::Iterm2 => "iTerm2",
            Graphics::HalfBlocks => "half blocks",
        }
    }
}

/// What is known of the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    pub graphics: Graphics,
    /// Why these.
    pub reason: String,
    /// A cell's width and height in pixels.
    pub cell: (u16, u16),
    /// Inside tmux: what is meant for the terminal goes through its passthrough.
    pub tmux: bool,
    /// At the far end of a line: bytes count.
    pub remote: bool,
    /// It can read files that we write, and knows kitty's graphics.
    pub reads_files: bool,
    /// It answers when asked for its name, each time: so we can know how far it has come.
    pub answers: bool,
}

impl Default for Terminal {
    fn default() -> Self {
        // The usual proportions; exact sizes matter only to pictures made of pixels.
        Terminal {
            graphics: Graphics::HalfBlocks,
            reason: "not asked yet".into(),
            cell: (10, 20),
            tmux: false,
            remote: false,
            reads_files: false,
            answers: false,
        }
    }
}

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

fn cell(width: u16, height: u16) -> Option<(u16, u16)> {
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

/// What to draw pictures with, from what was asked for on the command line and what the terminal answered.
pub fn decide(wanted: Protocol, answers: &Answers, tmux: bool) -> Terminal {
    let cell = answers.cell.or_else(cell_by_ioctl);
    let (graphics, reason) = match wanted {
        Protocol::Kitty => (Graphics::Kitty, "--protocol".into()),
        Protocol::Sixel => (Graphics::Sixel, "--protocol".into()),
        Protocol::Iterm2 => (Graphics::Iterm2, "--protocol".into()),
        Protocol::Halfblocks => (Graphics::HalfBlocks, "--protocol".into()),
        Protocol::Auto => best(answers, cell.is_some()),
    };
    Terminal {
        graphics,
        reason,
        cell: cell.unwrap_or(Terminal::default().cell),
        tmux,
        remote: over_ssh(),
        reads_files: answers.files,
        // tmux answers itself, and first of all.
        answers: answers.version.is_some() && !tmux,
    }
}

/// Whether the terminal is at the far end of an SSH connection.
pub fn over_ssh() -> bool {
    std::env::var_os("SSH_CONNECTION").is_some()
}

/// The table from answers to protocol.
fn best(answers: &Answers, cell_known: bool) -> (Graphics, String) {
    let Some(version) = answers.version.as_deref() else {
        return match () {
            _ if answers.sixel && cell_known => (Graphics::Sixel, "it lists sixel, and tells no name".into()),
            _ if !answers.complete => (Graphics::HalfBlocks, "it did not answer".into()),
            _ => (Graphics::HalfBlocks, "it tells no name and lists no sixel".into()),
        };
    };
    let name = version.to_lowercase();
    let is = |prefix: &str| name.starts_with(prefix);
    if is("kitty") && answers.kitty && number(&name) >= KITTY_WITH_PLACEHOLDERS || is("ghostty") && answers.kitty {
        return (Graphics::Kitty, format!("{version} has image placeholders"));
    }
    if ITERM2.iter().any(|n| is(n)) && cell_known {
        return (Graphics::Iterm2, format!("{version} shows these best"));
    }
    if is("konsole") {
        return (Graphics::HalfBlocks, format!("{version} has no placeholders, and its sixel is buggy"));
    }
    if answers.sixel && cell_known {
        return (Graphics::Sixel, format!("{version} lists sixel"));
    }
    (Graphics::HalfBlocks, format!("{version} has neither kitty's placeholders nor sixel"))
}

/// Major and minor version in a name such as `kitty(0.41.1)`.
fn number(name: &str) -> (u32, u32) {
    let digits = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut parts = digits.split(|c: char| !c.is_ascii_digit()).map(|p| p.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

fn cell_by_ioctl() -> Option<(u16, u16)> {
    let size = crossterm::terminal::window_size().ok()?;
    cell(size.width.checked_div(size.columns)?, size.height.checked_div(size.rows)?)
}

/// Completes what a terminal inside tmux can't be asked through it.
pub fn ask_tmux(answers: &mut Answers) {
    let inside = answers.version.as_deref().is_none_or(|v| v.to_lowercase().starts_with("tmux"));
    if !inside {
        return;
    }
    answers.version = tmux::client();
    let name = answers.version.as_deref().unwrap_or_default().to_lowercase();
    answers.sixel |= ["xterm(", "foot", "mlterm"].iter().any(|n| name.starts_with(n));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(sent: &str) -> Graphics {
        let (answers, rest) = parse(sent.as_bytes());
        assert_eq!(rest, b"", "{sent:?}");
        decide(Protocol::Auto, &answers, false).graphics
    }

    #[test]
    fn each_terminal_gets_what_it_shows_best() {
        let kitty_ok = "\x1b_Gi=31;OK\x1b\\";
        let cell = "\x1b[6;20;10t";
        for (name, sent, expected) in [
            ("kitty", format!("\x1bP>|kitty(0.41.1)\x1b\\{kitty_ok}\x1b[?62;c{cell}\x1b[0n"), Graphics::Kitty),
            ("old kitty", format!("\x1bP>|kitty(0.26.5)\x1b\\{kitty_ok}\x1b[?62;c{cell}\x1b[0n"), Graphics::HalfBlocks),
            ("ghostty", format!("\x1bP>|ghostty 1.0.1\x1b\\{kitty_ok}\x1b[?62;22c{cell}\x1b[0n"), Graphics::Kitty),
            (
                "Konsole",
                format!("\x1bP>|Konsole 22.12.3\x1b\\{kitty_ok}\x1b[?62;1;4c{cell}\x1b[0n"),
                Graphics::HalfBlocks,
            ),
            ("WezTerm", format!("\x1bP>|WezTerm 20240203\x1b\\{kitty_ok}\x1b[?65;4;6c{cell}\x1b[0n"), Graphics::Iterm2),
            ("xterm", format!("\x1bP>|XTerm(379)\x1b\\\x1b[?63;1;2;4;6c{cell}\x1b[0n"), Graphics::Sixel),
            ("mlterm", format!("\x1b[?63;1;2;3;4;7;29c{cell}\x1b[0n"), Graphics::Sixel),
            ("foot", format!("\x1bP>|foot(1.13.1)\x1b\\\x1b[?62;4;22c{cell}\x1b[0n"), Graphics::Sixel),
            ("plain", "\x1b[?1;2c\x1b[0n".into(), Graphics::HalfBlocks),
            ("silent", String::new(), Graphics::HalfBlocks),
        ] {
            assert_eq!(decided(&sent), expected, "{name}");
        }
    }

    #[test]
    fn what_the_user_asks_for_is_taken() {
        let forced = decide(Protocol::Sixel, &Answers::default(), false);
        assert_eq!((forced.graphics, forced.reason.as_str()), (Graphics::Sixel, "--protocol"));
    }

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
