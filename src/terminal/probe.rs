//! What the terminal can show: what is asked, and what it answers.
//!
//! Environment variables don't cross SSH, and several terminals answer kitty's query without the placeholders that we
//! need, so the terminal is asked for its name (XTVERSION). Every question is followed by one that all terminals answer
//! (`CSI 5 n`), so that silence is noticed.

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tempfile::TempPath;

use super::colours::Colours;
use super::questions::{LAST, PATIENCE};
use super::stream::Stream;
use super::{gnu_screen, is_in_foreground, shared, tmux};

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
    /// It knows colours of 24 bits: it says so, or told one that it was just given.
    pub true_colour: bool,
    /// A cell's width and height in pixels.
    pub cell: Option<(u16, u16)>,
    /// Colours that all terminals have that show our tmux session.
    pub tmux_colours: Option<Colours>,
    /// It answered the last question: nothing more will come.
    pub complete: bool,
}

/// What an answer was to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    Name,
    /// The question that ends each.
    Last,
    Other,
}

impl Answers {
    /// Whether its name begins like this, in lower case.
    pub fn is_called(&self, name: &str) -> bool {
        self.version.as_deref().is_some_and(|version| version.to_lowercase().starts_with(name))
    }

    /// Takes a sequence, if it is an answer.
    pub fn take(&mut self, sequence: &[u8]) -> Option<Answered> {
        let text = String::from_utf8_lossy(sequence);
        if let Some(version) = text.strip_prefix("\x1bP>|") {
            self.version = Some(version.trim_end_matches(['\x1b', '\\']).to_owned());
            return Some(Answered::Name);
        }
        let csi = text.strip_prefix("\x1b[").unwrap_or_default();
        if let Some(colours) = text.strip_prefix("\x1bP1") {
            let set = colours.strip_prefix("$r").is_some_and(shows_colour);
            self.true_colour |= set || colours.to_lowercase().starts_with(TERMCAP_RGB_ANSWER);
        } else if text.starts_with("\x1b_G") {
            self.kitty |= text.contains("i=31;OK");
            self.files |= text.contains("i=32;OK");
        } else if let Some(attributes) = csi.strip_prefix('?').and_then(|t| t.strip_suffix('c')) {
            self.sixel = attributes.split(';').skip(1).any(|a| a == "4");
        } else if let Some(size) = csi.strip_prefix("6;").and_then(|t| t.strip_suffix('t')) {
            self.cell = size.split_once(';').and_then(|(h, w)| cell(w.parse().ok()?, h.parse().ok()?));
        } else if csi == "0n" || csi == "3n" {
            self.complete = true;
            return Some(Answered::Last);
        } else if !is_text(sequence) {
            return None;
        }
        Some(Answered::Other)
    }
}

/// DCS, APC and OSC: no key sends these.
fn is_text(sequence: &[u8]) -> bool {
    matches!(sequence, [0x1b, b'P' | b'_' | b']', _, ..])
}

/// Asks for the terminal's name, and may be asked at any time.
pub const NAME: &str = "\x1b[>q";
/// Whether it has the capability RGB (XTGETTCAP), and the beginning of the answer if it has.
const TERMCAP_RGB: &str = "\x1bP+q524742\x1b\\";
const TERMCAP_RGB_ANSWER: &str = "+r524742";
/// Sets a colour, asks what is set (DECRQSS), and takes it back. Taken one by one the numbers do no harm.
const COLOUR: &str = "\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m";

/// Whether what is told to be set is [`COLOUR`]: terminals write it in several ways.
fn shows_colour(told: &str) -> bool {
    let is_number = |part: &&str| !part.is_empty();
    let numbers: Vec<_> = told.split(|c: char| !c.is_ascii_digit()).filter(is_number).collect();
    numbers.windows(5).any(|five| five == ["48", "2", "1", "2", "3"])
}

/// The bytes that ask: name, colours, kitty's graphics and whether it reads `file` (of three bytes), device attributes, cell
/// size, and the question that ends it.
pub fn question(in_tmux: bool, file: Option<&Path>) -> String {
    if gnu_screen::inside() {
        return format!("\x1b[c\x1b[16t{LAST}");
    }
    let graphics = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\";
    let file = file.map(|f| format!("\x1b_Gi=32,s=1,v=1,a=q,t=t,f=24;{}\x1b\\", shared::named(f)));
    let file = file.unwrap_or_default();
    // tmux must know what colours are set, and knows itself which there are.
    let colours = if in_tmux { String::new() } else { format!("{TERMCAP_RGB}{COLOUR}") };
    tmux::passed_through(format!("{NAME}{colours}{graphics}{file}\x1b[c\x1b[16t{LAST}"), in_tmux)
}

