//! How large the inner product of two pictures can be at most, when those of their regions are known along the first axes.
//!
//! With c = p + e, p what comes along these axes and e what comes along the others, and w the product of both regions'
//! weights,
//!
//! > sum of w c^3 = sum of w p^3 + 3 sum of w p^2 e + 3 sum of w p e^2 + sum of w e^3
//!
//! over all pairs of regions. By Cauchy and Schwarz
//!
//! > sum of w p^2 e <= (sum of w p^4 * sum of w e^2)^(1/2),  sum of w p e^2 <= (sum of w p^2 * sum of w e^4)^(1/2),
//!
//! and as sums of powers of inner products are inner products of the two pictures (of weighted sums of tensor powers of their
//! regions), sum of w e^n is at most the geometric mean of what it is of each picture with itself. So three numbers of each
//! picture say what the other axes can do, whatever the other picture is. As random pairs have small p, this leaves far
//! fewer pairs than a bound of each e alone would: after 128 axes 31 % of the pairs for 10 neighbours instead of 73 % (5,710
//! pictures of seven sets).

use super::products::{Products, STOPS};
use super::scales::{ALL_WEIGHTS, KEY_WEIGHTS, ROW_WEIGHTS, Scales};
use crate::descriptor::{REGIONS, WEIGHTS};
use crate::simd::LINE;

/// What float32 and its rounding may make of a sum of terms that are at most 1 each, times their weights.
const SLACK: f32 = (ALL_WEIGHTS * 1e-5) as f32;

/// What the axes after some can do, of one picture.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rest {
    /// (9 times the sum of w e^2, of the picture with itself)^(1/4).
    squares: f32,
    /// (The sum of w e^3)^(1/2).
    cubes: f32,
    /// (9 times the sum of w e^4)^(1/4).
    fourths: f32,
}

/// Of a picture whose regions have these products among themselves: after each stop, and in the end.
pub fn rests(stops: &[Products; STOPS], excess: &[[i32; REGIONS]], all: &Products, scales: &Scales) -> [Rest; STOPS] {
    let mut rests = [Rest::default(); STOPS];
    for (stop, products) in stops.iter().enumerate() {
        let mut sums = [0f64; 3];
        for (i, weight) in WEIGHTS.iter().enumerate() {
            let too_much = excess[STOPS][i] - excess[stop][i];
            for (j, other_weight) in WEIGHTS.iter().enumerate() {
                let e = f64::from(all.0[i][j] - products.0[i][j] - too_much) * (scales.exact[i] * scales.exact[j]);
                let w = weight * other_weight;
                sums[0] += w * e * e;
                sums[1] += w * e * e * e;
                sums[2] += w * e * e * e * e;
            }
        }
        // A hair more, for rounding may not make it less. None is below zero but by rounding.
        let [squares, cubes, fourths] = sums.map(|sum| sum.max(0.0) * (1.0 + 1e-6) + 1e-12);
        let quarter = |sum: f64| (9.0 * sum).sqrt().sqrt() as f32;
        rests[stop] = Rest { squares: quarter(squares), cubes: cubes.sqrt() as f32, fourths: quarter(fourths) };
    }
    rests
}

/// Sums over all pairs of regions of powers of what comes along the first axes, with weights.
#[derive(Clone, Copy)]
pub struct PowerSums {
    pub squares: f32,
    pub cubes: f32,
    pub fourths: f32,
}

impl PowerSums {
    /// Of a key and a row with these products so far.
    #[inline(always)]
    pub fn new(products: &Products, excess: &[i32; REGIONS], key: &Scales, row: &Scales) -> PowerSums {
        let (mut squares, mut cubes, mut fourths) = ([0f32; LINE], [0f32; LINE], [0f32; LINE]);
        for (i, line) in products.0.iter().enumerate() {
            for j in 0..LINE {
                let p = (line[j] - excess[i]) as f32 * (row.rounded[i] * key.rounded[j]);
                let square = p * p;
                let weighted = ROW_WEIGHTS[i] * square;
                squares[j] += weighted;
                cubes[j] += weighted * p;
                fourths[j] += weighted * square;
            }
        }
        for j in 0..LINE {
            squares[j] *= KEY_WEIGHTS[j] as f32;
            cubes[j] *= KEY_WEIGHTS[j] as f32;
            fourths[j] *= KEY_WEIGHTS[j] as f32;
        }
        PowerSums { squares: total(squares), cubes: total(cubes), fourths: total(fourths) }
    }

    /// At most so large is the inner product of a key and a row, of which the other axes' rests are these.
    #[inline(always)]
    pub fn upper(self, key: &Rest, row: &Rest) -> f32 {
        let mixed =
            self.fourths.sqrt() * (key.squares * row.squares) + self.squares.sqrt() * (key.fourths * row.fourths);
        self.cubes + mixed + key.cubes * row.cubes + SLACK
    }
}

/// Halves added to halves: no addition waits for long.
#[inline(always)]
fn total(mut line: [f32; LINE]) -> f32 {
    let mut half = LINE / 2;
    while half > 0 {
        for j in 0..half {
            line[j] += line[j + half];
        }
        half /= 2;
    }
    line[0]
}
