//! The first convolution: three channels are too few for a transform to pay off, so it is computed directly. Its
//! outputs are never stored: the second convolution requests the rows it needs, while they are in the cache.

use std::ops::Range;

use super::activations::{ActivationShape, BLOCK, PixelRows};
use super::convolution::Input;
use super::floats::Floats;
use crate::limits::Limit;
use crate::simd::{Block, Kernel};

/// Colours of a picture.
const COLOURS: usize = 3;
/// Inputs of an output: 3 x 3 pixels of each colour.
const INPUTS: usize = 9 * COLOURS;

/// 3 x 3, stride 1, zero padding; bias and ReLU.
pub struct First<K> {
    kernel: K,
    /// `[outputs / PANEL][27][PANEL]`
    weights: Floats,
    bias: Vec<f32>,
}

impl<K: Kernel> First<K> {
    /// `weights`: `[outputs][3][3][3]`, outputs a multiple of 32.
    pub fn new(kernel: K, weights: &[f32], bias: &[f32]) -> Result<First<K>, Limit> {
        let mut packed = Floats::zeroed(weights.len())?;
        for (output, inputs) in weights.chunks_exact(INPUTS).enumerate() {
            for (input, value) in inputs.iter().enumerate() {
                packed[(output / K::PANEL * INPUTS + input) * K::PANEL + output % K::PANEL] = *value;
            }
        }
        Ok(First { kernel, weights: packed, bias: bias.to_vec() })
    }

    /// For `pictures`: `[n][3][height][width]`.
    pub fn apply<'a>(&'a self, pictures: &'a [f32], height: usize, width: usize) -> Applied<'a, K> {
        Applied { layer: self, pictures, shape: ActivationShape { height, width, channels: self.bias.len() } }
    }
}

/// The layer's outputs for some pictures.
pub struct Applied<'a, K> {
    layer: &'a First<K>,
    pictures: &'a [f32],
    shape: ActivationShape,
}

impl<K: Kernel> Input for Applied<'_, K> {
    fn shape(&self) -> ActivationShape {
        self.shape
    }

    fn rows<'a>(&'a self, picture: usize, rows: Range<usize>, buffer: &'a mut Floats) -> Result<PixelRows<'a>, Limit> {
        let (First { kernel, weights, bias }, ActivationShape { height, width, .. }) = (self.layer, self.shape);
        let picture = &self.pictures[picture * COLOURS * height * width..][..COLOURS * height * width];
        let (outputs, inputs) = (rows.len() * self.shape.row(), COLOURS * (rows.len() + 2) * (width + 2));
        buffer.grow(outputs + inputs)?;
        let (outputs, inputs) = buffer.split_at_mut(outputs);
        self.pad(picture, &rows, inputs);
        for (y, output) in outputs.chunks_exact_mut(self.shape.row()).enumerate() {
            let inputs = std::array::from_fn(|i| {
                let (colour, dy, dx) = (i / 9, i / 3 % 3, i % 3);
                &inputs[(colour * (rows.len() + 2) + y + dy) * (width + 2) + dx..][..width]
            });
            for x in (0..width).step_by(K::TILES) {
                let panels = weights.chunks_exact(INPUTS * K::PANEL).zip(bias.chunks_exact(K::PANEL));
                for (panel, (weights, bias)) in panels.enumerate() {
                    let channel = panel * K::PANEL;
                    kernel.block(
                        K::TILES.min(width - x),
                        Pixels { inputs: &inputs, x, weights, bias, channel, output, width },
                    );
                }
            }
        }
        Ok(PixelRows { values: outputs, first: rows.start, shape: self.shape })
    }
}

impl<K> Applied<'_, K> {
    /// The pixels around `rows`, padded with zeros: `[3][rows + 2][width + 2]`.
    fn pad(&self, picture: &[f32], rows: &Range<usize>, padded: &mut [f32]) {
        let ActivationShape { height, width, .. } = self.shape;
        for (i, padded) in padded.chunks_exact_mut(width + 2).take(COLOURS * (rows.len() + 2)).enumerate() {
            let (colour, y) = (i / (rows.len() + 2), rows.start + i % (rows.len() + 2));
            padded.fill(0.0);
            if (1..=height).contains(&y) {
                padded[1..=width].copy_from_slice(&picture[(colour * height + y - 1) * width..][..width]);
            }
        }
    }
}

/// Some outputs of some pixels of a row.
struct Pixels<'a> {
    /// The factors of each weight, for the row's pixels.
    inputs: &'a [&'a [f32]; INPUTS],
    x: usize,
    /// `[27][PANEL]`
    weights: &'a [f32],
    /// `[PANEL]`
    bias: &'a [f32],
    /// The first of the outputs.
    channel: usize,
    /// The row.
    output: &'a mut [f32],
    width: usize,
}

impl Block for Pixels<'_> {
    #[inline(always)]
    fn call<K: Kernel, const PIXELS: usize, const VECTORS: usize>(self, kernel: K) {
        let weights: &[[K::f32s; VECTORS]] = K::as_simd_f32s(self.weights).0.as_chunks().0;
        let mut sums = [[kernel.splat_f32s(0.0); VECTORS]; PIXELS];
        for (inputs, weights) in self.inputs.iter().zip(weights) {
            let inputs = &inputs[self.x..][..PIXELS];
            for pixel in 0..PIXELS {
                let input = kernel.splat_f32s(inputs[pixel]);
                for vector in 0..VECTORS {
                    sums[pixel][vector] = kernel.multiply_add(weights[vector], input, sums[pixel][vector]);
                }
            }
        }
        let zero = kernel.splat_f32s(0.0);
        let bias = K::as_simd_f32s(self.bias).0;
        for (pixel, sums) in sums.into_iter().enumerate() {
            for (vector, sum) in sums.into_iter().enumerate() {
                let channel = self.channel + vector * K::F32_LANES;
                let at = (channel / BLOCK * self.width + self.x + pixel) * BLOCK + channel % BLOCK;
                let to = &mut self.output[at..][..K::F32_LANES];
                K::as_mut_simd_f32s(to).0[0] = kernel.max_f32s(kernel.add_f32s(sum, bias[vector]), zero);
            }
        }
    }
}
