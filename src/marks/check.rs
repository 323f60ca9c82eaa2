//! Checks marks right before their paths are printed or written: files that have changed since are left out.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::mark::{Mark, MarkedFile};
use super::record::MarkRecord;
use crate::cancel::Cancel;
use crate::dataset::{ContentHash, FileId, Sameness, Stamp, ctime_ns, renumbers};
use crate::error::{Error, in_words};
use crate::progress::Progress;
use crate::text::printable;
use crate::{parallel, whole_file};

/// The marks after the check.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CheckedMarks {
    /// Unchanged ones.
    pub paths: Vec<PathBuf>,
    /// Those left out, and why.
    pub left_out: Vec<(PathBuf, String)>,
    /// Unchanged ones said to be identical to the kept picture, but not compared: the check was cancelled.
    pub not_compared: Vec<PathBuf>,
    /// Of those left out, the ones whose groups were being recomputed.
    pub unsettled: Vec<PathBuf>,
    /// Of all, also those left out.
    pub records: HashMap<PathBuf, MarkRecord>,
}

/// What speaks against a mark.
enum Objection {
    LeftOut(String),
    NotCompared,
}

impl CheckedMarks {
    /// Lines that say what is left out, and why; shown on terminals.
    pub fn doubts(&self) -> impl Iterator<Item = String> {
        self.left_out.iter().map(|(path, why)| printable(&format!("left out: {} {why}", crate::shown::path(path))))
    }
}

/// How a check, which may read gigabytes, can be cancelled, and where it reports to.
#[derive(Clone, Copy)]
pub struct LastCheck<'a> {
    pub cancel: &'a Cancel,
    pub progress: &'a (dyn Fn(Progress) + Sync),
    /// Whether two contents were declared no duplicates, perhaps by another program meanwhile.
    pub are_parted: &'a (dyn Fn(ContentHash, ContentHash) -> bool + Sync),
}

impl<'a> LastCheck<'a> {
    /// Reports nothing, and knows no verdicts.
    pub fn silent(cancel: &'a Cancel) -> LastCheck<'a> {
        LastCheck { cancel, progress: &|_| (), are_parted: &|_, _| false }
    }
}

/// Kept pictures: the current state of each, and the files found, indexed by their unique properties.
struct KeptFiles<'a> {
    found: HashMap<&'a Path, Result<FileId, String>>,
    by_stamp: HashMap<Stamp, Vec<&'a Path>>,
}

