//! Progress: how much is done, how fast, and how long the rest will take.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::text::{bytes, duration, large};

/// How much of the work is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    /// The total.
    pub of: u64,
    pub unit: Unit,
}

/// When to report the progress of work that is usually quick: only once it has taken a while, then now and then.
#[derive(Clone, Copy, Debug)]
pub struct Due(Instant);

/// The delay before the first report.
const A_WHILE: Duration = Duration::from_secs(1);
const NOW_AND_THEN: Duration = Duration::from_millis(200);

/// The unit that work is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Pictures whose descriptors are computed.
    #[default]
    Images,
    /// Pairs of pictures that are compared.
    Pairs,
    /// Pictures whose small hashes are compared with those of all others.
    Hashes,
    /// Steps of about equal length.
    Steps,
    /// Bytes that are read.
    Bytes,
}

/// Measures the speed of the last half of what is done. It says more about the rest than the beginning does, when disks
/// were cold and things were prepared.
#[derive(Clone, Debug, Default)]
pub struct PaceMeter {
    /// Times, and what was done by then: each at least a tenth more than before.
    marks: VecDeque<(Duration, u64)>,
}

/// The speed of some work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pace {
    pub per_second: f64,
    /// The time left.
    pub left: Duration,
    pub unit: Unit,
}

impl Progress {
    pub fn images(done: usize, of: usize) -> Progress {
        Progress { done: done as u64, of: of as u64, unit: Unit::Images }
    }

    pub fn pairs(done: u64, of: u64) -> Progress {
        Progress { done, of, unit: Unit::Pairs }
    }

    pub fn hashes(done: usize, of: usize) -> Progress {
        Progress { done: done as u64, of: of as u64, unit: Unit::Hashes }
    }

    pub fn steps(done: u64, of: u64) -> Progress {
        Progress { done, of, unit: Unit::Steps }
    }

    pub fn bytes(done: u64, of: u64) -> Progress {
        Progress { done, of, unit: Unit::Bytes }
    }

    /// The speed since the work began; None before the first item is done.
    pub fn pace(&self, elapsed: Duration) -> Option<Pace> {
        self.pace_of(self.done, elapsed)
    }

    /// At the speed of `done` in `elapsed`.
    fn pace_of(&self, done: u64, elapsed: Duration) -> Option<Pace> {
        let seconds = elapsed.as_secs_f64();
        if done == 0 || seconds <= 0.0 {
            return None;
        }
        let per_second = done as f64 / seconds;
        let left = Duration::from_secs_f64(self.of.saturating_sub(self.done) as f64 / per_second);
        Some(Pace { per_second, left, unit: self.unit })
    }

    /// The share done, from 0 to 1; 0 while the total is unknown.
    pub fn part(&self) -> f64 {
        (self.done as f64 / self.of.max(1) as f64).min(1.0)
    }

    /// Rounded down, so 100 means done.
    pub fn percent(&self) -> u64 {
        (u128::from(self.done) * 100).checked_div(self.of.into()).map_or(100, |percent| percent.min(100) as u64)
    }
}

impl PaceMeter {
    /// The speed after this time; None before the first item is done.
    pub fn pace(&mut self, progress: Progress, elapsed: Duration) -> Option<Pace> {
        // Work that starts again starts here.
        if self.marks.back().is_some_and(|(_, done)| *done > progress.done) {
            self.marks.clear();
        }
        if self.marks.back().is_none_or(|(_, last)| progress.done > last + last / 10) {
            self.marks.push_back((elapsed, progress.done));
        }
        while self.marks.get(1).is_some_and(|(_, done)| *done <= progress.done / 2) {
            self.marks.pop_front();
        }
        let (from, done) = self.marks.front().copied().unwrap_or_default();
        let measured = progress.pace_of(progress.done.saturating_sub(done), elapsed.saturating_sub(from));
        measured.or_else(|| progress.pace(elapsed))
    }
}

impl Due {
    /// Starts the clock.
    pub fn new() -> Due {
        Due(Instant::now() + A_WHILE)
    }

