//! A convolution computed directly, on a unit that multiplies matrices ([`crate::simd::tiles`]).
//!
//! Such a unit is fast enough that transforms would take more time than they save. Its inputs are rows of pixels, padded
//! with zeros and numbered through: the pixels under a weight are as many rows further for every output, so nothing is
//! copied for a weight.

use std::iter::once;
use std::ops::Range;

use pulp::NullaryFnOnce;
use pulp::bytemuck::{cast_slice, cast_slice_mut};
use rayon::prelude::*;

use super::activations::{ActivationShape, Activations, BLOCK, PixelRows};
use super::convolution::{Convolve, Input};
use super::floats::Floats;
use super::grid::{Chunk, TileGrid};
use super::threads::{Scratch, Threads};
use crate::limits::Limit;
use crate::simd::Kernel;
use crate::simd::tiles::{
    CHANNELS, LANES, Matrices, Multiply, OUTPUTS, PARTS, Pairs, Product, ROWS, Steps, Weights, pack,
};

/// Weights per channel and output.
const TAPS: usize = 9;
/// The edge of a weight's square.
const EDGE: usize = 3;
/// Rows of outputs in a strip: those of a pooling window.
const STRIP: usize = 2;
/// Bytes of a chunk's inputs: they stay in the second cache, with the weights of a panel.
const CHUNK_BYTES: usize = 1 << 20;

/// 3 x 3, stride 1, zero padding; bias, ReLU and, if wanted, 2 x 2 max pooling.
pub struct Direct<K, M> {
    kernel: K,
    matrices: M,
    channels: usize,
    /// [`Weights`]: for each panel of 32 outputs `[channels / 32][TAPS]`
    weights: Floats,
    bias: Vec<f32>,
    pooled: bool,
}

/// Some rows of a picture, in a chunk.
struct Piece {
    picture: usize,
    /// Rows of outputs, before pooling.
    rows: Range<usize>,
    /// Of its first padded pixel, counted through the chunk.
    pixel: usize,
    /// The first of its blocks of 32 outputs.
    block: usize,
}

impl<K: Kernel, M: Matrices> Direct<K, M> {
    /// `weights`: `[outputs][channels][3][3]`, both a multiple of 32.
    pub fn new(kernel: K, matrices: M, weights: &[f32], bias: &[f32], pooled: bool) -> Result<Self, Limit> {
        let channels = weights.len() / bias.len() / TAPS;
        assert!(channels.is_multiple_of(CHANNELS) && bias.len().is_multiple_of(OUTPUTS), "{channels} channels");
        let mut packed = Floats::zeroed(weights.len() * PARTS / 2)?;
        let blocks: &mut [Weights] = cast_slice_mut(&mut packed);
        for (at, to) in blocks.iter_mut().enumerate() {
            let (tap, block, panel) = (at % TAPS, at / TAPS % (channels / CHANNELS), at / TAPS / (channels / CHANNELS));
            let weight = |output, channel| weights[((panel * OUTPUTS + output) * channels + channel) * TAPS + tap];
            for output in 0..OUTPUTS {
                for pair in 0..LANES {
                    let channel = block * CHANNELS + pair;
                    let parts = pack(weight(output, channel), weight(output, channel + LANES));
                    for (part, packed) in parts.into_iter().enumerate() {
                        to.0[part][output / LANES][pair].0[output % LANES] = packed;
                    }
                }
            }
        }
        Ok(Direct { kernel, matrices, channels, weights: packed, bias: bias.to_vec(), pooled })
    }

    /// The edge of the pooling window.
    fn pool(&self) -> usize {
        if self.pooled { STRIP } else { 1 }
    }

