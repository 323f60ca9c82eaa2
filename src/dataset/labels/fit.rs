//! Matches the names in a file of labels with the pictures of a dataset.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use super::file::LabelsFile;
use crate::dataset::file_id::FileId;
use crate::dataset::folder::Dataset;
use crate::dataset::formats;
use crate::dataset::meant::{meant, why_not};
use crate::dataset::names::is_hidden;
use crate::dataset::picture::ImageFile;
use crate::dataset::scan::Scan;
use crate::error::Result;
use crate::shown::as_seen;

/// A label that matches no picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    pub line: usize,
    /// The name as written.
    pub name: String,
    pub reason: MisfitReason,
}

/// Why a name matches no picture of a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MisfitReason {
    NoSuchFile,
    /// Not in the dataset's folder.
    Outside,
    /// The file exists, but isn't one of the pictures; the reason.
    NoPicture(String),
}

impl LabelsFile {
    /// The labels by the names that pictures have in `dataset`, as found by `scan`; and the labels that match none.
    ///
    /// A written name is a path in the dataset's folder, or an absolute path. Different paths to the same file are the
    /// same picture; two classes for it are an error.
    pub fn fit(&self, dataset: &Dataset, scan: &Scan) -> Result<(LabelsFile, Vec<Misfit>)> {
        let pictures = Pictures::new(dataset, scan);
        let mut fitted = LabelsFile::empty(&self.path);
        let mut misfits = Vec::new();
        for (name, label) in self.labels() {
            match pictures.find(name) {
                Ok(picture) => fitted.add(picture.to_owned(), label.clone())?,
                Err(reason) => misfits.push(Misfit { line: label.line, name: name.to_owned(), reason }),
            }
        }
        Ok((fitted, misfits))
    }
}

/// The result of a scan, for looking up names.
struct Pictures<'a> {
    dataset: &'a Dataset,
    scan: &'a Scan,
    by_id: HashMap<&'a FileId, &'a str>,
    /// By displayed name; the first one of those that look the same.
    by_sight: HashMap<Cow<'a, str>, &'a str>,
}

impl<'a> Pictures<'a> {
    fn new(dataset: &'a Dataset, scan: &'a Scan) -> Pictures<'a> {
        let by_id = scan.images.iter().map(|image| (&image.id, image.name.as_str())).collect();
        let seen = scan.images.iter().rev().map(|image| (as_seen(&image.name), image.name.as_str()));
        Pictures { dataset, scan, by_id, by_sight: seen.collect() }
    }

    /// The name of the picture that `typed` means.
    fn find(&self, typed: &str) -> Result<&'a str, MisfitReason> {
        if let Some(name) = self.named(typed) {
            return Ok(name);
        }
        let path = self.dataset.root.join(typed);
        let path = meant(&path).unwrap_or(path);
        let found = FileId::at(&path).and_then(|id| self.by_id.get(&id).copied());
        let place = || self.dataset.place_of(&path);
        // A name that isn't UTF-8 can't be looked up by its text as a path.
        let found = found.or_else(|| self.named(&self.dataset.name_of(&place()?)?));
        found.ok_or_else(|| self.why(&path, place()))
    }

    fn named(&self, name: &str) -> Option<&'a str> {
        let exact = ImageFile::named(&self.scan.images, name).map(|image| image.name.as_str());
        exact.or_else(|| self.by_sight.get(&as_seen(name)).copied())
    }

    /// Why there is no picture at `path`, which is `place` in the dataset.
    fn why(&self, path: &Path, place: Option<PathBuf>) -> MisfitReason {
        // A path with `..` can be resolved only if it exists.
        let goes_up = path.components().any(|part| part == Component::ParentDir);
        match (path.symlink_metadata(), place) {
            (Err(_), None) if goes_up => MisfitReason::NoSuchFile,
            (_, None) => MisfitReason::Outside,
            (Err(error), Some(_)) if is_absent(error.kind()) => MisfitReason::NoSuchFile,
            (Err(error), Some(_)) => MisfitReason::NoPicture(why_not(path, &error)),
            (Ok(_), Some(place)) => MisfitReason::NoPicture(self.reason(&place)),
        }
    }

    /// Why the existing file isn't one of the pictures.
    fn reason(&self, place: &Path) -> String {
        let name = self.dataset.name_of(place).unwrap_or_default();
        let inside = place.strip_prefix(&self.dataset.root).unwrap_or(place);
        if let Some(skipped) = self.scan.skipped.iter().find(|skipped| skipped.file == name) {
            return skipped.error.clone();
        }
        let reason = if place.is_dir() {
            "a folder"
        } else if inside.components().any(|part| is_hidden(part.as_os_str())) {
            "hidden"
        } else if !formats::is_picture(place) {
            "not a picture"
        } else {
            "excluded by --exclude or a .simagesignore file, or in a system folder"
        };
        reason.to_owned()
    }
}

