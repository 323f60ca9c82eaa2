//! An upper bound of the inner product of two pictures, from one number per picture for each pair of axes. For ranges
//! that few pairs reach.
//!
//! With p the inner products along the first axes, the sum of w p^2 over all pairs of regions is the inner product of
//! both pictures' Gram matrices, sum of w(i) p(i) p(i)'. Comparing a row with some keys is a small matrix product. And
//! no p exceeds the product of the longest parts of the two pictures, which also bounds the sums of w p^3 and w p^4.

use super::bound::{PowerSums, Rest};
use super::products::ENDS;
use super::scales::ALL_WEIGHTS;
use crate::descriptor::{RegionSet, WEIGHTS};
use crate::simd::{Block, Kernel};

/// The axes of Gram matrices: those before the first stop, whose [`Rest`] is needed.
const AXES: usize = ENDS[0];
/// The number of pairs of axes.
const LEN: usize = AXES * (AXES + 1) / 2;
/// Keys compared at a time.
pub const TOGETHER: usize = 32;
/// The most that float32 rounding changes a sum of this many products, which is at most the sum of all weights.
const SLACK: f32 = LEN as f32 * f32::EPSILON * ALL_WEIGHTS as f32;

/// The Gram matrix of one picture.
pub struct Gram {
    /// The upper triangle; entries off the diagonal are multiplied by 2^(1/2).
    values: [f32; LEN],
    /// The longest part of a region along the axes.
    longest: f32,
}

impl Gram {
    #[inline(always)]
    pub fn new(set: &RegionSet) -> Gram {
        let mut gram = Gram { values: [0.0; LEN], longest: 0.0 };
        for ((codes, scale), weight) in set.regions().iter().zip(set.scales()).zip(&WEIGHTS) {
            let mut part = [0f32; AXES];
            for (part, code) in part.iter_mut().zip(codes) {
                *part = (f64::from(*code) * scale) as f32;
            }
            let length = part.iter().map(|x| x * x).sum::<f32>().sqrt() * (1.0 + 1e-5);
            gram.longest = gram.longest.max(length);
            let mut at = 0;
            for (j, x) in part.iter().enumerate() {
                let x = x * *weight as f32;
                gram.values[at] += x * part[j];
                let others = &mut gram.values[at + 1..at + AXES - j];
                others.iter_mut().zip(&part[j + 1..]).for_each(|(sum, y)| *sum += std::f32::consts::SQRT_2 * x * y);
                at += AXES - j;
            }
        }
        gram
    }
}

/// The Gram matrices of some keys, side by side, to compare rows with all of them.
pub struct KeyGrams {
    /// `[LEN][TOGETHER]`
    values: Vec<[f32; TOGETHER]>,
    longest: [f32; TOGETHER],
    rests: [Rest; TOGETHER],
}

impl KeyGrams {
    /// For keys with these Gram matrices and rests after the first stop.
    pub fn new<'a>(keys: impl Iterator<Item = (&'a Gram, Rest)>) -> KeyGrams {
        let (longest, rests) = ([0.0; TOGETHER], [Rest::default(); TOGETHER]);
        let mut grams = KeyGrams { values: vec![[0.0; TOGETHER]; LEN], longest, rests };
        for (place, (gram, rest)) in keys.enumerate() {
            grams.values.iter_mut().zip(&gram.values).for_each(|(line, value)| line[place] = *value);
            (grams.longest[place], grams.rests[place]) = (gram.longest, rest);
        }
        grams
    }

    /// For each row and each key, an upper bound of the sum of w p^2.
    pub fn squares<K: Kernel>(&self, kernel: K, rows: &[&Gram]) -> Vec<[f32; TOGETHER]> {
        const { assert!(TOGETHER.is_multiple_of(K::PANEL)) };
        let mut squares = vec![[0.0; TOGETHER]; rows.len()];
        for (rows, squares) in rows.chunks(K::TILES).zip(squares.chunks_mut(K::TILES)) {
            for first in (0..TOGETHER).step_by(K::PANEL) {
                kernel.block(rows.len(), SumsOfProducts { keys: &self.values, first, rows, squares });
            }
        }
        squares
    }

    /// Upper bounds of the inner products of a row and the keys, given these sums of w p^2.
    #[inline(always)]
    pub fn upper(&self, squares: &[f32; TOGETHER], row: (&Gram, &Rest)) -> [f32; TOGETHER] {
        let mut upper = [0.0; TOGETHER];
        for key in 0..TOGETHER {
            let largest = self.longest[key] * row.0.longest;
            let cubes = largest * squares[key];
            let sums = PowerSums { squares: squares[key], cubes, fourths: largest * cubes };
            upper[key] = sums.upper(&self.rests[key], row.1);
        }
        upper
    }
}

/// Multiplies some rows by a panel of keys.
struct SumsOfProducts<'a> {
    keys: &'a [[f32; TOGETHER]],
    /// The first key of the panel.
    first: usize,
    rows: &'a [&'a Gram],
    squares: &'a mut [[f32; TOGETHER]],
}

impl Block for SumsOfProducts<'_> {
    #[inline(always)]
    fn call<K: Kernel, const ROWS: usize, const VECTORS: usize>(self, kernel: K) {
        let mut sums = [[kernel.splat_f32s(SLACK); VECTORS]; ROWS];
        let rows: &[&Gram; ROWS] = self.rows.try_into().expect("chunks have this length");
        for (at, keys) in self.keys.iter().enumerate() {
            let panel: &[[K::f32s; VECTORS]] = K::as_simd_f32s(&keys[self.first..][..K::PANEL]).0.as_chunks().0;
            for row in 0..ROWS {
                let value = kernel.splat_f32s(rows[row].values[at]);
                for vector in 0..VECTORS {
                    sums[row][vector] = kernel.multiply_add(panel[0][vector], value, sums[row][vector]);
                }
            }
        }
        for (squares, sums) in self.squares.iter_mut().zip(sums) {
            K::as_mut_simd_f32s(&mut squares[self.first..][..K::PANEL]).0.copy_from_slice(&sums);
        }
    }
}