    /// Takes a chunk through all steps.
    fn chunk(&self, grid: &TileGrid, input: &dyn Input, mut chunk: Chunk, scratch: &mut Scratch) -> Result<(), Limit> {
        // A column of zeros follows each row; it also precedes the next one.
        let across = grid.input.width + 1;
        let (pieces, pixels, blocks) = pieces(grid, &chunk, across);
        let Scratch { inputs, sums, rows } = scratch;
        let len = self.channels / CHANNELS * PARTS * pixels * LANES;
        inputs.grow(len)?;
        sums.grow(blocks * ROWS * OUTPUTS)?;
        // An earlier layer may have left more.
        let inputs: &mut [Pairs] = cast_slice_mut(&mut inputs[..len]);
        for piece in &pieces {
            let (start, end) = (piece.rows.start.saturating_sub(1), (piece.rows.end + 1).min(grid.input.height));
            let rows = input.rows(piece.picture, start..end, rows)?;
            self.kernel.run(Split { piece, rows, inputs, pixels });
        }
        let (blocks_in, taps) = (self.channels / CHANNELS, 0..TAPS);
        let steps = (0..blocks_in).flat_map(|block| taps.clone().map(move |tap| (block, tap / EDGE, tap % EDGE)));
        let steps = Steps::new(steps.map(|(block, dy, dx)| block * PARTS * pixels + dy * across + dx));
        let weights: &[Weights] = cast_slice(&self.weights);
        for (panel, weights) in weights.chunks_exact(blocks_in * TAPS).enumerate() {
            let sums: &mut [[[f32; OUTPUTS]; ROWS]] = cast_slice_mut(sums);
            let ready = self.matrices.ready();
            for piece in &pieces {
                let firsts = (piece.pixel..piece.pixel + outputs(piece, across)).step_by(ROWS);
                for (first, sums) in firsts.zip(&mut sums[piece.block..]) {
                    ready.multiply(Product { inputs, lower: pixels, first, steps: &steps, weights }, sums);
                }
            }
            drop(ready);
            self.finish(grid, &pieces, sums.as_flattened(), panel, &mut chunk);
        }
        Ok(())
    }

    /// Turns the sums of a panel to outputs.
    fn finish(&self, grid: &TileGrid, pieces: &[Piece], sums: &[[f32; OUTPUTS]], panel: usize, chunk: &mut Chunk) {
        let across = grid.input.width + 1;
        let bias = self.bias[panel * OUTPUTS..].first_chunk().expect("a bias for each output");
        let mut rows = chunk.output.chunks_exact_mut(grid.output.row());
        for piece in pieces {
            let count = piece.rows.len() / self.pool();
            for (y, row) in (0..count).zip(&mut rows) {
                let sums = &sums[piece.block * ROWS + y * self.pool() * across..];
                self.kernel.run(Finish { sums, across, bias, pooled: self.pooled, panel, shape: grid.output, row });
            }
        }
    }
}

/// The pieces of a chunk, the number of their padded pixels, and that of their blocks.
fn pieces(grid: &TileGrid, chunk: &Chunk, across: usize) -> (Vec<Piece>, usize, usize) {
    let (mut pixel, mut block) = (0, 0);
    let mut pieces = Vec::new();
    for (picture, strips) in grid.by_picture(chunk.strips.clone()) {
        let rows = strips.start * STRIP..(strips.end * STRIP).min(grid.input.height);
        let piece = Piece { picture, rows, pixel, block };
        pixel += (piece.rows.len() + EDGE - 1) * across;
        block += outputs(&piece, across).div_ceil(ROWS);
        pieces.push(piece);
    }
    // The last block may go on after the last pixel.
    (pieces, pixel + ROWS + EDGE, block)
}

/// Outputs from a piece's first to its last, those of the columns of zeros included.
fn outputs(piece: &Piece, across: usize) -> usize {
    piece.rows.len() * across - 1
}

impl<K: Kernel, M: Matrices> Convolve for Direct<K, M> {
    fn forward(&self, n: usize, input: &dyn Input, output: &mut Activations, threads: &Threads) -> Result<(), Limit> {
        let shape = input.shape();
        assert_eq!(shape.channels, self.channels);
        let (height, width) = (shape.height / self.pool(), shape.width / self.pool());
        output.resize(n, ActivationShape { height, width, channels: self.bias.len() })?;
        let grid = TileGrid::new(shape, output.shape, STRIP, self.pool());
        let rows = CHUNK_BYTES / (shape.row() * PARTS * size_of::<u16>());
        let tiles = (rows / STRIP).max(1) * grid.across;
        let chunks = grid.chunks(n, tiles, threads.count(), &mut output.values);
        threads.run(|| {
            let chunks = chunks.into_par_iter().with_max_len(1);
            chunks.try_for_each(|chunk| threads.with_scratch(|scratch| self.chunk(&grid, input, chunk, scratch)))
        })
    }
}

