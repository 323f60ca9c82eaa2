//! A file that appears when complete. Until then it is a temporary file beside its place, which is deleted if the work
//! fails or is cancelled.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::dataset::formats;
use crate::error::{Error, Result};
use crate::storage;
use crate::whole_file::{WholeFile, folder};

pub struct NewFile {
    path: PathBuf,
    file: WholeFile,
    /// Whether an existing file is replaced.
    force: bool,
}

impl NewFile {
    /// Whether results may be written to `path`: never over a picture or descriptors, and over other files only with
    /// `force`.
    pub fn allowed(path: &Path, force: bool) -> Result<()> {
        let refused = |why: &str| Err(Error::Input(format!("{}: {why}", crate::shown::path(path))));
        // A link stands for its target.
        let place = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if [path, &place].iter().any(|p| formats::is_picture(p)) {
            return refused("has the name of a picture; end it in .txt, .csv, .jsonl, .parquet or .html");
        }
        if [path, &place].iter().any(|p| p.file_name().is_some_and(storage::is_ours)) {
            return refused("is reserved for descriptors; use another name: .csv, .jsonl, .parquet or .html");
        }
        match path.symlink_metadata() {
            Err(_) => Ok(()),
            Ok(_) if place.is_dir() => refused("is a folder; give a file in it"),
            // Renaming would replace a device by a file.
            Ok(_) if !place.is_file() => refused("is not a regular file"),
            Ok(_) if force => Ok(()),
            Ok(_) => Err(there_already(path)),
        }
    }

    /// Whether files can be created beside `path`, checked before any work is done.
    pub fn can_be_made(path: &Path) -> Result<()> {
        tempfile::tempfile_in(folder(path)).map(drop).map_err(Error::io(path))
    }

    /// For a picture that we make: never replaces anything.
    pub fn create_picture(path: &Path) -> Result<NewFile> {
        match path.symlink_metadata() {
            Ok(_) => Err(there_already(path)),
            Err(_) => NewFile::begun(path, false),
        }
    }

    pub fn create(path: &Path, force: bool) -> Result<NewFile> {
        NewFile::allowed(path, force)?;
        NewFile::begun(path, force)
    }

    fn begun(path: &Path, force: bool) -> Result<NewFile> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        // Hidden, so that nobody mistakes it for a result.
        let prefix = format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy());
        // Without a name, where that is possible: a killed process leaves nothing behind.
        let create = if force { WholeFile::create } else { WholeFile::create_nameless };
        let file = create(&path, &prefix).map_err(Error::io(&path))?;
        Ok(NewFile { path, file, force })
    }

    /// Writes all of it, and puts it in its place.
    pub fn fill(mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes).map_err(Error::io(&self.path))?;
        self.keep()
    }

    /// Puts the complete file in its place. After a power cut it is there completely or not at all.
    pub fn keep(self) -> Result<()> {
        let NewFile { path, file, force } = self;
        match if force { file.replace() } else { file.add() } {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(there_already(&path)),
            kept => kept.map_err(Error::io(&path)),
        }
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn there_already(path: &Path) -> Error {
    let source = io::Error::new(io::ErrorKind::AlreadyExists, "exists already");
    Error::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().flatten();
        entries.map(|e| e.file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn the_file_is_there_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.csv");
        let mut file = NewFile::create(&path, false).unwrap();
        file.write_all(b"half").unwrap();
        assert!(!path.exists());
        drop(file);
        assert_eq!(names(folder.path()), [""; 0]);
        let mut file = NewFile::create(&path, false).unwrap();
        file.write_all(b"whole").unwrap();
        file.keep().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"whole");
        assert_eq!(names(folder.path()), ["pairs.csv"]);
    }

    #[test]
    fn what_is_there_is_replaced_only_by_force_and_what_came_meanwhile_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.csv");
        let meanwhile = NewFile::create(&path, false).unwrap();
        std::fs::write(&path, "old").unwrap();
        assert!(meanwhile.keep().unwrap_err().to_string().contains("exists already"));
        assert!(NewFile::create(&path, false).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        NewFile::create(&path, true).unwrap().keep().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"");
    }

    #[test]
    fn pictures_descriptors_folders_and_devices_are_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["features.npz", "features.simages", "duck.jpg", "duck.HEIC"] {
            assert!(NewFile::create(&folder.path().join(name), true).is_err(), "{name}");
        }
        assert!(NewFile::create(folder.path(), true).is_err());
        #[cfg(unix)]
        {
            assert!(NewFile::allowed(Path::new("/dev/null"), true).is_err());
            let picture = folder.path().join("duck.png");
            std::fs::write(&picture, "").unwrap();
            let link = folder.path().join("link.csv");
            std::os::unix::fs::symlink(&picture, &link).unwrap();
            assert!(NewFile::create(&link, true).is_err());
        }
    }
}
