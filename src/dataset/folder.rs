//! A dataset: a folder of pictures, with its location and its name.

use std::path::{Component, Path, PathBuf};

use super::exclude::Exclude;
use super::file_id::FileId;
use super::formats;
use super::meant::{NO_SUCH_FILE, why_not};
use super::names::{is_hidden, name_inside, text};
use super::system_folders;
use crate::error::{Error, Result};
use crate::limits::Limit;

/// The folder in which cameras keep pictures.
pub const DCIM: &str = "DCIM";
/// The extension of files of descriptors.
const DESCRIPTORS: &str = "simages";

/// The absolute path of a folder, links resolved. An error if there is nothing of that name.
pub fn resolved_folder(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(|error| match (Limit::of(&error), why_not(path, &error)) {
        (Some(limit), _) => Error::Limit(limit),
        (None, why) if why == NO_SUCH_FILE => Error::Input(format!("{}: no such folder", crate::shown::path(path))),
        (None, why) => Error::Input(format!("{}: {why}", crate::shown::path(path))),
    })
}

/// A folder of pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// The name under which its folder was found, perhaps a link's. Preceded by parent folders if two datasets would
    /// have the same name.
    pub name: String,
    /// The folder, absolute, links resolved. For [`Dataset::of_descriptors`], the file.
    pub root: PathBuf,
    /// What to exclude.
    pub exclude: Exclude,
    /// Never write into its folder; descriptors go to the user's cache.
    pub is_only_read: bool,
}

impl Dataset {
    /// The dataset in the folder `path`.
    pub fn open(path: &Path) -> Result<Dataset> {
        let root = resolved_folder(path)?;
        if !root.is_dir() {
            let what = match is_descriptor_file(&root) {
                true => "holds descriptors without pictures, which only simages query and simages join can use",
                false => "not a folder; a dataset is a folder of pictures",
            };
            return Err(Error::Input(format!("{}: {what}", crate::shown::path(path))));
        }
        // The name as found, not that of a link's target.
        let name = match path.components().next_back() {
            Some(Component::Normal(name)) => name,
            _ => root.file_name().unwrap_or(root.as_os_str()),
        };
        let is_only_read = is_of_a_camera(&root);
        Ok(Dataset { name: text(name), root, exclude: Exclude::default(), is_only_read })
    }

    /// The descriptors in the file `path`, without pictures.
    pub fn of_descriptors(path: &Path) -> Result<Dataset> {
        let root = path.canonicalize().map_err(Error::io(path))?;
        let name = text(root.file_name().unwrap_or(root.as_os_str()));
        Ok(Dataset { name, root, exclude: Exclude::default(), is_only_read: true })
    }

    /// Whether it is a file of descriptors, without pictures.
    pub fn has_no_pictures(&self) -> bool {
        is_descriptor_file(&self.root)
    }

    /// The same dataset, never written into.
    pub fn only_read(self) -> Dataset {
        Dataset { is_only_read: true, ..self }
    }

    /// The same dataset, with these exclusions.
    pub fn without(self, exclude: &Exclude) -> Dataset {
        Dataset { exclude: exclude.clone(), ..self }
    }

    /// The path under which a scan finds the picture at `path`, if it is in this dataset: below the root, links kept.
    pub fn place_of(&self, path: &Path) -> Option<PathBuf> {
        // The path as typed first: a linked folder in the dataset belongs to it, wherever the link leads.
        let typed = std::path::absolute(path).ok()?;
        let goes_up = path.components().any(|c| c == Component::ParentDir);
        let root = typed.ancestors().find(|a| a.canonicalize().is_ok_and(|a| a == self.root));
        if let Some(inside) = root.filter(|_| !goes_up).and_then(|root| typed.strip_prefix(root).ok()) {
            return Some(self.root.join(inside));
        }
        path.canonicalize().ok().filter(|path| path.starts_with(&self.root))
    }

    /// The name in this dataset of the picture that a scan finds at `place`. None if that is elsewhere.
    pub fn name_of(&self, place: &Path) -> Option<String> {
        place.starts_with(&self.root).then(|| name_inside(&self.root, place))
    }
}

/// Whether `path` is a file of descriptors, by its name: `features.simages`.
pub fn is_descriptor_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == DESCRIPTORS) && path.is_file()
}

/// Whether a folder is on a camera's card: cameras expect only their own files there. Some systems show the names of a
/// card in small letters.
fn is_of_a_camera(root: &Path) -> bool {
    let holds_one = |name: &str| root.join(name).is_dir();
    holds_one(DCIM) || holds_one(&DCIM.to_lowercase()) || root.iter().any(|part| part.eq_ignore_ascii_case(DCIM))
}

