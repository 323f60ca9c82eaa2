//! The first map: the two directions of greatest variance (principal component analysis). Hotelling, 1933; computed by
//! subspace iteration with a Rayleigh-Ritz step: Halko, Martinsson and Tropp, 2011, arXiv:0909.4061, algorithms 4.4 and
//! 5.3.
//!
//! Sums are computed block by block in a fixed order, so the result is bit-identical on any number of threads.

use super::points::Points;
use super::symmetric::eigenvectors;
use crate::descriptor::CHANNELS;
use crate::parallel;

/// Directions iterated together: more than two, so that the first two converge quickly.
const SUBSPACE: usize = 8;
/// Rows summed in float32; the sums of blocks are added in float64.
const BLOCK: usize = 256;
/// With more pictures, this many of them, evenly spread, determine the directions.
const SAMPLE: usize = 16_384;
/// The most rounds, and the relative change of the variances at which to stop.
const ROUNDS: usize = 40;
const CLOSE: f64 = 1e-7;

/// A basis of directions: `[512]` rows of 8.
type Basis = Vec<[f64; SUBSPACE]>;

/// The position of each point along the two directions of greatest variance, `[n, 2]`.
pub fn principal_components(points: &Points) -> Vec<[f64; 2]> {
    let sampled = SampledPoints::new(points);
    let mut basis = orthonormal(begin());
    let mut variances = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        let image = sampled.covariance_times(&basis);
        // The covariance restricted to this subspace, and its eigenvectors.
        let inner: [[f64; SUBSPACE]; SUBSPACE] =
            std::array::from_fn(|a| std::array::from_fn(|b| basis.iter().zip(&image).map(|(v, w)| v[a] * w[b]).sum()));
        let (values, vectors) = eigenvectors(inner);
        let turned = |basis: &Basis| -> Basis {
            let row = |row: &[f64; SUBSPACE]| {
                std::array::from_fn(|to| (0..SUBSPACE).map(|from| row[from] * vectors[from][to]).sum())
            };
            basis.iter().map(row).collect()
        };
        let before = std::mem::replace(&mut variances, [values[0], values[1]]);
        if variances.iter().zip(before).all(|(now, before)| (now - before).abs() <= CLOSE * now.abs()) {
            basis = turned(&basis);
            break;
        }
        basis = orthonormal(turned(&image));
    }
    let mut axes: [Vec<f64>; 2] = std::array::from_fn(|axis| basis.iter().map(|row| row[axis]).collect());
    axes.iter_mut().for_each(|axis| point_upwards(axis));
    let along = |point: &[f32], axis: &Vec<f64>| -> f64 {
        point.iter().zip(&sampled.mean).zip(axis).map(|((x, mean), axis)| (f64::from(*x) - mean) * axis).sum()
    };
    parallel::map(points.len(), |at| [0, 1].map(|axis| along(points.point(at), &axes[axis])))
}

/// Flips a direction so that its largest entry is positive.
fn point_upwards(axis: &mut [f64]) {
    let largest = axis.iter().copied().fold(0.0, |largest: f64, x| if x.abs() > largest.abs() { x } else { largest });
    if largest < 0.0 {
        axis.iter_mut().for_each(|x| *x = -*x);
    }
}

/// Arbitrary directions, always the same ones.
fn begin() -> Basis {
    let mut random = fastrand::Rng::with_seed(1);
    (0..CHANNELS).map(|_| std::array::from_fn(|_| random.f64() - 0.5)).collect()
}

/// Gram-Schmidt, applied twice for accuracy. A direction that vanishes becomes 0.
fn orthonormal(mut basis: Basis) -> Basis {
    for column in 0..SUBSPACE {
        for _ in 0..2 {
            for other in 0..column {
                let product: f64 = basis.iter().map(|row| row[column] * row[other]).sum();
                basis.iter_mut().for_each(|row| row[column] -= product * row[other]);
            }
        }
        let length = basis.iter().map(|row| row[column] * row[column]).sum::<f64>().sqrt();
        let scale = if length > 1e-30 { length.recip() } else { 0.0 };
        basis.iter_mut().for_each(|row| row[column] *= scale);
    }
    basis
}

/// The points that determine the directions.
struct SampledPoints<'a> {
    points: Vec<&'a [f32]>,
    mean: Vec<f64>,
}

