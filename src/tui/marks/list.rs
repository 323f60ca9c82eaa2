//! The list of marks, and what always holds of it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::groups::Groups;
use crate::dataset::ImageFile;
use crate::marks::{Mark, MarkedFile, Origin};

/// The pictures that are marked, by path. What always holds:
///
/// - A picture that is kept in place of others is not marked.
/// - Of a pair or group that is there not all pictures are marked, but those of a pair may be if all are picked by hand.
/// - A mark of a group is there only as long as a group that holds it and the kept one is, and both as they were.
#[derive(Debug, Default)]
pub struct Marks {
    marks: BTreeMap<PathBuf, Mark>,
    /// Their paths by dataset and name.
    paths: HashMap<usize, HashMap<String, PathBuf>>,
    /// The pictures that are kept, each with the number of marks in whose place it is.
    kept: HashMap<PathBuf, usize>,
    /// Of the join that was shown last.
    groups: Option<Groups>,
    /// Whether groups are being looked for anew: until they are found, marks of groups are in doubt.
    unsettled: bool,
    /// Why a mark was left out when the list was last written.
    left_out: HashMap<PathBuf, String>,
    /// How often the list has changed.
    changes: u64,
}

/// How many marks went because of new groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// None of the groups holds them and the kept one.
    pub with_groups: usize,
    /// All pictures of a group were marked: this one is kept.
    pub kept: usize,
}

