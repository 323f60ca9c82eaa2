//! Reads the keyboard, the mouse and the terminal's answers on one thread. Waiting for answers loses no key, and late
//! answers aren't mistaken for keys.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyEventKind};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::SIGWINCH;
use tempfile::TempPath;
use terminput_crossterm::to_crossterm;
use tokio::sync::mpsc::Sender;

use super::msg::Msg;
use crate::limits::{self, Limit};
use crate::terminal::answers::{Answered, Answers};
use crate::terminal::stream::Stream;
use crate::terminal::{Cells, Terminal, TerminalChoices, decide, probe, questions, size, tmux};

/// After this time without answers, the terminal gets the simplest treatment, until it does answer.
const SILENT: Duration = Duration::from_millis(300);

/// Reads the terminal's input and interprets it.
pub struct TerminalReader {
    wanted: TerminalChoices,
    in_tmux: bool,
    sender: Sender<Msg>,
    stream: Stream,
    answers: Answers,
    /// The file that the terminal may prove it can read, while that is open.
    proof: Option<TempPath>,
    /// When to go on without answers.
    silent: Option<Instant>,
    /// The last reported state of the terminal.
    said: Option<Terminal>,
    orders: Receiver<Order>,
    /// The terminals attached to tmux.
    clients: Vec<tmux::Client>,
    size: Cells,
    /// They have changed since the terminal was last asked.
    are_new: bool,
}

/// Requests from the loop to the reader.
pub enum Order {
    /// Check which terminals are attached to tmux. If they have changed, or `asks` is set, ask them what they can show.
    Look { asks: bool },
    /// The question is about to be sent, with this file for the terminal to read.
    Asked(Option<TempPath>),
}

/// Where requests are sent.
pub struct Orders(std::sync::mpsc::Sender<Order>);

impl Orders {
    pub fn send(&self, order: Order) {
        if self.0.send(order).is_ok() {
            questions::wake();
        }
    }
}

impl TerminalReader {
    /// The question was sent, with `proof` as the file to read.
    pub fn new(
        wanted: TerminalChoices,
        in_tmux: bool,
        proof: Option<TempPath>,
        sender: Sender<Msg>,
    ) -> (TerminalReader, Orders) {
        let (to, orders) = std::sync::mpsc::channel();
        let reader = TerminalReader {
            wanted,
            in_tmux,
            sender,
            stream: Stream::default(),
            answers: Answers::default(),
            proof,
            silent: Some(Instant::now() + SILENT),
            said: None,
            orders,
            clients: Vec::new(),
            size: size(),
            are_new: false,
        };
        (reader, Orders(to))
    }

    /// Reads until the process ends, even when nobody listens, to swallow answers that are still on their way.
    pub fn read(mut self) {
        if self.read_on().is_err() {
            if let Some(limit) = Limit::now() {
                limits::end(limit);
            }
            // The terminal is gone.
            questions::gone();
            self.send(Msg::Terminate);
        }
    }

    fn read_on(&mut self) -> io::Result<()> {
        let (mut woken, wakes) = UnixStream::pair()?;
        woken.set_nonblocking(true)?;
        questions::read_by(wakes.try_clone()?);
        signal_hook::low_level::pipe::register(SIGWINCH, wakes)?;
        let tty = rustix::stdio::stdin();
        if self.in_tmux {
            self.clients = tmux::clients();
        }
        loop {
            let patience = self.stream.patience();
            let mut fds = [PollFd::new(&tty, PollFlags::IN), PollFd::new(&woken, PollFlags::IN)];
            let ready = match poll(&mut fds, self.timeout(patience).as_ref()) {
                Err(rustix::io::Errno::INTR) => continue,
                ready => ready?,
            };
            let (has_input, is_woken) = (!fds[0].revents().is_empty(), !fds[1].revents().is_empty());
            if is_woken {
                let _ = woken.read(&mut [0; 64]);
                questions::wait_if_ended();
                while let Ok(order) = self.orders.try_recv() {
                    self.follow(order);
                }
                self.tell_size();
            }
            if has_input {
                let mut buffer = [0; 4096];
                match rustix::io::read(tty, &mut buffer[..questions::readable(4096)]) {
                    Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                    Ok(n) => self.stream.push(&buffer[..n]),
                    Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            while let Some(sequence) = self.stream.cut() {
                self.take(&sequence);
            }
            if ready == 0
                && patience.is_some()
                && let Some(key) = self.stream.give_up()
            {
                self.take(&key);
            }
            if self.silent.is_some_and(|at| at <= Instant::now()) {
                self.say();
            }
        }
    }

    fn follow(&mut self, order: Order) {
        match order {
            Order::Look { asks } => {
                let clients = tmux::clients();
                self.are_new |= clients != self.clients;
                self.clients = clients;
                if self.are_new || asks {
                    self.send(Msg::AskAgain);
                }
            }
            Order::Asked(proof) => {
                (self.answers, self.proof) = (Answers::default(), proof);
                if std::mem::take(&mut self.are_new) {
                    // It has none of the pictures sent before, even if it is of the same kind.
                    self.said = None;
                    self.silent = Some(Instant::now() + SILENT);
                }
            }
        }
    }

    fn tell_size(&mut self) {
        let size = size();
        if self.size != size {
            self.size = size;
            self.send(Msg::Resize(size.width, size.height));
        }
    }

    fn timeout(&self, patience: Option<Duration>) -> Option<Timespec> {
        let silent = self.silent.map(|at| at.saturating_duration_since(Instant::now()));
        let left = silent.into_iter().chain(patience).min()?;
        Some(Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) })
    }