/// Whether the file or its folder doesn't exist. A name with a NUL can't exist.
fn is_absent(error: ErrorKind) -> bool {
    matches!(error, ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::InvalidInput)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::dataset::Exclude;
    use std::fs;

    /// A folder with the dataset `set`, and labels for it.
    struct Place(tempfile::TempDir);

    impl Place {
        fn with(files: &[&str]) -> Place {
            let place = Place(tempfile::tempdir().unwrap());
            for file in files {
                fs::create_dir_all(place.at(file).parent().unwrap()).unwrap();
                fs::write(place.at(file), file).unwrap();
            }
            place
        }

        fn at(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        /// What becomes of labels with these names, each of a class of its own.
        fn fit(&self, names: &[&str]) -> Result<(LabelsFile, Vec<Misfit>)> {
            let text: String = names.iter().enumerate().map(|(i, name)| format!("\"{name}\",{i}\n")).collect();
            fs::write(self.at("labels.csv"), format!("file,class\n{text}")).unwrap();
            let exclude = Exclude::new(&["*.tif".to_owned()]).unwrap();
            let dataset = Dataset::open(&self.at("set")).unwrap().without(&exclude);
            let scan = dataset.scan(&Cancel::default(), &mut |_| ()).unwrap();
            LabelsFile::read(&self.at("labels.csv")).unwrap().fit(&dataset, &scan)
        }

        /// The name in the dataset that is meant by a label with this one.
        #[track_caller]
        fn meant(&self, name: &str) -> String {
            let (fitted, misfits) = self.fit(&[name]).unwrap();
            assert_eq!(misfits, []);
            fitted.labels()[0].0.to_owned()
        }
    }

    #[test]
    fn a_picture_is_meant_by_each_path_to_it() {
        let place = Place::with(&["set/a.jpg", "set/sub/b.jpg"]);
        let absolute = place.at("set//./sub/b.jpg").display().to_string();
        for name in ["sub/b.jpg", "./sub/b.jpg", "sub//b.jpg", "sub/../sub/b.jpg", "../set/sub/b.jpg", &absolute] {
            assert_eq!(place.meant(name), "sub/b.jpg", "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_picture_is_meant_by_links_to_it_and_to_its_folder() {
        use std::os::unix::fs::symlink;
        let place = Place::with(&["set/a.jpg", "set/sub/b.jpg", "elsewhere/c.jpg"]);
        symlink(place.at("set"), place.at("alias")).unwrap();
        symlink("sub", place.at("set/other")).unwrap();
        symlink("a.jpg", place.at("set/z.jpg")).unwrap();
        symlink(place.at("elsewhere"), place.at("set/link")).unwrap();
        assert_eq!(place.meant(place.at("alias/sub/b.jpg").to_str().unwrap()), "sub/b.jpg");
        assert_eq!(place.meant("other/b.jpg"), "sub/b.jpg");
        assert_eq!(place.meant("z.jpg"), "a.jpg");
        assert_eq!(place.meant(place.at("set/link/c.jpg").to_str().unwrap()), "link/c.jpg");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_that_is_not_utf_8_is_meant_by_its_text() {
        use std::os::unix::ffi::OsStrExt;
        let place = Place::with(&["set/a.jpg"]);
        fs::write(place.at("set").join(std::ffi::OsStr::from_bytes(b"caf\xe9.jpg")), "x").unwrap();
        for name in
            ["caf\\xe9.jpg".to_owned(), "./caf\\xe9.jpg".into(), place.at("set/caf\\xe9.jpg").display().to_string()]
        {
            assert_eq!(place.meant(&name), "caf\\xe9.jpg", "{name}");
        }
    }

    #[test]
    fn a_picture_is_meant_by_what_looks_like_its_name() {
        let place = Place::with(&["set/cafe\u{301}.jpg", "set/e\u{301}te\u{301}/a.jpg"]);
        let absolute = place.at("set/caf\u{e9}.jpg").display().to_string();
        for name in ["caf\u{e9}.jpg", "./caf\u{e9}.jpg", &absolute] {
            assert_eq!(place.meant(name), "cafe\u{301}.jpg", "{name}");
        }
        assert_eq!(place.meant("\u{e9}t\u{e9}/a.jpg"), "e\u{301}te\u{301}/a.jpg");
    }

    #[test]
    fn what_is_no_picture_of_the_dataset_is_told_apart() {
        let files = ["set/a.jpg", "set/notes.txt", "set/.b.jpg", "set/.c/d.jpg", "set/e.tif", "set/@eaDir/f.jpg"];
        let place = Place::with(&[&files[..], &["g.jpg"]].concat());
        let reason = |name: &str| {
            let (fitted, misfits) = place.fit(&["a.jpg", name]).unwrap();
            assert_eq!(fitted.class("a.jpg"), Some("0"));
            assert_eq!((misfits.len(), misfits[0].line, misfits[0].name.as_str()), (1, 3, name));
            misfits[0].reason.clone()
        };
        let inside = |name: &str| place.at("set").join(name).display().to_string();
        for name in ["b.jpg", "sub/a.jpg", "a.jpg/b.jpg", "../set/b.jpg", "../b.jpg", "a\0.jpg", &inside("b.jpg")] {
            assert_eq!(reason(name), MisfitReason::NoSuchFile, "{name:?}");
        }
        for name in ["../g.jpg", place.at("g.jpg").to_str().unwrap(), "/nowhere/a.jpg"] {
            assert_eq!(reason(name), MisfitReason::Outside, "{name}");
        }
        let no_picture = |name: &str, what: &str| match reason(name) {
            MisfitReason::NoPicture(reason) => assert!(reason.contains(what), "{name}: {reason}"),
            other => panic!("{name}: {other:?}"),
        };
        no_picture("notes.txt", "not a picture");
        no_picture(".", "a folder");
        no_picture(".b.jpg", "hidden");
        no_picture(".c/d.jpg", "hidden");
        no_picture("e.tif", "--exclude");
        no_picture("@eaDir/f.jpg", "in a system folder");
        no_picture(&inside("./notes.txt"), "not a picture");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_says_where() {
        let place = Place::with(&["set/a.jpg"]);
        std::os::unix::fs::symlink("gone.jpg", place.at("set/b.jpg")).unwrap();
        let (_, misfits) = place.fit(&["b.jpg"]).unwrap();
        let reason = MisfitReason::NoPicture("broken link to gone.jpg; is a drive not mounted?".into());
        assert_eq!(misfits, [Misfit { line: 2, name: "b.jpg".into(), reason }]);
    }

    #[test]
    fn two_names_of_a_picture_have_one_class() {
        let place = Place::with(&["set/a.jpg", "set/b.jpg"]);
        let message = place.fit(&["b.jpg", "./a.jpg", "a.jpg"]).unwrap_err().to_string();
        assert!(message.contains("labels.csv: a.jpg is of class 1 (line 3) and of class 2 (line 4)"), "{message}");
    }
}
