//! The pictures of a folder: recursively, links followed, hidden files and folders left out.

use std::collections::HashSet;
use std::path::Path;

use walkdir::WalkDir;

use super::folder::Dataset;
use super::formats;
use super::names::{is_hidden, name_inside};
use super::picture::{ImageFile, Skipped};
use super::stamp::{ctime_ns, mtime_ns};
use crate::cancel::Cancel;
use crate::error::{Error, Result};

/// What a dataset's folder holds.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Sorted by name, names distinct.
    pub images: Vec<ImageFile>,
    /// What could not be looked at, such as a folder without permission.
    pub skipped: Vec<Skipped>,
}

impl Dataset {
    /// Finds the pictures. An unreadable folder inside is listed, an unreadable dataset is an error.
    pub fn scan(&self, cancel: &Cancel) -> Result<Scan> {
        std::fs::read_dir(&self.root).map_err(Error::io(&self.root))?;
        let mut scan = Scan::default();
        let walk = WalkDir::new(&self.root).follow_links(true).into_iter();
        for entry in walk.filter_entry(|e| e.depth() == 0 || !is_hidden(e.file_name())) {
            cancel.check()?;
            match entry {
                Ok(entry) if entry.depth() > 0 && formats::is_picture(entry.path()) => {
                    scan.add(&self.root, entry.path());
                }
                Ok(_) => {}
                Err(error) => scan.add_error(&self.root, error),
            }
        }
        scan.images.sort_by(|a, b| a.name.cmp(&b.name));
        scan.drop_names_twice();
        Ok(scan)
    }
}

impl Scan {
    fn add(&mut self, root: &Path, path: &Path) {
        let name = name_inside(root, path);
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(metadata) if !metadata.is_file() => self.skip(name, "not a regular file"),
            Ok(metadata) => self.images.push(ImageFile {
                name,
                path: path.to_owned(),
                size: metadata.len(),
                mtime_ns: mtime_ns(&metadata),
                ctime_ns: ctime_ns(&metadata),
            }),
            Err(error) => self.skip(name, error),
        }
    }

    fn add_error(&mut self, root: &Path, error: walkdir::Error) {
        let path = error.path().unwrap_or(root);
        let name = name_inside(root, path);
        // A link to a folder above itself is no loss: the folder was visited.
        if error.loop_ancestor().is_some() {
            return;
        }
        // A dangling link matters only if it was to be a picture.
        let dangling = std::fs::symlink_metadata(path).is_ok_and(|m| m.is_symlink());
        if dangling && !formats::is_picture(path) {
            return;
        }
        match error.into_io_error() {
            Some(error) if dangling => self.skip(name, format!("broken link: {error}")),
            Some(error) => self.skip(name, error),
            None => self.skip(name, "can't be read"),
        }
    }

    fn skip(&mut self, file: String, error: impl ToString) {
        let error = error.to_string();
        self.skipped.push(Skipped { file, error });
    }

    fn drop_names_twice(&mut self) {
        let mut seen = HashSet::new();
        let (kept, twice): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.images).into_iter().partition(|image| seen.insert(image.name.clone()));
        self.images = kept;
        for image in twice {
            self.skip(image.name, "another file has this name");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::fs;

    fn scan(root: &Path) -> Scan {
        Dataset::open(root).unwrap().scan(&Cancel::default()).unwrap()
    }

    fn names(scan: &Scan) -> Vec<&str> {
        scan.images.iter().map(|i| i.name.as_str()).collect()
    }

    #[test]
    fn pictures_are_found_recursively_by_extension_and_sorted_by_name() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("b/deep")).unwrap();
        for file in ["z.JPG", "b/deep/a.png", "b-1.webp", "notes.txt", ".hidden.jpg", "Thumbs.db", "x.heic"] {
            fs::write(folder.path().join(file), file).unwrap();
        }
        let scan = scan(folder.path());
        assert_eq!(names(&scan), ["b-1.webp", "b/deep/a.png", "x.heic", "z.JPG"]);
        assert_eq!(scan.images[1].size, 12);
        assert!(scan.images[1].mtime_ns > 0);
        assert_eq!(scan.skipped, []);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_loops_are_not() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        fs::write(elsewhere.path().join("far.png"), "x").unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        symlink(elsewhere.path(), folder.path().join("link")).unwrap();
        symlink(folder.path(), folder.path().join("sub/loop")).unwrap();
        symlink("/nowhere", folder.path().join("broken.jpg")).unwrap();
        symlink("/dev/zero", folder.path().join("zero.jpg")).unwrap();
        let scan = scan(folder.path());
        assert_eq!(names(&scan), ["link/far.png"]);
        let skipped: Vec<_> = scan.skipped.iter().map(|s| s.file.as_str()).collect();
        assert!(skipped.contains(&"broken.jpg") && skipped.contains(&"zero.jpg"), "{skipped:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_not_utf8_are_escaped_and_their_files_found() {
        use std::os::unix::ffi::OsStrExt;
        let folder = tempfile::tempdir().unwrap();
        let latin1 = OsStr::from_bytes(b"caf\xe9.jpg");
        fs::write(folder.path().join(latin1), "x").unwrap();
        let scan = scan(folder.path());
        assert_eq!(names(&scan), ["caf\\xe9.jpg"]);
        assert!(scan.images[0].path.exists());
    }
}
