//! Weights as the products take them.

use aligned_vec::{AVec, avec};
use rayon::prelude::*;

use super::instructions::Kernel;
use super::transform::{self, Transform};

/// Weights of a channel and an output.
const TAPS: usize = 9;

/// `[outputs][channels][3][3]` transformed: for each panel of outputs float32 `[EDGE * EDGE][channels][PANEL]`, computed
/// in float64.
pub fn transformed<T, K, const TILE: usize, const EDGE: usize>(weights: &[f32], channels: usize) -> Vec<AVec<f32>>
where
    T: Transform<TILE, EDGE>,
    K: Kernel,
{
    weights.par_chunks_exact(K::PANEL * channels * TAPS).map(|from| panel::<T, K, TILE, EDGE>(from, channels)).collect()
}

/// `[PANEL][channels][3][3]` to `[EDGE * EDGE][channels][PANEL]`.
fn panel<T, K, const TILE: usize, const EDGE: usize>(from: &[f32], channels: usize) -> AVec<f32>
where
    T: Transform<TILE, EDGE>,
    K: Kernel,
{
    let points = EDGE * EDGE;
    let mut panel = avec![0.0; points * channels * K::PANEL];
    let mut transformed = vec![0.0; points * K::PANEL];
    for channel in 0..channels {
        for output in 0..K::PANEL {
            let g = from[(output * channels + channel) * TAPS..][..TAPS].as_chunks().0;
            let g = std::array::from_fn(|y| g[y].map(f64::from));
            for (point, value) in transform::weights::<T, TILE, EDGE>(g).as_flattened().iter().enumerate() {
                transformed[point * K::PANEL + output] = *value as f32;
            }
        }
        for (point, values) in transformed.chunks_exact(K::PANEL).enumerate() {
            panel[(point * channels + channel) * K::PANEL..][..K::PANEL].copy_from_slice(values);
        }
    }
    panel
}