    /// Whether a report is due; if so, the next one isn't for a while.
    pub fn is_now(&mut self) -> bool {
        let now = Instant::now();
        let due = now >= self.0;
        if due {
            self.0 = now + NOW_AND_THEN;
        }
        due
    }
}

impl Default for Due {
    fn default() -> Due {
        Due::new()
    }
}

impl std::fmt::Display for Pace {
    /// `9.8 pictures/s   4 s left`, `3.2 M pairs/s   4 s left`, `4 s left`
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self.unit {
            Unit::Images if self.per_second < 100.0 => write!(f, "{:.1} pictures/s   ", self.per_second)?,
            Unit::Images => write!(f, "{} pictures/s   ", large(self.per_second))?,
            Unit::Pairs => write!(f, "{} pairs/s   ", large(self.per_second))?,
            Unit::Hashes => write!(f, "{} hashes/s   ", large(self.per_second))?,
            Unit::Bytes => write!(f, "{}/s   ", bytes(self.per_second as u64))?,
            // Users don't know what a step is.
            Unit::Steps => {}
        }
        write!(f, "{} left", duration(self.left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_is_what_was_done_over_the_time_it_took() {
        let pace =
            |progress: Progress, seconds| progress.pace(Duration::from_secs(seconds)).map(|pace| pace.to_string());
        assert_eq!(pace(Progress::images(62, 98), 10).unwrap(), "6.2 pictures/s   6 s left");
        assert_eq!(pace(Progress::images(9_000, 9_000), 1).unwrap(), "9 k pictures/s   0 s left");
        assert_eq!(pace(Progress::pairs(6_400_000, 14_400_000), 2).unwrap(), "3.2 M pairs/s   3 s left");
        assert_eq!(pace(Progress::hashes(8_000, 12_000), 2).unwrap(), "4 k hashes/s   1 s left");
        assert_eq!(pace(Progress::steps(250, 1000), 2).unwrap(), "6 s left");
        assert_eq!(pace(Progress::bytes(300_000_000, 900_000_000), 2).unwrap(), "150.0 MB/s   4 s left");
        assert_eq!(pace(Progress::images(0, 9), 1), None);
        assert_eq!(pace(Progress::pairs(9, 9), 0), None);
        assert_eq!(duration(Duration::from_secs(3700)), "1 h 01 min");
        assert_eq!(duration(Duration::from_secs(61)), "1 min 01 s");
    }

    #[test]
    fn a_slow_beginning_is_forgotten() {
        let mut meter = PaceMeter::default();
        let mut left = |done, seconds| {
            let pace = meter.pace(Progress::pairs(done, 1000), Duration::from_secs(seconds));
            pace.map(|pace| pace.left.as_secs_f64().round() as u64)
        };
        assert_eq!((left(0, 0), left(0, 9)), (None, None));
        // One a second for a minute, then ten.
        (0..=60).for_each(|second| assert!(left(second, second).is_none_or(|left| left == 1000 - second)));
        let after: Vec<_> = (61..=100).map(|second| left(60 + 10 * (second - 60), second).unwrap()).collect();
        assert_eq!((after[9], after[39]), (84, 54), "{after:?}");
    }

    #[test]
    fn work_that_starts_again_is_measured_anew() {
        let mut meter = PaceMeter::default();
        for second in 0..30 {
            meter.pace(Progress::pairs(10 * second, 1000), Duration::from_secs(second));
        }
        for second in 30..40 {
            meter.pace(Progress::pairs(5 * (second - 30), 1000), Duration::from_secs(second));
        }
        assert_eq!(meter.pace(Progress::pairs(50, 1000), Duration::from_secs(40)).unwrap().per_second, 5.0);
    }

    #[test]
    fn all_is_said_to_be_done_when_it_is() {
        let percent = |done, of| Progress::pairs(done, of).percent();
        assert_eq!([percent(6_400_000, 14_400_000), percent(199, 200), percent(u64::MAX, u64::MAX)], [44, 99, 100]);
        assert_eq!((percent(0, 0), Progress::default().part()), (100, 0.0));
    }
}
