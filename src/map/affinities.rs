//! How strongly each picture attracts others: the input similarities of t-SNE. Van der Maaten and Hinton, 2008,
//! equations 1 and 2 of section 2, restricted to nearest neighbours as in van der Maaten, 2014, section 4.1.

use rayon::prelude::*;

use super::graph::{GraphNeighbour, NeighbourGraph};
use crate::parallel;

/// The effective number of neighbours: e to the entropy of each picture's similarities.
pub const PERPLEXITY: f64 = 30.0;
/// Neighbours considered, per effective one.
const LOOKED_AT: usize = 3;
const HALVINGS: usize = 64;

/// The number of nearest neighbours needed for each of `points`.
pub fn neighbours_needed(points: usize) -> usize {
    ((PERPLEXITY as usize) * LOOKED_AT).min(points.saturating_sub(1))
}

/// A sparse symmetric matrix whose entries sum to 1, stored row by row, each row ordered by column.
pub struct Affinities {
    /// The start of each row, and the end.
    begins: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

impl Affinities {
    pub fn of(graph: &NeighbourGraph) -> Affinities {
        let count = graph.nearest.len();
        let one_way = parallel::map_each(&graph.nearest, |nearest| similarities(nearest));
        let mut rows: Vec<Vec<(u32, f64)>> = vec![Vec::new(); count];
        let share = 1.0 / (2.0 * count.max(1) as f64);
        for (from, (nearest, similarities)) in graph.nearest.iter().zip(&one_way).enumerate() {
            for (neighbour, similarity) in nearest.iter().zip(similarities) {
                rows[from].push((neighbour.point, similarity * share));
                rows[neighbour.point as usize].push((from as u32, similarity * share));
            }
        }
        // Mutual neighbours get an entry from both sides.
        rows.par_iter_mut().for_each(|row| {
            row.sort_by_key(|(column, _)| *column);
            row.dedup_by(|later, kept| {
                let same = later.0 == kept.0;
                if same {
                    kept.1 += later.1;
                }
                same
            });
        });
        let mut begins = vec![0];
        rows.iter().for_each(|row| begins.push(begins[begins.len() - 1] + row.len()));
        let (columns, values) = rows.into_iter().flatten().unzip();
        Affinities { begins, columns, values }
    }

    /// The points that a point is attracted to, and how strongly.
    pub fn row(&self, at: usize) -> impl Iterator<Item = (usize, f64)> {
        let range = self.begins[at]..self.begins[at + 1];
        self.columns[range.clone()].iter().map(|column| *column as usize).zip(self.values[range].iter().copied())
    }
}

/// A Gaussian of the neighbours' distances, with the width that gives the perplexity; normalized to sum to 1.
fn similarities(nearest: &[GraphNeighbour]) -> Vec<f64> {
    let Some(first) = nearest.first() else { return Vec::new() };
    let wanted = libm::log(PERPLEXITY.min(nearest.len() as f64 / LOOKED_AT as f64).max(1.0));
    // Distances relative to the nearest one: equal after normalization, and never all 0.
    let beyond: Vec<f64> = nearest.iter().map(|n| n.distance * n.distance - first.distance * first.distance).collect();
    let (mut low, mut high, mut precision) = (0.0, f64::INFINITY, 1.0);
    let mut similar = vec![0.0; nearest.len()];
    for _ in 0..HALVINGS {
        similar.iter_mut().zip(&beyond).for_each(|(similar, beyond)| *similar = libm::exp(-precision * beyond));
        let sum: f64 = similar.iter().sum();
        let mean: f64 = similar.iter().zip(&beyond).map(|(similar, beyond)| similar * beyond).sum::<f64>() / sum;
        similar.iter_mut().for_each(|similar| *similar /= sum);
        let entropy = libm::log(sum) + precision * mean;
        if (entropy - wanted).abs() < 1e-6 {
            break;
        }
        if entropy > wanted {
            low = precision;
            precision = if high.is_finite() { f64::midpoint(low, high) } else { precision * 2.0 };
        } else {
            high = precision;
            precision = f64::midpoint(low, high);
        }
        // All are equally near: they count equally, however narrow the Gaussian.
        if !(1e-12..1e12).contains(&precision) {
            break;
        }
    }
    similar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_as_many_neighbours_count_as_the_perplexity_says() {
        let near = |at: u32| GraphNeighbour { point: at, distance: 0.3 + f64::from(at) * 0.01 };
        let nearest: Vec<_> = (0..90).map(near).collect();
        let similar = similarities(&nearest);
        let entropy: f64 = similar.iter().map(|p| -p * p.ln()).sum();
        assert!((entropy.exp() - PERPLEXITY).abs() < 1e-3 && (similar.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(similar.is_sorted_by(|a, b| a >= b));
        // Copies, all at the same distance.
        let copies = vec![GraphNeighbour { point: 0, distance: 0.0 }; 90];
        assert!(similarities(&copies).iter().all(|p| (p - 1.0 / 90.0).abs() < 1e-9));
    }

    #[test]
    fn it_is_symmetric_and_sums_to_one() {
        let near = |point, distance| GraphNeighbour { point, distance };
        let nearest = vec![vec![near(1, 0.1), near(2, 0.2)], vec![near(0, 0.1), near(2, 0.3)], vec![near(1, 0.3)]];
        let affinities = Affinities::of(&NeighbourGraph { nearest });
        let mut dense = [[0.0; 3]; 3];
        for (at, row) in dense.iter_mut().enumerate() {
            affinities.row(at).for_each(|(other, value)| row[other] += value);
        }
        let sum: f64 = dense.iter().flatten().sum();
        assert!((sum - 1.0).abs() < 1e-12, "{sum}");
        for (a, row) in dense.iter().enumerate() {
            assert_eq!(row[a], 0.0);
            assert!((0..3).all(|b| row[b] == dense[b][a]));
        }
        assert!(dense[0][1] > dense[0][2] && dense[0][2] > 0.0);
    }
}
