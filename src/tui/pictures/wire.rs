//! When to send pictures: in bursts, so that keys never wait behind them, and sharp ones only while no key is held
//! down.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::slot::Quality;
use crate::terminal::Terminal;

/// Bytes per second over a line: initially (10 Mbit/s), at least, and at most.
const RATE: f64 = 1.25e6;
const SLOWEST: f64 = 16e3;
const FASTEST: f64 = 125e6;
/// How long a burst fills the line.
const EACH: Duration = Duration::from_millis(32);
/// Bytes per burst if the terminal is on the same machine.
const LOCAL: usize = 1 << 20;
/// How much more than a round trip's worth may be on its way, so that the line never waits for us.
const AHEAD: Duration = EACH;
/// How often the round trip is measured, and over how many measurements the shortest is taken.
const MEASURED: Duration = Duration::from_secs(1);
const REMEMBERED: usize = 8;
/// Assumed before the first measurement.
const USUAL: Duration = Duration::from_millis(50);
/// An answer that hasn't come by then never will.
const LOST: Duration = Duration::from_secs(5);
/// A burst that took longer to write was too large.
const SLOW: Duration = Duration::from_millis(100);
/// Two keys within this time mean that one is held down.
const REPEATED: Duration = Duration::from_millis(100);
/// The pause after a key before sharp pictures: with a key held down, pages pass by in half blocks.
const REST: Duration = Duration::from_millis(50);
/// The pause after a key before fine pictures.
const IDLE: Duration = Duration::from_secs(1);

/// The connection to the terminal. Over a line, if the terminal reports its name, it is asked after each burst. Its
/// answer shows that everything sent before has arrived and been processed, so buffers along the way, which accept any
/// amount at once, can't hide how slow the line is.
pub struct Wire {
    remote: bool,
    asks: bool,
    /// Bytes per second that arrive.
    rate: f64,
    /// Bursts without an answer so far.
    unanswered: VecDeque<Burst>,
    /// When the last answered burst was sent, and when answered.
    answered: Option<(Instant, Instant)>,
    /// Recent round trips with no pictures before the question.
    round_trips: VecDeque<Duration>,
    /// When the round trip was last measured.
    measured: Option<Instant>,
    /// When the next burst may be sent.
    free: Instant,
    /// When sharp pictures may be sent.
    rested: Instant,
    /// When a key was last pressed.
    pressed: Instant,
}

struct Burst {
    sent: Instant,
    bytes: usize,
    /// Nothing else was on its way.
    alone: bool,
}

impl Wire {
    pub fn new(terminal: &Terminal) -> Wire {
        let now = Instant::now();
        Wire {
            remote: terminal.remote,
            asks: terminal.remote && terminal.answers,
            rate: RATE,
            unanswered: VecDeque::new(),
            answered: None,
            round_trips: VecDeque::new(),
            measured: None,
            free: now,
            rested: now,
            pressed: now,
        }
    }

    /// Whether to ask for the terminal's name after this many bytes of pictures: after each burst, and from time to
    /// time without one.
    pub fn asks(&self, bytes: usize) -> bool {
        let due = self.measured.is_none_or(|at| at.elapsed() > MEASURED);
        self.asks && (bytes > 0 || due && self.unanswered.is_empty())
    }

    /// Bytes that may be sent at once.
    pub fn burst(&self) -> usize {
        if self.remote { (self.rate * EACH.as_secs_f64()) as usize } else { LOCAL }
    }