impl<'a> KeptFiles<'a> {
    fn of(marks: &'a [Mark]) -> KeptFiles<'a> {
        let mut kept = KeptFiles { found: HashMap::new(), by_stamp: HashMap::new() };
        for file in marks.iter().filter_map(Mark::kept) {
            if let Entry::Vacant(place) = kept.found.entry(&file.path) {
                place.insert(as_it_was(file));
                kept.by_stamp.entry(file.stamp).or_default().push(&file.path);
            }
        }
        kept
    }
}

/// Checks the files of `marks` and those kept in their place. Reads those that are said to be identical, and compares
/// them: they may have been indexed long ago, and size and time prove nothing.
pub fn check(marks: &[Mark], LastCheck { cancel, progress, are_parted }: LastCheck) -> CheckedMarks {
    let of: u64 = marks.iter().filter(|mark| mark.identical().is_some()).map(|mark| 2 * mark.file.stamp.size).sum();
    let done = AtomicU64::new(0);
    let read = |bytes| progress(Progress::bytes(done.fetch_add(bytes, Ordering::Relaxed) + bytes, of));
    let kept = KeptFiles::of(marks);
    let objections = parallel::map_each(marks, |mark| {
        let doubt = parted(mark, are_parted).or_else(|| doubt(mark, &kept)).map(Objection::LeftOut);
        doubt.or_else(|| differs(mark, cancel, &read))
    });
    // Reading takes its time, in which files may change.
    let kept = (of > 0).then(|| KeptFiles::of(marks));
    let doubts = parallel::map_each(marks, |mark| doubt(mark, kept.as_ref()?));
    let records = marks.iter().map(|mark| (mark.file.path.clone(), MarkRecord::of(mark))).collect();
    let mut checked = CheckedMarks { records, ..CheckedMarks::default() };
    for ((mark, objection), doubt) in marks.iter().zip(objections).zip(doubts) {
        let path = mark.file.path.clone();
        match (objection, doubt) {
            (Some(Objection::LeftOut(why)), _) | (_, Some(why)) => checked.left_out.push((path, why)),
            (Some(Objection::NotCompared), None) => checked.not_compared.push(path),
            (None, None) => checked.paths.push(path),
        }
    }
    checked
}

/// Whether the bytes differ from those of the kept picture, although they were the same when indexed.
fn differs(mark: &Mark, cancel: &Cancel, read: &dyn Fn(u64)) -> Option<Objection> {
    let kept = &mark.identical()?.path;
    let shown = crate::shown::path(kept);
    let why = match whole_file::have_same_bytes(&mark.file.path, kept, cancel, read) {
        Ok(true) => return None,
        Ok(false) => format!("is no longer identical to {shown}, the kept picture: touch both files and index again"),
        Err(Error::Cancelled) => return Some(Objection::NotCompared),
        Err(Error::Io { source, .. }) => {
            format!("can't be compared with {shown}, the kept picture: {}", in_words(&source))
        }
        Err(error) => format!("can't be compared with {shown}, the kept picture: {error}"),
    };
    Some(Objection::LeftOut(why))
}

/// Whether the user has declared it no duplicate of the kept picture.
fn parted(mark: &Mark, are_parted: &dyn Fn(ContentHash, ContentHash) -> bool) -> Option<String> {
    let kept = mark.kept()?;
    let is_parted = are_parted(mark.file.content?, kept.content?);
    is_parted.then(|| format!("was declared no duplicate of {}, the kept picture", crate::shown::path(&kept.path)))
}

/// What speaks against this mark.
fn doubt(mark: &Mark, kept: &KeptFiles) -> Option<String> {
    let id = match as_it_was(&mark.file) {
        Ok(id) => id,
        Err(why) => return Some(why),
    };
    if let Some(file) = mark.kept() {
        if mark.file.path.is_symlink() {
            return Some("is a link".into());
        }
        if let Some(Err(why)) = kept.found.get(file.path.as_path()) {
            return Some(format!("{}, the kept picture, {why}", crate::shown::path(&file.path)));
        }
    }
    // Even if it isn't the one kept for this mark: two marks may each be the other's kept picture by another path.
    kept.by_stamp.get(&mark.file.stamp)?.iter().find_map(|path| {
        let other = kept.found.get(path)?.as_ref().ok()?;
        let path = crate::shown::path(path);
        match id.compare(mark.file.stamp, other, mark.file.stamp) {
            Sameness::Different => None,
            Sameness::Same => Some(format!("is the same file as {path}, which is kept")),
            Sameness::PerhapsSame => Some(format!("is perhaps the same file as {path}, which is kept")),
        }
    })
}

/// The file's identity, if it is unchanged.
fn as_it_was(file: &MarkedFile) -> Result<FileId, String> {
    let metadata = match file.path.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err("no longer exists".into()),
        Err(error) => return Err(error.to_string()),
    };
    if !metadata.is_file() {
        return Err("is not a regular file".into());
    }
    let (stamp, id) = (Stamp::of(&metadata), FileId::of(&file.path, &metadata));
    // Another picture with the same size and time may have taken its place.
    let is_the_file = id == file.id || id.device() == file.id.device() && renumbers(&file.path);
    if (stamp, ctime_ns(&metadata)) != (file.stamp, file.ctime_ns) || !is_the_file {
        return Err("has changed since it was marked".into());
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::ContentHash;
    use crate::marks::Origin;

    struct Files(tempfile::TempDir);

    impl Files {
        fn with(names: &[&str]) -> Files {
            let files = Files(tempfile::tempdir().unwrap());
            names.iter().for_each(|name| std::fs::write(files.at(name), *name).unwrap());
            files
        }

        fn at(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn file(&self, name: &str) -> MarkedFile {
            let (path, name) = (self.at(name), name.to_owned());
            let metadata = path.metadata().unwrap();
            let stamp = Stamp::of(&metadata);
            let (id, ctime_ns) = (FileId::of(&path, &metadata), ctime_ns(&metadata));
            MarkedFile { path, name, dataset: 0, stamp, id, ctime_ns, content: None }
        }

        fn by_hand(&self, name: &str) -> Mark {
            Mark { file: self.file(name), origin: Origin::ByHand }
        }

        fn in_group(&self, name: &str, kept: &str) -> Mark {
            Mark { file: self.file(name), origin: Origin::Group(self.file(kept)) }
        }

        /// Said to be identical.
        fn identical(&self, name: &str, kept: &str) -> Mark {
            let indexed = |name| MarkedFile { content: Some(ContentHash([7; 32])), ..self.file(name) };
            Mark { file: indexed(name), origin: Origin::Group(indexed(kept)) }
        }
    }

    /// Names of those that may be told, and the reasons against the others.
    fn checked(marks: &[Mark]) -> (Vec<String>, Vec<String>) {
        let CheckedMarks { paths, left_out, .. } = check(marks, LastCheck::silent(&Cancel::default()));
        let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
        (paths.iter().map(name).collect(), left_out.into_iter().map(|(_, why)| why).collect())
    }

    #[test]
    fn what_has_changed_or_went_is_left_out() {
        let files = Files::with(&["a", "b", "c", "d"]);
        let marks = ["a", "b", "c", "d"].map(|name| files.by_hand(name));
        std::fs::remove_file(files.at("b")).unwrap();
        std::fs::write(files.at("c"), "another").unwrap();
        std::fs::remove_file(files.at("d")).unwrap();
        std::fs::create_dir(files.at("d")).unwrap();
        let (told, why) = checked(&marks);
        assert_eq!(told, ["a"]);
        assert_eq!(why, ["no longer exists", "has changed since it was marked", "is not a regular file"]);
    }

    #[test]
    fn without_the_one_that_is_kept_nothing_of_its_group_is_told() {
        let files = Files::with(&["a", "b", "kept", "other"]);
        let marks = [files.in_group("a", "kept"), files.in_group("b", "other")];
        assert_eq!(checked(&marks).0, ["a", "b"]);
        std::fs::write(files.at("other"), "changed").unwrap();
        let (told, why) = checked(&marks);
        assert_eq!(told, ["a"]);
        assert!(why[0].contains("other, the kept picture, has changed"), "{why:?}");
        std::fs::remove_file(files.at("kept")).unwrap();
        assert_eq!(checked(&marks).0, [""; 0]);
    }

    #[test]
    fn what_was_identical_when_indexed_is_read_once_more() {
        let files = Files::with(&["aa", "bb", "kept"]);
        std::fs::write(files.at("bb"), "kept").unwrap();
        std::fs::write(files.at("aa"), "kepT").unwrap();
        let (told, why) = checked(&[files.identical("aa", "kept"), files.identical("bb", "kept")]);
        assert_eq!(told, ["bb"]);
        assert!(why[0].contains("is no longer identical to") && why[0].contains("kept"), "{why:?}");
        // Nobody says that these are identical.
        assert_eq!(checked(&[files.in_group("aa", "kept")]).0, ["aa"]);
    }

    #[test]
    fn what_was_declared_no_duplicate_of_the_kept_one_meanwhile_is_left_out() {
        let files = Files::with(&["a", "b", "kept"]);
        let with =
            |name: &str, content: u8| MarkedFile { content: Some(ContentHash([content; 32])), ..files.file(name) };
        let mark = |name, content| Mark { file: with(name, content), origin: Origin::Group(with("kept", 3)) };
        let are_parted = |a: ContentHash, b: ContentHash| (a.0[0], b.0[0]) == (1, 3);
        let cancel = Cancel::default();
        let checking = LastCheck { are_parted: &are_parted, ..LastCheck::silent(&cancel) };
        let checked = check(&[mark("a", 1), mark("b", 2)], checking);
        assert_eq!(checked.paths, [files.at("b")]);
        assert!(checked.left_out[0].1.contains("was declared no duplicate of "), "{:?}", checked.left_out);
    }

    #[test]
    fn reading_says_how_far_it_is_and_can_be_cancelled() {
        let files = Files::with(&["aa", "bb", "kept"]);
        std::fs::write(files.at("bb"), "kept").unwrap();
        let (read, cancel) = (AtomicU64::new(0), Cancel::default());
        let progress = |progress: Progress| {
            assert_eq!(progress.of, 8);
            read.fetch_max(progress.done, Ordering::Relaxed);
        };
        assert_eq!(
            check(&[files.identical("bb", "kept")], LastCheck { progress: &progress, ..LastCheck::silent(&cancel) })
                .paths,
            [files.at("bb")]
        );
        assert_eq!(read.into_inner(), 8);
        cancel.cancel();
        let marks = [files.identical("bb", "kept"), files.by_hand("aa")];
        let CheckedMarks { paths, left_out, not_compared, .. } = check(&marks, LastCheck::silent(&cancel));
        assert_eq!((paths, left_out, not_compared), (vec![files.at("aa")], Vec::new(), vec![files.at("bb")]));
    }

    #[test]
    fn what_changes_while_others_are_read_is_left_out() {
        let files = Files::with(&["a", "bb", "c", "kept", "other"]);
        std::fs::write(files.at("bb"), "kept").unwrap();
        std::fs::write(files.at("c"), "other").unwrap();
        let marks = [files.by_hand("a"), files.identical("bb", "kept"), files.identical("c", "other")];
        let change = |_| {
            std::fs::write(files.at("a"), "another").unwrap();
            std::fs::remove_file(files.at("kept")).or_else(|_| std::fs::metadata(files.at("other")).map(drop)).unwrap();
        };
        let checked = check(&marks, LastCheck { progress: &change, ..LastCheck::silent(&Cancel::default()) });
        assert_eq!(checked.paths, [files.at("c")]);
        let why: Vec<_> = checked.left_out.iter().map(|(_, why)| why.as_str()).collect();
        assert!(why[0] == "has changed since it was marked" && why[1].ends_with("no longer exists"), "{why:?}");
    }

    #[cfg(unix)]
    #[test]
    fn one_file_by_two_paths_is_never_told() {
        let files = Files::with(&["kept", "other"]);
        std::fs::hard_link(files.at("kept"), files.at("hard")).unwrap();
        std::os::unix::fs::symlink(files.at("kept"), files.at("link")).unwrap();
        std::os::unix::fs::symlink(files.at("other"), files.at("elsewhere")).unwrap();
        let marks = ["hard", "link", "elsewhere"].map(|name| files.in_group(name, "kept"));
        let (told, why) = checked(&marks);
        assert_eq!(told, [""; 0]);
        assert!(why[0].contains("is the same file as") && why[1] == "is a link" && why[2] == "is a link", "{why:?}");
        // Picked by hand, it would take away what is kept for another.
        let marks = [files.in_group("other", "kept"), files.by_hand("hard")];
        assert_eq!(checked(&marks).0, ["other"]);
        // A link that nothing is kept by is as good as any file.
        assert_eq!(checked(&[files.by_hand("link")]).0, ["link"]);
    }
}
