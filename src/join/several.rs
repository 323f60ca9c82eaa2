//! Several keys: results should be like some pictures, and unlike others.
//!
//! Input: keys for (at least one) and keys against. Output: a [`Ranking`], in which each picture has a single value,
//! combined from its values to all keys ([`combined`]), and the index of its nearest key. `docs/queries.md` explains
//! it, and `docs/quality.md` compares other ways of combining.

use std::sync::Arc;

use rayon::prelude::*;

use super::compare::{DescriptorKind, PreparedKey, descriptors};
use super::engine::{Engine, Hit, Selection};
use super::metric::Metric;
use super::neighbour::Neighbour;
use super::predicate::Predicate;
use super::ranking::Ranking;
use crate::descriptor::{Descriptor, FeatureMatrix, Row};
use crate::error::Result;
use crate::parallel;

/// Rows compared by a thread at a time.
const ROWS: usize = 64;

/// Keys for and against, as full descriptors.
#[derive(Clone, Copy, Debug)]
pub struct SoughtKeys<'a> {
    /// At least one.
    pub like: &'a [&'a Descriptor],
    pub unlike: &'a [&'a Descriptor],
}

impl SoughtKeys<'_> {
    /// An error if a file that descriptors are read from was cut short in the meantime.
    pub fn check_whole(&self) -> Result<()> {
        self.like.iter().chain(self.unlike).try_for_each(|key| key.check_whole())
    }
}

impl Ranking {
    /// Compares several keys with every picture of `matrix` except those in `left_out`, by name: the keys themselves,
    /// if they are in it.
    pub fn of_several(
        engine: &Engine,
        keys: SoughtKeys,
        matrix: &FeatureMatrix,
        left_out: &[&str],
        (descriptor, metric): (DescriptorKind, Metric),
    ) -> Ranking {
        let comparison = descriptor.comparison();
        let prepared = |keys: &[&Descriptor]| -> Vec<Box<dyn PreparedKey>> {
            keys.iter().map(|key| comparison.key(key, engine)).collect()
        };
        let keys = PreparedKeys { like: prepared(keys.like), unlike: prepared(keys.unlike), metric };
        let mut left_out: Vec<usize> = left_out.iter().filter_map(|name| matrix.position(name)).collect();
        left_out.sort_unstable();
        let stays = |(row, _): &(usize, _)| left_out.binary_search(row).is_err();
        let mut hits = parallel::in_parts(matrix.len(), ROWS, |some| {
            let values = keys.values(&matrix.rows()[some.clone()]);
            some.zip(values).filter(stays).map(|(row, found)| hit(row, found)).collect()
        });
        let all = Selection { metric, predicate: Predicate::Knn(usize::MAX) };
        hits.par_sort_unstable_by(|(a, _), (b, _)| all.order(a, b));
        let (hits, nearest): (Vec<Hit>, Vec<usize>) = hits.into_iter().unzip();
        let neighbours = Neighbour::all(hits, matrix).into_iter().zip(nearest);
        let neighbours = neighbours.map(|(neighbour, nearest)| Neighbour { nearest, ..neighbour });
        Ranking::in_order(neighbours.collect(), metric)
    }
}

fn hit(row: usize, (value, nearest): (f64, usize)) -> (Hit, usize) {
    (Hit { row: row as u32, value }, nearest)
}

struct PreparedKeys {
    like: Vec<Box<dyn PreparedKey>>,
    unlike: Vec<Box<dyn PreparedKey>>,
    metric: Metric,
}

impl PreparedKeys {
    /// For each row its value, and the index of its nearest key for.
    fn values(&self, rows: &[Arc<Row>]) -> Vec<(f64, usize)> {
        let rows = descriptors(rows);
        let to = |keys: &[Box<dyn PreparedKey>]| -> Vec<Vec<f64>> {
            keys.iter().map(|key| key.values(&rows, self.metric)).collect()
        };
        let (like, unlike) = (to(&self.like), to(&self.unlike));
        let of = |values: &[Vec<f64>], row: usize| -> Vec<f64> { values.iter().map(|values| values[row]).collect() };
        let value = |row| {
            let (like, unlike) = (of(&like, row), of(&unlike, row));
            (combined(&like, &unlike), nearest(self.metric, &like))
        };
        (0..rows.len()).map(value).collect()
    }
}

