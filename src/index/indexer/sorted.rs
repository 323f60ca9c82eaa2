//! Stored rows, sorted by the state of their pictures.

use std::collections::HashSet;
use std::sync::Arc;

use crate::dataset::ImageFile;
use crate::descriptor::{FeatureMatrix, Row};

/// Rows, by the state of their pictures.
#[derive(Debug)]
pub struct Sorted {
    /// Of unchanged pictures.
    pub valid: FeatureMatrix,
    /// Of absent pictures, marked as such. They are kept, in case a drive is not mounted.
    pub absent: Vec<Arc<Row>>,
    /// Of changed pictures.
    pub changed: Vec<Arc<Row>>,
    /// Whether the files hold exactly these rows, apart from changed ones.
    pub is_stored: bool,
    /// Names of pictures that are absent for the first time.
    pub gone: Vec<String>,
}

impl Sorted {
    pub fn nothing(valid: FeatureMatrix, is_stored: bool) -> Sorted {
        Sorted { valid, absent: Vec::new(), changed: Vec::new(), is_stored, gone: Vec::new() }
    }

    /// All rows, including those of changed pictures, whose old content may be found elsewhere.
    pub fn all_known(&self) -> FeatureMatrix {
        let mut all = self.all();
        all.extend(self.changed.iter().cloned());
        all
    }

    /// All rows to store in the end.
    pub fn all(&self) -> FeatureMatrix {
        let mut all = self.valid.clone();
        all.extend(self.absent.iter().cloned());
        all
    }

    /// Adds rows of unchanged pictures.
    pub fn add(&mut self, rows: impl IntoIterator<Item = Arc<Row>>) {
        self.valid.extend(rows);
        self.is_stored = false;
    }

    /// Keeps rows of changed pictures that could not be read, as absent ones: the old picture may come back. But not if
    /// size and time are unchanged, or the row would count as valid the next time.
    pub fn keep_unread(&mut self, images: &[ImageFile]) {
        for row in std::mem::take(&mut self.changed) {
            if self.valid.get(&row.name).is_some() {
                continue;
            }
            let image = ImageFile::named(images, &row.name);
            if image.is_some_and(|image| row.stamp == Some(image.stamp())) {
                self.is_stored = false;
                continue;
            }
            self.is_stored &= row.is_absent();
            let row = if row.is_absent() { row } else { Arc::new(Row::clone(&row).with_absent(true)) };
            self.absent.push(row);
        }
        self.absent.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// Drops absent rows whose name, or a folder in it, is in `names`, which are further names.
    pub fn drop_further<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let names: HashSet<_> = names.collect();
        let before = self.absent.len();
        let is_further =
            |name: &str| names.contains(name) || name.match_indices('/').any(|(end, _)| names.contains(&name[..end]));
        self.absent.retain(|row| !is_further(&row.name));
        self.is_stored &= self.absent.len() == before;
    }

    /// Drops absent rows of pictures that exist under another name.
    pub fn drop_moved(&mut self) {
        if self.absent.iter().all(|row| row.content().is_none()) {
            return;
        }
        let there: HashSet<_> = self.valid.rows().iter().filter_map(|row| row.content()).collect();
        let before = self.absent.len();
        self.absent.retain(|row| row.content().is_none_or(|content| !there.contains(&content)));
        self.is_stored &= self.absent.len() == before;
        // A moved picture isn't absent.
        let absent: HashSet<&str> = self.absent.iter().map(|row| row.name.as_str()).collect();
        self.gone.retain(|name| absent.contains(name.as_str()));
    }
}
