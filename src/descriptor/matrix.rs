//! The feature matrix: one descriptor for each picture of a dataset.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::crops::Crops;
use super::row::Row;
use crate::error::{Error, Result};
use crate::mapped::Mapped;
use crate::text::hex;

/// The descriptors of a dataset, sorted by name. Cloning takes no time, however many rows: they are shared.
#[derive(Clone, Debug, Default)]
pub struct FeatureMatrix {
    rows: Arc<Vec<Arc<Row>>>,
    /// Files that rows are read from.
    files: Vec<Arc<Mapped>>,
    /// The crops that they describe.
    pub crops: Crops,
}

impl FeatureMatrix {
    pub fn rows(&self) -> &[Arc<Row>] {
        &self.rows
    }

    /// The same rows, declared to describe these crops.
    pub fn with_crops(self, crops: Crops) -> FeatureMatrix {
        FeatureMatrix { crops, ..self }
    }

    /// [`Error::Torn`] if a file that rows are read from was cut short in the meantime, [`Error::Damaged`] if a row was
    /// found damaged. Call it after computing with them and before showing or writing the result, which may be based on
    /// zeros.
    pub fn check_whole(&self) -> Result<()> {
        check_files(&self.files, &self.rows)
    }

    /// Identifies these rows, and `what` is done with them.
    pub fn digest(&self, what: &str) -> String {
        let mut hasher = Sha256::new();
        hasher.update(what);
        for row in self.rows() {
            let stamp = row.stamp.map(|stamp| (stamp.size, stamp.mtime_ns));
            let content = row.content().map(|content| content.0);
            let (norm, entries) = (row.descriptor.squared_norm().to_bits(), row.descriptor.shape().entries);
            hasher.update(format!("{}\0{stamp:?}{content:?}{norm}{entries}\n", row.name));
        }
        hex(&hasher.finalize()[..8])
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row of the picture `name`.
    pub fn get(&self, name: &str) -> Option<&Arc<Row>> {
        self.position(name).map(|at| &self.rows[at])
    }

    /// The index of the row of the picture `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.rows.binary_search_by(|row| row.name.as_str().cmp(name)).ok()
    }

    /// Adds rows, replacing those with the same name.
    pub fn extend(&mut self, rows: impl IntoIterator<Item = Arc<Row>>) {
        let own = Arc::make_mut(&mut self.rows);
        let before = own.len();
        own.extend(rows);
        self.sort_in(before);
    }

    /// Sorts the rows from `before` on into those before. Not generic, because sorting is much code.
    fn sort_in(&mut self, before: usize) {
        let own = Arc::make_mut(&mut self.rows);
        add_files(&mut self.files, &own[before..]);
        // The sort is stable: of equal names the newest comes last, and `dedup_by` keeps that one.
        own.sort_by(|a, b| a.name.cmp(&b.name));
        own.dedup_by(|later, kept| {
            let same = later.name == kept.name;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
    }
}

/// [`FeatureMatrix::check_whole`] for rows on their own.
pub fn check_whole(rows: &[Arc<Row>]) -> Result<()> {
    let mut files = Vec::new();
    add_files(&mut files, rows);
    check_files(&files, rows)
}

/// Checks the files of `rows`, and names the row that is damaged.
fn check_files(files: &[Arc<Mapped>], rows: &[Arc<Row>]) -> Result<()> {
    files.iter().try_for_each(|file| {
        file.check_whole().map_err(|error| match (error, file.damage()) {
            (Error::Damaged { path, what }, Some(at)) => {
                let row = rows.iter().find(|row| row.descriptor.is_at(file, at));
                Error::Damaged { path, what: row.map_or(what, |row| format!("the descriptor of {}", row.name)) }
            }
            (other, _) => other,
        })
    })
}

/// Adds the files that `rows` are read from.
fn add_files(files: &mut Vec<Arc<Mapped>>, rows: &[Arc<Row>]) {
    for file in rows.iter().flat_map(|row| [row.descriptor.file(), row.columns.file()]).flatten() {
        // Rows of the same file usually come together.
        if !files.last().is_some_and(|last| Arc::ptr_eq(last, file)) {
            files.retain(|known| !Arc::ptr_eq(known, file));
            files.push(file.clone());
        }
    }
}

/// Compares rows, wherever they are read from.
impl PartialEq for FeatureMatrix {
    fn eq(&self, other: &FeatureMatrix) -> bool {
        (&self.rows, self.crops) == (&other.rows, other.crops)
    }
}

impl FromIterator<Arc<Row>> for FeatureMatrix {
    fn from_iter<I: IntoIterator<Item = Arc<Row>>>(rows: I) -> Self {
        let mut matrix = FeatureMatrix::default();
        matrix.extend(rows);
        matrix
    }
}

impl FromIterator<Row> for FeatureMatrix {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        rows.into_iter().map(Arc::new).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Stamp;
    use crate::descriptor::{Descriptor, Pooling};

    #[test]
    fn rows_are_sorted_and_the_newest_of_a_name_stays() {
        let row = |name: &str, size| Row::new(name, Some(Stamp { size, mtime_ns: 0 }), Descriptor::default());
        let mut matrix: FeatureMatrix = [row("b", 1), row("a", 1)].into_iter().collect();
        matrix.extend([row("b", 2), row("c", 1)].map(Arc::new));
        let seen: Vec<_> = matrix.rows().iter().map(|r| (r.name.as_str(), r.stamp.unwrap().size)).collect();
        assert_eq!(seen, [("a", 1), ("b", 2), ("c", 1)]);
        assert!(matrix.get("b").is_some() && matrix.get("d").is_none());
    }

    #[test]
    fn what_was_pooled_is_kept() {
        let dense: Vec<f32> = (0..crate::descriptor::DESCRIPTOR_LEN).map(|i| (i % 7) as f32).collect();
        let row = Row::new("a", None, Descriptor::from_dense(&dense).unwrap());
        let pooled = row.descriptor.pooled(Pooling::Gap);
        assert_eq!(pooled.to_dense()[..512], Pooling::Gap.pooled(&dense));
        // By clones too.
        let again = row.clone();
        assert_eq!(pooled.bytes().as_ptr(), again.descriptor.pooled(Pooling::Gap).bytes().as_ptr());
    }
}