/// The weight of keys against, relative to keys for.
pub const AGAINST: f64 = 0.25;

/// The value of a picture with these values to the keys for and against, whatever the metric:
///
/// > mean of those for - 1/4 mean of those against
///
/// (Rocchio, 1971, on similarities or distances instead of vectors). Sums start with the smallest value, so the order
/// of keys doesn't matter.
pub fn combined(like: &[f64], unlike: &[f64]) -> f64 {
    match unlike {
        [] => mean(like),
        _ => mean(like) - AGAINST * mean(unlike),
    }
}

fn mean(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.iter().sum::<f64>() / values.len() as f64
}

/// The index of the best value to the keys for; the first of equal ones.
pub fn nearest(metric: Metric, like: &[f64]) -> usize {
    (0..like.len()).min_by(|a, b| metric.compare(like[*a], like[*b])).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::descriptor::DESCRIPTOR_LEN;
    use crate::simd::Instructions;

    const KEYS: usize = 4;

    fn descriptor(values: &[f32]) -> Descriptor {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        dense.iter_mut().step_by(4999).zip(values).for_each(|(to, from)| *to = *from);
        Descriptor::from_dense(&dense).unwrap()
    }

    fn matrix(rows: &[Vec<f32>]) -> FeatureMatrix {
        // Backwards, so that order by name is not order of insertion.
        let name = |i: usize| format!("{:03}.png", rows.len() - i);
        rows.iter().enumerate().map(|(i, values)| Row::new(name(i), None, descriptor(values))).collect()
    }

    /// Names, bits of values, nearest keys: by the definition, sorted by value, then name.
    fn brute_force(
        (like, unlike): (&[Descriptor], &[Descriptor]),
        matrix: &FeatureMatrix,
        (kind, metric): (DescriptorKind, Metric),
    ) -> Vec<(String, u64, usize)> {
        let comparison = kind.comparison();
        let sorted = |keys: &[Descriptor], row: &Descriptor| {
            let mut values: Vec<(f64, usize)> = Vec::new();
            for (at, key) in keys.iter().enumerate() {
                values.push((comparison.value(key, row, metric), at));
            }
            values.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            values
        };
        let mean = |values: &[(f64, usize)]| {
            let mut sum = 0.0;
            for (value, _) in values {
                sum += value;
            }
            sum / values.len() as f64
        };
        let mut all = Vec::new();
        for row in matrix.rows() {
            let (like, unlike) = (sorted(like, &row.descriptor), sorted(unlike, &row.descriptor));
            let against = if unlike.is_empty() { 0.0 } else { 0.25 * mean(&unlike) };
            let mut best = like[0];
            for candidate in &like {
                let better = metric.compare(candidate.0, best.0);
                if better.is_lt() || better.is_eq() && candidate.1 < best.1 {
                    best = *candidate;
                }
            }
            all.push((row.name.clone(), mean(&like) - against, best.1));
        }
        all.sort_by(|a, b| metric.compare(a.1, b.1).then(a.0.cmp(&b.0)));
        all.into_iter().map(|(name, value, nearest)| (name, value.to_bits(), nearest)).collect()
    }

    fn values() -> impl Strategy<Value = Vec<f32>> {
        // Few distinct values: ties, duplicates and zero rows are common.
        prop::collection::vec(prop_oneof![Just(0.0f32), Just(1.0), Just(2.0), 0.0f32..50.0], 6)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn equals_brute_force_to_the_bit_whatever_computes_it(
            like in prop::collection::vec(values(), 1..KEYS),
            unlike in prop::collection::vec(values(), 0..KEYS),
            rows in prop::collection::vec(values(), 0..80),
            kind in prop::sample::select(DescriptorKind::ALL.to_vec()),
            metric in prop::sample::select(Metric::ALL.to_vec()),
            instructions in prop::sample::select(Instructions::available()),
            threads in 1usize..4,
            limit_at in 0usize..80,
        ) {
            let matrix = matrix(&rows);
            let keys = |of: &[Vec<f32>]| -> Vec<Descriptor> { of.iter().map(|values| descriptor(values)).collect() };
            let (like, unlike) = (keys(&like), keys(&unlike));
            let engine = Engine { instructions, ..Engine::default() };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let ranking = |like: &[Descriptor], unlike: &[Descriptor]| {
                let (like, unlike): (Vec<_>, Vec<_>) = (like.iter().collect(), unlike.iter().collect());
                let keys = SoughtKeys { like: &like, unlike: &unlike };
                pool.install(|| Ranking::of_several(&engine, keys, &matrix, &[], (kind, metric)))
            };
            let seen = |ns: &[Neighbour]| -> Vec<_> {
                ns.iter().map(|n| (n.row.name.clone(), n.value.to_bits(), n.nearest)).collect()
            };
            let expected = brute_force((&like, &unlike), &matrix, (kind, metric));
            let found = ranking(&like, &unlike);
            prop_assert_eq!(seen(found.results(Predicate::Knn(usize::MAX))), &expected[..]);

            // A limit that hits a value exactly lets it pass, and its ties.
            let limit = expected.get(limit_at).map_or(0.5, |(_, bits, _)| f64::from_bits(*bits));
            let passes = |bits: &u64| metric.compare(f64::from_bits(*bits), limit).is_le();
            let within: Vec<_> = expected.iter().filter(|(_, bits, _)| passes(bits)).cloned().collect();
            prop_assert_eq!(seen(found.results(Predicate::Range(limit))), within);

            // In another order of keys the values are the same to the bit.
            let turned = |keys: &[Descriptor]| -> Vec<Descriptor> { keys.iter().rev().cloned().collect() };
            let again = ranking(&turned(&like), &turned(&unlike));
            let bits = |ranking: &Ranking| -> Vec<_> {
                ranking.results(Predicate::Knn(usize::MAX)).iter().map(|n| n.value.to_bits()).collect()
            };
            prop_assert_eq!(bits(&again), bits(&found));
        }
    }

    #[test]
    fn one_key_of_several_is_one_key_and_keys_are_left_out_by_name() {
        let matrix = matrix(&[vec![1.0, 2.0], vec![1.0, 2.0], vec![5.0], vec![0.0, 1.0]]);
        let keys: Vec<_> = ["004.png", "002.png"].map(|name| &matrix.get(name).unwrap().descriptor).into();
        let by = (DescriptorKind::Full, Metric::Cosine);
        let engine = Engine::default();
        let one = Ranking::of_several(&engine, SoughtKeys { like: &keys[..1], unlike: &[] }, &matrix, &["004.png"], by);
        assert_eq!(one, Ranking::new(&engine, keys[0], &matrix, Some("004.png"), by));
        let left_out = ["002.png", "not there", "004.png"];
        let both = Ranking::of_several(&engine, SoughtKeys { like: &keys, unlike: &[] }, &matrix, &left_out, by);
        let names: Vec<_> = both.results(Predicate::Knn(9)).iter().map(|n| n.row.name.as_str()).collect();
        assert_eq!(names, ["003.png", "001.png"]);
        assert_eq!(both.len(), 2);
        // Against what it is like, a picture falls behind.
        let against = SoughtKeys { like: &keys[1..], unlike: &keys[..1] };
        let ranking = Ranking::of_several(&engine, against, &matrix, &["002.png", "004.png"], by);
        let last = ranking.results(Predicate::Knn(9)).last().unwrap();
        let of = |name: &str, other: &str| {
            let row = |name: &str| &matrix.get(name).unwrap().descriptor;
            DescriptorKind::Full.comparison().value(row(name), row(other), Metric::Cosine)
        };
        assert_eq!(last.value, of("001.png", "002.png") - 0.25 * of("001.png", "004.png"));
    }
}
