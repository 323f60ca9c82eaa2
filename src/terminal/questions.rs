//! Queries that the terminal has not answered yet. Each ends with a question that all terminals answer (`CSI 5 n`), in
//! order: once the last one is answered, none of our answers is on its way, and the terminal can be returned to a
//! shell.

use std::collections::VecDeque;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::tmux;

/// The question that ends each query.
pub const LAST: &str = "\x1b[5n";
/// A terminal that has not answered by then never will, unless it was slower before.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// The longest wait at the end.
pub const LONGEST: Duration = Duration::from_secs(10);

static QUESTIONS: Mutex<Questions> = Mutex::new(Questions::new());
static CHANGED: Condvar = Condvar::new();

struct Questions {
    /// The times of unanswered queries.
    open: VecDeque<Instant>,
    /// The slowest answer.
    slowest: Duration,
    /// The time of the first query, as long as there has been no answer at all.
    since: Option<Instant>,
    has_answered: bool,
    /// The last query is sent: the reader must not read beyond its answer.
    ending: bool,
    /// Nobody reads answers any more.
    gone: bool,
    /// Wakes the reader of answers.
    reader: Option<UnixStream>,
}

impl Questions {
    const fn new() -> Questions {
        Questions {
            open: VecDeque::new(),
            slowest: Duration::ZERO,
            since: None,
            has_answered: false,
            ending: false,
            gone: false,
            reader: None,
        }
    }

    /// Whether it never answers anything.
    fn is_silent(&self, now: Instant) -> bool {
        !self.has_answered && self.since.is_some_and(|since| since + PATIENCE <= now)
    }

    fn ask(&mut self, now: Instant) {
        self.open.push_back(now);
        self.since = self.since.or(Some(now));
    }

    /// How long to wait for the last answer.
    fn patience(&self) -> Duration {
        PATIENCE.max(2 * self.slowest).min(LONGEST)
    }

    fn answer(&mut self, now: Instant) {
        let took = self.open.pop_front().map_or(Duration::ZERO, |asked| now.saturating_duration_since(asked));
        self.slowest = self.slowest.max(took);
        self.has_answered = true;
        self.since = None;
    }
}

/// A query that ends with [`LAST`] is about to be sent.
pub fn asked() {
    QUESTIONS.lock().ask(Instant::now());
}

/// The end of a query was answered.
pub fn answered() {
    QUESTIONS.lock().answer(Instant::now());
    CHANGED.notify_all();
}

/// Registers the reader of answers: a byte wakes it, to call [`wait_if_ended`].
pub fn read_by(reader: UnixStream) {
    QUESTIONS.lock().reader = Some(reader);
}

/// Once the last query is answered or given up, nothing more may be read: the input belongs to the shell. Returns when
/// the terminal is ours again.
pub fn wait_if_ended() {
    let mut questions = QUESTIONS.lock();
    while questions.ending && questions.open.is_empty() {
        CHANGED.wait(&mut questions);
    }
}

/// How many bytes may be read at once: anything after the last answer belongs to the shell.
pub fn readable(most: usize) -> usize {
    if QUESTIONS.lock().ending { 1 } else { most }
}

/// The terminal is gone, or the reader of its answers.
pub fn gone() {
    QUESTIONS.lock().gone = true;
    CHANGED.notify_all();
}

/// Sends the last query with `send`, and waits until all are answered, but no longer than makes sense.
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
    while asks && !questions.open.is_empty() && !questions.gone {
        // If it never answered, count from the first query.
        let until = questions.since.filter(|_| !questions.has_answered).unwrap_or(now) + questions.patience();
        if CHANGED.wait_until(&mut questions, until).timed_out() {
            break;
        }
    }
    questions.open.clear();
    drop(questions);
    wake();
}

/// Wakes the reader of answers.
pub fn wake() {
    if let Some(mut reader) = QUESTIONS.lock().reader.as_ref() {
        // If the buffer is full, it will wake anyway.
        let _ = reader.write_all(&[0]);
    }
}

/// The terminal is ours again, after the process was stopped.
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
        questions.answer(now + PATIENCE / 2);
        assert!(!questions.is_silent(now + 2 * PATIENCE) && questions.open.len() == 1);
    }

    #[test]
    fn a_line_that_was_slow_is_given_more_time_at_the_end() {
        let (mut questions, now) = (Questions::new(), Instant::now());
        let mut answered_after = |seconds| {
            questions.ask(now);
            questions.answer(now + Duration::from_secs(seconds));
            questions.patience()
        };
        assert_eq!(answered_after(0), PATIENCE);
        assert_eq!(answered_after(3), Duration::from_secs(6));
        assert_eq!(answered_after(1), Duration::from_secs(6));
        assert_eq!(answered_after(60), LONGEST);
    }
}
