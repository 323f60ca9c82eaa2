//! The feature matrix: one descriptor for each picture of a dataset.

use std::sync::Arc;

use rayon::prelude::*;

use super::crops::Crops;
use super::pooling::Pooling;
use super::sparse::Descriptor;
use crate::dataset::Stamp;

/// A picture's descriptor, and what tells whether the picture has changed since.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Path inside the dataset, `/` between folders.
    pub name: String,
    /// Size in bytes and time of the last change when the descriptor was computed; none in files we didn't write.
    pub stamp: Option<Stamp>,
    pub descriptor: Descriptor,
}

/// The descriptors of a dataset, sorted by name. Cloning is cheap: rows are shared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureMatrix {
    rows: Vec<Arc<Row>>,
    /// Which parts of pictures they describe.
    pub crops: Crops,
}

impl FeatureMatrix {
    pub fn rows(&self) -> &[Arc<Row>] {
        &self.rows
    }

    /// The same rows, which describe these parts of pictures.
    pub fn with_crops(self, crops: Crops) -> FeatureMatrix {
        FeatureMatrix { crops, ..self }
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

    /// Where the row of the picture `name` is.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.rows.binary_search_by(|row| row.name.as_str().cmp(name)).ok()
    }

    /// Adds rows; one of a name that is there already replaces it.
    pub fn extend(&mut self, rows: impl IntoIterator<Item = Arc<Row>>) {
        self.rows.extend(rows);
        self.sort();
    }

    /// The same pictures with pooled descriptors, made on rayon's threads, each once.
    pub fn pooled(&self, pooling: Pooling) -> FeatureMatrix {
        let pooled = |row: &Arc<Row>| {
            let descriptor = row.descriptor.pooled(pooling).clone();
            Arc::new(Row { name: row.name.clone(), stamp: row.stamp, descriptor })
        };
        FeatureMatrix { rows: self.rows.par_iter().map(pooled).collect(), crops: self.crops }
    }

    fn sort(&mut self) {
        // Stable, so that of equal names the newest comes last, and `dedup_by` keeps that one.
        self.rows.sort_by(|a, b| a.name.cmp(&b.name));
        self.rows.dedup_by(|later, kept| {
            let same = later.name == kept.name;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
    }
}

impl FromIterator<Arc<Row>> for FeatureMatrix {
    fn from_iter<I: IntoIterator<Item = Arc<Row>>>(rows: I) -> Self {
        let mut matrix = FeatureMatrix { rows: rows.into_iter().collect(), crops: Crops::default() };
        matrix.sort();
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

    #[test]
    fn rows_are_sorted_and_the_newest_of_a_name_stays() {
        let row = |name: &str, size| Row {
            name: name.into(),
            stamp: Some(Stamp { size, mtime_ns: 0 }),
            descriptor: Descriptor::default(),
        };
        let mut matrix: FeatureMatrix = [row("b", 1), row("a", 1)].into_iter().collect();
        matrix.extend([row("b", 2), row("c", 1)].map(Arc::new));
        let seen: Vec<_> = matrix.rows().iter().map(|r| (r.name.as_str(), r.stamp.unwrap().size)).collect();
        assert_eq!(seen, [("a", 1), ("b", 2), ("c", 1)]);
        assert!(matrix.get("b").is_some() && matrix.get("d").is_none());
    }

    #[test]
    fn what_was_pooled_is_kept() {
        let dense: Vec<f32> = (0..crate::descriptor::DESCRIPTOR_LEN).map(|i| (i % 7) as f32).collect();
        let row = Row { name: "a".into(), stamp: None, descriptor: Descriptor::from_dense(&dense).unwrap() };
        let matrix: FeatureMatrix = [row].into_iter().collect();
        let pooled = matrix.pooled(Pooling::Gap);
        assert_eq!(pooled.rows()[0].descriptor.to_dense()[..512], Pooling::Gap.pooled(&dense));
        let again = matrix.pooled(Pooling::Gap);
        assert_eq!(pooled.rows()[0].descriptor.bytes().as_ptr(), again.rows()[0].descriptor.bytes().as_ptr());
    }
}
