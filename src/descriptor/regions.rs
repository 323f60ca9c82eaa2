//! A picture's regions, each to be compared with each region of another picture.
//!
//! A region's vector is the generalized mean (p = 2) of each channel, scaled to length 1, and decomposed along fixed
//! axes ([`super::axes`]). The components are rounded to small integers, which makes inner products exact and fast.
//! With c(i, j) the cosine similarity of region i of one picture and region j of the other, the inner product of two
//! pictures is
//!
//! > sum over i, j of w(i) w(j) c(i, j)^3, w = 3 for the whole picture and its centre, 2 for its other parts.
//!
//! The high power lets matching regions dominate, wherever they are and whatever else there is. A sum of powers of
//! inner products is itself an inner product (a match kernel: Bo and Sminchisescu, 2009; Tolias, Avrithis and Jégou,
//! 2013, "To aggregate or not to aggregate"). So there is a cosine similarity, and a Euclidean distance of descriptors
//! of length 1. Pictures with less in common than usual may be slightly below 0.

use super::axes::{Axes, Vector};
use super::geometry::CHANNELS;
use super::region::{REGIONS, regions};
use super::words::Words;

/// Bytes: `[14, 512]`.
pub const LEN: usize = REGIONS * CHANNELS;
/// The largest code of each region, and minus the smallest: with this added, a code is an unsigned code of a key
/// ([`crate::simd`]).
pub const LARGEST_CODE: i8 = 63;
/// The weight of each region; integers, so that sums are exact.
pub const WEIGHTS: [f64; REGIONS] = {
    let mut weights = [2.0; REGIONS];
    (weights[0], weights[CENTRE]) = (3.0, 3.0);
    weights
};
/// The region in the middle of the picture.
const CENTRE: usize = 9;
/// Below this squared norm, the regions cancel out, and nothing can be said. A single region has 4.
const NOTHING: f64 = 1e-3;

/// The components of regions along the axes: `[14, 512]`, each region with its own step.
#[derive(Clone, Debug)]
pub struct RegionSet {
    codes: Words,
    /// For each region 1 / |codes|, or 0 for a zero vector.
    scales: [f64; REGIONS],
    squared_norm: f64,
}

/// The vector of a region, from its channels' sums of squares ([`super::Region::squares`]): of length 1, or 0 if all
/// are zero.
pub fn unit(squares: &[f64]) -> Vector {
    let length = squares.iter().sum::<f64>().sqrt();
    let unit = |square: f64| if length > 0.0 { (square.sqrt() / length) as f32 } else { 0.0 };
    std::array::from_fn(|channel| unit(squares[channel]))
}

impl RegionSet {
    /// The regions of a descriptor, `[7, 7, 512]`.
    pub fn new(dense: &[f32]) -> RegionSet {
        let mut units = [[0.0; CHANNELS]; REGIONS];
        units.iter_mut().zip(regions()).for_each(|(vector, region)| *vector = unit(&region.squares(dense)));
        let code = |(unit, along): (&Vector, Vector)| {
            let largest = along.iter().fold(0f32, |a, b| a.max(b.abs()));
            // A zero vector has no components.
            let per_step = if *unit != [0.0; CHANNELS] { f32::from(LARGEST_CODE) / largest } else { 0.0 };
            along.into_iter().map(move |x| (x * per_step).round() as i8)
        };
        let codes: Vec<i8> = units.iter().zip(Axes::get().along(&units)).flat_map(code).collect();
        let codes = Words::of_bytes(bytemuck::cast_slice(&codes));
        RegionSet::from_codes(codes).expect("as many codes as there are, none too large")
    }

    /// From stored codes, `[14, 512]`. None if they are invalid: another length, or a code out of range.
    pub fn from_codes(codes: Words) -> Option<RegionSet> {
        let too_large = |code: &u8| code.cast_signed().unsigned_abs() > LARGEST_CODE.unsigned_abs();
        if codes.bytes().len() != LEN || codes.bytes().iter().any(too_large) {
            return None;
        }
        let mut set = RegionSet { codes, scales: [0.0; REGIONS], squared_norm: 0.0 };
        set.scales = std::array::from_fn(|i| {
            let squared = dot(&set.regions()[i], &set.regions()[i]);
            if squared > 0.0 { squared.sqrt().recip() } else { 0.0 }
        });
        set.squared_norm = Some(set.dot(&set)).filter(|norm| *norm >= NOTHING).unwrap_or(0.0);
        Some(set)
    }

    /// The codes of each region.
    pub fn regions(&self) -> &[[i8; CHANNELS]; REGIONS] {
        bytemuck::cast_slice::<u8, i8>(self.codes.bytes()).as_chunks().0.try_into().expect("its length was looked at")
    }

    pub fn bytes(&self) -> &[u8] {
        self.codes.bytes()
    }

    /// For each region 1 / |codes|, or 0 for a zero vector.
    pub fn scales(&self) -> &[f64; REGIONS] {
        &self.scales
    }

    /// The inner product with itself; 0 if nothing can be said.
    pub fn squared_norm(&self) -> f64 {
        self.squared_norm
    }

