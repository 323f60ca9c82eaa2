//! A range to start from where nobody has said one: for whole sets, where no single key can tell.

use super::{Metric, SetJoin, With};
use crate::descriptor::{DescriptorKind, Row};

/// Cosine similarity of pictures of different sets that have much in common, in the full descriptor, in pooled ones,
/// whichever, and in the best: random pairs have 0.03 to 0.26 in the full one, and less than 0.06 in the best; pairs with
/// 0.6 in the full one have 0.83 to 0.87 and 0.42 to 0.58 in the others (medians of sets).
const ALIKE: [f64; 3] = [0.6, 0.85, 0.5];
/// Of near-duplicates: the same scene again, another crop, another size. Pairs with 0.8 have 0.90 to 0.94 and 0.67 to 0.71.
const DUPLICATE: [f64; 3] = [0.8, 0.94, 0.7];
/// Descriptors of each set whose length is looked at.
const SAMPLE: usize = 500;

impl SetJoin {
    /// A range for these sets in their metric: a cosine similarity that tells pictures alike (in a self-join: near-
    /// duplicates) from others, or the distance that two descriptors of usual length have then.
    pub fn sensible_range(&self) -> f64 {
        let (cosine, others) = match &self.with {
            With::Dataset(dataset) => (ALIKE, Some(dataset)),
            With::Themselves => (DUPLICATE, None),
        };
        let [full, pooled, best] = cosine;
        let cosine = match self.descriptor {
            DescriptorKind::Full => full,
            DescriptorKind::Pooled(_) => pooled,
            DescriptorKind::Regions => best,
        };
        match (self.metric, self.descriptor) {
            (Metric::Cosine, _) => return cosine,
            (Metric::Euclidean, DescriptorKind::Full) => {}
            // Of length 1.
            (Metric::Euclidean, _) => return (Metric::Euclidean.of_unit(cosine) * 100.0).round() / 100.0,
        }
        let sample = |rows: &[std::sync::Arc<Row>]| -> Vec<f64> {
            let every = rows.len().div_ceil(SAMPLE).max(1);
            rows.iter().step_by(every).map(|row| row.descriptor.squared_norm()).collect()
        };
        let mut squared = sample(self.keys.rows());
        squared.extend(others.into_iter().flat_map(|others| sample(others.rows())));
        squared.sort_unstable_by(f64::total_cmp);
        let squared = squared.get(squared.len() / 2).copied().unwrap_or_default();
        // |x - y|² = |x|² + |y|² - 2 |x| |y| cos; to what one would type.
        ((2.0 * squared * (1.0 - cosine)).sqrt() / 10.0).ceil() * 10.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, DescriptorKind, FeatureMatrix, Pooling};
    use crate::join::Predicate;

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
        // (2 - 2 * 0.94).sqrt() = 0.346, (2 - 2 * 0.7).sqrt() = 0.775
        assert_eq!(by(DescriptorKind::Pooled(Pooling::Gap), Metric::Euclidean).sensible_range(), 0.35);
        assert_eq!(by(DescriptorKind::Regions, Metric::Euclidean).sensible_range(), 0.77);
        let nothing = SetJoin { keys: FeatureMatrix::default(), ..join(others(), Metric::Euclidean) };
        assert_eq!(nothing.sensible_range(), 0.0);
    }
}
