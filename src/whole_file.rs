//! Files that appear only when complete: written to a temporary file beside their place, then renamed. There is never
//! half a file, and the old file stays until the new one is complete.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use tempfile::NamedTempFile;

use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::limits::Limit;

/// The suffix of temporary files.
pub const SUFFIX: &str = ".tmp";
/// How long a file is written on after its [`Cancel`]: most are complete by then.
const PATIENCE: Duration = Duration::from_secs(3);

/// Bytes read of a file at a time.
const PIECE: usize = 1 << 18;

/// Reads a whole file; an error if it is a pipe or a device, which could be waited for without end.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Opens a file for reading; an error if it is a pipe or a device.
pub fn open(path: &Path) -> io::Result<File> {
    // Opening a pipe would already wait.
    if path.metadata()?.is_file() { File::open(path) } else { Err(io::Error::other("not a regular file")) }
}

/// Whether two files have the same bytes. Reports to `read` how many bytes of both were read.
pub fn have_same_bytes(a: &Path, b: &Path, cancel: &Cancel, read: &dyn Fn(u64)) -> Result<bool> {
    let reader = |path: &Path| open(path).map(|file| BufReader::with_capacity(PIECE, file)).map_err(Error::io(path));
    let (mut first, mut second) = (reader(a)?, reader(b)?);
    loop {
        cancel.check()?;
        let (left, right) = (first.fill_buf().map_err(Error::io(a))?, second.fill_buf().map_err(Error::io(b))?);
        let len = left.len().min(right.len());
        if len == 0 {
            return Ok(left.len() == right.len());
        }
        if left[..len] != right[..len] {
            return Ok(false);
        }
        read(2 * len as u64);
        first.consume(len);
        second.consume(len);
    }
}

/// A file being written. Dropping it before it is in place deletes it.
pub struct WholeFile {
    place: PathBuf,
    file: BufWriter<Unfinished>,
    cancel: Cancel,
    /// When `cancel` was first noticed.
    cancelled: Option<Instant>,
}

/// The error, inside an [`io::Error`], of a file that wasn't complete some seconds after its [`Cancel`].
#[derive(Debug, thiserror::Error)]
#[error("given up before it was complete")]
pub struct GivenUp;

/// The temporary file.
enum Unfinished {
    Named(NamedTempFile),
    /// Without a name, so that even a killed process leaves nothing behind.
    #[cfg(target_os = "linux")]
    Nameless(File),
}