impl<'a> SampledPoints<'a> {
    fn new(points: &'a Points) -> SampledPoints<'a> {
        let step = points.len().div_ceil(SAMPLE).max(1);
        let points: Vec<_> = (0..points.len()).step_by(step).map(|at| points.point(at)).collect();
        let blocks: Vec<_> = points.chunks(BLOCK).collect();
        let sums: Vec<Vec<f64>> = parallel::map_each(&blocks, |block| {
            let mut sum = vec![0.0; CHANNELS];
            block.iter().for_each(|point| sum.iter_mut().zip(*point).for_each(|(sum, x)| *sum += f64::from(*x)));
            sum
        });
        let share = 1.0 / points.len().max(1) as f64;
        let mean = (0..CHANNELS).map(|channel| sums.iter().map(|sum| sum[channel]).sum::<f64>() * share).collect();
        SampledPoints { points, mean }
    }

    /// The covariance of the points times `basis`, without forming the covariance.
    fn covariance_times(&self, basis: &Basis) -> Basis {
        let narrow: Vec<[f32; SUBSPACE]> = basis.iter().map(|row| row.map(|x| x as f32)).collect();
        let offset: [f32; SUBSPACE] = std::array::from_fn(|to| {
            basis.iter().zip(&self.mean).map(|(row, mean)| row[to] * mean).sum::<f64>() as f32
        });
        let blocks: Vec<_> = self.points.chunks(BLOCK).collect();
        let blocks: Vec<Vec<[f32; SUBSPACE]>> = parallel::map_each(&blocks, |block| {
            let mut sums = vec![[0.0; SUBSPACE]; CHANNELS];
            for point in *block {
                let mut along = offset.map(|offset| -offset);
                for (x, row) in point.iter().zip(&narrow) {
                    (0..SUBSPACE).for_each(|to| along[to] += x * row[to]);
                }
                for (x, sum) in point.iter().zip(&mut sums) {
                    (0..SUBSPACE).for_each(|to| sum[to] += x * along[to]);
                }
            }
            sums
        });
        // Subtract the mean's contribution.
        let share = 1.0 / self.points.len().max(1) as f64;
        let of = |channel: usize| {
            std::array::from_fn(|to| blocks.iter().map(|block| f64::from(block[channel][to])).sum::<f64>() * share)
        };
        (0..CHANNELS).map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::tests::{noise, threads};

    #[test]
    fn the_directions_are_those_in_which_points_differ_most() {
        // 4 along the sum of two channels, 2 along another one, a little everywhere.
        let mut random = fastrand::Rng::with_seed(7);
        let mut values = noise(400, 0.01);
        let mut expected = Vec::new();
        for point in values.chunks_exact_mut(CHANNELS) {
            let (a, b) = (random.f32() - 0.5, random.f32() - 0.5);
            point[3] += 4.0 * a + 9.0;
            point[5] += 4.0 * a;
            point[8] += 2.0 * b;
            expected.push([4.0 * std::f64::consts::SQRT_2 * f64::from(a), 2.0 * f64::from(b)]);
        }
        let found = principal_components(&Points::from_values(values));
        let mean = |of: usize| expected.iter().map(|point| point[of]).sum::<f64>() / 400.0;
        for (found, expected) in found.iter().zip(&expected) {
            for axis in [0, 1] {
                assert!((found[axis] - (expected[axis] - mean(axis))).abs() < 0.1, "{found:?}, not {expected:?}");
            }
        }
    }

    #[test]
    fn it_is_the_same_on_any_number_of_threads() {
        let points = Points::from_values(noise(1_000, 1.0));
        let [one, three] = [1, 3].map(|count| threads(count, || principal_components(&points)));
        assert!(one == three && one.iter().flatten().all(|x| x.is_finite()));
    }

    #[test]
    fn few_points_and_equal_ones_are_nowhere_in_particular_but_somewhere() {
        for count in [0, 1, 2, 5] {
            let values = (0..count).flat_map(|_| noise(1, 1.0)).collect();
            let found = principal_components(&Points::from_values(values));
            assert!(found.len() == count && found.iter().flatten().all(|x| x.abs() < 1e-3), "{found:?}");
        }
    }
}
