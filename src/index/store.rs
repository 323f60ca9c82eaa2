//! Where a dataset's `features.npz` is, and how it is replaced without ever being half written; and `features.simages`
//! beside it, which opens at once.

use std::ffi::OsStr;
use std::fs::{DirEntry, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::lock::Lock;
use crate::cancel::Cancel;
use crate::dataset::{self, Dataset, Stamp, names};
use crate::descriptor::{FeatureMatrix, Row};
use crate::error::{Error, Result, is_no_room};
use crate::limits::Limit;
use crate::storage::sparse::{self, Identity, Sparse};
use crate::storage::{self, Failure, NPZ, Prepared, SIMAGES, Stored, npz};
use crate::text::hex;
use crate::whole_file::{SUFFIX, WholeFile, folder};

const LOCK_FILE: &str = ".features.npz.lock";
const TEMPORARY_PREFIX: &str = ".features.npz.";
/// The last bytes of an npz, which contain its members' checksums.
const END: u64 = 1024;

/// The longest chain of links that systems follow.
const MOST_LINKS: usize = 40;

/// Where the file system has no locks, a temporary file this old is considered abandoned.
const ABANDONED: Duration = Duration::from_hours(24);

/// A dataset's `features.npz`: in its folder, or in the user's cache folder if the dataset's can't, or mustn't, be
/// written.
#[derive(Clone, Debug)]
pub struct Store {
    /// The folder of the file.
    folder: PathBuf,
    /// For folders that we don't write to: a file left there, read if we have none of our own.
    inherited: Option<PathBuf>,
    /// For a store in the dataset's folder: the one in the cache, in case the disk is full.
    in_cache: Option<PathBuf>,
    /// Ends writing that takes long.
    cancel: Cancel,
}

/// The name of the dataset's files in the user's cache folder: `photos-1f8b0c94d2e37a65`. Folders of the same name get
/// different ones.
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
            let folder = dataset.root.clone();
            return Store { folder, inherited: None, in_cache: Some(in_cache), cancel: Cancel::default() };
        }
        let inherited = Some(dataset.root.join(NPZ));
        Store { folder: in_cache, inherited, in_cache: None, cancel: Cancel::default() }
    }

    /// A file that isn't complete some seconds after `cancel` is given up, with [`Error::Cancelled`].
    pub fn until(self, cancel: &Cancel) -> Store {
        Store { cancel: cancel.clone(), ..self }
    }

    /// The store in the user's cache folder, for a full disk; None if this is it.
    pub fn without_room(&self) -> Option<Store> {
        let folder = self.in_cache.clone()?;
        Some(Store { folder, inherited: Some(self.path()), in_cache: None, cancel: self.cancel.clone() })
    }

    /// The file to write.
    pub fn path(&self) -> PathBuf {
        self.folder.join(NPZ)
    }

    /// The file to read: our own, else the one left in the folder; None if there is neither.
    pub fn existing(&self) -> Option<PathBuf> {
        [Some(self.path()), self.inherited.clone()].into_iter().flatten().find(|p| p.is_file())
    }

    fn sparse_path(&self) -> PathBuf {
        self.folder.join(SIMAGES)
    }

    /// Reads the stored rows; None if there are none yet.
    pub fn load(&self) -> Result<Option<Stored>> {
        let existing = self.existing();
        // Without `features.npz`, which the user may have deleted, these rows are all there is.
        let fits = |sparse: &Sparse| existing.is_none() || sparse.npz == self.identity();
        let in_folder = self.inherited.as_ref().filter(|_| existing.is_none()).map(|npz| npz.with_file_name(SIMAGES));
        let place = Some(self.sparse_path()).filter(|own| own.is_file()).or(in_folder);
        let sparse_rows = place.and_then(|place| sparse::open(&place)).filter(fits).map(|s| {
            let prepared = if s.current { Prepared::Current } else { Prepared::Older };
            (Stored { matrix: s.matrix, model: Some(s.model), prepared, is_behind: s.is_appended }, s.whole)
        });
        match (sparse_rows, existing) {
            (Some((stored, _)), None) => Ok(Some(Stored { prepared: Prepared::No, is_behind: true, ..stored })),
            (Some((stored, true)), _) => Ok(Some(stored)),
            (None, None) => Ok(None),
            (None, Some(path)) => npz::read(&path).map(Some),
            (Some((last, false)), Some(path)) => {
                let mut stored = npz::read(&path)?;
                if stored.model == last.model {
                    // If it was cut short, it still has the rows computed last.
                    let lacks = |row: &Arc<Row>| stored.matrix.get(&row.name).is_none_or(|npz| npz.stamp != row.stamp);
                    stored.is_behind = last.matrix.rows().iter().any(lacks);
                    stored.matrix.extend(last.matrix.rows().iter().cloned());
                }
                Ok(Some(stored))
            }
        }
    }

    /// What has the name of one of the files but is none, such as a folder.
    pub fn not_files(&self) -> Vec<PathBuf> {
        let named = [self.path(), self.sparse_path()].into_iter();
        named.filter(|path| path.metadata().is_ok_and(|there| !there.is_file())).collect()
    }

    /// What doesn't match its checksum; reads both files.
    pub fn damage(&self) -> Vec<String> {
        let npz = self.existing().and_then(|path| npz::check(&path).err()).map(|error| error.to_string());
        let sparse = self.sparse_path();
        let is_whole = || sparse::open(&sparse).is_some_and(|sparse| sparse.whole);
        let rows = (sparse.is_file() && !is_whole())
            .then(|| format!("{}: some of its rows don't match their checksums", crate::shown::path(&sparse)));
        npz.into_iter().chain(rows).collect()
    }

    /// Whether `features.npz` doesn't exist, but `features.simages` does.
    pub fn lacks_npz(&self) -> bool {
        self.existing().is_none() && self.sparse_path().is_file()
    }

    /// The contents of `features.simages`, for finding rows of pictures, without reading `features.npz`.
    pub fn at_hand(&self) -> Option<Stored> {
        let sparse = sparse::open(&self.sparse_path())?;
        let (matrix, model) = (sparse.matrix, Some(sparse.model));
        Some(Stored { matrix, model, prepared: Prepared::No, is_behind: sparse.is_appended })
    }

    /// The files that exist.
    pub fn files(&self) -> Vec<PathBuf> {
        self.existing().into_iter().chain([self.sparse_path()]).filter(|file| file.is_file()).collect()
    }

    /// Identifies the current `features.npz`.
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

    /// Changes when the stored file does.
    pub fn stamp(&self) -> Option<Stamp> {
        stamp(&self.existing()?)
    }

    /// The size of both files.
    pub fn bytes(&self) -> u64 {
        let files = self.existing().into_iter().chain([self.sparse_path()]);
        files.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
    }

    /// When something was last stored, in nanoseconds since 1970 by the file system's clock.
    pub fn ctime_ns(&self) -> Option<i64> {
        let files = self.existing().into_iter().chain([self.sparse_path()]);
        files.filter_map(|file| Some(dataset::ctime_ns(&file.metadata().ok()?))).max()
    }

    /// Changes when anything stored does.
    pub fn stamps(&self) -> [Option<Stamp>; 2] {
        [self.stamp(), stamp(&self.sparse_path())]
    }

    /// The right to write; None while another process has it. Removes files that a killed writer left behind.
    pub fn try_lock(&self) -> Result<Option<Lock>> {
        std::fs::create_dir_all(&self.folder).map_err(Error::io(&self.folder)).map_err(Error::of_store)?;
        let lock = Lock::try_acquire(&self.folder.join(LOCK_FILE)).map_err(Error::of_store)?;
        if let Some(lock) = &lock {
            self.remove_temporaries(if lock.is_exclusive() { Duration::ZERO } else { ABANDONED });
        }
        Ok(lock)
    }

    /// Whether another process is writing right now. Writes nothing.
    pub fn is_locked(&self) -> bool {
        // Shared, so that two readers of the lock don't mistake each other for a writer.
        let lock = std::fs::File::open(self.folder.join(LOCK_FILE));
        lock.is_ok_and(|file| matches!(file.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock)))
    }

    /// Removes temporary files that are at least this old. If links lead elsewhere, other datasets may be written there
    /// without our lock, so only old files are removed.
    fn remove_temporaries(&self, age: Duration) {
        remove_temporaries(&self.folder, age);
        for path in [self.path(), self.sparse_path()].iter().filter(|path| path.is_symlink()) {
            if let Ok(target) = behind_links(path) {
                remove_temporaries(folder(&target), ABANDONED);
            }
        }
    }

    /// Stores all rows in both files. A reader sees the old `features.npz` or the new one, even after a power cut.
    pub fn save(&self, matrix: &FeatureMatrix, model: &str) -> Result<()> {
        self.replace(&self.path(), |file| npz::write_to(file, matrix, model))?;
        self.prepare(matrix, model)
    }

    /// Makes `features.simages` hold these rows and match the current `features.npz`. Appends the rows it lacks, or if
    /// that isn't enough, replaces it atomically.
    pub fn prepare(&self, matrix: &FeatureMatrix, model: &str) -> Result<()> {
        let (path, npz) = (self.sparse_path(), self.identity());
        match sparse::lacking(&path, matrix.rows(), model) {
            Some(lacking) => {
                self.append(&lacking.rows)?;
                lacking.match_npz(&path, npz).map_err(|failure| not_written(&path, failure))
            }
            None => self.replace(&path, |file| sparse::write(file, matrix.rows(), model, npz)),
        }
    }

    /// Appends rows to `features.simages` after [`Store::prepare`]; they survive whatever happens next. If not all of
    /// them fit on the disk, appends as many as fit, in order, and returns an error.
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
            // If it is a link, the user wants the file elsewhere.
            let place = behind_links(path)?;
            if place.metadata().is_ok_and(|there| !there.is_file()) {
                return Err(Failure::Io(io::Error::other("not a regular file: move it away")));
            }
            check_link(path, &place)?;
            let mut file = WholeFile::create(&place, TEMPORARY_PREFIX)?.until(&self.cancel);
            write(&mut file)?;
            Ok(file.replace()?)
        };
        written().map_err(|failure| not_written(path, failure))?;
        tracing::debug!(file = %crate::shown::path(path), "written");
        Ok(())
    }

    /// Before `features.npz` is replaced: if any of its members isn't ours, keeps a copy under another name, and
    /// returns that name.
    pub fn keep_if_foreign(&self) -> Result<Option<PathBuf>> {
        let path = self.path();
        if !path.is_file() || npz::is_ours(&path)? {
            return Ok(None);
        }
        let (whole, free) = (behind_links(&path).map_err(Error::io(&path))?, self.free_name(NPZ.as_ref()));
        check_link(&path, &whole).map_err(Error::io(&path))?;
        if std::fs::hard_link(&whole, &free).is_err() {
            std::fs::copy(&whole, &free).map_err(Error::io(&free))?;
        }
        Ok(Some(free))
    }

    /// The file that holds the record: `features.npz`, or without it `features.simages`. None if there is neither.
    pub fn record(&self) -> Option<PathBuf> {
        [self.path(), self.sparse_path()].into_iter().find(|path| path.is_file())
    }

    /// Renames a record that can't be used, and returns the new name.
    pub fn set_aside(&self, path: &Path) -> Result<PathBuf> {
        let free = self.free_name(path.file_name().unwrap_or_default());
        // A link stays a link; its target is renamed.
        let whole = behind_links(path).map_err(Error::io(path))?;
        check_link(path, &whole).map_err(Error::io(path))?;
        if std::fs::rename(&whole, &free).is_err() {
            std::fs::copy(&whole, &free).map_err(Error::io(&free))?;
            std::fs::remove_file(&whole).map_err(Error::io(&whole))?;
        }
        Ok(free)
    }

    fn free_name(&self, name: &OsStr) -> PathBuf {
        let name = name.to_string_lossy();
        let mut names = (1..).map(|n| self.folder.join(format!("{name}.kept-{n}")));
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

/// The target of the links from `path`, whether it exists or not.
fn behind_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match std::fs::read_link(&path) {
            Ok(target) => path = folder(&path).join(target),
            // Not a link, or nothing at all.
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links"))
}

/// Refuses to replace what a link leads to, unless it is a file of descriptors: it could be a picture.
fn check_link(path: &Path, place: &Path) -> io::Result<()> {
    // Nothing is lost with an empty file.
    let is_full = || place.metadata().is_ok_and(|metadata| metadata.len() > 0);
    let holds_descriptors = || storage::holds_descriptors(path.file_name().unwrap_or_default(), place);
    if path == place || !is_full() || holds_descriptors() {
        return Ok(());
    }
    let place = crate::shown::path(place);
    Err(io::Error::other(format!("is a link to {place}, which holds no descriptors: remove the link")))
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
        other if other.is_given_up() => Error::Cancelled,
        other => {
            let reason = format!("can't be written ({other}); what was stored before is still there");
            Error::Features { path: path.to_owned(), reason }
        }
    }
}

/// Whether files can be created in `folder`, tested by creating one without a name.
pub fn is_writable(folder: &Path) -> bool {
    // If no file can be opened at all, that says nothing about the folder.
    tempfile::tempfile_in(folder).map_or_else(|error| Limit::of_kind(&error).is_some(), |_| true)
}

/// Whether a full disk has room again for the data kept in the cache meanwhile. Only asked if there is any.
fn has_room(folder: &Path, in_cache: &Path) -> bool {
    let kept = [NPZ, SIMAGES].iter().filter_map(|name| in_cache.join(name).metadata().ok()).map(|file| file.len());
    let kept: u64 = kept.sum();
    kept == 0 || free_bytes(folder).is_none_or(|free| free > kept)
}

/// The free space for ordinary users.
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
