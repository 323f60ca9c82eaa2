//! Where a dataset's `features.npz` lies, and how it is replaced without ever being half written.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::lock::Lock;
use super::npz::{self, Stored};
use super::{FeatureMatrix, Stamp};
use crate::dataset::{Dataset, scan};
use crate::error::{Error, Result};

pub const FILE: &str = "features.npz";
const LOCK_FILE: &str = ".features.npz.lock";
const TEMPORARY_PREFIX: &str = ".features.npz.";
const TEMPORARY_SUFFIX: &str = ".tmp";

/// A dataset's `features.npz`: in its folder, or in the user's cache folder where that can't be written.
#[derive(Clone, Debug)]
pub struct Store {
    /// Folder that holds (or will hold) the file.
    folder: PathBuf,
    /// In a folder we can't write to: the file somebody else left there, read if we have none of our own.
    inherited: Option<PathBuf>,
}

impl Store {
    /// The store of `dataset`; `cache` is the user's cache folder.
    pub fn of(dataset: &Dataset, cache: &Path) -> Store {
        if is_writable(&dataset.root) {
            return Store { folder: dataset.root.clone(), inherited: None };
        }
        let digest = Sha256::digest(dataset.root.as_os_str().as_encoded_bytes());
        let short: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
        let name = dataset.root.file_name().map(scan::text).unwrap_or_default();
        Store {
            folder: cache.join("features").join(format!("{name}-{short}")),
            inherited: Some(dataset.root.join(FILE)),
        }
    }

    /// The file that is written.
    pub fn path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// The file that is read: our own, else the inherited one; None if there is none yet.
    pub fn existing(&self) -> Option<PathBuf> {
        [Some(self.path()), self.inherited.clone()].into_iter().flatten().find(|p| p.is_file())
    }

    /// Reads what is stored; None if nothing is yet.
    pub fn load(&self) -> Result<Option<Stored>> {
        match self.existing() {
            Some(path) => npz::read(&path).map(Some),
            None => Ok(None),
        }
    }

    /// Tells whether the stored file has changed.
    pub fn stamp(&self) -> Option<Stamp> {
        let metadata = self.existing()?.metadata().ok()?;
        Some(Stamp { size: metadata.len(), mtime_ns: scan::mtime_ns(&metadata) })
    }

    /// The right to write; None while another process has it. What a killed writer left behind is cleared away.
    pub fn try_lock(&self) -> Result<Option<Lock>> {
        std::fs::create_dir_all(&self.folder).map_err(Error::io(&self.folder))?;
        let lock = Lock::try_acquire(&self.folder.join(LOCK_FILE))?;
        if lock.is_some() {
            self.remove_temporaries();
        }
        Ok(lock)
    }

    /// Whether another process is writing right now. Only looks: nothing is written.
    pub fn is_locked(&self) -> bool {
        // Shared, so that two who look don't take each other for a writer.
        let lock = std::fs::File::open(self.folder.join(LOCK_FILE));
        lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)))
    }

    fn remove_temporaries(&self) {
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with(TEMPORARY_PREFIX) && name.ends_with(TEMPORARY_SUFFIX) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }

    /// Replaces the file in one step: a reader sees the old one or the new one, also after a power cut.
    pub fn save(&self, matrix: &FeatureMatrix, model: &str) -> Result<()> {
        let path = self.path();
        std::fs::create_dir_all(&self.folder).map_err(Error::io(&self.folder))?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(TEMPORARY_PREFIX).suffix(TEMPORARY_SUFFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder.tempfile_in(&self.folder).map_err(Error::io(&self.folder))?;
        let failed = |e: &dyn std::fmt::Display| Error::Features {
            path: path.clone(),
            reason: format!("can't be written ({e}); what was stored before is still there"),
        };
        let mut writer = BufWriter::new(temporary.as_file());
        npz::write_to(&mut writer, matrix, model).map_err(|e| failed(&e))?;
        writer.flush().map_err(|e| failed(&e))?;
        drop(writer);
        temporary.as_file().sync_all().map_err(|e| failed(&e))?;
        temporary.persist(&path).map_err(|e| failed(&e.error))?;
        sync_folder(&self.folder);
        Ok(())
    }

    /// Keeps a file that can't be used under another name, and returns that name.
    pub fn set_aside(&self) -> Result<PathBuf> {
        let path = self.path();
        let free = (1..).map(|n| self.folder.join(format!("features.npz.kept-{n}"))).find(|p| !p.exists());
        let free = free.expect("there are more numbers than files");
        std::fs::rename(&path, &free).map_err(Error::io(&path))?;
        Ok(free)
    }
}

/// Whether files can be made in `folder`, found out by making one without a name.
pub fn is_writable(folder: &Path) -> bool {
    tempfile::tempfile_in(folder).is_ok()
}

/// Makes the rename itself survive a power cut, where folders can be opened and synced.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = std::fs::File::open(folder) {
        let _ = folder.sync_all();
    }
}
