//! All pictures of a dataset, ranked by their value to a key.

use std::collections::HashMap;

use rayon::prelude::*;

use super::compare::DescriptorKind;
use super::engine::{Engine, Hit, Selection};
use super::metric::Metric;
use super::neighbour::Neighbour;
use super::predicate::Predicate;
use crate::descriptor::{Descriptor, FeatureMatrix};

/// All pictures of a dataset and their values to a key: ordered by value, then by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    pub metric: Metric,
    pub(super) neighbours: Vec<Neighbour>,
    /// The result of a second search, if there was one.
    pub(super) expanded: Option<Expanded>,
    /// How many others a picture stands for, by name, where near-identical ones were folded.
    pub(super) folded: HashMap<String, usize>,
}

/// The result of a second search.
#[derive(Clone, Debug, PartialEq)]
pub struct Expanded {
    /// Ordered by score, then by name; with their values to the key.
    pub neighbours: Vec<Neighbour>,
    /// The number of first results that became keys.
    pub further: usize,
}

impl Ranking {
    /// Compares `key` with every picture of `matrix` but `left_out`, the key itself if it is one of them. Descriptors
    /// are full ones, compared by `descriptor`.
    pub fn new(
        engine: &Engine,
        key: &Descriptor,
        matrix: &FeatureMatrix,
        left_out: Option<&str>,
        (descriptor, metric): (DescriptorKind, Metric),
    ) -> Ranking {
        let left_out = left_out.and_then(|name| matrix.position(name));
        let hits = descriptor.comparison().all_values(engine, key, matrix.rows(), left_out, metric);
        Ranking::of(hits, matrix, metric)
    }

    /// From hits among the rows of `matrix`, each row once.
    pub(super) fn of(mut hits: Vec<Hit>, matrix: &FeatureMatrix, metric: Metric) -> Ranking {
        let all = Selection { metric, predicate: Predicate::Knn(usize::MAX) };
        hits.par_sort_unstable_by(|a: &Hit, b: &Hit| all.order(a, b));
        Ranking::in_order(Neighbour::all(hits, matrix), metric)
    }

    /// From neighbours already in order.
    pub(super) fn in_order(neighbours: Vec<Neighbour>, metric: Metric) -> Ranking {
        Ranking { metric, neighbours, expanded: None, folded: HashMap::new() }
    }

    /// How many pictures the key was compared with.
    pub fn len(&self) -> usize {
        self.neighbours.len() + self.gone()
    }

    /// How many pictures were folded into others.
    pub fn gone(&self) -> usize {
        self.folded.values().sum()
    }

    /// How many others the picture `name` stands for.
    pub fn stands_for(&self, name: &str) -> usize {
        self.folded.get(name).copied().unwrap_or(0)
    }

    pub fn is_empty(&self) -> bool {
        self.neighbours.is_empty()
    }

    /// How many pass `predicate`.
    pub fn count(&self, predicate: Predicate) -> usize {
        match predicate {
            Predicate::Knn(k) => k.min(self.neighbours.len()),
            Predicate::Range(limit) => self.neighbours.partition_point(|n| self.metric.compare(n.value, limit).is_le()),
        }
    }

    /// Those that pass `predicate`, best first. With kNN after a second search, the nearest by that; a range always
    /// uses the values to the key.
    pub fn results(&self, predicate: Predicate) -> &[Neighbour] {
        let neighbours = match (&self.expanded, predicate) {
            (Some(expanded), Predicate::Knn(_)) => &expanded.neighbours,
            _ => &self.neighbours,
        };
        &neighbours[..self.count(predicate)]
    }

    /// The number of first results that became keys; None without a second search.
    pub fn further(&self) -> Option<usize> {
        Some(self.expanded.as_ref()?.further)
    }

