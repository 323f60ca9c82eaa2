//! Query expansion: a second search with the first results as additional keys (Chum et al., 2007, "Total recall").
//!
//! Candidates are the five rows nearest to the key. One becomes a key if the key is among its own five nearest (which
//! excludes pictures that many others are near to), and if it is at least 0.8 times as similar to the key as the
//! nearest row. With s the cosine similarity, the score of a row x is
//!
//! > s(key, x) + sum over additional keys b of s(key, b) s(b, x).
//!
//! So pictures similar to a reliable result come before pictures similar by chance. Scores use cosines, whatever the
//! metric. `docs/quality.md` has the gain, and the results of other rules.

use rayon::prelude::*;

use super::compare::{Comparison, DescriptorKind};
use super::engine::{Engine, Hit, Selection};
use super::metric::Metric;
use super::neighbour::Neighbour;
use super::predicate::Predicate;
use super::ranking::{Expanded, Ranking};
use crate::descriptor::{Descriptor, FeatureMatrix};

/// Rows that may become keys.
const NEAREST: usize = 5;
/// An additional key's least similarity, as a share of the nearest row's.
const SHARE: f64 = 0.8;

impl Ranking {
    /// [`Ranking::new`], plus the nearest by a second search.
    pub fn expanded(
        engine: &Engine,
        key: &Descriptor,
        matrix: &FeatureMatrix,
        left_out: Option<&str>,
        (descriptor, metric): (DescriptorKind, Metric),
    ) -> Ranking {
        let left_out = left_out.and_then(|name| matrix.position(name));
        let comparison = descriptor.comparison();
        let pass = Pass { comparison: &*comparison, engine, matrix };
        let hits = pass.values(key, left_out, metric);
        let cosines = match metric {
            Metric::Cosine => hits.clone(),
            Metric::Euclidean => pass.values(key, left_out, Metric::Cosine),
        };
        let (scores, further) = pass.scores(cosines, left_out);
        // Both are in the order of the rows.
        let mut scored: Vec<_> = scores.into_iter().zip(hits.iter().copied()).collect();
        scored.par_sort_unstable_by(|(a, _), (b, _)| BY_COSINE.order(a, b));
        let neighbours = Neighbour::all(scored.into_iter().map(|(_, hit)| hit).collect(), matrix);
        Ranking { expanded: Some(Expanded { neighbours, further }), ..Ranking::of(hits, matrix, metric) }
    }
}

const BY_COSINE: Selection = Selection { metric: Metric::Cosine, predicate: Predicate::Knn(NEAREST) };

struct Pass<'a> {
    comparison: &'a dyn Comparison,
    engine: &'a Engine,
    matrix: &'a FeatureMatrix,
}

