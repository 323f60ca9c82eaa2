//! Keeps the best pairs of a join, up to a limit: a join may have more results than fit in memory.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::metric::Metric;
use super::neighbour::Neighbour;
use super::predicate::Predicate;
use super::set_join::{Group, SetJoin, With};
use crate::descriptor::Row;

/// A key and one of its neighbours.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    pub key: Arc<Row>,
    pub neighbour: Neighbour,
}

/// Takes a join's groups, and keeps its best pairs: ordered by value, then by the names of key and neighbour.
pub struct BestPairs {
    metric: Metric,
    most: usize,
    /// Whether two pictures may find each other, each as the other's neighbour.
    mutual: bool,
    /// The worst one on top.
    kept: BinaryHeap<Ranked>,
    taken: u64,
}

impl BestPairs {
    /// Keeps at most `most` results of `join`, 32 bytes each.
    pub fn new(join: &SetJoin, most: usize) -> BestPairs {
        let mutual = matches!((&join.with, join.predicate), (With::Themselves, Predicate::Knn(_)));
        BestPairs::of(join.metric, mutual, most)
    }

    /// Keeps at most `most` pairs. `mutual`: two pictures may find each other, each as the other's neighbour.
    pub fn of(metric: Metric, mutual: bool, most: usize) -> BestPairs {
        BestPairs { metric, most, mutual, kept: BinaryHeap::new(), taken: 0 }
    }

    pub fn take(&mut self, group: &Group) {
        self.taken += group.neighbours.len() as u64;
        for neighbour in &group.neighbours {
            let full = self.kept.len() == self.most;
            let worst = self.kept.peek().filter(|_| full);
            if self.most == 0 || worst.is_some_and(|w| self.metric.compare(neighbour.value, w.value()).is_gt()) {
                // The rest are no better.
                break;
            }
            let (mut key, mut other) = (group.key.clone(), neighbour.row.clone());
            if self.mutual && key.name > other.name {
                std::mem::swap(&mut key, &mut other);
            }
            let pair = Pair { key, neighbour: Neighbour::new(other, neighbour.value) };
            self.kept.push(Ranked { metric: self.metric, pair });
            if full {
                self.kept.pop();
            }
        }
    }

    /// Results seen so far, kept or not.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// The pairs kept, best first. Two pictures that found each other are one pair, under the name that sorts first.
    pub fn into_pairs(self) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = self.kept.into_sorted_vec().into_iter().map(|ranked| ranked.pair).collect();
        pairs.dedup_by(|a, b| (&a.key.name, &a.neighbour.row.name) == (&b.key.name, &b.neighbour.row.name));
        pairs
    }
}

/// A pair, with its ordering.
struct Ranked {
    metric: Metric,
    pair: Pair,
}

impl Ranked {
    fn value(&self) -> f64 {
        self.pair.neighbour.value
    }

    fn names(&self) -> (&str, &str) {
        (&self.pair.key.name, &self.pair.neighbour.row.name)
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Ranked) -> Ordering {
        self.metric.compare(self.value(), other.value()).then_with(|| self.names().cmp(&other.names()))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Ranked) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Ranked) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cancel::Cancel;
    use crate::descriptor::{DESCRIPTOR_LEN, Descriptor, FeatureMatrix};
    use crate::join::{DescriptorKind, Engine, JoinedFiles};

    fn matrix(rows: &[(u8, u8)]) -> FeatureMatrix {
        let row = |(i, (a, b)): (usize, &(u8, u8))| {
            let mut dense = vec![0.0; DESCRIPTOR_LEN];
            (dense[0], dense[1]) = (f32::from(*a), f32::from(*b));
            Row::new(format!("{i:02}.png"), None, Descriptor::from_dense(&dense).unwrap())
        };
        rows.iter().enumerate().map(row).collect()
    }

    fn seen(pairs: &[Pair]) -> Vec<(u64, String, String)> {
        let seen = |p: &Pair| (p.neighbour.value.to_bits(), p.key.name.clone(), p.neighbour.row.name.clone());
        pairs.iter().map(seen).collect()
    }

    proptest! {
        #[test]
        fn they_are_the_first_of_all_pairs_sorted(
            keys in prop::collection::vec((0u8..3, 0u8..3), 0..12),
            others in prop::option::of(prop::collection::vec((0u8..3, 0u8..3), 0..12)),
            metric in prop::sample::select(Metric::ALL.to_vec()),
            predicate in prop_oneof![(1usize..5).prop_map(Predicate::Knn), Just(Predicate::Range(0.9))],
            most in 0usize..40,
        ) {
            let with = others.as_ref().map_or(With::Themselves, |others| With::Dataset(matrix(others)));
            let join = SetJoin {
                keys: matrix(&keys),
                with,
                files: JoinedFiles::default(),
                descriptor: DescriptorKind::Full,
                metric,
                predicate,
            };
            let (mut best, mut all) = (BestPairs::new(&join, most), BestPairs::new(&join, usize::MAX));
            let mut sorted = Vec::new();
            join.run(Engine::default(), &Cancel::default(), &mut |_| {}, &mut |group| {
                best.take(&group);
                all.take(&group);
                sorted.extend(group.neighbours.into_iter().map(|n| {
                    let (mut names, value) = ([group.key.name.clone(), n.row.name.clone()], n.value);
                    if best.mutual {
                        names.sort();
                    }
                    (value, names)
                }));
                Ok(())
            }).unwrap();
            sorted.sort_by(|a, b| metric.compare(a.0, b.0).then_with(|| a.1.cmp(&b.1)));
            prop_assert_eq!(best.taken(), sorted.len() as u64);
            let expected = |most: usize| {
                let mut kept: Vec<_> = sorted.iter().take(most).cloned().collect();
                kept.dedup();
                kept.into_iter().map(|(value, [a, b])| (value.to_bits(), a, b)).collect::<Vec<_>>()
            };
            prop_assert_eq!(seen(&best.into_pairs()), expected(most));
            prop_assert_eq!(seen(&all.into_pairs()), expected(usize::MAX));
        }
    }
}
