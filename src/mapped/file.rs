//! A file mapped into memory.

use std::fs::File;
use std::io;
use std::ops::{Deref, Range};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

#[cfg(unix)]
use memmap2::Advice;
use memmap2::Mmap;

#[cfg(unix)]
use super::faults::Watched;
use crate::checksum::checksum;
use crate::error::{Error, Result};

/// Bytes at either end by which a file is recognized.
const HEAD: usize = 64;
/// At least a page: in the page where a file is cut, the rest reads as zeros without a fault.
const TAIL: usize = 1 << 16;

/// A file's bytes, mapped into memory.
pub struct Mapped {
    path: PathBuf,
    /// Dropped before the bytes.
    #[cfg(unix)]
    watched: Watched,
    bytes: Mmap,
    seal: OnceLock<Seal>,
    /// The offset of the first data found damaged.
    damaged: OnceLock<usize>,
}

/// The extent relied on, and a checksum of its ends when it was checked.
struct Seal {
    end: usize,
    ends: u32,
}

impl Mapped {
    pub fn open(path: &Path) -> io::Result<Mapped> {
        let file = File::open(path)?;
        // SAFETY: the bytes may be shared with programs that write to them, which Rust rules out for borrowed data. We
        // don't write: our files are appended to, or replaced. If another program does, values change between two
        // reads. So readers copy the data that lengths and positions come from before checking it, and each use of
        // other data is either checked again or correct for any value. If another program cuts the file, access to the
        // lost part is a fault (SIGBUS), which `Watched` survives, or, in the page of the cut, zeros; `is_whole`
        // detects both. Windows doesn't allow cutting a mapped file; there, losing a network drive ends the process.
        #[allow(unsafe_code)]
        let bytes = unsafe { Mmap::map(&file) }?;
        #[cfg(unix)]
        let watched = Watched::new(bytes.as_ptr_range())?;
        Ok(Mapped {
            path: path.to_owned(),
            #[cfg(unix)]
            watched,
            bytes,
            seal: OnceLock::new(),
            damaged: OnceLock::new(),
        })
    }

    /// From now on it counts as whole as long as the bytes before `end` are unchanged; others may go, such as half a
    /// segment that was being appended.
    pub fn seal(&self, end: usize) {
        let end = end.min(self.bytes.len());
        self.seal.get_or_init(|| Seal { end, ends: self.ends(end) });
    }

    /// Checksum of the first bytes and of the last ones before `end`.
    fn ends(&self, end: usize) -> u32 {
        let used = &self.bytes[..end];
        checksum(&[&used[..HEAD.min(end)], &used[end.saturating_sub(TAIL)..]])
    }

    /// Whether everything read from it was real: the file was not cut short in the meantime, nor overwritten. Takes a
    /// few microseconds.
    pub fn is_whole(&self) -> bool {
        // Reading the end faults if the file is cut anywhere before its page, so check for faults afterwards.
        let same = self.seal.get().is_none_or(|seal| self.ends(seal.end) == seal.ends);
        same && !self.is_torn()
    }

    /// Asks the system to read these bytes from the disk, and no others. Without that, an access far from the last one
    /// reads much around it, on some machines megabytes.
    pub fn fetch(&self, range: Range<usize>) {
        #[cfg(unix)]
        {
            // Only a hint.
            let _ = self.bytes.advise_range(Advice::WillNeed, range.start, range.len());
        }
        #[cfg(not(unix))]
        {
            let _ = range;
        }
    }

    /// Records that the data at `at`, used from now on as if it were absent, is damaged.
    pub fn report_damage(&self, at: usize) {
        self.damaged.get_or_init(|| at);
    }

    /// The offset of the first data found damaged.
    pub fn damage(&self) -> Option<usize> {
        self.damaged.get().copied()
    }

    /// [`Error::Torn`] unless it is whole, [`Error::Damaged`] if data found damaged was asked for.
    pub fn check_whole(&self) -> Result<()> {
        match self.damage() {
            _ if !self.is_whole() => Err(Error::Torn { path: self.path.clone() }),
            Some(at) => Err(Error::Damaged { path: self.path.clone(), what: format!("the data at byte {at}") }),
            None => Ok(()),
        }
    }

    #[cfg(unix)]
    fn is_torn(&self) -> bool {
        self.watched.is_torn()
    }

    #[cfg(not(unix))]
    fn is_torn(&self) -> bool {
        false
    }
}

impl Deref for Mapped {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl std::fmt::Debug for Mapped {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{} bytes of {}", self.bytes.len(), crate::shown::path(&self.path))
    }
}