impl Pass<'_> {
    /// The values of `key` and all rows but `left_out`, in the order of the rows.
    fn values(&self, key: &Descriptor, left_out: Option<usize>, metric: Metric) -> Vec<Hit> {
        self.comparison.all_values(self.engine, key, self.matrix.rows(), left_out, metric)
    }

    /// The scores of all rows but `left_out`, in their order, from the key's `cosines`; and the number of additional
    /// keys.
    fn scores(&self, cosines: Vec<Hit>, left_out: Option<usize>) -> (Vec<Hit>, usize) {
        let nearest = BY_COSINE.results(cosines.clone());
        let (mut scores, mut further) = (cosines, 0);
        let needed = nearest.first().map_or(0.0, |nearest| nearest.value * SHARE);
        for near in nearest.into_iter().filter(|near| near.value > 0.0 && near.value >= needed) {
            let row = near.row as usize;
            let others = self.values(&self.matrix.rows()[row].descriptor, Some(row), Metric::Cosine);
            let is_nearer = |hit: &&Hit| Some(hit.row as usize) != left_out && hit.value > near.value;
            if others.iter().filter(is_nearer).take(NEAREST).count() == NEAREST {
                continue;
            }
            further += 1;
            let mut others = others.iter().filter(|hit| Some(hit.row as usize) != left_out).peekable();
            for score in &mut scores {
                // A row's similarity to itself.
                let value = others.next_if(|hit| hit.row == score.row).map_or(1.0, |hit| hit.value);
                score.value += near.value * value;
            }
        }
        (scores, further)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancel;
    use crate::descriptor::{DESCRIPTOR_LEN, Row};

    /// Row i has a value at each place that `of(i)` names.
    fn matrix(rows: &[&[(usize, f32)]]) -> FeatureMatrix {
        let row = |(i, values): (usize, &&[(usize, f32)])| {
            let mut dense = vec![0.0; DESCRIPTOR_LEN];
            values.iter().for_each(|(at, value)| dense[*at] = *value);
            Row::new(format!("{i}.png"), None, Descriptor::from_dense(&dense).unwrap())
        };
        rows.iter().enumerate().map(row).collect()
    }

    fn names(neighbours: &[Neighbour]) -> Vec<&str> {
        neighbours.iter().map(|n| n.row.name.as_str()).collect()
    }

    #[test]
    fn what_is_like_a_sure_result_comes_before_what_is_alike_by_chance() {
        // 1 is sure; 2 is like 1 rather than like the key; 3 is a little more like the key, and like nothing else. So 1
        // is the one further key.
        let matrix = matrix(&[
            &[(0, 1.0), (1, 1.0)],
            &[(0, 1.0), (1, 1.0), (2, 1.0)],
            &[(1, 0.6), (2, 1.0), (4, 0.8)],
            &[(0, 0.65), (5, 1.2), (6, 0.5)],
        ]);
        let key = &matrix.rows()[0].descriptor;
        for metric in Metric::ALL {
            let by = (DescriptorKind::Full, metric);
            let plain = Ranking::new(&Engine::default(), key, &matrix, Some("0.png"), by);
            let expanded = Ranking::expanded(&Engine::default(), key, &matrix, Some("0.png"), by);
            let ranked = expanded.results(Predicate::Knn(3));
            assert_eq!(names(ranked), ["1.png", "2.png", "3.png"], "{metric}");
            if metric == Metric::Cosine {
                assert_eq!(names(plain.results(Predicate::Knn(3))), ["1.png", "3.png", "2.png"]);
            }
            // The values are those to the key; a range is by them alone.
            for result in ranked {
                assert!(plain.results(Predicate::Knn(3)).contains(result));
            }
            let range = Predicate::Range(plain.sensible_range(2).unwrap());
            assert_eq!(expanded.results(range), plain.results(range));
            assert_eq!((plain.further(), expanded.further()), (None, Some(1)));
        }
    }

    #[test]
    fn who_has_five_nearer_ones_is_no_further_key() {
        // All others are nearly the same; the key is apart.
        let matrix = matrix(&[
            &[(0, 1.0), (1, 0.2)],
            &[(1, 1.0), (2, 0.1)],
            &[(1, 1.0), (2, 0.11)],
            &[(1, 1.0), (2, 0.12)],
            &[(1, 1.0), (2, 0.13)],
            &[(1, 1.0), (2, 0.14)],
            &[(1, 1.0), (2, 0.15)],
        ]);
        let key = &matrix.rows()[0].descriptor;
        let by = (DescriptorKind::Full, Metric::Cosine);
        let plain = Ranking::new(&Engine::default(), key, &matrix, Some("0.png"), by);
        let expanded = Ranking::expanded(&Engine::default(), key, &matrix, Some("0.png"), by);
        assert_eq!(expanded.further(), Some(0));
        assert_eq!(expanded.results(Predicate::Knn(9)), plain.results(Predicate::Knn(9)));
    }

    #[test]
    fn what_is_folded_is_gone_from_the_nearest_too() {
        // 1 and 2 are nearly the same; 1 stays, wherever the second pass puts them.
        let matrix = matrix(&[
            &[(0, 1.0), (1, 1.0)],
            &[(0, 1.0), (1, 1.0), (2, 0.5)],
            &[(0, 1.0), (1, 1.0), (2, 0.55)],
            &[(0, 0.5), (3, 1.0)],
        ]);
        let (engine, key, left_out) = (Engine::default(), &matrix.rows()[0].descriptor, Some("0.png"));
        let by = (DescriptorKind::Full, Metric::Cosine);
        let expanded = Ranking::expanded(&engine, key, &matrix, left_out, by);
        let folded = expanded.folded(&engine, &matrix, &Cancel::default()).unwrap();
        assert_eq!(names(expanded.results(Predicate::Knn(9))), ["1.png", "2.png", "3.png"]);
        assert_eq!(names(folded.results(Predicate::Knn(9))), ["1.png", "3.png"]);
        assert_eq!((folded.further(), folded.gone(), folded.len()), (expanded.further(), 1, 3));
        assert_eq!(folded.count(Predicate::Knn(9)), 2);
    }

    #[test]
    fn scores_are_those_of_the_formula_for_a_key_from_elsewhere_too() {
        let matrix = matrix(&[
            &[(0, 1.0), (3, 0.2)],
            &[(0, 0.9), (1, 0.5)],
            &[(1, 1.0), (2, 0.3)],
            &[(4, 1.0)],
            &[(0, 1.0), (1, 0.35), (5, 0.2)],
            &[(1, 0.9), (2, 0.35)],
            &[(0, 0.2), (1, 1.0), (2, 0.3)],
        ]);
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        (dense[0], dense[1]) = (1.0, 0.3);
        let key = Descriptor::from_dense(&dense).unwrap();
        for kind in DescriptorKind::ALL {
            let comparison = kind.comparison();
            let s = |a: &Descriptor, b: &Descriptor| comparison.value(a, b, Metric::Cosine);
            let rows: Vec<_> = matrix.rows().iter().map(|row| &row.descriptor).collect();
            let near = |of: &Descriptor, others: &[usize]| -> Vec<usize> {
                let mut others = others.to_vec();
                others.sort_by(|a, b| s(of, rows[*b]).total_cmp(&s(of, rows[*a])).then(a.cmp(b)));
                others
            };
            let mut expected: Vec<f64> = rows.iter().map(|row| s(&key, row)).collect();
            let nearest = near(&key, &[0, 1, 2, 3, 4, 5, 6]);
            let needed = 0.8 * s(&key, rows[nearest[0]]);
            for b in nearest[..5].iter().filter(|b| s(&key, rows[**b]) >= needed) {
                let nearer = (0..7).filter(|x| x != b && s(rows[*b], rows[*x]) > s(&key, rows[*b])).count();
                if nearer < 5 {
                    let more: Vec<_> = rows.iter().map(|row| s(&key, rows[*b]) * s(rows[*b], row)).collect();
                    expected.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
                }
            }
            let pass = Pass { comparison: &*comparison, engine: &Engine::default(), matrix: &matrix };
            let (scores, _) = pass.scores(pass.values(&key, None, Metric::Cosine), None);
            for (score, expected) in scores.iter().zip(&expected) {
                assert!((score.value - expected).abs() < 1e-12, "{kind}: {score:?}, not {expected}");
            }
        }
    }
}
