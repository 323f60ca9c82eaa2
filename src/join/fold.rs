//! Folds near-identical pictures in a ranking into the best of them.

use std::collections::{HashMap, HashSet};

use super::compare::DescriptorKind;
use super::engine::Engine;
use super::joined_files::JoinedFiles;
use super::metric::Metric;
use super::neighbour::Neighbour;
use super::predicate::Predicate;
use super::ranking::{Expanded, Ranking};
use super::set_join::{SetJoin, With};
use crate::cancel::Cancel;
use crate::descriptor::FeatureMatrix;
use crate::error::Result;

/// The least cosine similarity of full descriptors at which two pictures count as nearly the same: another size or
/// quality, or slightly cropped.
pub const NEARLY_THE_SAME: f64 = 0.9;
/// The number of the best results examined.
const MOST: usize = 2000;

impl Ranking {
    /// The ranking without pictures that are nearly the same as a better one, among the 2,000 best. `matrix` has their
    /// full descriptors.
    pub fn folded(&self, engine: &Engine, matrix: &FeatureMatrix, cancel: &Cancel) -> Result<Ranking> {
        let best = &self.neighbours[..MOST.min(self.neighbours.len())];
        let join = SetJoin {
            keys: best.iter().filter_map(|n| matrix.get(&n.row.name)).cloned().collect(),
            with: With::Themselves,
            files: JoinedFiles::default(),
            descriptor: DescriptorKind::Full,
            metric: Metric::Cosine,
            predicate: Predicate::Range(NEARLY_THE_SAME),
        };
        let mut same: HashMap<String, Vec<String>> = HashMap::new();
        join.run(*engine, cancel, &mut |_| (), &mut |group| {
            for neighbour in group.neighbours {
                let (a, b) = (group.key.name.clone(), neighbour.row.name.clone());
                same.entry(b.clone()).or_default().push(a.clone());
                same.entry(a).or_default().push(b);
            }
            Ok(())
        })?;
        let (mut stays, mut gone): (HashSet<&str>, HashSet<&str>) = Default::default();
        let mut folded = HashMap::new();
        for name in best.iter().map(|n| n.row.name.as_str()) {
            if gone.contains(name) {
                continue;
            }
            stays.insert(name);
            for other in same.get(name).into_iter().flatten() {
                if !stays.contains(other.as_str()) && gone.insert(other) {
                    *folded.entry(name.to_owned()).or_default() += 1;
                }
            }
        }
        let staying = |all: &[Neighbour]| -> Vec<Neighbour> {
            all.iter().filter(|n| !gone.contains(n.row.name.as_str())).cloned().collect()
        };
        let expanded = self.expanded.as_ref();
        let expanded = expanded.map(|all| Expanded { neighbours: staying(&all.neighbours), further: all.further });
        Ok(Ranking { metric: self.metric, neighbours: staying(&self.neighbours), expanded, folded })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{Descriptor, Pooling, Row};

    #[test]
    fn the_best_of_those_nearly_the_same_stays_and_says_how_many_it_stands_for() {
        let row = |name: &str, values: [f32; 3]| Row::new(name, None, Descriptor::from_dense(&values).unwrap());
        let engine = Engine::default();
        let key = Descriptor::from_dense(&[1.0, 0.0, 0.0]).unwrap();
        // The copies are like each other; far is like nobody.
        let matrix: FeatureMatrix = [
            row("a.png", [1.0, 1.0, 0.0]),
            row("b.png", [1.0, 0.9, 0.0]),
            row("c.png", [1.0, 1.1, 0.0]),
            row("far.png", [0.1, 0.0, 1.0]),
        ]
        .into_iter()
        .collect();
        let ranking = Ranking::new(&engine, &key, &matrix, None, (DescriptorKind::Full, Metric::Cosine));
        let folded = ranking.folded(&engine, &matrix, &Cancel::default()).unwrap();
        let names: Vec<_> = folded
            .results(Predicate::Knn(10))
            .iter()
            .map(|n| (n.row.name.as_str(), folded.stands_for(&n.row.name)))
            .collect();
        assert_eq!(names, [("b.png", 2), ("far.png", 0)]);
        assert_eq!((folded.len(), folded.gone(), ranking.gone()), (4, 2, 0));
        // Compared by another descriptor, those that are nearly the same are still the same ones.
        let pooled = Ranking::new(&engine, &key, &matrix, None, (DescriptorKind::Pooled(Pooling::Gap), Metric::Cosine));
        assert_eq!(pooled.folded(&engine, &matrix, &Cancel::default()).unwrap().gone(), 2);
    }
}
