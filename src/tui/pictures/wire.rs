//! When pictures are sent: in bursts, so that a key never waits behind them, and sharp ones only while no key is
//! held down.

use std::time::{Duration, Instant};

use super::Quality;

/// A burst, and the time it is given at the far end of a line: 10 Mbit/s.
const REMOTE: usize = 40_000;
const EACH: Duration = Duration::from_millis(32);
/// Where the terminal is on the same machine.
const LOCAL: usize = 1 << 20;
const SMALLEST: usize = 8 << 10;
/// A burst that took longer to write was too large.
const SLOW: Duration = Duration::from_millis(100);
/// Two keys within this time: one is held down.
const REPEATED: Duration = Duration::from_millis(100);
/// Since the last key: whoever holds one down sees pages fly by in half blocks.
const REST: Duration = Duration::from_millis(50);

pub struct Wire {
    remote: bool,
    /// Bytes that may be sent at once.
    burst: usize,
    /// When the next burst may be sent.
    free: Instant,
    /// When sharp pictures may be.
    rested: Instant,
    /// When a key was last pressed.
    pressed: Instant,
}

impl Wire {
    pub fn new(remote: bool) -> Wire {
        let now = Instant::now();
        Wire { remote, burst: most(remote), free: now, rested: now, pressed: now }
    }

    pub fn burst(&self) -> usize {
        self.burst
    }

    /// What is sent first: over a line all pictures roughly; else sharp ones at once, so that nothing flickers.
    pub fn order(&self) -> [Quality; 2] {
        if self.remote { [Quality::Rough, Quality::Sharp] } else { [Quality::Sharp, Quality::Rough] }
    }

    /// When the next pictures of this quality may be sent.
    pub fn free(&self, quality: Quality) -> Instant {
        match quality {
            Quality::Rough => self.free,
            Quality::Sharp => self.free.max(self.rested),
        }
    }

    /// The user pressed a key.
    pub fn pressed(&mut self) {
        let now = Instant::now();
        if now - self.pressed < REPEATED {
            self.rested = now + REST;
        }
        self.pressed = now;
    }

    /// `bytes` of pictures were written, in this time.
    pub fn sent(&mut self, bytes: usize, took: Duration) {
        let most = most(self.remote);
        self.burst = if took > SLOW { (self.burst / 2).max(SMALLEST) } else { (self.burst * 5 / 4).min(most) };
        let share = bytes as f64 / most as f64;
        self.free = Instant::now() + EACH.mul_f64(share.min(8.0)).max(took.min(SLOW));
    }
}

/// The largest burst.
fn most(remote: bool) -> usize {
    if remote { REMOTE } else { LOCAL }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bursts_shrink_where_they_are_slow_and_grow_again() {
        let mut wire = Wire::new(true);
        wire.sent(REMOTE, Duration::from_millis(300));
        assert_eq!(wire.burst(), REMOTE / 2);
        (0..9).for_each(|_| wire.sent(REMOTE, Duration::from_millis(300)));
        assert_eq!(wire.burst(), SMALLEST);
        (0..20).for_each(|_| wire.sent(SMALLEST, Duration::from_millis(1)));
        assert_eq!(wire.burst(), REMOTE);
    }

    #[test]
    fn pictures_wait_while_a_key_is_held_down_and_for_the_burst_before() {
        let mut wire = Wire::new(true);
        wire.pressed -= 2 * REPEATED;
        let now = Instant::now();
        wire.pressed();
        assert!(wire.free(Quality::Sharp) < now + REST);
        let now = Instant::now();
        wire.pressed();
        assert!(wire.free(Quality::Sharp) >= now + REST);
        assert!(wire.free(Quality::Rough) < now + REST);
        wire.sent(2 * REMOTE, Duration::ZERO);
        assert!(wire.free(Quality::Rough) >= now + 2 * EACH);
    }
}
