//! Everything the engine knows about a metric: how its values are computed, and how close two pictures can be, given
//! bounds.
//!
//! Closeness is larger for the better pair, whatever the metric: the cosine, or the negated squared distance. It need
//! not equal the metric's value, only have the same order. So bounds of inner products become bounds of closeness, and
//! a value to reach becomes a closeness to reach. There are two scales: float64 for one key and some rows
//! ([`Metric::around`]), and float32 for panels of keys, with norms divided by the largest ([`Closeness`]).

use super::block::{Code, Scale};
use super::candidate::Candidate;
use crate::descriptor::cosine;
use crate::join::metric::Metric;
use crate::simd::{KEYS, Sums};

/// The most that float64 rounding changes numbers around 1.
const SLACK: f64 = 1e-10;
/// Added to bounds for float32 rounding: a few of the last digits of numbers around 1.
const SLACK_F32: f32 = 4e-6;

/// The most that float32 rounding changes a closeness.
const ROUNDED: f64 = 1e-6;

/// Computes an exact value from a float64 sum over all indices, in order.
pub enum Exact {
    /// From the sum of products and both squared norms.
    Products(fn(f64, f64, f64) -> f64),
    /// From the sum of squared differences. Products would be inaccurate for nearly equal vectors.
    Differences(fn(f64) -> f64),
}

impl Metric {
    pub fn exact(self) -> Exact {
        match self {
            Metric::Cosine => Exact::Products(cosine),
            Metric::Euclidean => Exact::Differences(f64::sqrt),
        }
    }

    /// The value of two vectors of length 1 with this cosine similarity.
    pub fn of_unit_vectors(self, cosine: f64) -> f64 {
        match self {
            Metric::Cosine => cosine,
            Metric::Euclidean => (2.0 - 2.0 * cosine).sqrt(),
        }
    }

    /// Bounds of the closeness of two vectors, given their inner product as float64 computes it, and their squared
    /// norms. Given an upper bound of the inner product, the second is an upper bound of the closeness.
    #[inline(always)]
    pub fn around(self, dot: f64, squared_norm: f64, other_squared_norm: f64) -> (f64, f64) {
        let (closeness, off) = match self {
            Metric::Cosine => (cosine(dot, squared_norm, other_squared_norm), SLACK),
            // |x - y|^2 = |x|^2 + |y|^2 - 2 <x, y>
            Metric::Euclidean => {
                let squares = squared_norm + other_squared_norm;
                (2.0 * dot - squares, SLACK * squares)
            }
        };
        (closeness - off, closeness + off)
    }

    /// The value at this closeness, in terms of [`Metric::around`]. A pair at least this close has at least as good a
    /// value.
    pub fn at_least(self, closeness: f64) -> f64 {
        match self {
            Metric::Cosine => closeness,
            Metric::Euclidean => (-closeness).max(0.0).sqrt(),
        }
    }

    /// The closeness a pair needs, in terms of [`Metric::around`], to be at least as good as `value`.
    pub fn needed(self, value: f64) -> f64 {
        match self {
            Metric::Cosine => value,
            Metric::Euclidean => -value * value * (1.0 + SLACK),
        }
    }

    /// Two vectors of length 1 with a smaller cosine similarity than this are less close than `closeness`
    /// ([`Metric::as_closeness`] in float32).
    pub fn needed_cosine(self, closeness: f32) -> f64 {
        let closeness = f64::from(closeness);
        match self {
            Metric::Cosine => closeness - ROUNDED,
            // |x - y|^2 = 2 - 2 <x, y>
            Metric::Euclidean => 1.0 - closeness * closeness * (0.5 + ROUNDED) - ROUNDED,
        }
    }
}

/// Bounds the closeness of panels of keys, given inner products of codes.
#[derive(Clone, Copy, Debug)]
pub struct Closeness {
    metric: Metric,
    code: Code,
    /// The largest norm. All norms are divided by it.
    largest: f64,
}

/// The scales of a panel's keys, as the bounds use them.
#[derive(Clone, Copy, Debug)]
pub struct KeyScales {
    unit: [f32; KEYS],
    /// 1 + the code's error.
    error: [f32; KEYS],
    norm: [f32; KEYS],
}

impl Default for KeyScales {
    /// For keys that are zero.
    fn default() -> Self {
        KeyScales { unit: [0.0; KEYS], error: [1.0; KEYS], norm: [0.0; KEYS] }
    }
}

