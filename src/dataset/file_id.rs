//! The identity of a file, by whatever path it is reached.

use std::fs::Metadata;
use std::path::Path;
use std::sync::Arc;

use super::stamp::Stamp;

/// A file or folder of the system. Equal ids mean the same file: through a link, a hard link, or a second mount.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FileId {
    /// The system's numbers.
    Inode { device: u64, inode: u64 },
    /// Where the system has no number: its path, links resolved.
    Path(Arc<Path>),
}

/// Whether two files are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sameness {
    Same,
    /// Equal numbers, size and time on two devices: perhaps one file, mounted twice over a network.
    PerhapsSame,
    Different,
}

impl FileId {
    /// The id of the file or folder at `path`; `metadata` must be that of a link's target.
    pub fn of(path: &Path, metadata: &Metadata) -> FileId {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            FileId::numbered(path, metadata.dev(), metadata.ino())
        }
        #[cfg(not(unix))]
        {
            let _ = metadata;
            FileId::numbered(path, 0, 0)
        }
    }

    /// The id of the file that is at `path` now; None if it can't be examined.
    pub fn at(path: &Path) -> Option<FileId> {
        Some(FileId::of(path, &path.metadata().ok()?))
    }

    /// Its inode number, if it has one.
    pub fn inode(&self) -> Option<u64> {
        match self {
            FileId::Inode { inode, .. } => Some(*inode),
            FileId::Path(_) => None,
        }
    }

    /// Its device number, if it has one.
    pub fn device(&self) -> Option<u64> {
        match self {
            FileId::Inode { device, .. } => Some(*device),
            FileId::Path(_) => None,
        }
    }

    /// File systems without inode numbers report 0 for each file.
    fn numbered(path: &Path, device: u64, inode: u64) -> FileId {
        match inode {
            0 => FileId::Path(path.canonicalize().unwrap_or_else(|_| path.to_owned()).into()),
            _ => FileId::Inode { device, inode },
        }
    }

    /// Whether the file with this id and `stamp` is the one with the id `other` and `other_stamp`.
    pub fn compare(&self, stamp: Stamp, other: &FileId, other_stamp: Stamp) -> Sameness {
        match (self, other) {
            _ if self == other => Sameness::Same,
            (FileId::Inode { inode: a, .. }, FileId::Inode { inode: b, .. })
                if a == b && stamp.size == other_stamp.size && is_about(stamp, other_stamp) =>
            {
                Sameness::PerhapsSame
            }
            _ => Sameness::Different,
        }
    }
}

/// Whether the times are equal as far as all file systems keep them: SMB in 100 ns, FAT in 2 s.
fn is_about(a: Stamp, b: Stamp) -> bool {
    a.mtime_ns.abs_diff(b.mtime_ns) <= 2_000_000_000
}

/// The file's number of hard links; 1 if unknown.
pub fn links(metadata: &Metadata) -> u64 {
    #[cfg(unix)]
    {
        std::os::unix::fs::MetadataExt::nlink(metadata)
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_on_another_device_are_perhaps_the_same_and_zero_proves_nothing() {
        let id = |device, inode| FileId::numbered(Path::new("/nowhere/a.jpg"), device, inode);
        let at = |mtime_ns| Stamp { size: 7, mtime_ns };
        let (now, later) = (at(1), at(3_000_000_000));
        assert_eq!(id(1, 5).compare(now, &id(1, 5), later), Sameness::Same);
        assert_eq!(id(1, 5).compare(now, &id(2, 5), now), Sameness::PerhapsSame);
        assert_eq!(id(1, 5).compare(at(199), &id(2, 5), at(100)), Sameness::PerhapsSame);
        assert_eq!(id(1, 5).compare(now, &id(2, 5), later), Sameness::Different);
        assert_eq!(id(1, 5).compare(now, &id(1, 6), now), Sameness::Different);
        let other = FileId::numbered(Path::new("/nowhere/b.jpg"), 1, 0);
        assert_eq!(id(1, 0).compare(now, &other, now), Sameness::Different);
        assert_eq!(id(1, 0).compare(now, &id(1, 0), now), Sameness::Same);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_the_same_by_whatever_path() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a"), "x").unwrap();
        std::fs::write(at("b"), "x").unwrap();
        std::fs::hard_link(at("a"), at("hard")).unwrap();
        std::os::unix::fs::symlink("a", at("soft")).unwrap();
        let id = |name: &str| FileId::at(&at(name)).unwrap();
        assert_eq!((id("hard"), id("soft")), (id("a"), id("a")));
        assert_ne!(id("b"), id("a"));
        assert_eq!(links(&at("hard").metadata().unwrap()), 2);
        assert_eq!(FileId::at(&at("nothing")), None);
    }
}