    /// The inner product of two pictures; bit-identical when swapped.
    pub fn dot(&self, other: &RegionSet) -> f64 {
        let mut sum = 0.0;
        for (i, a) in self.regions().iter().enumerate() {
            for (j, b) in other.regions().iter().enumerate() {
                sum += WEIGHTS[i] * WEIGHTS[j] * cube(dot(a, b), self.scales[i] * other.scales[j]);
            }
        }
        sum
    }
}

/// The cube of a cosine, from the inner product of two regions' codes and the product of their scales. Rounded to a
/// multiple of 2^-40, so that sums are exact in any order.
#[inline(always)]
pub fn cube(dot: f64, scales: f64) -> f64 {
    // Near this number, float64 has 40 binary places.
    const ROUND: f64 = 1.5 * (1u64 << 12) as f64;
    let cosine = dot * scales;
    (cosine * cosine * cosine + ROUND) - ROUND
}

fn dot(a: &[i8; CHANNELS], b: &[i8; CHANNELS]) -> f64 {
    f64::from(a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum::<i32>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{DESCRIPTOR_LEN, Region};

    fn noise(seed: usize) -> Vec<f32> {
        let value = |i: usize| ((i * 2_654_435_761 + seed * 7919) % 1000) as f32 / 100.0 - 7.0;
        (0..DESCRIPTOR_LEN).map(|i| value(i).max(0.0)).collect()
    }

    #[test]
    fn the_inner_product_is_what_its_formula_says() {
        let axes = Axes::get();
        let vectors = |dense: &[f32]| -> Vec<Vec<f64>> {
            let mean = |region: Region, channel: usize| {
                let squares = region.positions().map(|at| f64::from(dense[at * CHANNELS + channel]).powi(2));
                (squares.sum::<f64>() / (region.side * region.side) as f64).sqrt()
            };
            let along = |region: Region| {
                let means: Vec<f64> = (0..CHANNELS).map(|channel| mean(region, channel)).collect();
                let length = means.iter().map(|x| x * x).sum::<f64>().sqrt();
                let rest = |c: usize| means[c] / length - f64::from(axes.shared()[c]);
                // Each axis is what channels have to do with it alone.
                let axis = |k: usize| -> f64 {
                    let mut axis = [0.0; CHANNELS];
                    axis[k] = 1.0;
                    axes.of_channels(&axis).iter().enumerate().map(|(c, part)| part * rest(c)).sum()
                };
                let along: Vec<f64> = (0..CHANNELS).map(axis).collect();
                let largest = along.iter().fold(0f64, |a, b| a.max(b.abs()));
                along.iter().map(|x| (x / largest * 63.0).round()).collect::<Vec<_>>()
            };
            regions().map(along).collect()
        };
        let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let weight = |i: usize| if i == 0 || i == 9 { 3.0 } else { 2.0 };
        let (a, b) = (noise(1), noise(2));
        let (u, v) = (vectors(&a), vectors(&b));
        let expected = |a: &[Vec<f64>], b: &[Vec<f64>]| {
            let pair = |i: usize, j: usize| {
                weight(i)
                    * weight(j)
                    * (inner(&a[i], &b[j]) / (inner(&a[i], &a[i]) * inner(&b[j], &b[j])).sqrt()).powi(3)
            };
            (0..14).flat_map(|i| (0..14).map(move |j| (i, j))).map(|(i, j)| pair(i, j)).sum::<f64>()
        };
        let (x, y) = (RegionSet::new(&a), RegionSet::new(&b));
        for (found, expected) in [(x.dot(&y), expected(&u, &v)), (x.squared_norm(), expected(&u, &u))] {
            // Some are just between two steps.
            assert!((found / expected - 1.0).abs() < 1e-4, "{found}, not {expected}");
        }
        assert_eq!(x.dot(&y).to_bits(), y.dot(&x).to_bits());
    }

    #[test]
    fn nothing_is_like_nothing_and_stored_codes_are_looked_at() {
        let nothing = RegionSet::new(&[0.0; DESCRIPTOR_LEN]);
        let something = RegionSet::new(&noise(1));
        assert_eq!((nothing.squared_norm(), nothing.dot(&something)), (0.0, 0.0));
        let mut codes = something.bytes().to_vec();
        let again = RegionSet::from_codes(Words::of_bytes(&codes)).unwrap();
        assert_eq!((again.dot(&something), again.scales()), (something.squared_norm(), something.scales()));
        for wrong in [LARGEST_CODE + 1, -LARGEST_CODE - 1] {
            codes[77] = wrong.cast_unsigned();
            assert!(RegionSet::from_codes(Words::of_bytes(&codes)).is_none());
        }
        assert!(RegionSet::from_codes(Words::of_bytes(&codes[..LEN - 4])).is_none());
    }

    #[test]
    fn regions_that_cancel_out_say_nothing() {
        let mut codes = vec![0i8; LEN];
        (codes[CHANNELS], codes[2 * CHANNELS]) = (5, -5);
        let set = RegionSet::from_codes(Words::of_bytes(bytemuck::cast_slice(&codes))).unwrap();
        assert_eq!(set.squared_norm(), 0.0);
    }
}
