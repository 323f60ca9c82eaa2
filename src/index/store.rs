//! Where a dataset's `features.npz` lies, and how it is replaced without ever being half written; and beside it
//! `features.simages`, from which the same is opened at once.

use std::fs::{DirEntry, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::lock::Lock;
use crate::dataset::{self, Dataset, Stamp, names};
use crate::descriptor::{FeatureMatrix, Row};
use crate::error::{Error, Result, is_no_room};
use crate::limits::Limit;
use crate::storage::sparse::{self, Identity};
use crate::storage::{Failure, NPZ, Prepared, SIMAGES, Stored, npz};
use crate::text::hex;
use crate::whole_file::{SUFFIX, WholeFile, folder};

const LOCK_FILE: &str = ".features.npz.lock";
const TEMPORARY_PREFIX: &str = ".features.npz.";
/// Bytes at the end of an npz that hold its members' checksums.
const END: u64 = 1024;

/// Links from one to the next that systems follow.
const MOST_LINKS: usize = 40;

/// Where the file system has no locks, a temporary file as old as this is nobody's any more.
const ABANDONED: Duration = Duration::from_hours(24);

/// A dataset's `features.npz`: in its folder, or in the user's cache folder where that can't be, or mustn't be, written.
#[derive(Clone, Debug)]
pub struct Store {
    /// Folder that holds (or will hold) the file.
    folder: PathBuf,
    /// In a folder we don't write to: the file that was left there, read if we have none of our own.
    inherited: Option<PathBuf>,
    /// In the dataset's folder: the one in the cache, for when the disk is full.
    in_cache: Option<PathBuf>,
}

/// What belongs to `dataset` in the user's cache folder is named so: `photos-1f8b0c94d2e37a65`. Folders of one name differ.
pub fn name_in_cache(dataset: &Dataset) -> String {
    let digest = Sha256::digest(dataset.root.as_os_str().as_encoded_bytes());
    let name = dataset.root.file_name().map(names::text).unwrap_or_default();
    format!("{name}-{}", hex(&digest[..8]))
}

impl Store {
    /// The store of `dataset`; `cache` is the user's cache folder.
    pub fn new(dataset: &Dataset, cache: &Path) -> Store {
        let in_cache = cache.join("features").join(name_in_cache(dataset));
        if !dataset.is_only_read && is_writable(&dataset.root) && has_room(&dataset.root, &in_cache) {
            return Store { folder: dataset.root.clone(), inherited: None, in_cache: Some(in_cache) };
        }
        Store { folder: in_cache, inherited: Some(dataset.root.join(NPZ)), in_cache: None }
    }

    /// The one in the user's cache folder, for what has no room in the dataset's; None if this is it.
    pub fn without_room(&self) -> Option<Store> {
        let folder = self.in_cache.clone()?;
        Some(Store { folder, inherited: Some(self.path()), in_cache: None })
    }

    /// The file that is written.
    pub fn path(&self) -> PathBuf {
        self.folder.join(NPZ)
    }

    /// The file that is read: our own, else the inherited one; None if there is none yet.
    pub fn existing(&self) -> Option<PathBuf> {
        [Some(self.path()), self.inherited.clone()].into_iter().flatten().find(|p| p.is_file())
    }

    fn sparse_path(&self) -> PathBuf {
        self.folder.join(SIMAGES)
    }

    /// Reads what is stored; None if nothing is yet.
    pub fn load(&self) -> Result<Option<Stored>> {
        let sparse = sparse::open(&self.sparse_path()).filter(|s| s.npz == self.identity());
        let sparse_rows = sparse.map(|s| {
            let prepared = if s.current { Prepared::Current } else { Prepared::Older };
            (Stored { matrix: s.matrix, model: Some(s.model), prepared, is_behind: s.is_appended }, s.whole)
        });
        match (sparse_rows, self.existing()) {
            (Some((stored, true)), _) => Ok(Some(stored)),
            (Some((stored, false)), None) => Ok(Some(Stored { prepared: Prepared::No, ..stored })),
            (None, None) => Ok(None),
            (None, Some(path)) => npz::read(&path).map(Some),
            (Some((last, false)), Some(path)) => {
                let mut stored = npz::read(&path)?;
                if stored.model == last.model {
                    // Cut short, it still knows what was computed last.
                    let lacks = |row: &Arc<Row>| stored.matrix.get(&row.name).is_none_or(|npz| npz.stamp != row.stamp);
                    stored.is_behind = last.matrix.rows().iter().any(lacks);
                    stored.matrix.extend(last.matrix.rows().iter().cloned());
                }
                Ok(Some(stored))
            }
        }
    }

    /// What `features.simages` holds, for whoever looks for rows of pictures; without a look at `features.npz`.
    pub fn at_hand(&self) -> Option<Stored> {
        let sparse = sparse::open(&self.sparse_path())?;
        let (matrix, model) = (sparse.matrix, Some(sparse.model));
        Some(Stored { matrix, model, prepared: Prepared::No, is_behind: sparse.is_appended })
    }

    /// The files that are there.
    pub fn files(&self) -> Vec<PathBuf> {
        self.existing().into_iter().chain([self.sparse_path()]).filter(|file| file.is_file()).collect()
    }

    /// Tells the `features.npz` that is there from others.
    fn identity(&self) -> Identity {
        let identity = || {
            let mut file = File::open(self.existing()?).ok()?;
            let metadata = file.metadata().ok()?;
            file.seek(SeekFrom::Start(metadata.len().saturating_sub(END))).ok()?;
            let mut end = Vec::new();
            file.take(END).read_to_end(&mut end).ok()?;
            let mtime_ns = dataset::mtime_ns(&metadata);
            Some(Identity { size: metadata.len(), mtime_ns, end: crc32fast::hash(&end), unused: 0 })
        };
        identity().unwrap_or_default()
    }

    /// Tells whether the stored file has changed.
    pub fn stamp(&self) -> Option<Stamp> {
        stamp(&self.existing()?)
    }

    /// What both files take.
    pub fn bytes(&self) -> u64 {
        let files = self.existing().into_iter().chain([self.sparse_path()]);
        files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
    }

    /// When something was stored last, in nanoseconds since 1970 by the clock of its file system.
    pub fn ctime_ns(&self) -> Option<i64> {
        let files = self.existing().into_iter().chain([self.sparse_path()]);
        files.filter_map(|file| Some(dataset::ctime_ns(&file.metadata().ok()?))).max()
    }

    /// Tells whether anything that is stored has changed.
    pub fn stamps(&self) -> [Option<Stamp>; 2] {
        [self.stamp(), stamp(&self.sparse_path())]
    }

    /// The right to write; None while another process has it. What a killed writer left behind is cleared away.
    pub fn try_lock(&self) -> Result<Option<Lock>> {
        std::fs::create_dir_all(&self.folder).map_err(Error::io(&self.folder)).map_err(Error::of_store)?;
        let lock = Lock::try_acquire(&self.folder.join(LOCK_FILE)).map_err(Error::of_store)?;
        if let Some(lock) = &lock {
            self.remove_temporaries(if lock.is_exclusive() { Duration::ZERO } else { ABANDONED });
        }
        Ok(lock)
    }

    /// Whether another process is writing right now. Only looks: nothing is written.
    pub fn is_locked(&self) -> bool {
        // Shared, so that two who look don't take each other for a writer.
        let lock = std::fs::File::open(self.folder.join(LOCK_FILE));
        lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)))
    }

    /// Removes temporary files that haven't changed for so long. Where links lead to, other datasets may write, of which our lock
    /// says nothing: only old ones go.
    fn remove_temporaries(&self, age: Duration) {
        remove_temporaries(&self.folder, age);
        for path in [self.path(), self.sparse_path()].iter().filter(|path| path.is_symlink()) {
            if let Ok(target) = behind_links(path) {
                remove_temporaries(folder(&target), ABANDONED);
            }
        }
    }

    /// Replaces both files, each in one step: a reader sees the old one or the new one, also after a power cut.
    pub fn save(&self, matrix: &FeatureMatrix, model: &str) -> Result<()> {
        self.replace(&self.path(), |file| npz::write_to(file, matrix, model))?;
        self.prepare(matrix, model)
    }

    /// Makes `features.simages` hold these rows, and go with the `features.npz` that is there.
    pub fn prepare(&self, matrix: &FeatureMatrix, model: &str) -> Result<()> {
        let npz = self.identity();
        self.replace(&self.sparse_path(), |file| sparse::write(file, matrix.rows(), model, npz))
    }

    /// Adds rows to `features.simages`, which was prepared: they outlive whatever happens next. Where not all of them have
    /// room, as many of the first ones as have it; that is an error all the same.
    pub fn append(&self, rows: &[Arc<Row>]) -> Result<()> {
        let path = self.sparse_path();
        let appended = sparse::append(&path, rows).map_err(|failure| not_written(&path, failure));
        tracing::debug!(rows = rows.len(), ?appended, "appended");
        if appended.is_err() && rows.len() > 1 {
            let (first, second) = rows.split_at(rows.len() / 2);
            self.append(first)?;
            return self.append(second);
        }
        appended
    }

    fn replace(&self, path: &Path, write: impl FnOnce(&mut WholeFile) -> Result<(), Failure>) -> Result<()> {
        std::fs::create_dir_all(&self.folder).map_err(Error::io(&self.folder)).map_err(Error::of_store)?;
        let written = || {
            // Where it is a link, the user wants it to lie elsewhere.
            let place = behind_links(path)?;
            if place.metadata().is_ok_and(|there| !there.is_file()) {
                return Err(Failure::Io(io::Error::other("what is there is no regular file")));
            }
            let mut file = WholeFile::create(&place, TEMPORARY_PREFIX)?;
            write(&mut file)?;
            Ok(file.replace()?)
        };
        written().map_err(|failure| not_written(path, failure))?;
        tracing::debug!(file = %crate::shown::path(path), "written");
        Ok(())
    }

    /// Keeps `features.npz` under another name too, which is returned, if there is one that isn't ours to the last member:
    /// it is about to be replaced.
    pub fn keep_if_foreign(&self) -> Result<Option<PathBuf>> {
        let path = self.path();
        if !path.is_file() || npz::is_ours(&path)? {
            return Ok(None);
        }
        let (whole, free) = (behind_links(&path).map_err(Error::io(&path))?, self.free_name());
        if std::fs::hard_link(&whole, &free).is_err() {
            std::fs::copy(&whole, &free).map_err(Error::io(&free))?;
        }
        Ok(Some(free))
    }

    /// Keeps a file that can't be used under another name, and returns that name.
    pub fn set_aside(&self) -> Result<PathBuf> {
        let (path, free) = (self.path(), self.free_name());
        // A link stays one: what it leads to goes.
        let whole = behind_links(&path).map_err(Error::io(&path))?;
        if std::fs::rename(&whole, &free).is_err() {
            std::fs::copy(&whole, &free).map_err(Error::io(&free))?;
            std::fs::remove_file(&whole).map_err(Error::io(&whole))?;
        }
        Ok(free)
    }

    fn free_name(&self) -> PathBuf {
        let mut names = (1..).map(|n| self.folder.join(format!("features.npz.kept-{n}")));
        names.find(|name| name.symlink_metadata().is_err()).expect("there are more numbers than files")
    }
}

