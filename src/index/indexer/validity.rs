//! What became of the pictures that stored rows describe.

use std::collections::HashSet;
use std::sync::Arc;

use super::existing::Existing;
use super::run::IndexRun;
use super::sorted::Sorted;
use crate::dataset::{ImageFile, Stamp};
use crate::descriptor::{Crops, Row};
use crate::index::known::moved;
use crate::storage::Stored;

/// If more files seem replaced than this and than a twentieth of all, only some are read again.
const MANY: usize = 20;

impl IndexRun<'_> {
    /// Sorts the `existing` rows by the state of their pictures.
    pub fn sort_out(&self, existing: &Existing, model: &str) -> Sorted {
        let Some(stored) = existing.rows() else {
            return Sorted::nothing(self.empty(), matches!(existing, Existing::Nothing));
        };
        let is_other = match &stored.model {
            Some(other) => other != model,
            // By other programs, which don't know crops.
            None => self.crops != Crops::Whole,
        };
        if is_other {
            return Sorted::nothing(self.empty(), false);
        }
        let written = self.store.stamp().map_or(i64::MIN, |s| s.mtime_ns);
        let twins = twins(stored);
        let replaced = self.perhaps_replaced(stored, &twins);
        let mut sorted = Sorted::nothing(self.empty(), stored.model.is_some() && !stored.is_behind);
        let mut valid = Vec::with_capacity(stored.matrix.len());
        let mut images = self.scan.images.iter().peekable();
        for row in stored.matrix.rows() {
            while images.next_if(|image| image.name < row.name).is_some() {}
            let Some(image) = images.next_if(|image| image.name == row.name) else {
                match (&stored.model, row.is_absent()) {
                    // Names given by other programs are of no use here; their file is kept.
                    (None, _) => {}
                    (Some(_), true) => sorted.absent.push(row.clone()),
                    (Some(_), false) => {
                        sorted.gone.push(row.name.clone());
                        sorted.absent.push(Arc::new(Row::clone(row).with_absent(true)));
                    }
                }
                continue;
            };
            let is_same = !row.is_outdated()
                && match row.stamp {
                    Some(stamp) => {
                        stamp == image.stamp()
                            && !replaced.contains(image.name.as_str())
                            && !(twins.contains(&stamp) && is_another_file(row, image))
                    }
                    None => image.mtime_ns <= written,
                };
            match (is_same, row.stamp.is_some() && !row.is_absent()) {
                (true, true) => valid.push(row.clone()),
                (true, false) => {
                    sorted.is_stored = false;
                    valid.push(Arc::new(row.found_in(image)));
                }
                (false, _) => sorted.changed.push(row.clone()),
            }
        }
        sorted.is_stored &= sorted.gone.is_empty();
        sorted.valid.extend(valid);
        sorted.drop_moved();
        sorted
    }

    /// Reassigns absent rows to pictures that were moved or renamed.
    pub fn take_moved(&self, sorted: &mut Sorted) {
        if sorted.absent.is_empty() {
            return;
        }
        let missing = self.missing(&sorted.valid);
        let moved = moved(&missing, &sorted.absent);
        let found = moved.iter().map(|(image, row)| (&missing[*image], &sorted.absent[*row]));
        let found: Vec<_> = found.map(|(image, row)| Arc::new(row.found_in(image))).collect();
        if found.is_empty() {
            return;
        }
        let rows: HashSet<usize> = moved.into_iter().map(|(_, row)| row).collect();
        let mut at = 0..;
        sorted.absent.retain(|_| !rows.contains(&at.next().expect("it has no end")));
        sorted.gone.retain(|name| sorted.absent.binary_search_by(|row| row.name.cmp(name)).is_ok());
        sorted.add(found);
    }

    /// Pictures whose files appeared after the features were stored: with the same size and time, another file may have
    /// taken their place. After a folder was copied, or its permissions changed, all pictures look like that. So if
    /// there are many, only those are suspected that another picture could be mistaken for.
    fn perhaps_replaced(&self, stored: &Stored, twins: &HashSet<Stamp>) -> HashSet<&str> {
        let Some(last) = self.store.ctime_ns() else { return HashSet::new() };
        let is_later = |image: &&ImageFile| image.ctime_ns > last && stored.matrix.get(&image.name).is_some();
        let later: Vec<_> = self.scan.images.iter().filter(is_later).collect();
        let many = later.len() > MANY.max(self.scan.images.len() / 20);
        let suspected = later.into_iter().filter(|image| !many || twins.contains(&image.stamp()));
        suspected.map(|image| image.name.as_str()).collect()
    }
}

/// Sizes and times that several pictures share, as archives produce them: one may be in another's place.
fn twins(stored: &Stored) -> HashSet<Stamp> {
    let mut seen = HashSet::with_capacity(stored.matrix.len());
    stored.matrix.rows().iter().filter_map(|row| row.stamp).filter(|stamp| !seen.insert(*stamp)).collect()
}

/// Whether the file in a picture's place is known to be another one than before.
fn is_another_file(row: &Row, image: &ImageFile) -> bool {
    row.inode().is_some_and(|inode| image.id.inode() != Some(inode))
}
