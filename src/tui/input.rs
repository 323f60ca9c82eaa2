//! The keyboard and the mouse, read on a thread of its own; the terminal's answers come first.

use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tempfile::TempPath;
use tokio::sync::mpsc::Sender;

use super::msg::Msg;
use crate::limits::{self, Limit};
use crate::terminal::{ProtocolChoice, decide, probe};

/// An answer of the terminal has ended by then, or never will.
const ANSWER: Duration = Duration::from_millis(100);

/// Reads until the loop has ended. The question must have been sent, with `proof` as the file to read.
pub fn read(wanted: ProtocolChoice, tmux: bool, proof: Option<TempPath>, sender: Sender<Msg>) {
    let (mut answers, keys) = probe::answers();
    drop(proof);
    if tmux {
        probe::ask_tmux(&mut answers);
    }
    if sender.blocking_send(Msg::Probed(decide(wanted, &answers, tmux))).is_err() {
        return;
    }
    for key in keys.into_iter().filter_map(pressed) {
        let _ = sender.blocking_send(Msg::Key(key));
    }
    let mut answer = TerminalAnswer::default();
    loop {
        let msg = match event::read() {
            Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => match answer.takes(&key) {
                Taken::Not => Msg::Key(key),
                Taken::Inside => continue,
                Taken::End => Msg::Answered,
            },
            Ok(Event::Mouse(mouse)) => Msg::Mouse(mouse, Instant::now()),
            Ok(Event::Paste(text)) => Msg::Paste(text),
            Ok(Event::Resize(width, height)) => Msg::Resize(width, height),
            Ok(Event::FocusGained) => Msg::Focus,
            Ok(_) => continue,
            Err(_) if let Some(limit) = Limit::now() => limits::end(limit),
            // The terminal is gone.
            Err(_) => Msg::Terminate,
        };
        let last = matches!(msg, Msg::Terminate);
        if sender.blocking_send(msg).is_err() || last {
            return;
        }
    }
}

/// A byte typed while the terminal was being asked, as a key.
fn pressed(byte: u8) -> Option<KeyEvent> {
    match byte {
        b'\r' => Some(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)),
        0x03 => Some(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL)),
        b' '..=b'~' => Some(KeyEvent::new(KeyCode::Char(byte.into()), KeyModifiers::NONE)),
        _ => None,
    }
}

/// An answer of the terminal looks like typed text that begins with alt-P (or alt-_) and ends with alt-\.
#[derive(Default)]
struct TerminalAnswer {
    since: Option<Instant>,
}

#[derive(Debug, PartialEq)]
enum Taken {
    /// It is a key, not part of an answer.
    Not,
    Inside,
    End,
}

impl TerminalAnswer {
    fn takes(&mut self, key: &KeyEvent) -> Taken {
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match (self.since, key.code) {
            (None, KeyCode::Char('_' | 'P')) if alt => {
                self.since = Some(Instant::now());
                Taken::Inside
            }
            // Without alt if it came in two pieces.
            (Some(_), KeyCode::Char('\\')) => {
                self.since = None;
                Taken::End
            }
            (Some(since), _) if since.elapsed() < ANSWER => Taken::Inside,
            _ => {
                self.since = None;
                Taken::Not
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_what_follows_is_a_key() {
        for begin in ['_', 'P'] {
            let mut answer = TerminalAnswer::default();
            let key = |c, m| KeyEvent::new(KeyCode::Char(c), m);
            assert_eq!(answer.takes(&key(begin, KeyModifiers::ALT)), Taken::Inside);
            for c in "Gi=31;OK".chars() {
                assert_eq!(answer.takes(&key(c, KeyModifiers::NONE)), Taken::Inside);
            }
            assert_eq!(answer.takes(&key('\\', KeyModifiers::ALT)), Taken::End);
            assert_eq!(answer.takes(&key('q', KeyModifiers::NONE)), Taken::Not);
        }
    }
}
