//! The list of marks, and its invariants.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::groups::Groups;
use crate::dataset::ImageFile;
use crate::marks::{Mark, MarkedFile, Origin};

/// The marked pictures, by path. Invariants:
///
/// - A picture that is kept in place of others is not marked.
/// - Of an existing pair or group, not all pictures are marked; but both of a pair may be, if both were marked by hand.
/// - A mark from a group exists only as long as a group holds the marked and the kept picture, and both are unchanged.
#[derive(Debug, Default)]
pub struct Marks {
    marks: BTreeMap<PathBuf, Mark>,
    /// Their paths, by dataset and name.
    paths: HashMap<usize, HashMap<String, PathBuf>>,
    /// The kept pictures, each with the number of pictures marked in its favour.
    kept: HashMap<PathBuf, usize>,
    /// The paths marked by rule, not by hand.
    by_rule: HashSet<PathBuf>,
    /// The groups of the join shown last.
    groups: Option<Groups>,
    /// Whether groups are being recomputed: until then, marks from groups are in doubt.
    unsettled: bool,
    /// Why a mark was left out when the list was last written.
    left_out: HashMap<PathBuf, String>,
    /// How often the list has changed.
    changes: u64,
}

/// How many marks new groups have removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// No group holds the marked and the kept picture any more.
    pub with_groups: usize,
    /// All pictures of a group were marked, so this one is kept.
    pub kept: usize,
    /// The rules no longer mark it in favour of the same picture, or the two were declared no duplicates.
    pub judged: usize,
}

impl Marks {
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// How often the list has changed. Counts derived from it are valid until this number changes.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    pub fn bytes(&self) -> u64 {
        self.marks.values().map(|mark| mark.file.stamp.size).sum()
    }

    /// How many pictures are kept in place of marked ones: one per group.
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

    /// Whether the user chose to keep it: a picture that isn't marked by rule is marked in its favour.
    pub fn keeps_by_hand(&self, path: &Path) -> bool {
        self.kept_for(path).any(|mark| !self.is_by_rule(&mark.file.path))
    }

    /// The marks that it is kept for.
    fn kept_for(&self, path: &Path) -> impl Iterator<Item = &Mark> {
        let is_it = move |mark: &&Mark| mark.kept().is_some_and(|kept| kept.path == path);
        // Most pictures aren't kept, and there may be many marks.
        self.keeps(path).then(|| self.iter().filter(is_it)).into_iter().flatten()
    }

    /// Whether marks from groups are in doubt, because the groups are being recomputed.
    pub fn is_unsettled(&self) -> bool {
        self.unsettled && self.has_grouped()
    }

    pub fn has_grouped(&self) -> bool {
        !self.kept.is_empty()
    }

    /// Marks a picture, or changes the origin of its mark. The error says what prevents it.
    pub fn mark(&mut self, file: MarkedFile, origin: Origin) -> Result<(), String> {
        if let Some(other) = self.kept_for(&file.path).next() {
            return Err(format!("{} is kept instead of {}: unmark that first", file.name, other.file.name));
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

    /// The same, by the rules for near-duplicates.
    pub fn mark_by_rule(&mut self, file: MarkedFile, origin: Origin) -> Result<(), String> {
        let path = file.path.clone();
        self.mark(file, origin)?;
        self.by_rule.insert(path);
        Ok(())
    }

    /// Removes the marks made by rule.
    pub fn unmark_by_rule(&mut self) {
        for path in std::mem::take(&mut self.by_rule) {
            self.unmark(&path);
        }
    }

    pub fn is_by_rule(&self, path: &Path) -> bool {
        self.by_rule.contains(path)
    }

    /// Whether marking this picture would leave a pair or group without an unmarked one, against the rules.
    fn would_take_all(&self, file: &MarkedFile, origin: &Origin) -> bool {
        let Some(groups) = &self.groups else { return false };
        let others = |row| groups.pictures(row).filter(|picture| *picture != file.id());
        let all = |row| others(row).all(|picture| self.by_id(picture).is_some());
        let is_grouped = matches!(origin, Origin::Group(_));
        let marks = |row| others(row).filter_map(|picture| self.by_id(picture));
        groups.rows_with(file).any(|row| all(row) && (is_grouped || must_keep_one(groups, marks(row))))
    }

    /// Returns whether it was marked.
    pub fn unmark(&mut self, path: &Path) -> bool {
        let Some(mark) = self.marks.remove(path) else { return false };
        self.changes += 1;
        self.by_rule.remove(path);
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
        (self.marks, self.paths, self.kept, self.by_rule) = Default::default();
        self.changes += 1;
    }

    /// A scan found these pictures, sorted by name. Removes marks whose picture or kept picture has changed or gone;
    /// returns how many.
    pub fn rescanned(&mut self, dataset: usize, images: &[ImageFile]) -> usize {
        let is_there = |file: &MarkedFile| {
            let found = ImageFile::named(images, &file.name);
            file.dataset != dataset || found.is_some_and(|image| image.path == file.path && image.stamp() == file.stamp)
        };
        self.retain(|mark| is_there(&mark.file) && mark.kept().is_none_or(is_there))
    }

    /// Groups are being recomputed.
    pub fn unsettle(&mut self) {
        self.unsettled = true;
    }

    /// They no longer are: the previous groups apply.
    pub fn settle_again(&mut self) {
        self.unsettled = false;
    }

    /// A join has found these groups. Removes marks that no group holds together with the kept picture, and one mark of
    /// each group that would be marked completely against the rules.
    pub fn settle(&mut self, groups: Groups) -> Settled {
        let mut together = HashSet::new();
        for row in groups.rows().filter(|_| self.has_grouped()) {
            let marks = groups.pictures(row).filter_map(|picture| self.by_id(picture));
            let within = |kept: &MarkedFile| groups.pictures(row).any(|picture| picture == kept.id());
            together.extend(marks.filter(|mark| mark.kept().is_some_and(within)).map(|mark| mark.file.path.clone()));
        }
        let with_groups = self.retain(|mark| mark.kept().is_none() || together.contains(&mark.file.path));
        let mut settled = Settled { with_groups, ..Settled::default() };
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

    /// The marks left out when the list was written, and why.
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

    /// Removes the marks that `stays` rejects; returns how many.
    fn retain(&mut self, mut stays: impl FnMut(&Mark) -> bool) -> usize {
        let gone: Vec<_> = self.marks.values().filter(|mark| !stays(mark)).map(|mark| mark.file.path.clone()).collect();
        gone.iter().filter(|path| self.unmark(path)).count()
    }
}

/// Whether one picture of a pair or group with these marks must stay unmarked. Not of a pair whose marks were all made
/// by hand.
fn must_keep_one<'a>(groups: &Groups, mut marks: impl Iterator<Item = &'a Mark>) -> bool {
    groups.are_copies() || marks.any(|mark| mark.kept().is_some())
}
