//! Checks a stored row when it is first used: a large file can't be read whole to open it.

use std::sync::atomic::{AtomicU8, Ordering};

use super::words::Words;
use crate::checksum::is_sound;

/// A row's checksums, as stored.
#[derive(Clone, Copy, Debug)]
pub struct RowChecksums {
    pub sketch: u32,
    /// Of sketch and entries.
    pub row: u32,
}

/// A row that is checked on first use, and what is known of it. A damaged row is reported to its file, and counts as
/// zero until the error is shown.
pub struct FirstUse {
    checksums: RowChecksums,
    known: AtomicU8,
}

const SOUND_SKETCH: u8 = 1;
const SOUND_ROW: u8 = 2;
const DAMAGED: u8 = 4;

impl FirstUse {
    pub fn new(checksums: RowChecksums) -> FirstUse {
        FirstUse { checksums, known: AtomicU8::new(0) }
    }

    /// Whether the sketch is unused so far.
    pub fn is_before_sketch(&self) -> bool {
        self.known.load(Ordering::Relaxed) & (SOUND_SKETCH | DAMAGED) == 0
    }

    /// Whether the entries are.
    pub fn is_before_entries(&self) -> bool {
        self.known.load(Ordering::Relaxed) & (SOUND_ROW | DAMAGED) == 0
    }

    /// Whether the sketch can be used.
    pub fn allows_sketch(&self, sketch: &Words, entries: &Words) -> bool {
        self.allows(SOUND_SKETCH, entries, || is_sound(&[sketch.bytes()], self.checksums.sketch))
    }

    /// Whether the entries can be used: they match their checksum and are `valid`.
    pub fn allows_entries(&self, sketch: &Words, entries: &Words, valid: impl FnOnce() -> bool) -> bool {
        self.allows(SOUND_ROW, entries, || is_sound(&[sketch.bytes(), entries.bytes()], self.checksums.row) && valid())
    }

    fn allows(&self, part: u8, entries: &Words, is_sound: impl FnOnce() -> bool) -> bool {
        let known = self.known.load(Ordering::Relaxed);
        // What was once allowed stays so: a caller may be in the middle of it.
        if known & part != 0 {
            return true;
        }
        if known & DAMAGED != 0 {
            return false;
        }
        let sound = is_sound();
        self.known.fetch_or(if sound { part } else { DAMAGED }, Ordering::Relaxed);
        if let (false, Some((file, place))) = (sound, entries.place()) {
            file.report_damage(place.start);
        }
        sound
    }
}

impl Clone for FirstUse {
    fn clone(&self) -> FirstUse {
        FirstUse { checksums: self.checksums, known: AtomicU8::new(self.known.load(Ordering::Relaxed)) }
    }
}
