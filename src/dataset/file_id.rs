//! Which file it is, by whatever path one comes to it.

use std::fs::Metadata;
use std::path::Path;
use std::sync::Arc;

use super::stamp::Stamp;

/// A file or folder of the system. Equal ones are one and the same: by a link, a hard link, a folder that is mounted again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FileId {
    /// As the system numbers it.
    Inode { device: u64, inode: u64 },
    /// Where the system has no number for it: its path, links resolved.
    Path(Arc<Path>),
}

/// Whether two files are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sameness {
    Same,
    /// One file, mounted twice over a network, looks like that: equal numbers, size and last change on two devices.
    PerhapsSame,
    Different,
}

impl FileId {
    /// Of the file or folder at `path`, whose metadata (of what a link leads to) this is.
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

    /// Of what is at `path` now; None if that can't be looked at.
    pub fn at(path: &Path) -> Option<FileId> {
        Some(FileId::of(path, &path.metadata().ok()?))
    }

    /// Its number there, if it has one.
    pub fn inode(&self) -> Option<u64> {
        match self {
            FileId::Inode { inode, .. } => Some(*inode),
            FileId::Path(_) => None,
        }
    }

    /// The device it is on, where that has a number.
    pub fn device(&self) -> Option<u64> {
        match self {
            FileId::Inode { device, .. } => Some(*device),
            FileId::Path(_) => None,
        }
    }

    /// A file system that has no numbers gives 0 for each.
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
            (FileId::Inode { inode: a, .. }, FileId::Inode { inode: b, .. }) if a == b && stamp == other_stamp => {
                Sameness::PerhapsSame
            }
            _ => Sameness::Different,
        }
    }
}

/// How many names the file has in its file system; 1 where that isn't known.
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
        let (now, later) = (Stamp { size: 7, mtime_ns: 1 }, Stamp { size: 7, mtime_ns: 2 });
        assert_eq!(id(1, 5).compare(now, &id(1, 5), later), Sameness::Same);
        assert_eq!(id(1, 5).compare(now, &id(2, 5), now), Sameness::PerhapsSame);
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