/// Bounds for one row and each key of a panel.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub upper: [f32; KEYS],
    pub lower: [f32; KEYS],
}

impl Closeness {
    /// `norms` are those of all pictures in the join.
    pub fn new(metric: Metric, code: Code, norms: impl Iterator<Item = f64>) -> Closeness {
        let largest = norms.fold(0.0, f64::max);
        Closeness { metric, code, largest: if largest > 0.0 { largest } else { 1.0 } }
    }

    /// The closeness a pair needs to be at least as good as `value`. Rounded so that too many pairs pass rather than
    /// too few.
    pub fn needed(&self, value: f64) -> f32 {
        match self.metric {
            Metric::Cosine => value as f32,
            Metric::Euclidean => -((value / self.largest).powi(2) as f32),
        }
    }

    /// The same candidate with bounds in terms of [`Metric::around`], which other joins understand.
    pub fn around(&self, candidate: Candidate) -> Candidate {
        let scale = match self.metric {
            Metric::Cosine => 1.0,
            Metric::Euclidean => self.largest * self.largest,
        };
        let [lower, upper] = [candidate.lower, candidate.upper].map(|bound| f64::from(bound) * scale);
        Candidate::around(candidate.row, lower, upper)
    }

    fn norm(&self, scale: &Scale) -> f32 {
        (scale.norm / self.largest) as f32
    }

    pub fn key_scales(&self, scales: impl Iterator<Item = Scale>) -> KeyScales {
        let mut keys = KeyScales::default();
        for (key, scale) in scales.enumerate() {
            (keys.unit[key], keys.error[key], keys.norm[key]) = (scale.unit, 1.0 + scale.error, self.norm(&scale));
        }
        keys
    }

    /// Bounds of a row's closeness to each key, given the sums of products of their codes. Bit-identical if row and key
    /// are swapped.
    #[inline(always)]
    pub fn bounds(&self, sums: &Sums, row: &Scale, keys: &KeyScales) -> Bounds {
        let mut bounds = Bounds { upper: [0.0; KEYS], lower: [0.0; KEYS] };
        let (error, norm) = (1.0 + row.error, self.norm(row));
        for key in 0..KEYS {
            let cosine = sums.0[key] as f32 * (row.unit * keys.unit[key]);
            let off = error * keys.error[key] - 1.0 + SLACK_F32;
            bounds.upper[key] = cosine + off;
            bounds.lower[key] = cosine - off;
        }
        match self.metric {
            Metric::Cosine => {}
            Metric::Euclidean => {
                for key in 0..KEYS {
                    let squares = norm * norm + keys.norm[key] * keys.norm[key];
                    let twice = 2.0 * (norm * keys.norm[key]);
                    let off = SLACK_F32 * squares + f32::MIN_POSITIVE;
                    bounds.upper[key] = twice * bounds.upper[key] - squares + off;
                    bounds.lower[key] = twice * bounds.lower[key] - squares - off;
                }
            }
        }
        // Norms give no lower bounds.
        if self.code != Code::Values {
            bounds.lower = [f32::NEG_INFINITY; KEYS];
        }
        bounds
    }
}

#[cfg(test)]
impl Metric {
    /// The value by definition: a float64 loop over all indices.
    pub fn by_definition(self, a: &[f32], b: &[f32]) -> f64 {
        let (mut dot, mut aa, mut bb, mut dd) = (0.0f64, 0.0f64, 0.0f64, 0.0f64);
        for (a, b) in a.iter().zip(b) {
            let (a, b) = (f64::from(*a), f64::from(*b));
            dot += a * b;
            aa += a * a;
            bb += b * b;
            dd += (a - b) * (a - b);
        }
        match self {
            Metric::Cosine if aa * bb > 0.0 => (dot / (aa * bb).sqrt()).min(1.0),
            Metric::Cosine => 0.0,
            Metric::Euclidean => dd.sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosine_below_what_is_needed_is_less_close() {
        for metric in Metric::ALL {
            for i in 0..=4000 {
                let cosine = f64::from(i) / 2000.0 - 1.0;
                let closeness = metric.as_closeness(metric.of_unit_vectors(cosine)) as f32;
                let needed = metric.needed_cosine(closeness);
                assert!(needed <= cosine && needed > cosine - 1e-5, "{metric} {cosine}: {needed}");
            }
            assert_eq!(metric.needed_cosine(f32::NEG_INFINITY), f64::NEG_INFINITY);
        }
    }
}
