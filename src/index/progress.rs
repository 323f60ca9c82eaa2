//! How far indexing is, how fast, and how long it will take.

use std::time::Duration;

use crate::pace::pace;
use crate::text::duration;

/// Pictures of a dataset that had no valid descriptor when indexing began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Computed or skipped so far.
    pub done: usize,
    /// To do in all.
    pub missing: usize,
}

/// Speed since the work began.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pace {
    pub images_per_second: f64,
    pub left: Duration,
}

impl Progress {
    /// None before anything is done.
    pub fn pace(&self, elapsed: Duration) -> Option<Pace> {
        let (images_per_second, left) = pace(self.done as u64, self.missing as u64, elapsed)?;
        Some(Pace { images_per_second, left })
    }
}

impl std::fmt::Display for Pace {
    /// `9.8 images/s   4 s left`
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{:.1} images/s   {} left", self.images_per_second, duration(self.left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_is_what_was_done_over_the_time_it_took() {
        let progress = Progress { done: 62, missing: 98 };
        let pace = progress.pace(Duration::from_secs(10)).unwrap();
        assert_eq!(pace.to_string(), "6.2 images/s   6 s left");
        assert_eq!(Progress { done: 0, missing: 9 }.pace(Duration::from_secs(1)), None);
        assert_eq!(duration(Duration::from_secs(3700)), "1 h 01 min");
        assert_eq!(duration(Duration::from_secs(61)), "1 min 01 s");
    }
}