fn remove_temporaries(folder: &Path, age: Duration) {
    let is_old = |entry: &DirEntry| {
        let changed = entry.metadata().and_then(|metadata| metadata.modified());
        age.is_zero() || changed.is_ok_and(|at| at.elapsed().is_ok_and(|elapsed| elapsed > age))
    };
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(TEMPORARY_PREFIX) && name.ends_with(SUFFIX) && is_old(&entry) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// What the links from `path` lead to, whether there is something or not.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match std::fs::read_link(&path) {
            Ok(target) => path = folder(&path).join(target),
            // No link, or nothing at all.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links"))
}

fn not_written(path: &Path, failure: Failure) -> Error {
    if let Some(limit) = failure.limit() {
        return Error::Limit(limit);
    }
    if failure.of_system().is_some_and(is_no_room) {
        return Error::NoRoom { path: path.to_owned() };
    }
    match failure {
        Failure::Torn(error) => error,
        other => {
            let reason = format!("can't be written ({other}); what was stored before is still there");
            Error::Features { path: path.to_owned(), reason }
        }
    }
}

/// Whether files can be made in `folder`, found out by making one without a name.
pub fn is_writable(folder: &Path) -> bool {
    // Where no file can be opened at all, that says nothing of the folder.
    tempfile::tempfile_in(folder).map_or_else(|error| Limit::of_kind(&error).is_some(), |_| true)
}

/// Whether a disk that was full has room again for what was kept in the cache meanwhile. Where nothing was, nobody asks.
fn has_room(folder: &Path, in_cache: &Path) -> bool {
    let kept = [NPZ, SIMAGES].iter().filter_map(|name| in_cache.join(name).metadata().ok()).map(|file| file.len());
    let kept: u64 = kept.sum();
    kept == 0 || free_bytes(folder).is_none_or(|free| free > kept)
}

/// What anybody may still write there.
fn free_bytes(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let disk = rustix::fs::statvfs(folder).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

fn stamp(file: &Path) -> Option<Stamp> {
    Some(Stamp::of(&file.metadata().ok()?))
}
