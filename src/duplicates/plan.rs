//! Groups of near-duplicates at a range: the kept picture of each, and those that may be marked.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::collection::Collection;
use super::files_at_hand::FilesAtHand;
use super::group::{DuplicateGroup, Grouping};
use super::settings::PlanSettings;
use super::similar::SimilarPairs;
use super::verdicts::Verdicts;
use crate::cancel::Cancel;
use crate::error::Result;
use crate::parallel;
use crate::progress::Progress;

/// All groups, the most similar first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupPlan {
    pub groups: Vec<DuplicateGroup>,
    /// Pictures that may be marked by rule, their groups, and their bytes.
    pub to_mark: usize,
    pub groups_to_mark: usize,
    pub bytes: u64,
}

impl GroupPlan {
    pub fn new(
        collection: &Collection,
        similar: &SimilarPairs,
        verdicts: &Verdicts,
        settings: &PlanSettings,
    ) -> GroupPlan {
        let grouping = Grouping { collection, similar, verdicts, settings };
        let groups = parallel::map_each(&grouping.contents(), |contents| grouping.group(contents));
        GroupPlan::of(collection, groups)
    }

    /// Groups with all questions answered, comparing files where necessary. `progress` counts pictures in groups.
    pub fn complete(
        collection: &Collection,
        similar: &SimilarPairs,
        verdicts: &Verdicts,
        settings: &PlanSettings,
        cancel: &Cancel,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<GroupPlan> {
        let grouping = Grouping { collection, similar, verdicts, settings };
        let all = grouping.contents();
        let (done, of) = (AtomicUsize::new(0), all.iter().map(Vec::len).sum());
        let groups = parallel::try_map_each(&all, |contents| {
            let mut files = FilesAtHand::new(collection);
            // A comparison may change which picture is kept, and so what to compare next.
            let group = loop {
                let group = grouping.group(contents);
                match group.pending() {
                    pending if pending.is_empty() => break group,
                    pending => files.look_at(&pending, cancel)?,
                }
            };
            progress(Progress::images(done.fetch_add(contents.len(), Ordering::Relaxed) + contents.len(), of));
            Ok(group)
        });
        Ok(GroupPlan::of(collection, groups?))
    }

    fn of(collection: &Collection, mut groups: Vec<DuplicateGroup>) -> GroupPlan {
        groups.sort_by(|a, b| a.closeness().total_cmp(&b.closeness()).reverse().then(a.kept.cmp(&b.kept)));
        let bytes = |group: &DuplicateGroup| group.to_mark().map(|picture| collection.image(picture).size).sum::<u64>();
        GroupPlan {
            to_mark: groups.iter().map(|group| group.to_mark().count()).sum(),
            groups_to_mark: groups.iter().filter(|group| group.to_mark().next().is_some()).count(),
            bytes: groups.iter().map(bytes).sum(),
            groups,
        }
    }

    /// Pairs of pictures to be compared before it is known whether one is a copy of the other.
    pub fn pending(&self) -> Vec<(u32, u32)> {
        self.groups.iter().flat_map(DuplicateGroup::pending).collect()
    }
}
