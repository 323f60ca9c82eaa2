//! How close two pictures may be at most and must be at least, told from the inner product of their codes.
//!
//! Closeness is larger for the better pair, whatever the metric: the cosine, or minus the squared distance.

use super::codes::{Code, Scale};
use crate::join::Metric;
use crate::simd::{KEYS, Sums};

/// What float32 and its rounding may add to a bound: a few of the last digits of numbers around 1.
const SLACK: f32 = 4e-6;

/// What stands for every pair in a join.
#[derive(Clone, Copy, Debug)]
pub struct Closeness {
    metric: Metric,
    code: Code,
    /// Norms are divided by it, so that the largest is 1.
    largest: f64,
}

/// The keys of a panel, as the bounds need them.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    unit: [f32; KEYS],
    /// 1 + the code's error.
    error: [f32; KEYS],
    norm: [f32; KEYS],
}

impl Default for Keys {
    fn default() -> Self {
        Keys { unit: [0.0; KEYS], error: [1.0; KEYS], norm: [0.0; KEYS] }
    }
}

/// Of one row and each key of a panel.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub upper: [f32; KEYS],
    pub lower: [f32; KEYS],
}

impl Closeness {
    /// `norms` are those of all pictures that are joined.
    pub fn new(metric: Metric, code: Code, norms: impl Iterator<Item = f64>) -> Closeness {
        let largest = norms.fold(0.0, f64::max);
        Closeness { metric, code, largest: if largest > 0.0 { largest } else { 1.0 } }
    }

    /// The least closeness within a range. It lets more pass rather than less.
    pub fn of_limit(&self, limit: f64) -> f32 {
        match self.metric {
            Metric::Cosine => limit as f32,
            Metric::Euclidean => -((limit / self.largest).powi(2) as f32),
        }
    }

    fn norm(&self, scale: &Scale) -> f32 {
        (scale.norm / self.largest) as f32
    }

    pub fn keys(&self, scales: impl Iterator<Item = Scale>) -> Keys {
        let mut keys = Keys::default();
        for (key, scale) in scales.enumerate() {
            (keys.unit[key], keys.error[key], keys.norm[key]) = (scale.unit, 1.0 + scale.error, self.norm(&scale));
        }
        keys
    }

    /// Bounds of a row's closeness to each key, from the sums of products of their codes.
    #[inline(always)]
    pub fn bounds(&self, sums: &Sums, row: &Scale, keys: &Keys) -> Bounds {
        let mut bounds = Bounds { upper: [0.0; KEYS], lower: [0.0; KEYS] };
        let (error, norm) = (1.0 + row.error, self.norm(row));
        for key in 0..KEYS {
            let cosine = sums.0[key] as f32 * (row.unit * keys.unit[key]);
            let off = error * keys.error[key] - 1.0 + SLACK;
            bounds.upper[key] = cosine + off;
            bounds.lower[key] = match self.code {
                Code::Values => cosine - off,
                Code::Norms => f32::NEG_INFINITY,
            };
        }
        if self.metric == Metric::Euclidean {
            // |x - y|^2 = |x|^2 + |y|^2 - 2 <x, y>
            for key in 0..KEYS {
                let squares = norm * norm + keys.norm[key] * keys.norm[key];
                let twice = 2.0 * norm * keys.norm[key];
                let off = SLACK * squares + f32::MIN_POSITIVE;
                bounds.upper[key] = twice * bounds.upper[key] - squares + off;
                bounds.lower[key] = twice * bounds.lower[key] - squares - off;
            }
        }
        bounds
    }
}
