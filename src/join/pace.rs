//! How fast a join goes, and how long it will take.

use std::time::Duration;

use super::Progress;
use crate::pace::pace;
use crate::text::{duration, large};

/// Speed since the join began.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    pub pairs_per_second: f64,
    pub left: Duration,
}

impl Progress {
    /// None before anything is done.
    pub fn pace(&self, elapsed: Duration) -> Option<Pace> {
        let (pairs_per_second, left) = pace(self.done, self.of, elapsed)?;
        Some(Pace { pairs_per_second, left })
    }

    /// Rounded down, so that 100 is said when all is done.
    pub fn percent(&self) -> u64 {
        (u128::from(self.done) * 100).checked_div(self.of.into()).map_or(100, |percent| percent.min(100) as u64)
    }
}

impl std::fmt::Display for Pace {
    /// `3.2 M pairs/s   4 s left`
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{} pairs/s   {} left", large(self.pairs_per_second), duration(self.left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_is_what_was_done_over_the_time_it_took() {
        let progress = Progress { done: 6_400_000, of: 14_400_000 };
        assert_eq!(progress.pace(Duration::from_secs(2)).unwrap().to_string(), "3.2 M pairs/s   3 s left");
        assert_eq!(progress.percent(), 44);
        assert_eq!(Progress { done: 0, of: 9 }.pace(Duration::from_secs(1)), None);
        assert_eq!([Progress::default().percent(), Progress { done: u64::MAX, of: u64::MAX }.percent()], [100, 100]);
    }
}
