//! Copies pictures into a folder: never over a file, and never in part.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::dropped::undropped;
use crate::cancel::Cancel;
use crate::error::{Error, Result};
use crate::progress::Progress;
use crate::text::{count, thousands};
use crate::whole_file::{self, WholeFile};

/// Bytes between two checks for cancellation.
const PIECE: usize = 1 << 20;
/// Bytes that tell most files apart.
const BEGINNING: u64 = 1 << 16;
/// The prefix of temporary files, where they need a name.
const PREFIX: &str = ".simages-copy.";

#[derive(Clone, Debug)]
pub struct CopyJob {
    pub folder: PathBuf,
    /// Whether to create the folder if it doesn't exist.
    pub creates: bool,
    pub files: Vec<PathBuf>,
}

impl CopyJob {
    /// Copies all pictures and returns a summary; `progress` counts them. An error says how many were copied before it.
    pub fn copy(&self, cancel: &Cancel, progress: &mut dyn FnMut(Progress)) -> Result<String> {
        // The path as typed, or dropped onto the terminal.
        let folder = undropped(self.folder.clone());
        if folder.is_file() {
            return Err(Error::Input(format!("{} is a file, not a folder", crate::shown::path(&folder))));
        }
        let new = if folder.exists() { "" } else { "a new folder, " };
        // It may be a typo.
        if !new.is_empty() && !self.creates {
            return Err(Error::Input(format!("no such folder; ⏎ creates it: {}", crate::shown::path(&folder))));
        }
        std::fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
        let (mut copied, mut there, mut again, mut failed) = (0, 0, 0, None);
        // By size and beginning: a camera's files may all have one size.
        let mut before: HashMap<(u64, Vec<u8>), Vec<&Path>> = HashMap::new();
        for (done, file) in self.files.iter().enumerate() {
            progress(Progress::images(done, self.files.len()));
            let alike = before.entry(beginning(file).unwrap_or_default()).or_default();
            match copy_once(file, &folder, alike, cancel) {
                Ok(Copied::New) => copied += 1,
                Ok(Copied::There) => there += 1,
                Ok(Copied::Again) => again += 1,
                Err(Error::Cancelled) => return Err(Error::Cancelled),
                Err(error) => {
                    // If the disk is full or read-only, all other files would fail as well.
                    let is_the_disk = matches!(&error, Error::Io { source, .. } if matches!(
                        source.kind(),
                        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::ReadOnlyFilesystem
                    ));
                    failed = failed.or(Some(error));
                    if is_the_disk {
                        break;
                    }
                }
            }
        }
        if let Some(error) = failed {
            let (copied, of) = (thousands(copied), count(self.files.len(), "picture"));
            return Err(Error::Input(format!("{copied} of {of} copied; {error}")));
        }
        let there = match there {
            0 => String::new(),
            there => format!("; {} already there", thousands(there)),
        };
        let again = match again {
            0 => String::new(),
            again => format!("; {} byte-identical to one of them, so not copied", thousands(again)),
        };
        Ok(format!("{} copied to {new}{}{there}{again}", count(copied, "picture"), crate::shown::path(&folder)))
    }
}

/// What became of a picture to copy.
enum Copied {
    New,
    /// It was there.
    There,
    /// An identical one was copied.
    Again,
}

/// A file's size, and a hash of its first bytes.
fn beginning(file: &Path) -> io::Result<(u64, Vec<u8>)> {
    let opened = File::open(file)?;
    let size = opened.metadata()?.len();
    let mut bytes = Vec::new();
    opened.take(BEGINNING).read_to_end(&mut bytes)?;
    Ok((size, blake3::hash(&bytes).as_bytes().to_vec()))
}

/// Copies a picture, unless it is byte-identical to one of those `before`, to which it is added.
fn copy_once<'a>(file: &'a Path, folder: &Path, before: &mut Vec<&'a Path>, cancel: &Cancel) -> Result<Copied> {
    for other in before.iter() {
        match whole_file::have_same_bytes(file, other, cancel, &|_| ()) {
            Ok(true) => return Ok(Copied::Again),
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            // If this one can't be read, copying it says so.
            Ok(false) | Err(_) => {}
        }
    }
    let is_new = copy_one(file, folder, cancel)?;
    before.push(file);
    Ok(if is_new { Copied::New } else { Copied::There })
}

