//! When pictures are sent: in bursts, so that a key never waits behind them, and sharp ones only while no key is pressed.

use std::time::{Duration, Instant};

use super::Quality;

/// A burst, and the time it is given at the far end of a line: 10 Mbit/s.
const FIRST: usize = 40_000;
const EACH: Duration = Duration::from_millis(32);
/// Where the terminal is on the same machine.
const LOCAL: usize = 1 << 20;
const SMALLEST: usize = 8 << 10;
/// A burst that took longer to write was too large.
const SLOW: Duration = Duration::from_millis(100);
/// Since the last key: whoever holds one down sees pages fly by in half blocks.
const REST: Duration = Duration::from_millis(30);

pub struct Wire {
    /// Bytes that may be sent at once.
    burst: usize,
    most: usize,
    /// When the next burst may be sent.
    free: Instant,
    /// When sharp pictures may be.
    rested: Instant,
}

impl Wire {
    pub fn new(remote: bool) -> Wire {
        let most = if remote { FIRST } else { LOCAL };
        Wire { burst: most, most, free: Instant::now(), rested: Instant::now() }
    }

    pub fn burst(&self) -> usize {
        self.burst
    }

    /// When the next pictures of this quality may be sent.
    pub fn free(&self, quality: Quality) -> Instant {
        match quality {
            Quality::Rough => self.free,
            Quality::Sharp => self.free.max(self.rested),
        }
    }

    /// The user did something: that comes first.
    pub fn rest(&mut self) {
        self.rested = Instant::now() + REST;
    }

    /// `bytes` of pictures were written, in this time.
    pub fn sent(&mut self, bytes: usize, took: Duration) {
        self.burst = if took > SLOW { (self.burst / 2).max(SMALLEST) } else { (self.burst * 5 / 4).min(self.most) };
        let share = bytes as f64 / self.most as f64;
        self.free = Instant::now() + EACH.mul_f64(share.min(8.0)).max(took.min(SLOW));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_shrink_where_they_are_slow_and_grow_again() {
        let mut wire = Wire::new(true);
        wire.sent(FIRST, Duration::from_millis(300));
        assert_eq!(wire.burst(), FIRST / 2);
        (0..9).for_each(|_| wire.sent(FIRST, Duration::from_millis(300)));
        assert_eq!(wire.burst(), SMALLEST);
        (0..20).for_each(|_| wire.sent(SMALLEST, Duration::from_millis(1)));
        assert_eq!(wire.burst(), FIRST);
    }

    #[test]
    fn pictures_wait_for_the_user_and_for_the_burst_before() {
        let mut wire = Wire::new(true);
        let now = Instant::now();
        wire.rest();
        assert!(wire.free(Quality::Sharp) >= now + REST);
        assert!(wire.free(Quality::Rough) < now + REST);
        wire.sent(2 * FIRST, Duration::ZERO);
        assert!(wire.free(Quality::Rough) >= now + 2 * EACH);
    }
}