    /// A range to start from: the one that includes the `k` nearest, rounded like people would.
    pub fn sensible_range(&self, k: usize) -> Option<f64> {
        let value = self.neighbours.get(k.min(self.neighbours.len()).checked_sub(1)?)?.value;
        Some(self.metric.range_around(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{DESCRIPTOR_LEN, Row};
    use crate::simd::Instructions;
    use proptest::prelude::*;

    fn dense(values: &[f32]) -> Vec<f32> {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        dense.iter_mut().step_by(4999).zip(values).for_each(|(to, from)| *to = *from);
        dense
    }

    fn matrix(rows: &[Vec<f32>]) -> FeatureMatrix {
        let row = |(i, values): (usize, &Vec<f32>)| {
            // Backwards, so that order by name is not order of insertion.
            let name = format!("{:03}.png", rows.len() - i);
            Row::new(name, None, Descriptor::from_dense(&dense(values)).unwrap())
        };
        rows.iter().enumerate().map(row).collect()
    }

    /// The float64 double loop over the dense rows, sorted by value, then name.
    fn brute_force(key: &[f32], rows: &[Vec<f32>], metric: Metric) -> Vec<(String, u64)> {
        let mut all: Vec<(String, f64)> = Vec::new();
        for (i, row) in rows.iter().enumerate() {
            all.push((format!("{:03}.png", rows.len() - i), metric.by_definition(&dense(key), &dense(row))));
        }
        all.sort_by(|a, b| metric.compare(a.1, b.1).then(a.0.cmp(&b.0)));
        all.into_iter().map(|(name, value)| (name, value.to_bits())).collect()
    }

    fn row() -> impl Strategy<Value = Vec<f32>> {
        // Few distinct values: ties, duplicates and zero rows are common.
        prop::collection::vec(prop_oneof![Just(0.0f32), Just(1.0), Just(2.0), 0.0f32..50.0], 6)
    }

    proptest! {
        #[test]
        fn equals_brute_force_to_the_bit(
            key in row(),
            rows in prop::collection::vec(row(), 0..40),
            metric in prop::sample::select(Metric::ALL.to_vec()),
            instructions in prop::sample::select(Instructions::available()),
            k in 1usize..60,
            limit_at in 0usize..40,
        ) {
            let key_descriptor = Descriptor::from_dense(&dense(&key)).unwrap();
            let engine = Engine { instructions, ..Engine::default() };
            let ranking = Ranking::new(&engine, &key_descriptor, &matrix(&rows), None, (DescriptorKind::Full, metric));
            let seen = |ns: &[Neighbour]| -> Vec<_> {
                ns.iter().map(|n| (n.row.name.clone(), n.value.to_bits())).collect()
            };
            let expected = brute_force(&key, &rows, metric);
            prop_assert_eq!(seen(ranking.results(Predicate::Knn(k))), &expected[..k.min(rows.len())]);

            // A limit that hits a value exactly lets it pass, and its ties.
            let limit = expected.get(limit_at).map_or(0.5, |(_, bits)| f64::from_bits(*bits));
            let passes = |bits: &u64| metric.compare(f64::from_bits(*bits), limit).is_le();
            let within: Vec<_> = expected.iter().filter(|(_, bits)| passes(bits)).cloned().collect();
            prop_assert_eq!(ranking.count(Predicate::Range(limit)), within.len());
            prop_assert_eq!(seen(ranking.results(Predicate::Range(limit))), within);
        }
    }

    #[test]
    fn the_key_itself_is_left_out_its_duplicate_is_not() {
        let matrix = matrix(&[vec![1.0, 2.0], vec![1.0, 2.0], vec![5.0]]);
        let key = matrix.get("003.png").unwrap().descriptor.clone();
        let ranking =
            Ranking::new(&Engine::default(), &key, &matrix, Some("003.png"), (DescriptorKind::Full, Metric::Cosine));
        let results = ranking.results(Predicate::Knn(10));
        assert_eq!(results.len(), 2);
        assert_eq!((results[0].row.name.as_str(), results[0].value), ("002.png", 1.0));
    }

    #[test]
    fn one_thread_or_many_answer_the_same() {
        let rows: Vec<_> = (0..200).map(|i| vec![(i % 7) as f32, (i % 3) as f32, 1.0]).collect();
        let matrix = matrix(&rows);
        let key = matrix.rows()[0].descriptor.clone();
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                Ranking::new(&Engine::default(), &key, &matrix, None, (DescriptorKind::Full, Metric::Euclidean))
            })
        };
        assert_eq!(with(1), with(4));
    }

    #[test]
    fn a_sensible_range_lets_the_nearest_pass() {
        let rows: Vec<_> = (0..30).map(|i| vec![1.0, i as f32 / 10.0]).collect();
        let matrix = matrix(&rows);
        let key = matrix.rows()[0].descriptor.clone();
        for metric in Metric::ALL {
            let ranking = Ranking::new(&Engine::default(), &key, &matrix, None, (DescriptorKind::Full, metric));
            let range = ranking.sensible_range(10).unwrap();
            assert!(ranking.count(Predicate::Range(range)) >= 10);
        }
        let none = Ranking::new(
            &Engine::default(),
            &key,
            &FeatureMatrix::default(),
            None,
            (DescriptorKind::Full, Metric::Cosine),
        );
        assert_eq!(none.sensible_range(10), None);
    }
}
