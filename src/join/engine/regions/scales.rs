//! Factors for the products of regions' codes: they convert them to cosines, and weight them.

use crate::descriptor::{REGIONS, RegionSet, WEIGHTS};
use crate::simd::LINE;

/// The weights of a key's regions; 0 for unused places.
pub const KEY_WEIGHTS: [f64; LINE] = {
    let (mut weights, mut i) = ([0.0; LINE], 0);
    while i < REGIONS {
        weights[i] = WEIGHTS[i];
        i += 1;
    }
    weights
};

/// The factors that convert a picture's products to cosines, region by region; 0 for unused places.
#[derive(Clone, Copy)]
pub struct Scales {
    pub exact: [f64; LINE],
    pub rounded: [f32; LINE],
}

impl Scales {
    pub fn new(set: &RegionSet) -> Scales {
        let exact = std::array::from_fn(|i| set.scales().get(i).copied().unwrap_or(0.0));
        Scales { exact, rounded: exact.map(|scale| scale as f32) }
    }
}

/// The sum of the weights of all pairs of regions.
pub const ALL_WEIGHTS: f64 = {
    let (mut sum, mut i) = (0.0, 0);
    while i < REGIONS {
        sum += WEIGHTS[i];
        i += 1;
    }
    sum * sum
};

/// The weights of a row's regions.
pub const ROW_WEIGHTS: [f32; REGIONS] = {
    let (mut weights, mut i) = ([0.0; REGIONS], 0);
    while i < REGIONS {
        weights[i] = WEIGHTS[i] as f32;
        i += 1;
    }
    weights
};
