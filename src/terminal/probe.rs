//! Asks the terminal what it can show.
//!
//! Environment variables don't cross SSH, and several terminals answer kitty's query but lack the placeholders that we
//! need. So the terminal is asked for its name (XTVERSION). Every query ends with a question that all terminals answer
//! (`CSI 5 n`), so that silence is noticed.

use std::fs::File;
use std::path::Path;
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tempfile::TempPath;

use super::answers::Answers;
use super::colours::ColourDepth;
use super::questions::{LAST, LONGEST, PATIENCE};
use super::stream::Stream;
use super::{gnu_screen, is_in_foreground, shared, tmux};

/// Asks for the terminal's name; may be asked at any time.
pub const NAME: &str = "\x1b[>q";
/// Asks for the capability RGB (XTGETTCAP).
const TERMCAP_RGB: &str = "\x1bP+q524742\x1b\\";
/// Sets a colour, asks what is set (DECRQSS), and resets it; [`Answers`] checks the reply. Terminals that take the
/// numbers one by one do no harm.
const COLOUR: &str = "\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m";

/// Ctrl-C in raw mode.
const INTERRUPT: &[u8] = b"\x03";

/// The query: name, colours, kitty's graphics and whether it reads `file` (of three bytes), device attributes, cell
/// size, and the final question.
pub fn question(in_tmux: bool, file: Option<&Path>) -> String {
    if gnu_screen::inside() {
        return format!("\x1b[c\x1b[16t{LAST}");
    }
    let graphics = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\";
    let file = file.map(|f| format!("\x1b_Gi=32,s=1,v=1,a=q,t=t,f=24;{}\x1b\\", shared::named(f)));
    let file = file.unwrap_or_default();
    // tmux itself must know which colours are set, and knows which are supported.
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
    // Otherwise the answers would be echoed, and held back until the end of a line.
    crossterm::terminal::enable_raw_mode().map_err(|_| NotAsked::NoTerminal)?;
    let proof = proof();
    let asked = tty.write_all(question(in_tmux, proof.as_deref()).as_bytes());
    let Heard { mut answers, is_interrupted } = asked.map(|()| hear(&tty)).unwrap_or_default();
    let _ = crossterm::terminal::disable_raw_mode();
    if is_interrupted {
        // In raw mode it arrived as a key.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::INT);
    }
    if in_tmux {
        ask_tmux(&mut answers);
    }
    Ok(answers)
}

/// Input received while waiting for answers.
#[derive(Default)]
struct Heard {
    answers: Answers,
    /// Ctrl-C was pressed.
    is_interrupted: bool,
}

/// Reads answers until the last one has come, or time is up. A terminal that answers anything gets more time: late
/// answers would be typed into the shell.
fn hear(tty: &File) -> Heard {
    let begun = Instant::now();
    let mut deadline = begun + PATIENCE;
    let (mut answers, mut stream, mut is_interrupted) = (Answers::default(), Stream::default(), false);
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
        while let Some(sequence) = stream.cut() {
            match answers.take(&sequence) {
                Some(_) => deadline = begun + LONGEST,
                None => is_interrupted |= sequence == INTERRUPT,
            }
        }
    }
    Heard { answers, is_interrupted }
}

/// Adds facts that can't be asked through tmux. If terminals of several kinds are attached, features of only one of
/// them don't count.
pub fn ask_tmux(answers: &mut Answers) {
    let clients = tmux::clients();
    answers.tmux_colours = clients.iter().map(|client| client.colours).max_by_key(|colours| *colours as u8);
    // Placeholders encode their picture's id in such a colour, which tmux would change.
    answers.kitty &= answers.tmux_colours.is_none_or(|colours| colours == ColourDepth::True);
    let names: std::collections::BTreeSet<_> = clients.iter().map(|client| client.name.clone()).collect();
    if names.len() > 1 {
        (answers.kitty, answers.sixel, answers.files) = (false, false, false);
        answers.version = Some("tmux, shown in terminals of several kinds,".into());
    } else if answers.version.is_none() || answers.is_called("tmux") {
        answers.version = names.into_iter().next().flatten();
        answers.sixel |= ["xterm(", "foot", "mlterm"].iter().any(|name| answers.is_called(name));
    }
}