    /// The order of qualities. Over a line, all pictures roughly first; else sharp ones at once, so that nothing
    /// flickers.
    pub fn order(&self) -> &'static [Quality] {
        if self.remote { &Quality::ALL } else { &[Quality::Sharp, Quality::Rough] }
    }

    /// When the next pictures of this quality may be sent.
    pub fn free(&self, quality: Quality) -> Instant {
        let line = match self.unanswered.front() {
            Some(burst) if self.is_full() => burst.sent + LOST,
            _ => self.free,
        };
        match quality {
            Quality::Rough => line,
            Quality::Sharp => line.max(self.rested),
            Quality::Fine => line.max(self.pressed + IDLE),
        }
    }

    /// Whether the line is full: as much is on its way as arrives within a round trip, plus a margin.
    fn is_full(&self) -> bool {
        let sent: usize = self.unanswered.iter().map(|burst| burst.bytes).sum();
        let on_its_way = self.rate * (self.round_trip() + AHEAD).as_secs_f64();
        sent > 0 && (sent + self.burst() / 2) as f64 > on_its_way
    }

    fn round_trip(&self) -> Duration {
        self.round_trips.iter().min().copied().unwrap_or(USUAL)
    }

    /// The user pressed a key.
    pub fn pressed(&mut self) {
        let now = Instant::now();
        if now - self.pressed < REPEATED {
            self.rested = now + REST;
        }
        self.pressed = now;
    }

    /// `bytes` of pictures were written in this time; if `asked`, the terminal was then asked for its name.
    pub fn sent(&mut self, bytes: usize, took: Duration, asked: bool) {
        let now = Instant::now();
        if !self.remote {
            return;
        }
        if asked {
            let lost = self.unanswered.iter().take_while(|burst| burst.sent + LOST <= now).count();
            self.unanswered.drain(..lost);
            self.unanswered.push_back(Burst { sent: now, bytes, alone: self.unanswered.is_empty() });
            // It no longer answers, or never did.
            self.asks = lost == 0 || !self.round_trips.is_empty();
            self.measured = Some(now).filter(|_| bytes == 0).or(self.measured);
        } else if bytes > 0 && took > SLOW {
            self.change_rate(0.5);
        } else if bytes > 0 && self.rate < RATE {
            self.change_rate(1.25);
        }
        self.free = now + self.time_for(bytes).min(8 * EACH).max(took.min(SLOW));
    }

    /// The terminal answered: a burst arrived.
    pub fn answered(&mut self) {
        let Some(burst) = self.unanswered.pop_front() else { return };
        let now = Instant::now();
        let took = now - burst.sent;
        if burst.bytes == 0 && burst.alone {
            self.round_trips.push_back(took);
            if self.round_trips.len() > REMEMBERED {
                self.round_trips.pop_front();
            }
        }
        if burst.bytes > self.burst() / 2 {
            self.learn(&burst, now);
        }
        self.answered = Some((burst.sent, now));
    }

    /// Learns the line's speed from this burst, answered now.
    fn learn(&mut self, burst: &Burst, now: Instant) {
        let on_the_line = (now - burst.sent).saturating_sub(self.round_trip());
        if burst.alone && 2 * on_the_line < self.time_for(burst.bytes) {
            return self.change_rate(1.5);
        }
        // If two bursts were on their way at once, the time between their answers is what the line took.
        if let Some((sent_before, answered_before)) = self.answered
            && burst.sent < answered_before
        {
            let (sent_apart, apart) = (burst.sent - sent_before, now - answered_before);
            let measured = burst.bytes as f64 / apart.as_secs_f64();
            if measured > 0.9 * self.rate {
                self.change_rate(1.1);
            } else if apart > sent_apart.mul_f64(1.1) {
                self.change_rate((1.0 + measured / self.rate) / 2.0);
            }
        }
    }

    /// How long the line takes for this many bytes.
    fn time_for(&self, bytes: usize) -> Duration {
        Duration::from_secs_f64(bytes as f64 / self.rate)
    }

    fn change_rate(&mut self, factor: f64) {
        self.rate = (self.rate * factor).clamp(SLOWEST, FASTEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(answers: bool) -> Wire {
        Wire::new(&Terminal { remote: true, answers, ..Terminal::default() })
    }

    fn ago(ms: u64) -> Instant {
        Instant::now() - Duration::from_millis(ms)
    }

    /// Simulates bursts sent at the estimated rate, on a line of this many bytes a second.
    fn after_bursts(wire: &mut Wire, line: f64, round_trip: u64) {
        for _ in 0..60 {
            let bytes = wire.burst();
            let apart = |rate: f64| Duration::from_secs_f64(bytes as f64 / rate);
            let now = Instant::now();
            let sent = now - Duration::from_millis(round_trip);
            wire.answered = Some((sent - apart(wire.rate), now - apart(line.min(wire.rate))));
            wire.unanswered.push_back(Burst { sent, bytes, alone: false });
            wire.answered();
        }
    }

    #[test]
    fn bursts_shrink_where_they_are_slow_to_write_and_grow_again() {
        let mut wire = line(false);
        let usual = wire.burst();
        wire.sent(usual, Duration::from_millis(300), false);
        assert_eq!(wire.burst(), usual / 2);
        (0..30).for_each(|_| wire.sent(usual, Duration::from_millis(300), false));
        assert_eq!(wire.burst(), (SLOWEST * EACH.as_secs_f64()) as usize);
        (0..60).for_each(|_| wire.sent(100, Duration::from_millis(1), false));
        assert!((usual..usual * 5 / 4).contains(&wire.burst()));
    }

    #[test]
    fn the_rate_becomes_the_lines() {
        for rate in [0.2e6, 1e6, 8e6] {
            let mut wire = line(true);
            after_bursts(&mut wire, rate, 500);
            assert!((0.8..1.25).contains(&(wire.rate / rate)), "{} of {rate}", wire.rate);
        }
    }

    #[test]
    fn a_line_that_answers_before_the_burst_should_be_through_is_faster() {
        let mut wire = line(true);
        wire.unanswered.push_back(Burst { sent: ago(10), bytes: 0, alone: true });
        wire.answered();
        let bytes = wire.burst();
        wire.unanswered.push_back(Burst { sent: ago(13), bytes, alone: true });
        wire.answered();
        assert!(wire.burst() > bytes * 4 / 3);
        let bytes = wire.burst();
        wire.answered = None;
        wire.unanswered.push_back(Burst { sent: ago(60), bytes, alone: true });
        wire.answered();
        assert_eq!(wire.burst(), bytes, "it took its time");
    }

    #[test]
    fn no_more_is_sent_than_arrives_until_the_answer() {
        let mut wire = line(true);
        wire.unanswered.push_back(Burst { sent: ago(50), bytes: 0, alone: true });
        wire.answered();
        let now = Instant::now();
        let mut bursts = 0;
        while wire.free(Quality::Rough) < now + Duration::from_secs(1) {
            wire.sent(wire.burst(), Duration::ZERO, true);
            bursts += 1;
        }
        assert!((2..6).contains(&bursts), "{bursts}");
        wire.answered();
        assert!(wire.free(Quality::Rough) < now + Duration::from_secs(1));
    }

    #[test]
    fn a_terminal_that_answers_no_more_is_asked_no_more() {
        let mut wire = line(true);
        wire.unanswered.push_back(Burst { sent: Instant::now() - LOST, bytes: 1, alone: true });
        assert!(wire.free(Quality::Rough) <= Instant::now());
        wire.sent(1, Duration::ZERO, true);
        assert!(!wire.asks(1));
    }

    #[test]
    fn pictures_wait_while_a_key_is_held_down_and_for_the_burst_before() {
        let mut wire = line(false);
        wire.pressed -= 2 * REPEATED;
        let now = Instant::now();
        wire.pressed();
        assert!(wire.free(Quality::Sharp) < now + REST);
        assert!(wire.free(Quality::Fine) >= now + IDLE);
        let now = Instant::now();
        wire.pressed();
        assert!(wire.free(Quality::Sharp) >= now + REST);
        assert!(wire.free(Quality::Rough) < now + REST);
        wire.sent(2 * wire.burst(), Duration::ZERO, false);
        assert!(wire.free(Quality::Rough) >= now + 2 * EACH - Duration::from_millis(1));
    }
}
