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

use super::answers::Answers;
use super::colours::ColourDepth;
use super::questions::{LAST, LONGEST, PATIENCE};
use super::stream::Stream;
use super::{gnu_screen, is_in_foreground, shared, tmux};

/// Asks for the terminal's name, and may be asked at any time.
pub const NAME: &str = "\x1b[>q";
/// Whether it has the capability RGB (XTGETTCAP).
const TERMCAP_RGB: &str = "\x1bP+q524742\x1b\\";
/// Sets a colour, asks what is set (DECRQSS), and takes it back: [`Answers`] knows it. Taken one by one the numbers do no harm.
const COLOUR: &str = "\x1b[48;2;1;2;3m\x1bP$qm\x1b\\\x1b[m";

/// Ctrl-C in raw mode.
const INTERRUPT: &[u8] = b"\x03";

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
    let Heard { mut answers, is_interrupted } = asked.map(|()| hear(&tty)).unwrap_or_default();
    let _ = crossterm::terminal::disable_raw_mode();
    if is_interrupted {
        // The line has handed it on as a key.
        let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::INT);
    }
    if in_tmux {
        ask_tmux(&mut answers);
    }
    Ok(answers)
}

/// What came while answers were waited for.
#[derive(Default)]
struct Heard {
    answers: Answers,
    /// Ctrl-C was pressed.
    is_interrupted: bool,
}

/// Reads answers until the last one has come, or patience ends. One that answers anything is given more time: what comes later would be
/// typed into the shell.
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

/// Completes what a terminal inside tmux can't be asked through it. Where terminals of several kinds show the session, what
/// one of them can show is not for the others.
pub fn ask_tmux(answers: &mut Answers) {
    let clients = tmux::clients();
    answers.tmux_colours = clients.iter().map(|client| client.colours).max_by_key(|colours| *colours as u8);
    // Placeholders tell their picture by such a colour, which tmux would make another one.
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
