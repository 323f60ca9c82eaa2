//! A file mapped into memory.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use memmap2::Mmap;

#[cfg(unix)]
use super::faults::Watched;
use crate::checksum::checksum;
use crate::error::{Error, Result};

/// Bytes at either end by which a file is known again.
const HEAD: usize = 64;
/// No less than a page: of the page in which a file is cut, the rest reads as zeros without a fault.
const TAIL: usize = 1 << 16;

/// A file's bytes, mapped into memory.
pub struct Mapped {
    path: PathBuf,
    /// Goes before the bytes do.
    #[cfg(unix)]
    watched: Watched,
    bytes: Mmap,
    seal: OnceLock<Seal>,
}

/// What is relied on, and how its ends looked when it was checked.
struct Seal {
    end: usize,
    ends: u32,
}

impl Mapped {
    pub fn open(path: &Path) -> io::Result<Mapped> {
        let file = File::open(path)?;
        // SAFETY: the bytes may be shared with programs that write to them, which Rust rules out for what is borrowed. We
        // don't: our files are appended to, or replaced by others. Where somebody else does, values change between two
        // looks at them; so whoever reads copies what lengths and places are made of before it is checked, and each use of
        // the others is checked anew or right for any value. Where somebody cuts the file, what is lost is a fault (SIGBUS)
        // to look at, which `Watched` survives, or, in the page of the cut, zeros; `is_whole` tells both. Windows lets
        // nobody cut a file that is mapped. Where a network drive is lost there, the process ends.
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
        })
    }

    /// From now on it is whole as long as the bytes before `end` are as they are now; others may go, such as half a
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

    /// Whether everything that was read from it was what it seemed to be: the file was not cut short meanwhile, nor
    /// overwritten by another one. Costs a few microseconds.
    pub fn is_whole(&self) -> bool {
        // Looking at the end is a fault if there is a cut anywhere before its page; so faults are asked for afterwards.
        let same = self.seal.get().is_none_or(|seal| self.ends(seal.end) == seal.ends);
        same && !self.is_torn()
    }

    /// [`Error::Torn`] unless it is whole.
    pub fn check_whole(&self) -> Result<()> {
        if self.is_whole() { Ok(()) } else { Err(Error::Torn { path: self.path.clone() }) }
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
