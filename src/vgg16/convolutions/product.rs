//! The matrix products at the core: tiles by all channels by outputs.

use std::ops::Range;

use super::activations::BLOCK;
use super::floats::Floats;
use super::layout::Layout;
use super::threads::Scratch;
use crate::limits::Limit;
use crate::simd::{Block, Kernel, prefetch};

/// A convolution's prepared weights, and the products with them.
pub trait PointProducts: Send + Sync {
    /// How many of these tiles are multiplied together.
    fn group(&self, tiles: usize) -> usize;

    /// Sums are written for a multiple of this many tiles.
    fn round(&self) -> usize;

    /// Panels of outputs whose products with a chunk are computed before they are transformed.
    fn panels(&self) -> usize;

    /// `scratch.sums[t][k] = Σ_c scratch.inputs[t][c] * weights[c][k]`, at each point, for the outputs of `panels`.
    fn multiply(&self, layout: Layout, panels: Range<usize>, scratch: &mut Scratch) -> Result<(), Limit>;
}

/// Products of float32, with all sums of a group of tiles in registers.
pub struct FloatProducts<K> {
    pub kernel: K,
    /// For each panel of outputs, `[points][channels][PANEL]`
    pub weights: Vec<Floats>,
}

impl<K: Kernel> PointProducts for FloatProducts<K> {
    /// As many as fit the registers, and equally many in each group.
    fn group(&self, tiles: usize) -> usize {
        tiles.div_ceil(tiles.div_ceil(K::TILES))
    }

    fn round(&self) -> usize {
        1
    }

    /// One, so that its sums stay in the cache.
    fn panels(&self) -> usize {
        1
    }

    fn multiply(&self, layout: Layout, panels: Range<usize>, scratch: &mut Scratch) -> Result<(), Limit> {
        let Layout { channels, stride, .. } = layout;
        for point in 0..layout.points {
            for (weights, sums) in self.weights[panels.clone()].iter().zip(layout.panels(&mut scratch.sums)) {
                let weights = &weights[point * channels * K::PANEL..][..channels * K::PANEL];
                for group in 0..layout.groups() {
                    let inputs = layout.slab(&scratch.inputs, group, point);
                    let sums = &mut sums[group * layout.group * stride + point * K::PANEL..];
                    self.kernel.block(layout.tiles_in(group), Product { inputs, weights, sums, stride });
                }
            }
        }
        Ok(())
    }
}

/// Weights are requested this many channels before they are used: `SOON` into the first-level cache, and `LATER` into
/// the second, in case they are further away. Behind a point's last channel are the next point's weights.
const SOON: usize = 8;
const LATER: usize = 64;

/// `sums[t][k] = Σ_c inputs[t][c] * weights[c][k]`.
struct Product<'a> {
    /// `[channels / 16][tiles][16]`
    inputs: &'a [f32],
    /// `[channels][PANEL]`
    weights: &'a [f32],
    /// `[tiles][PANEL]`, rows `stride` apart
    sums: &'a mut [f32],
    stride: usize,
}

impl Block for Product<'_> {
    #[inline(always)]
    fn call<K: Kernel, const TILES: usize, const VECTORS: usize>(self, kernel: K) {
        let inputs: &[[[f32; BLOCK]; TILES]] = self.inputs.as_chunks().0.as_chunks().0;
        let weights: &[[[K::f32s; VECTORS]; BLOCK]] = K::as_simd_f32s(self.weights).0.as_chunks().0.as_chunks().0;
        let mut sums = [[kernel.splat_f32s(0.0); VECTORS]; TILES];
        for (inputs, weights) in inputs.iter().zip(weights) {
            let from = weights.as_ptr().cast::<f32>();
            for channel in 0..BLOCK {
                for line in (0..VECTORS * K::F32_LANES).step_by(BLOCK) {
                    let at = |channel: usize| from.wrapping_add(channel * VECTORS * K::F32_LANES + line);
                    prefetch::soon(at(channel + SOON));
                    prefetch::later(at(channel + LATER));
                }
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