    /// Handles a complete sequence.
    fn take(&mut self, sequence: &[u8]) {
        match self.answers.take(sequence) {
            Some(Answered::Last) => {
                self.proof = None;
                self.say();
                questions::answered();
                questions::wait_if_ended();
            }
            Some(Answered::Name) if self.answers.complete => self.send(Msg::Answered),
            Some(_) => {}
            None => {
                if let Some(msg) = happened(sequence) {
                    self.send(msg);
                }
            }
        }
    }

    /// Reports what the terminal can show, as far as known.
    fn say(&mut self) {
        self.silent = None;
        let mut answers = self.answers.clone();
        if self.in_tmux {
            probe::ask_tmux(&mut answers);
        }
        let terminal = decide(self.wanted, &answers, self.in_tmux);
        if self.said.as_ref() != Some(&terminal) {
            self.said = Some(terminal.clone());
            self.send(Msg::Probed(terminal));
        }
    }

    fn send(&self, msg: Msg) {
        let _ = self.sender.blocking_send(msg);
    }
}

/// The message of a sequence that isn't an answer.
fn happened(sequence: &[u8]) -> Option<Msg> {
    let event = terminput::Event::parse_from(sequence).ok().flatten()?;
    match to_crossterm(event).ok()? {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Msg::Key(key)),
        Event::Mouse(mouse) => Some(Msg::Mouse(mouse, Instant::now())),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::FocusGained => Some(Msg::Focus),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEventKind};

    use super::*;

    #[test]
    fn sequences_are_keys_the_mouse_pastes_and_the_focus() {
        let key = |code, modifiers| Some((code, modifiers));
        let pressed = |bytes: &[u8]| match happened(bytes) {
            Some(Msg::Key(KeyEvent { code, modifiers, .. })) => Some((code, modifiers)),
            _ => None,
        };
        let none = KeyModifiers::NONE;
        assert_eq!(pressed(b"j"), key(KeyCode::Char('j'), none));
        assert_eq!(pressed(b"J"), key(KeyCode::Char('J'), KeyModifiers::SHIFT));
        assert_eq!(pressed("é".as_bytes()), key(KeyCode::Char('é'), none));
        assert_eq!(pressed(b"\r"), key(KeyCode::Enter, none));
        assert_eq!(pressed(b"\x03"), key(KeyCode::Char('c'), KeyModifiers::CONTROL));
        assert_eq!(pressed(b"\x1b"), key(KeyCode::Esc, none));
        assert_eq!(pressed(b"\x1b[B"), key(KeyCode::Down, none));
        assert_eq!(pressed(b"\x1bOB"), key(KeyCode::Down, none));
        assert_eq!(pressed(b"\x1b[6~"), key(KeyCode::PageDown, none));
        assert_eq!(pressed(b"\x1b[Z"), key(KeyCode::BackTab, KeyModifiers::SHIFT));
        assert_eq!(pressed(b"\x1b[1;5C"), key(KeyCode::Right, KeyModifiers::CONTROL));
        assert!(matches!(happened(b"\x1b[I"), Some(Msg::Focus)));
        assert!(matches!(happened(b"\x1b[200~a b\x1b[201~"), Some(Msg::Paste(text)) if text == "a b"));
        let Some(Msg::Mouse(mouse, _)) = happened(b"\x1b[<64;3;5M") else { panic!("no wheel") };
        assert_eq!((mouse.kind, mouse.column, mouse.row), (MouseEventKind::ScrollUp, 2, 4));
        assert!(happened(b"\x1b[?1;2$y").is_none());
    }
}
