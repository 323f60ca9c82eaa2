//! One writer at a time: a lock file beside `features.npz`, held as long as a process may write.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Held until dropped. The operating system releases it when the process ends, however that happens. Nothing is written
/// to the file: its name could be a link to a picture.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    /// None where the file system has no locks.
    file: Option<File>,
}

impl Lock {
    /// The lock at `path`; None while another process holds it. Where the file system has no locks, work goes on
    /// without: writes are atomic, so at worst work is done twice.
    pub fn try_acquire(path: &Path) -> Result<Option<Lock>> {
        loop {
            let file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path);
            let file = file.map_err(Error::io(path))?;
            match try_lock(&file) {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Ok(None),
                Err(TryLockError::Error(_)) => return Ok(Some(Lock { path: path.to_owned(), file: None })),
            }
            // The previous holder removes the file. If that happened between our opening and locking it, ours no longer
            // counts.
            if same_file(&file, path) {
                return Ok(Some(Lock { path: path.to_owned(), file: Some(file) }));
            }
        }
    }
}

impl Lock {
    /// Whether it really excludes others.
    pub fn is_exclusive(&self) -> bool {
        self.file.is_some()
    }
}

/// For tests: `SIMAGES_TEST_NO_LOCKS` pretends that the file system has no locks, like some network file systems.
fn try_lock(file: &File) -> std::result::Result<(), TryLockError> {
    if cfg!(debug_assertions) && std::env::var_os("SIMAGES_TEST_NO_LOCKS").is_some() {
        return Err(TryLockError::Error(std::io::ErrorKind::Unsupported.into()));
    }
    file.try_lock()
}

#[cfg(unix)]
fn same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), path.metadata()) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same_file(_file: &File, path: &Path) -> bool {
    path.exists()
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_the_other_waits() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = Lock::try_acquire(&path).unwrap();
        assert!(held.is_some());
        assert!(Lock::try_acquire(&path).unwrap().is_none());
        drop(held);
        assert!(!path.exists());
        assert!(Lock::try_acquire(&path).unwrap().is_some());
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (path, picture) = (folder.path().join("lock"), folder.path().join("picture.jpg"));
        for is_hard in [false, true] {
            std::fs::write(&picture, "a picture").unwrap();
            match is_hard {
                true => std::fs::hard_link(&picture, &path).unwrap(),
                false => std::os::unix::fs::symlink(&picture, &path).unwrap(),
            }
            drop(Lock::try_acquire(&path).unwrap().unwrap());
            assert!(std::fs::read(&picture).unwrap() == b"a picture" && path.symlink_metadata().is_err());
        }
    }
}