impl Marks {
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// How often the list has changed: what was counted of it holds as long as this stays the same.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    pub fn bytes(&self) -> u64 {
        self.marks.values().map(|mark| mark.file.stamp.size).sum()
    }

    /// How many pictures are kept in place of marked ones: one of each group.
    pub fn kept_count(&self) -> usize {
        self.kept.len()
    }

    /// Sorted by path.
    pub fn iter(&self) -> impl Iterator<Item = &Mark> {
        self.marks.values()
    }

    pub fn get(&self, path: &Path) -> Option<&Mark> {
        self.marks.get(path)
    }

    pub fn contains(&self, path: &Path) -> bool {
        self.marks.contains_key(path)
    }

    /// Whether this picture is kept in place of marked ones.
    pub fn keeps(&self, path: &Path) -> bool {
        self.kept.contains_key(path)
    }

    /// Whether marks of groups are in doubt: the groups are being looked for anew.
    pub fn is_unsettled(&self) -> bool {
        self.unsettled && self.has_grouped()
    }

    pub fn has_grouped(&self) -> bool {
        !self.kept.is_empty()
    }

    /// Marks a picture, or gives its mark another origin. What speaks against it is said.
    pub fn mark(&mut self, file: MarkedFile, origin: Origin) -> Result<(), String> {
        if self.keeps(&file.path) {
            return Err(format!("{} is the one that is kept of its group", file.name));
        }
        if let Origin::Group(kept) = &origin {
            if self.contains(&kept.path) {
                return Err(format!("{} is marked itself: one must be kept", kept.name));
            }
            if kept.path == file.path {
                return Err(format!("{} is both pictures of this pair", file.name));
            }
        }
        if self.would_take_all(&file, &origin) {
            return Err(format!("all others of its group are marked: {} must be kept", file.name));
        }
        self.unmark(&file.path);
        self.left_out.remove(&file.path);
        self.paths.entry(file.dataset).or_default().insert(file.name.clone(), file.path.clone());
        if let Origin::Group(kept) = &origin {
            *self.kept.entry(kept.path.clone()).or_default() += 1;
        }
        self.marks.insert(file.path.clone(), Mark { file, origin });
        self.changes += 1;
        Ok(())
    }

    /// Whether a pair or group would have only marked pictures with this one, as it must not.
    fn would_take_all(&self, file: &MarkedFile, origin: &Origin) -> bool {
        let Some(groups) = &self.groups else { return false };
        let others = |row| groups.pictures(row).filter(|picture| *picture != file.id());
        let all = |row| others(row).all(|picture| self.by_id(picture).is_some());
        let is_grouped = matches!(origin, Origin::Group(_));
        let marks = |row| others(row).filter_map(|picture| self.by_id(picture));
        groups.rows_with(file).any(|row| all(row) && (is_grouped || must_keep_one(groups, marks(row))))
    }

    /// Whether it was marked.
    pub fn unmark(&mut self, path: &Path) -> bool {
        let Some(mark) = self.marks.remove(path) else { return false };
        self.changes += 1;
        if let Some(paths) = self.paths.get_mut(&mark.file.dataset) {
            paths.remove(&mark.file.name);
        }
        if let Some(Entry::Occupied(mut kept)) = mark.kept().map(|kept| self.kept.entry(kept.path.clone())) {
            *kept.get_mut() -= 1;
            if *kept.get() == 0 {
                kept.remove();
            }
        }
        true
    }

    pub fn clear(&mut self) {
        (self.marks, self.paths, self.kept) = Default::default();
        self.changes += 1;
    }

    /// A scan found these pictures, sorted by name. Returns how many marks went: those that are there no longer as they were,
    /// or whose kept ones aren't.
    pub fn rescanned(&mut self, dataset: usize, images: &[ImageFile]) -> usize {
        let is_there = |file: &MarkedFile| {
            let found = ImageFile::named(images, &file.name);
            file.dataset != dataset || found.is_some_and(|image| image.path == file.path && image.stamp() == file.stamp)
        };
        self.retain(|mark| is_there(&mark.file) && mark.kept().is_none_or(is_there))
    }

    /// Groups are being looked for anew.
    pub fn unsettle(&mut self) {
        self.unsettled = true;
    }

    /// They aren't any more: those before hold.
    pub fn settle_again(&mut self) {
        self.unsettled = false;
    }

    /// A join has found these groups. Marks go that none of them holds together with the kept one, and one of each whose pictures all
    /// are marked and must not be.
    pub fn settle(&mut self, groups: Groups) -> Settled {
        let mut together = HashSet::new();
        for row in groups.rows().filter(|_| self.has_grouped()) {
            let marks = groups.pictures(row).filter_map(|picture| self.by_id(picture));
            let within = |kept: &MarkedFile| groups.pictures(row).any(|picture| picture == kept.id());
            together.extend(marks.filter(|mark| mark.kept().is_some_and(within)).map(|mark| mark.file.path.clone()));
        }
        let with_groups = self.retain(|mark| mark.kept().is_none() || together.contains(&mark.file.path));
        let mut settled = Settled { with_groups, kept: 0 };
        for row in groups.rows() {
            let marks = || groups.pictures(row).map(|picture| self.by_id(picture));
            if marks().all(|mark| mark.is_some()) && must_keep_one(&groups, marks().flatten()) {
                let path = marks().next().flatten().map(|mark| mark.file.path.clone());
                settled.kept += usize::from(path.is_some_and(|path| self.unmark(&path)));
            }
            if self.is_empty() {
                break;
            }
        }
        (self.groups, self.unsettled) = (Some(groups), false);
        settled
    }

    /// There are no groups any more. Returns how many marks went with them.
    pub fn dissolve(&mut self) -> usize {
        (self.groups, self.unsettled) = (None, false);
        self.retain(|mark| mark.kept().is_none())
    }

    /// What was left out when the list was written, and why.
    pub fn leave_out(&mut self, left_out: HashMap<PathBuf, String>) {
        self.left_out = left_out;
    }

    /// Why a mark was left out when the list was last written.
    pub fn why_left_out(&self, path: &Path) -> Option<&str> {
        self.left_out.get(path).map(String::as_str)
    }

    fn by_id(&self, (dataset, name): (usize, &str)) -> Option<&Mark> {
        self.marks.get(self.paths.get(&dataset)?.get(name)?)
    }

    /// Unmarks those that don't stay, and says how many.
    fn retain(&mut self, mut stays: impl FnMut(&Mark) -> bool) -> usize {
        let gone: Vec<_> = self.marks.values().filter(|mark| !stays(mark)).map(|mark| mark.file.path.clone()).collect();
        gone.iter().filter(|path| self.unmark(path)).count()
    }
}

/// Whether one picture of a pair or group, which has these marks, must stay unmarked. Of a pair none must if all marks are by hand.
fn must_keep_one<'a>(groups: &Groups, mut marks: impl Iterator<Item = &'a Mark>) -> bool {
    groups.are_copies() || marks.any(|mark| mark.kept().is_some())
}