/// The folders directly in `directory`, sorted by name; `directory` itself if it has no folders, but pictures.
pub fn in_directory(directory: &Path) -> Result<Vec<Dataset>> {
    let mut found = Vec::new();
    let mut loose_pictures = false;
    for entry in std::fs::read_dir(directory).map_err(Error::io(directory))? {
        let entry = entry.map_err(Error::io(directory))?;
        let path = entry.path();
        if is_hidden(&entry.file_name()) {
            continue;
        }
        if path.is_dir() {
            if system_folders::kept(&path).is_some() {
                continue;
            }
            found.push(Dataset::open(&path)?);
        } else {
            loose_pictures |= formats::is_picture(&path);
        }
    }
    if found.is_empty() && loose_pictures {
        found.push(Dataset::open(directory)?);
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Broken links in `directory`, by name, with their targets. They may be datasets again later.
pub fn broken_links(directory: &Path) -> Vec<(String, String)> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let broken = entries.filter(|entry| !is_hidden(&entry.file_name()) && !entry.path().exists());
    let mut broken: Vec<_> = broken
        .filter_map(|entry| Some((text(&entry.file_name()), text(std::fs::read_link(entry.path()).ok()?.as_os_str()))))
        .collect();
    broken.sort();
    broken
}

/// Drops folders given twice, and lengthens names until they differ (`2023/spain`, `2024/spain`).
pub fn distinct(datasets: Vec<Dataset>) -> Vec<Dataset> {
    let mut distinct: Vec<Dataset> = Vec::new();
    let mut known: Vec<Option<FileId>> = Vec::new();
    for dataset in datasets {
        // A folder mounted in two places also counts once.
        let id = FileId::at(&dataset.root);
        let is_known = |(d, known): (&Dataset, &Option<FileId>)| d.root == dataset.root || id.is_some() && *known == id;
        if !distinct.iter().zip(&known).any(is_known) {
            distinct.push(dataset);
            known.push(id);
        }
    }
    let mut depth = 1;
    loop {
        let names: Vec<String> = distinct.iter().map(|d| d.name.clone()).collect();
        let twice = |name: &String| names.iter().filter(|n| *n == name).count() > 1;
        if !names.iter().any(twice) {
            return distinct;
        }
        depth += 1;
        let deepest = distinct.iter().all(|d| d.root.components().count() < depth);
        for (at, dataset) in distinct.iter_mut().enumerate().filter(|(_, d)| twice(&d.name)) {
            dataset.name = last_components(&dataset.root, depth);
            if deepest {
                // Their names differ only in bytes that text can't show.
                dataset.name += &format!(" ({})", at + 1);
            }
        }
    }
}

fn last_components(path: &Path, count: usize) -> String {
    let skipped = path.components().count().saturating_sub(count);
    let tail: PathBuf = path.components().skip(skipped).collect();
    text(tail.as_os_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(root: impl AsRef<Path>) -> Dataset {
        let root = root.as_ref();
        Dataset { name: last_components(root, 1), root: root.into(), exclude: Exclude::default(), is_only_read: false }
    }

    #[test]
    fn datasets_of_the_same_name_are_told_apart_by_their_parents() {
        let all = ["/a/2023/spain", "/a/2024/spain", "/b/italy", "/b/italy"].map(dataset);
        let names: Vec<_> = distinct(all.into()).into_iter().map(|d| d.name).collect();
        assert_eq!(names, ["2023/spain", "2024/spain", "italy"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_picture_is_named_as_a_scan_names_it() {
        let place = tempfile::tempdir().unwrap();
        let (root, elsewhere) = (place.path().join("set"), place.path().join("elsewhere"));
        std::fs::create_dir_all(root.join("sub")).unwrap();
        std::fs::create_dir(&elsewhere).unwrap();
        std::fs::write(root.join("sub/a.jpg"), "").unwrap();
        std::fs::write(elsewhere.join("b.jpg"), "").unwrap();
        std::os::unix::fs::symlink(&elsewhere, root.join("link")).unwrap();
        std::os::unix::fs::symlink(&root, place.path().join("alias")).unwrap();
        let dataset = Dataset::open(&root).unwrap();
        let name = |path: &str| dataset.name_of(&dataset.place_of(&place.path().join(path))?);
        assert_eq!(name("set/sub/a.jpg").as_deref(), Some("sub/a.jpg"));
        assert_eq!(name("alias/sub/a.jpg").as_deref(), Some("sub/a.jpg"));
        assert_eq!(name("elsewhere/../set/sub/a.jpg").as_deref(), Some("sub/a.jpg"));
        assert_eq!(name("set/link/b.jpg").as_deref(), Some("link/b.jpg"));
        assert_eq!(name("elsewhere/b.jpg"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_no_text_tells_apart_are_numbered() {
        use std::os::unix::ffi::OsStrExt;
        let roots = [&b"/a/caf\xe9"[..], b"/a/caf\\xe9"];
        let all = roots.map(|root| dataset(std::ffi::OsStr::from_bytes(root)));
        let names: Vec<_> = distinct(all.into()).into_iter().map(|d| d.name).collect();
        assert_eq!(names, ["/a/caf\\xe9 (1)", "/a/caf\\xe9 (2)"]);
    }

    #[test]
    fn a_directory_of_loose_pictures_is_a_dataset_itself() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("a.jpg"), "").unwrap();
        let found = in_directory(directory.path()).unwrap();
        assert_eq!(found[0].root, directory.path().canonicalize().unwrap());

        // What a system keeps there is none.
        std::fs::create_dir_all(directory.path().join("lost+found")).unwrap();
        assert_eq!(in_directory(directory.path()).unwrap()[0].root, directory.path().canonicalize().unwrap());
        std::fs::create_dir(directory.path().join("folder")).unwrap();
        let found = in_directory(directory.path()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "folder");
    }

    #[test]
    fn nothing_is_written_to_a_cameras_card() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("card/DCIM/100CANON")).unwrap();
        let is_only_read = |name: &str| Dataset::open(&folder.path().join(name)).unwrap().is_only_read;
        assert!(is_only_read("card") && is_only_read("card/DCIM/100CANON") && !is_only_read(""));
        std::fs::create_dir_all(folder.path().join("mounted/dcim/100canon")).unwrap();
        assert!(is_only_read("mounted") && is_only_read("mounted/dcim/100canon"));
    }
}
