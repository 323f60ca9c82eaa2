//! Products of float32 on a unit that multiplies matrices of bfloat16 ([`crate::simd::tiles`]).

use std::ops::Range;

use pulp::NullaryFnOnce;
use pulp::bytemuck::{cast_slice, cast_slice_mut};

use super::activations::BLOCK;
use super::floats::Floats;
use super::layout::Layout;
use super::product::PointProducts;
use super::threads::Scratch;
use crate::limits::Limit;
use crate::simd::Kernel;
use crate::simd::tiles::{CHANNELS, InputParts, LANES, Matrices, MultiplyParts, OUTPUTS, ROWS, WeightParts, pack};

/// float32 values in the memory of a block of parts.
const BLOCK_LEN: usize = size_of::<InputParts>() / size_of::<f32>();

/// Products of values in three parts. Inputs are split just before.
pub struct PartProducts<K, M> {
    kernel: K,
    matrices: M,
    /// [`WeightParts`]: `[points][panels][channels / 32]`
    weights: Floats,
    /// Panels of 32 outputs.
    panels: usize,
}

impl<K: Kernel, M: Matrices> PartProducts<K, M> {
    /// `weights`: for each panel of 32 outputs, `[points][channels][32]`. `channels`: a multiple of 32.
    pub fn new(kernel: K, matrices: M, weights: Vec<Floats>, channels: usize) -> Result<Self, Limit> {
        assert!(K::PANEL == OUTPUTS && channels.is_multiple_of(CHANNELS), "{channels} channels");
        let panels = weights.len();
        let points = weights.first().map_or(0, |panel| panel.len() / channels / OUTPUTS);
        let mut packed = Floats::zeroed(points * panels * channels / CHANNELS * BLOCK_LEN)?;
        let blocks: &mut [WeightParts] = cast_slice_mut(&mut packed);
        let mut blocks = blocks.iter_mut();
        for point in 0..points {
            for panel in &weights {
                let panel = &panel[point * channels * OUTPUTS..][..channels * OUTPUTS];
                for (from, to) in panel.chunks_exact(CHANNELS * OUTPUTS).zip(&mut blocks) {
                    pack_weights(from, to);
                }
            }
        }
        Ok(PartProducts { kernel, matrices, weights: packed, panels })
    }
}

/// `from`: `[32 channels][32 outputs]`.
fn pack_weights(from: &[f32], to: &mut WeightParts) {
    let (lower, upper) = from.split_at(LANES * OUTPUTS);
    for (at, (lower, upper)) in lower.iter().zip(upper).enumerate() {
        let (pair, output) = (at / OUTPUTS, at % OUTPUTS);
        for (part, packed) in pack(*lower, *upper).into_iter().enumerate() {
            to.0[part][output / LANES][pair][output % LANES] = packed;
        }
    }
}

impl<K: Kernel, M: Matrices> PointProducts for PartProducts<K, M> {
    fn group(&self, _: usize) -> usize {
        ROWS
    }

    fn round(&self) -> usize {
        LANES
    }

    fn panels(&self) -> usize {
        self.panels
    }

    fn multiply(&self, layout: Layout, panels: Range<usize>, scratch: &mut Scratch) -> Result<(), Limit> {
        let blocks = layout.channels / CHANNELS;
        scratch.parts.grow(layout.groups() * blocks * BLOCK_LEN)?;
        let parts: &mut [InputParts] = cast_slice_mut(&mut scratch.parts);
        let weights: &[WeightParts] = cast_slice(&self.weights);
        let ready = self.matrices.ready();
        for point in 0..layout.points {
            for (group, to) in (0..layout.groups()).zip(parts.chunks_exact_mut(blocks)) {
                let from = layout.slab(&scratch.inputs, group, point);
                self.kernel.run(Split { from, tiles: layout.tiles_in(group), to });
            }
            for (panel, sums) in panels.clone().zip(layout.panels(&mut scratch.sums)) {
                let weights = &weights[(point * self.panels + panel) * blocks..][..blocks];
                for (group, inputs) in (0..layout.groups()).zip(parts.chunks_exact(blocks)) {
                    let sums = &mut sums[group * layout.group * layout.stride + point * OUTPUTS..];
                    ready.multiply(inputs, weights, layout.tiles_in(group), sums, layout.stride);
                }
            }
        }
        Ok(())
    }
}

/// Splits a slab of inputs.
struct Split<'a> {
    /// `[channels / 16][tiles][16]`
    from: &'a [f32],
    tiles: usize,
    /// `[channels / 32]`
    to: &'a mut [InputParts],
}

impl NullaryFnOnce for Split<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (from, to) in self.from.chunks_exact(2 * self.tiles * BLOCK).zip(self.to) {
            let from: &[[f32; BLOCK]] = from.as_chunks().0;
            let (lower, upper) = from.split_at(self.tiles);
            for (row, (lower, upper)) in lower.iter().zip(upper).enumerate() {
                for lane in 0..LANES {
                    for (part, packed) in pack(lower[lane], upper[lane]).into_iter().enumerate() {
                        to.0[part][row][lane] = packed;
                    }
                }
            }
        }
    }
}
