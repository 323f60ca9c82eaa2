//! The keyboard and the mouse, read on a thread of its own; the terminal's answers come first.

use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc::Sender;

use super::msg::Msg;
use super::probe;
use crate::config::Protocol;

/// A late answer of the terminal ends by then, or never.
const ANSWER: Duration = Duration::from_millis(100);

/// Reads until the loop has ended. The question must have been sent.
pub fn read(wanted: Protocol, tmux: bool, sender: Sender<Msg>) {
    let (mut answers, keys) = probe::answers();
    if tmux {
        probe::ask_tmux(&mut answers);
    }
    if sender.blocking_send(Msg::Probed(probe::decide(wanted, &answers, tmux))).is_err() {
        return;
    }
    for key in keys.into_iter().filter_map(pressed) {
        let _ = sender.blocking_send(Msg::Key(key));
    }
    let mut answer = LateAnswer::default();
    loop {
        let msg = match event::read() {
            Ok(Event::Key(key)) if key.kind != KeyEventKind::Release && !answer.swallows(&key) => Msg::Key(key),
            Ok(Event::Mouse(mouse)) => Msg::Mouse(mouse, Instant::now()),
            Ok(Event::Paste(text)) => Msg::Paste(text),
            Ok(Event::Resize(width, height)) => Msg::Resize(width, height),
            Ok(Event::FocusGained) => Msg::Focus,
            Ok(_) => continue,
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

/// An answer that comes after we stopped waiting looks like typed text that begins with alt-_ (or alt-P) and ends with
/// alt-\; it is swallowed.
#[derive(Default)]
struct LateAnswer {
    since: Option<Instant>,
}

impl LateAnswer {
    fn swallows(&mut self, key: &KeyEvent) -> bool {
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match (self.since, key.code) {
            (None, KeyCode::Char('_' | 'P')) if alt => {
                self.since = Some(Instant::now());
                true
            }
            (Some(_), KeyCode::Char('\\')) if alt => {
                self.since = None;
                true
            }
            (Some(since), _) if since.elapsed() < ANSWER => true,
            _ => {
                self.since = None;
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_answer_is_swallowed_what_follows_is_not() {
        let mut answer = LateAnswer::default();
        let key = |c, m| KeyEvent::new(KeyCode::Char(c), m);
        assert!(answer.swallows(&key('_', KeyModifiers::ALT)));
        for c in "Gi=31;OK".chars() {
            assert!(answer.swallows(&key(c, KeyModifiers::NONE)));
        }
        assert!(answer.swallows(&key('\\', KeyModifiers::ALT)));
        assert!(!answer.swallows(&key('q', KeyModifiers::NONE)));
    }
}