const ZEROS: Pairs = Pairs([0; LANES]);

/// Splits the inputs of a piece into parts, and pads them.
struct Split<'a> {
    piece: &'a Piece,
    rows: PixelRows<'a>,
    /// `[channels / 32][PARTS][pixels]`
    inputs: &'a mut [Pairs],
    pixels: usize,
}

impl NullaryFnOnce for Split<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Split { piece, rows, inputs, pixels } = self;
        let ActivationShape { height, width, .. } = rows.shape;
        for (block, inputs) in inputs.chunks_exact_mut(PARTS * pixels).enumerate() {
            let (upper, lower) = inputs.split_at_mut(pixels);
            // The column of zeros after the last row.
            let end = piece.pixel + (piece.rows.len() + EDGE - 1) * (width + 1);
            (upper[end], lower[end]) = (ZEROS, ZEROS);
            let lines = upper[piece.pixel..end].chunks_exact_mut(width + 1);
            let lines = lines.zip(lower[piece.pixel..end].chunks_exact_mut(width + 1));
            // From one row above the piece to one below it, counted from 1.
            for (y, (upper, lower)) in (piece.rows.start..piece.rows.end + 2).zip(lines) {
                if !(1..=height).contains(&y) {
                    upper.fill(ZEROS);
                    lower.fill(ZEROS);
                    continue;
                }
                (upper[0], lower[0]) = (ZEROS, ZEROS);
                let (one, other) = (rows.pixels(y - 1, 2 * block), rows.pixels(y - 1, 2 * block + 1));
                for x in 0..width {
                    for lane in 0..LANES {
                        [upper[x + 1].0[lane], lower[x + 1].0[lane]] = pack(one[x][lane], other[x][lane]);
                    }
                }
            }
        }
    }
}

/// Turns sums to a row of outputs.
struct Finish<'a> {
    /// From the first pixel of the row.
    sums: &'a [[f32; OUTPUTS]],
    /// Sums in a row.
    across: usize,
    bias: &'a [f32; OUTPUTS],
    pooled: bool,
    panel: usize,
    /// Of the outputs.
    shape: ActivationShape,
    row: &'a mut [f32],
}

impl NullaryFnOnce for Finish<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Finish { sums, across, bias, pooled, panel, shape, row } = self;
        let len = shape.width * BLOCK;
        let outputs = &mut row[panel * (OUTPUTS / BLOCK) * len..][..OUTPUTS / BLOCK * len];
        for (half, outputs) in outputs.chunks_exact_mut(len).enumerate() {
            let bias: &[f32; BLOCK] = bias[half * BLOCK..].first_chunk().expect("two halves");
            let sum = |x: usize| sums[x][half * BLOCK..].first_chunk::<BLOCK>().expect("two halves");
            for (x, output) in outputs.as_chunks_mut::<BLOCK>().0.iter_mut().enumerate() {
                *output = match pooled {
                    true => {
                        let (above, below) = (STRIP * x, STRIP * x + across);
                        once(above + 1).chain([below, below + 1]).fold(*sum(above), |most, x| max(most, sum(x)))
                    }
                    false => *sum(x),
                };
                for lane in 0..BLOCK {
                    output[lane] = (output[lane] + bias[lane]).max(0.0);
                }
            }
        }
    }
}

#[inline(always)]
fn max(a: [f32; BLOCK], b: &[f32; BLOCK]) -> [f32; BLOCK] {
    std::array::from_fn(|lane| if a[lane] > b[lane] { a[lane] } else { b[lane] })
}
