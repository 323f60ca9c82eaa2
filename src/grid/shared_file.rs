//! Files in the shared folder, with size and checksum to tell whether they are complete.

use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::checksum::{Sum, Summing};
use crate::error::{Error, Result};
use crate::whole_file::WholeFile;

/// The prefix of temporary files of plans.
pub const TEMPORARY: &str = ".plan.";
/// The remedy for an unusable file.
pub const REMEDY: &str = "give the same command again to make a new plan";

/// Files may appear late on a network file system: check this many times before calling one missing or damaged.
const LOOKS: usize = 3;
const BETWEEN: Duration = Duration::from_millis(300);

/// A file with its size and checksum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedFile {
    /// The path in the shared folder, with `/` between folders.
    pub path: String,
    pub size: u64,
    pub crc32: u32,
}

impl SharedFile {
    /// The path of the file, if its contents are correct.
    ///
    /// # Errors
    /// [`Error::Plan`] with the reason.
    pub fn check(&self, shared: &Path) -> Result<PathBuf> {
        let path = self.place(shared)?;
        patiently(|| {
            let found = Sum::of_file(&path).map_err(|error| unusable(&path, &error))?;
            match found == (Sum { size: self.size, crc32: self.crc32 }) {
                true => Ok(()),
                false => Err(Error::Plan { path: path.clone(), reason: format!("{DAMAGED}; {REMEDY}") }),
            }
        })?;
        Ok(path)
    }

    /// Its full path. A path that leads out of the shared folder is refused.
    pub fn place(&self, shared: &Path) -> Result<PathBuf> {
        let path = Path::new(&self.path);
        let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
        match is_below && path.components().next().is_some() {
            true => Ok(shared.join(path)),
            false => Err(Error::Plan { path: path.to_owned(), reason: "leads out of the shared folder".into() }),
        }
    }
}

/// The reason if a file's contents differ from what was written.
pub const DAMAGED: &str = "is damaged, or was changed: its checksum doesn't match";

/// The error for a file that can't be read.
pub fn unusable(path: &Path, error: &io::Error) -> Error {
    let reason = match error.kind() {
        io::ErrorKind::NotFound => "is missing".into(),
        _ => format!("can't be read ({error})"),
    };
    Error::Plan { path: path.to_owned(), reason }
}

/// Tries again for a moment before returning an error.
pub fn patiently<T>(mut look: impl FnMut() -> Result<T>) -> Result<T> {
    for _ in 1..LOOKS {
        match look() {
            Err(Error::Plan { .. }) => thread::sleep(BETWEEN),
            other => return other,
        }
    }
    look()
}

/// Writes a file into the shared folder, completely or not at all.
pub fn write(shared: &Path, path: String, bytes: &[u8]) -> Result<SharedFile> {
    let place = shared.join(&path);
    let folder = crate::whole_file::folder(&place);
    std::fs::create_dir_all(folder).map_err(Error::io(folder)).map_err(Error::of_store)?;
    let write = || {
        let mut file = Summing::new(WholeFile::create(&place, TEMPORARY)?);
        file.write_all(bytes)?;
        let sum = file.sum();
        file.to.replace().map(|()| sum)
    };
    let Sum { size, crc32 } = write().map_err(Error::io(&place)).map_err(Error::of_store)?;
    Ok(SharedFile { path, size, crc32 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_used_only_as_it_was_written_and_below_the_folder() {
        let shared = tempfile::tempdir().unwrap();
        std::fs::write(shared.path().join("a"), b"whole").unwrap();
        let Sum { size, crc32 } = Sum::of_file(&shared.path().join("a")).unwrap();
        let checked = |path: &str| SharedFile { path: path.into(), size, crc32 };
        assert_eq!(checked("a").check(shared.path()).unwrap(), shared.path().join("a"));
        let why = |path: &str| checked(path).check(shared.path()).unwrap_err().to_string();
        assert!(why("b").ends_with("b: is missing"), "{}", why("b"));
        for out in ["/etc/passwd", "../a", "x/../../a", ""] {
            assert!(why(out).ends_with("leads out of the shared folder"), "{out}");
        }
        std::fs::write(shared.path().join("a"), b"whale").unwrap();
        assert!(why("a").contains(DAMAGED));
    }
}
