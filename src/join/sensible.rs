//! Suggests a range for whole datasets, where no single key can.

use super::set_join::{SetJoin, With};
use crate::descriptor::FeatureMatrix;

/// The number of each set's descriptors whose length is sampled.
const SAMPLE: usize = 500;

impl SetJoin {
    /// A range for these sets in their metric: a cosine similarity that separates similar pictures (in a self-join,
    /// near-duplicates) from others, or the Euclidean distance of two typical descriptors with that cosine.
    pub fn sensible_range(&self) -> f64 {
        let comparison = self.descriptor.comparison();
        let usual = comparison.usual_range();
        let (cosine, others) = match &self.with {
            With::Dataset(dataset) => (usual.alike, Some(dataset)),
            With::Themselves => (usual.duplicates, None),
        };
        self.metric.range_at(cosine, comparison.lengths(), || {
            let mut squared = squared_lengths(&self.keys);
            squared.extend(others.into_iter().flat_map(squared_lengths));
            squared.sort_unstable_by(f64::total_cmp);
            squared.get(squared.len() / 2).copied().unwrap_or_default()
        })
    }
}

/// The squared lengths of some of the set's descriptors.
fn squared_lengths(set: &FeatureMatrix) -> Vec<f64> {
    let every = set.len().div_ceil(SAMPLE).max(1);
    set.rows().iter().step_by(every).map(|row| row.descriptor.squared_norm()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, Pooling, Row};
    use crate::join::{DescriptorKind, JoinedFiles, Metric, Predicate};

    #[test]
    fn both_metrics_mean_about_the_same() {
        let row = |(i, length): (usize, f32)| {
            let mut dense = vec![0.0; DESCRIPTOR_LEN];
            dense[i] = length;
            Row::new(format!("{i}.png"), None, Descriptor::from_dense(&dense).unwrap())
        };
        let keys: FeatureMatrix = [1000.0, 2000.0, 5000.0].into_iter().enumerate().map(row).collect();
        let join = |with, metric| SetJoin {
            keys: keys.clone(),
            with,
            files: JoinedFiles::default(),
            descriptor: DescriptorKind::Full,
            metric,
            predicate: Predicate::Knn(1),
        };
        assert_eq!(join(With::Themselves, Metric::Cosine).sensible_range(), 0.8);
        // 2000 * (2 - 2 * 0.8).sqrt() = 1264.9
        assert_eq!(join(With::Themselves, Metric::Euclidean).sensible_range(), 1270.0);
        let others = || With::Dataset(FeatureMatrix::default());
        assert_eq!(join(others(), Metric::Cosine).sensible_range(), 0.6);
        assert_eq!(join(others(), Metric::Euclidean).sensible_range(), 1790.0);
        let by = |descriptor, metric| SetJoin { descriptor, ..join(With::Themselves, metric) };
        assert_eq!(by(DescriptorKind::Pooled(Pooling::Gap), Metric::Cosine).sensible_range(), 0.94);
        // (2 - 2 * 0.94).sqrt() = 0.346, (2 - 2 * 0.75).sqrt() = 0.707
        assert_eq!(by(DescriptorKind::Pooled(Pooling::Gap), Metric::Euclidean).sensible_range(), 0.35);
        assert_eq!(by(DescriptorKind::Regions, Metric::Euclidean).sensible_range(), 0.71);
        let nothing = SetJoin { keys: FeatureMatrix::default(), ..join(others(), Metric::Euclidean) };
        assert_eq!(nothing.sensible_range(), 0.0);
    }
}
