//! How fast work goes, and how long it will take.

use std::time::Duration;

/// What is done in a second, and the time that the rest takes; None before anything is done.
pub fn pace(done: u64, of: u64, elapsed: Duration) -> Option<(f64, Duration)> {
    let seconds = elapsed.as_secs_f64();
    if done == 0 || seconds <= 0.0 {
        return None;
    }
    let per_second = done as f64 / seconds;
    Some((per_second, Duration::from_secs_f64(of.saturating_sub(done) as f64 / per_second)))
}
