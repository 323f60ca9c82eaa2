//! Questions that are on their way to the terminal. Each ends with one that all terminals answer (`CSI 5 n`), in turn: when
//! the last one is answered, nothing of ours is on the way any more, and the line can be given back to a shell.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::tmux;

/// The question that ends each.
pub const LAST: &str = "\x1b[5n";
/// A terminal that has not answered by then won't.
pub const PATIENCE: Duration = Duration::from_secs(2);

static QUESTIONS: Mutex<Questions> = Mutex::new(Questions::new());
static CHANGED: Condvar = Condvar::new();

struct Questions {
    /// Without an answer.
    open: u32,
    /// When the first one was asked that no answer has come for.
    since: Option<Instant>,
    has_answered: bool,
    /// The last one is asked: who reads answers is to read no further.
    ending: bool,
    /// Nobody reads answers any more.
    gone: bool,
    /// Wakes who reads answers.
    reader: Option<UnixStream>,
}

impl Questions {
    const fn new() -> Questions {
        Questions { open: 0, since: None, has_answered: false, ending: false, gone: false, reader: None }
    }

    /// Whether it never answers anything.
    fn is_silent(&self, now: Instant) -> bool {
        !self.has_answered && self.since.is_some_and(|since| since + PATIENCE <= now)
    }

    fn ask(&mut self, now: Instant) {
        self.open += 1;
        self.since = self.since.or(Some(now));
    }

    fn answer(&mut self) {
        self.open = self.open.saturating_sub(1);
        self.has_answered = true;
        self.since = None;
    }
}

/// A question is about to be sent that ends with [`LAST`].
pub fn asked() {
    QUESTIONS.lock().ask(Instant::now());
}

/// The end of a question was answered.
pub fn answered() {
    QUESTIONS.lock().answer();
    CHANGED.notify_all();
}

/// Who reads answers is woken by a byte, to call [`wait_if_ended`].
pub fn read_by(reader: UnixStream) {
    QUESTIONS.lock().reader = Some(reader);
}

/// Where the last question was answered, or is waited for no longer, nothing more may be read: what comes is the shell's.
/// Returns when the line is ours again.
pub fn wait_if_ended() {
    let mut questions = QUESTIONS.lock();
    while questions.ending && questions.open == 0 {
        CHANGED.wait(&mut questions);
    }
}

/// The terminal is gone, or whoever read its answers.
pub fn gone() {
    QUESTIONS.lock().gone = true;
    CHANGED.notify_all();
}

/// Asks the last question by `send`, and waits until all are answered, but no longer than has a point.
pub fn end(send: impl FnOnce(&str)) {
    let now = Instant::now();
    let asks = {
        let mut questions = QUESTIONS.lock();
        questions.ending = true;
        let asks = !questions.gone && !questions.is_silent(now);
        if asks {
            questions.ask(now);
        }
        asks
    };
    if asks {
        send(&tmux::passed_through(LAST.into(), tmux::inside()));
    }
    let mut questions = QUESTIONS.lock();
    while asks && questions.open > 0 && !questions.gone {
        // Of one that never answered, by the first question.
        let until = questions.since.filter(|_| !questions.has_answered).unwrap_or(now) + PATIENCE;
        if CHANGED.wait_until(&mut questions, until).timed_out() {
            break;
        }
    }
    questions.open = 0;
    drop(questions);
    wake();
}

/// Wakes who reads answers.
pub fn wake() {
    if let Some(mut reader) = QUESTIONS.lock().reader.as_ref() {
        // Where there is no room, it will be woken anyway.
        let _ = reader.write_all(&[0]);
    }
}

/// The line is ours again: after the process was stopped.
pub fn begin() {
    QUESTIONS.lock().ending = false;
    CHANGED.notify_all();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_silent_when_it_has_not_answered_the_first_question() {
        let (mut questions, now) = (Questions::new(), Instant::now());
        assert!(!questions.is_silent(now + PATIENCE), "it was not asked");
        questions.ask(now);
        questions.ask(now + PATIENCE / 2);
        assert!(!questions.is_silent(now) && questions.is_silent(now + PATIENCE));
        questions.answer();
        assert!(!questions.is_silent(now + 2 * PATIENCE) && questions.open == 1);
    }
}