impl WholeFile {
    /// Starts a file for `place`. Until it is in place, it has a name in the same folder that begins with `prefix`. Its
    /// permissions are those of ordinary files.
    pub fn create(place: &Path, prefix: &str) -> io::Result<WholeFile> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(prefix).suffix(SUFFIX);
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        // The error holds the temporary name, which would only confuse.
        let unnamed = |error: io::Error| match Limit::of_kind(&error) {
            Some(limit) => io::Error::other(limit),
            None => error.kind().into(),
        };
        let file = builder.tempfile_in(folder(place)).map_err(unnamed)?;
        Ok(WholeFile::begun(place, Unfinished::Named(file)))
    }

    /// Like [`WholeFile::create`], but only for [`WholeFile::add`]: where the file system allows it, the file has no
    /// name until it is in place.
    pub fn create_nameless(place: &Path, prefix: &str) -> io::Result<WholeFile> {
        #[cfg(target_os = "linux")]
        if let Some(file) = nameless(folder(place)) {
            return Ok(WholeFile::begun(place, Unfinished::Nameless(file)));
        }
        WholeFile::create(place, prefix)
    }

    fn begun(place: &Path, file: Unfinished) -> WholeFile {
        let file = BufWriter::with_capacity(1 << 16, file);
        WholeFile { place: place.to_owned(), file, cancel: Cancel::default(), cancelled: None }
    }

    /// Writing ends with [`GivenUp`] if the file isn't complete some seconds after `cancel`.
    pub fn until(self, cancel: &Cancel) -> WholeFile {
        WholeFile { cancel: cancel.clone(), ..self }
    }

    fn check(&mut self) -> io::Result<()> {
        if !self.cancel.is_cancelled() {
            return Ok(());
        }
        let cancelled = *self.cancelled.get_or_insert_with(Instant::now);
        if cancelled.elapsed() < PATIENCE { Ok(()) } else { Err(io::Error::other(GivenUp)) }
    }

    /// Fills the file, which is still empty, by sharing the storage of `source` (a reflink). Returns whether the file
    /// system could.
    pub fn shares(&self, source: &File) -> bool {
        #[cfg(target_os = "linux")]
        return rustix::fs::ioctl_ficlone(self.file.get_ref().file(), source).is_ok();
        #[cfg(not(target_os = "linux"))]
        {
            let _ = source;
            false
        }
    }

    /// Sets the file's modification time.
    pub fn set_modified(&mut self, at: SystemTime) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().file().set_modified(at)
    }

    /// Puts the file in place, replacing any other. A reader sees the old file or the new one, even after a power cut.
    pub fn replace(self) -> io::Result<()> {
        let (file, place) = self.synced()?;
        file.replace(&place)?;
        sync_folder(folder(&place));
        Ok(())
    }

    /// Puts the file in place if there is none, not even one made since. Otherwise the error is
    /// [`io::ErrorKind::AlreadyExists`].
    pub fn add(self) -> io::Result<()> {
        let (file, place) = self.synced()?;
        file.add(&place)?;
        sync_folder(folder(&place));
        Ok(())
    }

    /// Like [`WholeFile::replace`], but without waiting for the disk: after a power cut the file may be incomplete.
    pub fn replace_soon(self) -> io::Result<()> {
        let (file, place) = self.written()?;
        file.replace(&place)
    }

    fn synced(self) -> io::Result<(Unfinished, PathBuf)> {
        let (file, place) = self.written()?;
        file.file().sync_all()?;
        Ok((file, place))
    }

    fn written(self) -> io::Result<(Unfinished, PathBuf)> {
        Ok((self.file.into_inner().map_err(io::IntoInnerError::into_error)?, self.place))
    }
}

impl Unfinished {
    fn file(&self) -> &File {
        match self {
            Unfinished::Named(file) => file.as_file(),
            #[cfg(target_os = "linux")]
            Unfinished::Nameless(file) => file,
        }
    }