/// Returns whether it was copied; a file that is already there byte for byte isn't. If another file has the name, the
/// copy gets a number.
fn copy_one(file: &Path, folder: &Path, cancel: &Cancel) -> Result<bool> {
    let name = file.file_name().ok_or_else(|| Error::Input(format!("{}: not a file", crate::shown::path(file))))?;
    let (stem, extension) = (Path::new(name).file_stem().unwrap_or(name), Path::new(name).extension());
    for number in 1.. {
        let mut called = stem.to_owned();
        if number > 1 {
            called.push(format!(" ({number})"));
        }
        if let Some(extension) = extension {
            called.push(".");
            called.push(extension);
        }
        let place = folder.join(called);
        if place.symlink_metadata().is_ok() {
            if is_same(file, &place, cancel)? {
                return Ok(false);
            }
            continue;
        }
        match copied(file, &place, cancel) {
            Err(Error::Io { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
            copied => return copied.map(|()| true),
        }
    }
    unreachable!("numbers have no end")
}

/// Whether the two files are byte-identical.
fn is_same(a: &Path, b: &Path, cancel: &Cancel) -> Result<bool> {
    let len = |path: &Path| path.metadata().map(|metadata| metadata.len()).map_err(Error::io(path));
    // A link may lead to the very file.
    if b.is_symlink() || !b.is_file() || len(a)? != len(b)? {
        return Ok(false);
    }
    whole_file::have_same_bytes(a, b, cancel, &|_| ())
}

/// Shares the storage where the file system can, else copies. Keeps the modification time.
fn copied(from: &Path, to: &Path, cancel: &Cancel) -> Result<()> {
    let mut source = File::open(from).map_err(Error::io(from))?;
    let modified = source.metadata().and_then(|metadata| metadata.modified());
    let kind = |error: io::Error| io::Error::from(error.kind());
    let mut file = WholeFile::create_nameless(to, PREFIX).map_err(|error| Error::io(to)(kind(error)))?;
    if !file.shares(&source) {
        let mut piece = vec![0; PIECE];
        loop {
            cancel.check()?;
            let read = source.read(&mut piece).map_err(Error::io(from))?;
            if read == 0 {
                break;
            }
            file.write_all(&piece[..read]).map_err(Error::io(to))?;
        }
    }
    if let Ok(modified) = modified {
        file.set_modified(modified).map_err(Error::io(to))?;
    }
    file.add().map_err(Error::io(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_copied_over_and_what_is_there_is_not_copied_twice() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("from/sub")).unwrap();
        std::fs::write(at("from/a.jpg"), "first").unwrap();
        std::fs::write(at("from/sub/a.jpg"), "other").unwrap();
        let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        File::options().write(true).open(at("from/a.jpg")).unwrap().set_modified(old).unwrap();
        std::fs::copy(at("from/sub/a.jpg"), at("from/sub/b.jpg")).unwrap();
        let files = vec![at("from/a.jpg"), at("from/sub/a.jpg"), at("from/sub/b.jpg")];
        let mut job = CopyJob { folder: at("to/new"), creates: false, files };
        let refused = job.copy(&Cancel::default(), &mut |_| ()).unwrap_err().to_string();
        assert!(refused.starts_with("no such folder; ⏎ creates it: ") && !at("to").exists(), "{refused}");
        job.creates = true;
        let mut told = Vec::new();
        let said = job.copy(&Cancel::default(), &mut |progress| told.push(progress.done)).unwrap();
        assert_eq!(
            (said, told),
            (
                format!(
                    "2 pictures copied to a new folder, {}; 1 byte-identical to one of them, so not copied",
                    at("to/new").display()
                ),
                vec![0, 1, 2]
            )
        );
        let read = |name: &str| std::fs::read_to_string(at("to/new").join(name)).unwrap();
        assert_eq!((read("a.jpg"), read("a (2).jpg")), ("first".into(), "other".into()));
        assert_eq!(at("to/new/a.jpg").metadata().unwrap().modified().unwrap(), old);
        let again = job.copy(&Cancel::default(), &mut |_| ()).unwrap();
        assert!(again.starts_with("0 pictures copied") && again.contains("; 2 already there; 1 "), "{again}");
        assert_eq!(std::fs::read_dir(at("to/new")).unwrap().count(), 2);
    }

    #[test]
    fn one_that_fails_keeps_no_other_from_being_copied_and_no_part_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a.jpg"), "a").unwrap();
        let job = |folder, files| CopyJob { folder, creates: true, files };
        let missing = job(at("to"), vec![at("gone.jpg"), at("a.jpg")]);
        let error = missing.copy(&Cancel::default(), &mut |_| ()).unwrap_err().to_string();
        assert!(error.starts_with("1 of 2 pictures copied; ") && error.contains("gone.jpg"), "{error}");
        assert!(job(at("a.jpg"), vec![at("a.jpg")]).copy(&Cancel::default(), &mut |_| ()).is_err());
        let cancel = Cancel::default();
        cancel.cancel();
        let cancelled = job(at("other"), vec![at("a.jpg")]).copy(&cancel, &mut |_| ());
        assert!(matches!(cancelled, Err(Error::Cancelled)));
        assert_eq!(std::fs::read_dir(at("other")).unwrap().count(), 0);
    }
}
