//! The matrix product at the core: some tiles by all channels by some outputs, with all sums in registers.

use super::activations::BLOCK;
use crate::simd::{Block, Kernel};

/// `sums[t][k] = Σ_c inputs[t][c] * weights[c][k]`.
pub struct Product<'a> {
    /// `[channels / 16][tiles][16]`
    pub inputs: &'a [f32],
    /// `[channels][PANEL]`
    pub weights: &'a [f32],
    /// `[tiles][PANEL]`, rows `stride` apart
    pub sums: &'a mut [f32],
    pub stride: usize,
}

impl Block for Product<'_> {
    #[inline(always)]
    fn call<K: Kernel, const TILES: usize, const VECTORS: usize>(self, kernel: K) {
        let inputs: &[[[f32; BLOCK]; TILES]] = self.inputs.as_chunks().0.as_chunks().0;
        let weights: &[[[K::f32s; VECTORS]; BLOCK]] = K::as_simd_f32s(self.weights).0.as_chunks().0.as_chunks().0;
        let mut sums = [[kernel.splat_f32s(0.0); VECTORS]; TILES];
        for (inputs, weights) in inputs.iter().zip(weights) {
            for channel in 0..BLOCK {
                for tile in 0..TILES {
                    let input = kernel.splat_f32s(inputs[tile][channel]);
                    for vector in 0..VECTORS {
                        sums[tile][vector] = kernel.multiply_add(weights[channel][vector], input, sums[tile][vector]);
                    }
                }
            }
        }
        for (tile, sums) in sums.into_iter().enumerate() {
            let row = &mut self.sums[tile * self.stride..][..VECTORS * K::F32_LANES];
            K::as_mut_simd_f32s(row).0.copy_from_slice(&sums);
        }
    }
}
