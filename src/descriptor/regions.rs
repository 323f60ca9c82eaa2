//! A picture's regions, each by itself, to be compared with each of another picture.
//!
//! A region's vector is the generalized mean (p = 2) of each channel, rounded to small integers, so that inner products are
//! exact and fast. With c(i, j) the cosine similarity of region i of one picture and region j of the other, two pictures
//! have the inner product
//!
//! > sum over i, j of w(i) w(j) c(i, j)^5, w = 3 for the whole picture and 2 for its parts.
//!
//! High powers let the regions that match count, wherever they are, and whatever else there is; as a sum of powers of inner
//! products it is an inner product itself (a match kernel: Bo and Sminchisescu, 2009; Tolias, Avrithis and Jégou, 2013,
//! "To aggregate or not to aggregate"). So there is a cosine similarity, and a Euclidean distance of descriptors of length 1.

use super::geometry::CHANNELS;
use super::region::{REGIONS, regions};
use super::words::Words;

/// Bytes: `[14, 512]`.
pub const LEN: usize = REGIONS * CHANNELS;
/// The largest code of each region: two products of two codes fit into 16 bits, signed.
const LARGEST: u8 = 127;
/// What each region counts; integers, for sums to be exact.
pub const WEIGHTS: [f64; REGIONS] = {
    let mut weights = [2.0; REGIONS];
    weights[0] = 3.0;
    weights
};

/// Generalized means of the regions' channels: `[14, 512]`, each region in steps of its own.
#[derive(Clone, Debug)]
pub struct RegionSet {
    codes: Words,
    /// Of each region 1 / |codes|, or 0 where there is nothing.
    scales: [f64; REGIONS],
    squared_norm: f64,
}

impl RegionSet {
    /// Of a descriptor, `[7, 7, 512]`.
    pub fn new(dense: &[f32]) -> RegionSet {
        let code = |region: super::region::Region| {
            let strengths: Vec<f64> = region.squares(dense).into_iter().map(f64::sqrt).collect();
            let largest = strengths.iter().fold(0f64, |a, b| a.max(*b));
            let per_step = if largest > 0.0 { f64::from(LARGEST) / largest } else { 0.0 };
            strengths.into_iter().map(move |x| (x * per_step).round() as u8)
        };
        let codes: Vec<u8> = regions().flat_map(code).collect();
        RegionSet::from_codes(Words::of_bytes(&codes)).expect("as many codes as there are, none too large")
    }

    /// From codes that were stored, `[14, 512]`. None if these can't be some: another length, or a code above 127.
    pub fn from_codes(codes: Words) -> Option<RegionSet> {
        if codes.bytes().len() != LEN || codes.bytes().iter().any(|code| *code > LARGEST) {
            return None;
        }
        let mut set = RegionSet { codes, scales: [0.0; REGIONS], squared_norm: 0.0 };
        set.scales = std::array::from_fn(|i| {
            let squared = dot(&set.regions()[i], &set.regions()[i]);
            if squared > 0.0 { squared.sqrt().recip() } else { 0.0 }
        });
        set.squared_norm = set.dot(&set);
        Some(set)
    }

    /// Codes of each region.
    pub fn regions(&self) -> &[[u8; CHANNELS]; REGIONS] {
        self.codes.bytes().as_chunks().0.try_into().expect("its length was looked at")
    }

    pub fn bytes(&self) -> &[u8] {
        self.codes.bytes()
    }

    /// Of each region 1 / |codes|, or 0 where there is nothing.
    pub fn scales(&self) -> &[f64; REGIONS] {
        &self.scales
    }

    /// The inner product with itself.
    pub fn squared_norm(&self) -> f64 {
        self.squared_norm
    }

    /// The inner product of two pictures; to the bit the same both ways.
    pub fn dot(&self, other: &RegionSet) -> f64 {
        let mut sum = 0.0;
        for (i, a) in self.regions().iter().enumerate() {
            for (j, b) in other.regions().iter().enumerate() {
                sum += WEIGHTS[i] * WEIGHTS[j] * power(dot(a, b), self.scales[i] * other.scales[j]);
            }
        }
        sum
    }
}

/// The fifth power of a cosine, from the inner product of two regions' codes and the product of their scales. A multiple of
/// 2^-40: sums of such are exact, so their order doesn't matter.
#[inline(always)]
pub fn power(dot: f64, scales: f64) -> f64 {
    // Of numbers this large, float64 has 40 binary places.
    const ROUND: f64 = (1u64 << 12) as f64;
    let cosine = dot * scales;
    let square = cosine * cosine;
    (square * square * cosine + ROUND) - ROUND
}

fn dot(a: &[u8; CHANNELS], b: &[u8; CHANNELS]) -> f64 {
    f64::from(a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum::<i32>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::DESCRIPTOR_LEN;

    fn noise(seed: usize) -> Vec<f32> {
        let value = |i: usize| ((i * 2_654_435_761 + seed * 7919) % 1000) as f32 / 100.0 - 7.0;
        (0..DESCRIPTOR_LEN).map(|i| value(i).max(0.0)).collect()
    }

    #[test]
    fn the_inner_product_is_what_its_formula_says() {
        let vectors = |dense: &[f32]| -> Vec<Vec<f64>> {
            let mean = |region: super::super::region::Region, channel: usize| {
                let squares = region.positions().map(|at| f64::from(dense[at * CHANNELS + channel]).powi(2));
                (squares.sum::<f64>() / (region.side * region.side) as f64).sqrt()
            };
            regions().map(|region| (0..CHANNELS).map(|channel| mean(region, channel)).collect()).collect()
        };
        let inner = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let expected = |a: &[f32], b: &[f32]| {
            let (a, b) = (vectors(a), vectors(b));
            let pair = |i: usize, j: usize| {
                let weight = [i, j].iter().map(|region| if *region == 0 { 3.0 } else { 2.0 }).product::<f64>();
                weight * (inner(&a[i], &b[j]) / (inner(&a[i], &a[i]) * inner(&b[j], &b[j])).sqrt()).powi(5)
            };
            (0..14).flat_map(|i| (0..14).map(move |j| (i, j))).map(|(i, j)| pair(i, j)).sum::<f64>()
        };
        let (a, b) = (noise(1), noise(2));
        let (x, y) = (RegionSet::new(&a), RegionSet::new(&b));
        for (found, expected) in [(x.dot(&y), expected(&a, &b)), (x.squared_norm(), expected(&a, &a))] {
            // Rounding to 127 steps changes little.
            assert!((found / expected - 1.0).abs() < 1e-3, "{found}, not {expected}");
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
        codes[77] = LARGEST + 1;
        assert!(RegionSet::from_codes(Words::of_bytes(&codes)).is_none());
        assert!(RegionSet::from_codes(Words::of_bytes(&codes[..LEN - 4])).is_none());
    }
}