/// A file that the terminal may prove it can read.
pub fn proof() -> Option<TempPath> {
    if gnu_screen::inside() { None } else { shared::file(&[0; 3]).ok() }
}

/// Why the terminal was not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    #[error("this is not a terminal")]
    NoTerminal,
    #[error("in the background")]
    InBackground,
}

/// Asks the terminal that the process runs in, outside the screens.
pub fn ask_now() -> Result<Answers, NotAsked> {
    use std::io::Write;
    let mut tty = File::options().read(true).write(true).open("/dev/tty").map_err(|_| NotAsked::NoTerminal)?;
    if !is_in_foreground(&tty) {
        return Err(NotAsked::InBackground);
    }
    let in_tmux = tmux::inside();
    if in_tmux {
        tmux::allow_passthrough();
    }
    // Else the answers would be shown, and wait for a line's end.
    crossterm::terminal::enable_raw_mode().map_err(|_| NotAsked::NoTerminal)?;
    let proof = proof();
    let asked = tty.write_all(question(in_tmux, proof.as_deref()).as_bytes());
    let mut answers = asked.map(|()| answers(&tty)).unwrap_or_default();
    let _ = crossterm::terminal::disable_raw_mode();
    if in_tmux {
        ask_tmux(&mut answers);
    }
    Ok(answers)
}

/// Reads answers until the last one has come, or patience ends.
fn answers(tty: &File) -> Answers {
    let deadline = Instant::now() + PATIENCE;
    let (mut answers, mut stream) = (Answers::default(), Stream::default());
    while !answers.complete {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) };
        let mut fds = [PollFd::new(tty, PollFlags::IN)];
        match poll(&mut fds, Some(&timeout)) {
            Ok(n) if n > 0 => {}
            Err(rustix::io::Errno::INTR) => continue,
            _ => break,
        }
        let mut buffer = [0; 1024];
        match rustix::io::read(tty, &mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(n) => stream.push(&buffer[..n]),
        }
        while let Some(sequence) = stream.next() {
            answers.take(&sequence);
        }
    }
    answers
}

/// A cell's size in pixels, if it has one.
pub fn cell(width: u16, height: u16) -> Option<(u16, u16)> {
    (width > 0 && height > 0).then_some((width, height))
}

/// Completes what a terminal inside tmux can't be asked through it. Where terminals of several kinds show the session, what
/// one of them can show is not for the others.
pub fn ask_tmux(answers: &mut Answers) {
    let clients = tmux::clients();
    answers.tmux_colours = clients.iter().map(|client| client.colours).max_by_key(|colours| *colours as u8);
    let names: std::collections::BTreeSet<_> = clients.iter().map(|client| client.name.clone()).collect();
    if names.len() > 1 {
        (answers.kitty, answers.sixel, answers.files) = (false, false, false);
        answers.version = Some("tmux, shown in terminals of several kinds,".into());
    } else if answers.version.is_none() || answers.is_called("tmux") {
        answers.version = names.into_iter().next().flatten();
        answers.sixel |= ["xterm(", "foot", "mlterm"].iter().any(|name| answers.is_called(name));
    }
}

/// Splits what the terminal sent into its answers and the rest.
#[cfg(test)]
pub fn parse(bytes: &[u8]) -> (Answers, Vec<Vec<u8>>) {
    let (mut answers, mut stream) = (Answers::default(), Stream::default());
    stream.push(bytes);
    let sequences = std::iter::from_fn(|| stream.next());
    let rest = sequences.filter(|sequence| answers.take(sequence).is_none()).collect();
    (answers, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_pressed_meanwhile_are_not_lost() {
        let (answers, rest) = parse(b"j\x1b[?62;4cl\r\x1b[B\x1b[0nq");
        assert!(answers.sixel && answers.complete);
        assert_eq!(rest, [&b"j"[..], b"l", b"\r", b"\x1b[B", b"q"]);
    }

    #[test]
    fn colours_of_24_bits_are_told_in_several_ways() {
        let told = |text: &str| parse(format!("{text}\x1b\\").as_bytes()).0.true_colour;
        for yes in
            ["\x1bP1$r0;48:2::1:2:3m", "\x1bP1$r48;2;1;2;3m", "\x1bP1$r0;48:2:1:2:3m", "\x1bP1+r524742=382F382F38"]
        {
            assert!(told(yes), "{yes:?}");
        }
        for no in ["\x1bP1$r0;48:5:16m", "\x1bP1$r0;1;2;3m", "\x1bP0$r", "\x1bP0+r524742", "\x1bP1$r0m"] {
            assert!(!told(no), "{no:?}");
        }
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
