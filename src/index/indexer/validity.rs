//! Which of the stored rows belong to pictures as they are now.

use std::collections::HashSet;
use std::sync::Arc;

use super::existing::Existing;
use super::run::IndexRun;
use crate::dataset::ImageFile;
use crate::descriptor::{Crops, FeatureMatrix, Row};
use crate::storage::Stored;

/// Pictures that are not computed again only because their files are new in their places, where there are more, and
/// more than a twentieth of all.
const MANY: usize = 20;

impl IndexRun<'_> {
    /// The rows of `existing` that belong to pictures as they are now.
    pub fn still_valid(&self, existing: &Existing, model: &str) -> FeatureMatrix {
        let Some(stored) = existing.rows() else { return self.empty() };
        let is_other = match &stored.model {
            Some(other) => other != model,
            // By others, who know of no crops.
            None => self.crops != Crops::Whole,
        };
        if is_other {
            return self.empty();
        }
        let written = self.store.stamp().map_or(i64::MIN, |s| s.mtime_ns);
        let replaced = self.perhaps_replaced(stored);
        let valid = self.scan.images.iter().filter_map(|image| {
            let row = stored.matrix.get(&image.name).filter(|_| !replaced.contains(image.name.as_str()))?;
            match row.stamp {
                Some(stamp) => (stamp == image.stamp()).then(|| row.clone()),
                None if image.mtime_ns > written => None,
                None => Some(Arc::new(Row { stamp: Some(image.stamp()), ..Row::clone(row) })),
            }
        });
        valid.collect::<FeatureMatrix>().with_crops(self.crops)
    }

    /// Pictures that became what they are after the features were stored: where size and time are as before, another
    /// file may have taken their place. All of a folder that was copied or whose permissions changed look like that,
    /// so many at once are not suspected.
    fn perhaps_replaced(&self, stored: &Stored) -> HashSet<&str> {
        let Some(last) = self.store.ctime_ns() else { return HashSet::new() };
        let is_later = |image: &&ImageFile| image.ctime_ns > last && stored.matrix.get(&image.name).is_some();
        let later: HashSet<_> = self.scan.images.iter().filter(is_later).map(|image| image.name.as_str()).collect();
        let many = MANY.max(self.scan.images.len() / 20);
        if later.len() > many { HashSet::new() } else { later }
    }
}
