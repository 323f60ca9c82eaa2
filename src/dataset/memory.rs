//! The memory shared by all pictures being decoded.

use std::sync::OnceLock;

use parking_lot::{Condvar, Mutex};

use crate::limits;

/// All pictures decoded at the same time share this many bytes if no limit is set.
const TOGETHER: u64 = 512 << 20;
/// Under a limit: this fraction (1/n) of the memory available when the first picture was decoded. The network needs
/// most of it.
const PART: u64 = 4;

/// The most for a single picture, decoded alone: with the network, that makes 1.5 GB. Anything larger is a
/// decompression bomb.
pub const MAX_DECODED_BYTES: u64 = 1030 << 20;

/// A share of the memory, returned when dropped.
pub struct Memory(u64);

static TAKEN: Mutex<u64> = Mutex::new(0);
static GIVEN_BACK: Condvar = Condvar::new();

impl Memory {
    /// Waits until `bytes` are available. If no other picture is being decoded, that is at once.
    pub fn wait_for(bytes: u64) -> Memory {
        let mut taken = TAKEN.lock();
        let full = |taken: &mut u64| *taken > 0 && *taken + bytes > together();
        GIVEN_BACK.wait_while(&mut taken, full);
        *taken += bytes;
        Memory(bytes)
    }
}

fn together() -> u64 {
    static ALL: OnceLock<u64> = OnceLock::new();
    *ALL.get_or_init(|| limits::left().map_or(TOGETHER, |left| TOGETHER.min(left / PART)))
}

impl Drop for Memory {
    fn drop(&mut self) {
        *TAKEN.lock() -= self.0;
        GIVEN_BACK.notify_all();
    }
}
