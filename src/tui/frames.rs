//! When to draw. News waits for the next frame, so that many changes are drawn at once. User input is answered
//! immediately, unless the last answer was just given.

use std::time::{Duration, Instant};

use crate::terminal::over_ssh;

/// The interval between frames, for a local and a remote terminal.
const FRAME: Duration = Duration::from_millis(16);
const FRAME_OVER_SSH: Duration = Duration::from_millis(33);

pub struct Frames {
    frame: Duration,
    drawn: Instant,
    /// When a frame was last drawn in answer to the user.
    answered: Instant,
    news: bool,
    /// Whether the user did something since the last frame.
    asked: bool,
}

impl Frames {
    /// The first frame was just drawn.
    pub fn new() -> Frames {
        let frame = if over_ssh() { FRAME_OVER_SSH } else { FRAME };
        Frames { frame, drawn: Instant::now(), answered: Instant::now(), news: false, asked: false }
    }

    /// Something happened.
    pub fn happened(&mut self, by_user: bool) {
        self.news = true;
        self.asked |= by_user;
    }

    /// When to draw the next frame; None while nothing happens.
    pub fn due(&self) -> Option<Instant> {
        let last = if self.asked { self.answered } else { self.drawn };
        self.news.then(|| last + self.frame)
    }

    pub fn is_due(&self) -> bool {
        self.due().is_some_and(|due| due <= Instant::now())
    }

    pub fn drawn(&mut self) {
        self.drawn = Instant::now();
        if self.asked {
            self.answered = self.drawn;
        }
        (self.news, self.asked) = (false, false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(drawn_ago: u64, answered_ago: u64) -> Frames {
        let ago = |ms| Instant::now() - Duration::from_millis(ms);
        Frames { frame: FRAME, drawn: ago(drawn_ago), answered: ago(answered_ago), news: false, asked: false }
    }

    #[test]
    fn news_wait_for_the_next_frame_and_keys_do_not() {
        let mut frames = frames(0, 1000);
        assert_eq!(frames.due(), None);
        frames.happened(false);
        assert!(!frames.is_due());
        frames.happened(true);
        assert!(frames.is_due());
        frames.drawn();
        assert_eq!(frames.due(), None);
    }

    #[test]
    fn a_key_held_down_draws_no_more_than_a_frame_at_a_time() {
        let mut frames = frames(1000, 0);
        frames.happened(true);
        assert!(!frames.is_due());
        assert!(frames.due().unwrap() <= Instant::now() + FRAME);
    }
}
