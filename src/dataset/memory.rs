//! The memory that all pictures being decoded have together.

use std::sync::OnceLock;

use parking_lot::{Condvar, Mutex};

use crate::limits;

/// All that are decoded at the same time share this many bytes, where there is no limit.
const TOGETHER: u64 = 512 << 20;
/// Where there is one: a part of what could be had when the first one was decoded. The network wants most of it.
const PART: u64 = 4;

/// One picture may take this many, alone: with the network beside it that is 1.5 GB. Beyond it lies a decompression
/// bomb.
pub const MAX_DECODED_BYTES: u64 = 1030 << 20;

/// A share of it; given back when dropped.
pub struct Memory(u64);

static TAKEN: Mutex<u64> = Mutex::new(0);
static GIVEN_BACK: Condvar = Condvar::new();

impl Memory {
    /// Waits until there is room for `bytes`. The first one always has it.
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