    fn replace(self, place: &Path) -> io::Result<()> {
        match self {
            Unfinished::Named(file) => file.persist(place).map(|_| ()).map_err(|e| e.error),
            // A link can't replace a file.
            #[cfg(target_os = "linux")]
            Unfinished::Nameless(_) => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    fn add(self, place: &Path) -> io::Result<()> {
        match self {
            Unfinished::Named(file) => file.persist_noclobber(place).map(|_| ()).map_err(|e| e.error),
            #[cfg(target_os = "linux")]
            Unfinished::Nameless(file) => {
                use rustix::fs::{AtFlags, CWD, linkat};
                Ok(linkat(CWD, path_of(&file), CWD, place, AtFlags::SYMLINK_FOLLOW)?)
            }
        }
    }
}

/// None where the file system has no unnamed files, or `/proc`, needed to name them, is missing.
#[cfg(target_os = "linux")]
fn nameless(folder: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    let file = open(folder, OFlags::WRONLY | OFlags::TMPFILE | OFlags::CLOEXEC, Mode::from_raw_mode(0o666)).ok()?;
    let file = File::from(file);
    path_of(&file).exists().then_some(file)
}

#[cfg(target_os = "linux")]
fn path_of(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", file.as_raw_fd()).into()
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for WholeFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.check()?;
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The folder of the file `path`.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the rename itself survive a power cut, where folders can be opened and synced.
fn sync_folder(folder: &Path) {
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().flatten();
        entries.map(|e| e.file_name().into_string().unwrap()).collect()
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert_eq!(read(&pipe).unwrap_err().to_string(), "not a regular file");
        assert!(open(folder.path()).is_err());
        assert_eq!(read(&folder.path().join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn files_are_the_same_to_their_last_byte() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let bytes = vec![7; PIECE + 9];
        std::fs::write(at("a"), &bytes).unwrap();
        std::fs::write(at("same"), &bytes).unwrap();
        std::fs::write(at("shorter"), &bytes[1..]).unwrap();
        std::fs::write(at("other"), [&bytes[1..], &[8]].concat()).unwrap();
        let (cancel, read) = (Cancel::default(), AtomicU64::new(0));
        let same = |name: &str| {
            let add = |bytes| {
                read.fetch_add(bytes, Ordering::Relaxed);
            };
            have_same_bytes(&at("a"), &at(name), &cancel, &add).map_err(|error| error.to_string())
        };
        assert_eq!([same("same"), same("shorter"), same("other")], [Ok(true), Ok(false), Ok(false)]);
        assert_eq!(read.load(Ordering::Relaxed), (2 * bytes.len() + 2 * (bytes.len() - 1) + 2 * PIECE) as u64);
        assert!(same("missing").unwrap_err().contains("missing"));
        cancel.cancel();
        assert!(matches!(have_same_bytes(&at("a"), &at("same"), &cancel, &|_| ()), Err(Error::Cancelled)));
    }

    #[test]
    fn what_is_there_stays_until_the_new_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a");
        std::fs::write(&place, "old").unwrap();
        let begun = |text: &str| {
            let mut file = WholeFile::create(&place, ".a.").unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file
        };
        drop(begun("half"));
        assert_eq!((names(folder.path()), std::fs::read(&place).unwrap()), (vec!["a".to_owned()], b"old".to_vec()));
        assert_eq!(begun("new").add().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        begun("new").replace().unwrap();
        assert_eq!(std::fs::read(&place).unwrap(), b"new");
        begun("newer").replace_soon().unwrap();
        assert_eq!(std::fs::read(&place).unwrap(), b"newer");
        std::fs::remove_file(&place).unwrap();
        begun("newest").add().unwrap();
        assert_eq!((names(folder.path()), std::fs::read(&place).unwrap()), (vec!["a".to_owned()], b"newest".to_vec()));
    }

    #[test]
    fn a_long_one_is_given_up_and_a_short_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a");
        let cancel = Cancel::default();
        cancel.cancel();
        let begun = || WholeFile::create(&place, ".a.").unwrap().until(&cancel);
        let mut file = begun();
        file.write_all(b"short").unwrap();
        file.replace().unwrap();
        let mut file = begun();
        file.cancelled = Instant::now().checked_sub(2 * PATIENCE);
        assert!(file.write_all(b"long").unwrap_err().get_ref().unwrap().is::<GivenUp>());
        drop(file);
        assert_eq!((names(folder.path()), std::fs::read(&place).unwrap()), (vec!["a".to_owned()], b"short".to_vec()));
    }

    #[test]
    fn one_without_a_name_is_added_but_never_over_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("a");
        let begun = || {
            let mut file = WholeFile::create_nameless(&place, ".a.").unwrap();
            file.write_all(b"whole").unwrap();
            file
        };
        #[cfg(target_os = "linux")]
        if nameless(folder.path()).is_some() {
            let _begun = begun();
            assert!(names(folder.path()).is_empty());
        }
        begun().add().unwrap();
        assert_eq!((names(folder.path()), std::fs::read(&place).unwrap()), (vec!["a".to_owned()], b"whole".to_vec()));
        assert_eq!(begun().add().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(names(folder.path()), ["a"]);
    }

    #[cfg(unix)]
    #[test]
    fn it_is_as_readable_as_others() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| folder.path().join(name).metadata().unwrap().permissions().mode();
        std::fs::write(folder.path().join("plain"), "").unwrap();
        WholeFile::create(&folder.path().join("whole"), ".whole.").unwrap().replace().unwrap();
        WholeFile::create_nameless(&folder.path().join("added"), ".added.").unwrap().add().unwrap();
        assert_eq!([mode("whole"), mode("added")], [mode("plain"); 2]);
    }
}
