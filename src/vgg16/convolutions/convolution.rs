//! One convolution: 3 x 3, stride 1, zero padding; bias, ReLU and, if wanted, 2 x 2 max pooling.

use std::ops::Range;

use rayon::prelude::*;

use super::activations::{ActivationShape, Activations, BLOCK, PixelRows};
use super::floats::Floats;
use super::grid::{Chunk, TileGrid};
use super::product::Product;
use super::threads::{Scratch, Threads};
use super::tiles::{InputTile, OutputTile};
use super::transform::Transform;
use super::weights::transformed;
use crate::limits::Limit;
use crate::simd::Kernel;

/// The source of a convolution's inputs: memory, or the previous layer, computed on demand.
pub trait Input: Sync {
    fn shape(&self) -> ActivationShape;
    fn rows<'a>(&'a self, picture: usize, rows: Range<usize>, buffer: &'a mut Floats) -> Result<PixelRows<'a>, Limit>;
}

impl Input for Activations {
    fn shape(&self) -> ActivationShape {
        self.shape
    }

    fn rows<'a>(&'a self, picture: usize, _: Range<usize>, _: &'a mut Floats) -> Result<PixelRows<'a>, Limit> {
        Ok(self.picture(picture))
    }
}

/// A convolution with prepared weights. Channels are a multiple of 16, outputs of 32.
pub trait Convolve: Send + Sync {
    /// Convolves `n` pictures. An error if there is no memory for it.
    fn forward(&self, n: usize, input: &dyn Input, output: &mut Activations, threads: &Threads) -> Result<(), Limit>;
}

pub struct Convolution<T, K, const TILE: usize, const EDGE: usize> {
    kernel: K,
    transform: T,
    channels: usize,
    outputs: usize,
    /// For each panel of outputs, `[EDGE * EDGE][channels][PANEL]`
    weights: Vec<Floats>,
    bias: Vec<f32>,
    pooled: bool,
    /// Tiles that a thread takes through all steps together.
    chunk: usize,
}

impl<T, K, const TILE: usize, const EDGE: usize> Convolution<T, K, TILE, EDGE>
where
    T: Transform<TILE, EDGE>,
    K: Kernel,
{
    /// `weights`: `[outputs][channels][3][3]`.
    pub fn new(
        kernel: K,
        transform: T,
        weights: &[f32],
        bias: &[f32],
        pooled: bool,
        chunk: usize,
    ) -> Result<Self, Limit> {
        let (outputs, channels) = (bias.len(), weights.len() / bias.len() / 9);
        assert!(channels.is_multiple_of(BLOCK) && outputs.is_multiple_of(K::PANEL), "{channels} to {outputs} channels");
        Ok(Convolution {
            kernel,
            transform,
            channels,
            outputs,
            weights: transformed(transform, weights, channels, K::PANEL)?,
            bias: bias.to_vec(),
            pooled,
            chunk,
        })
    }

    /// The edge of the pooling window.
    fn pool(&self) -> usize {
        if self.pooled { 2 } else { 1 }
    }

    /// Takes a chunk through all steps.
    fn chunk(&self, grid: &TileGrid, input: &dyn Input, mut chunk: Chunk, scratch: &mut Scratch) -> Result<(), Limit> {
        let tiles = chunk.strips.len() * grid.across;
        let layout = Layout::new::<K>(tiles, self.channels, EDGE * EDGE);
        let Scratch { inputs, sums, rows } = scratch;
        inputs.grow(layout.inputs())?;
        sums.grow(layout.sums())?;
        self.transform_inputs(grid, layout, input, &chunk, inputs, rows)?;
        for (panel, weights) in self.weights.iter().enumerate() {
            self.multiply(layout, inputs, weights, sums);
            self.transform_outputs(grid, layout, sums, panel * K::PANEL, &mut chunk);
        }
        Ok(())
    }

    fn transform_inputs(
        &self,
        grid: &TileGrid,
        layout: Layout,
        input: &dyn Input,
        chunk: &Chunk,
        inputs: &mut [f32],
        buffer: &mut Floats,
    ) -> Result<(), Limit> {
        let mut tiles = 0..layout.tiles;
        for (picture, strips) in grid.by_picture(chunk.strips.clone()) {
            let needed = (strips.start * TILE).saturating_sub(1)..(strips.end * TILE + 1).min(grid.input.height);
            let rows = input.rows(picture, needed, buffer)?;
            let places = strips.flat_map(|strip| (0..grid.across).map(move |across| (strip, across)));
            for ((strip, across), tile) in places.zip(&mut tiles) {
                let (to, tiles, tile) = layout.tile(inputs, tile);
                let (y, x) = (strip * TILE, across * TILE);
                let (kernel, transform, slab) = (self.kernel, self.transform, layout.slab);
                kernel.run(InputTile { kernel, transform, rows, y, x, to, slab, tiles, tile });
            }
        }
        Ok(())
    }

    /// The matrix products for a panel of outputs.
    fn multiply(&self, layout: Layout, inputs: &[f32], weights: &[f32], sums: &mut [f32]) {
        for (point, weights) in weights.chunks_exact(self.channels * K::PANEL).enumerate() {
            for group in 0..layout.groups() {
                let tiles = layout.tiles_in(group);
                let inputs = &inputs[(group * layout.points + point) * layout.slab..][..tiles * self.channels];
                let sums = &mut sums[group * layout.group * layout.stride + point * K::PANEL..];
                self.kernel.block(tiles, Product { inputs, weights, sums, stride: layout.stride });
            }
        }
    }

    fn transform_outputs(&self, grid: &TileGrid, layout: Layout, sums: &[f32], channel: usize, chunk: &mut Chunk) {
        let bias = &self.bias[channel..][..K::PANEL];
        let row = grid.output.row();
        let first = grid.output_rows(chunk.strips.start).start;
        let mut sums = sums.chunks(layout.stride);
        for strip in chunk.strips.clone() {
            let rows = grid.output_rows(strip);
            let output = &mut chunk.output[(rows.start - first) * row..(rows.end - first) * row];
            for (across, sums) in (0..grid.across).zip(&mut sums) {
                let (kernel, transform, pooled, shape) = (self.kernel, self.transform, self.pooled, grid.output);
                let x = across * grid.output_tile;
                kernel.run(OutputTile { kernel, transform, sums, bias, pooled, shape, output, channel, x });
            }
        }
    }
}

impl<T, K, const TILE: usize, const EDGE: usize> Convolve for Convolution<T, K, TILE, EDGE>
where
    T: Transform<TILE, EDGE>,
    K: Kernel,
{
    fn forward(&self, n: usize, input: &dyn Input, output: &mut Activations, threads: &Threads) -> Result<(), Limit> {
        let shape = input.shape();
        assert_eq!(shape.channels, self.channels);
        let (height, width) = (shape.height / self.pool(), shape.width / self.pool());
        output.resize(n, ActivationShape { height, width, channels: self.outputs })?;
        let grid = TileGrid::new(shape, output.shape, TILE, self.pool());
        let chunks = grid.chunks(n, self.chunk, threads.count(), &mut output.values);
        threads.run(|| {
            let chunks = chunks.into_par_iter().with_max_len(1);
            chunks.try_for_each(|chunk| threads.with_scratch(|scratch| self.chunk(&grid, input, chunk, scratch)))
        })
    }
}

/// The layout of a chunk's values in the buffers. Tiles are multiplied a *group* at a time, as many as fit the
/// registers.
#[derive(Clone, Copy)]
struct Layout {
    tiles: usize,
    points: usize,
    /// Tiles in a group; the last one may have fewer.
    group: usize,
    /// Transformed inputs are `[groups][points]` slabs of `[channels / 16][tiles in the group][16]`; the distance
    /// between slabs.
    slab: usize,
    /// Sums are `[tiles]` of `[points][PANEL]`; the distance between tiles.
    stride: usize,
}

/// Values between slabs, so that they don't all map to the same few cache lines.
const GAP: usize = 16;

impl Layout {
    fn new<K: Kernel>(tiles: usize, channels: usize, points: usize) -> Layout {
        let group = tiles.div_ceil(tiles.div_ceil(K::TILES));
        Layout { tiles, points, group, slab: group * channels + GAP, stride: points * K::PANEL + GAP }
    }

    fn groups(self) -> usize {
        self.tiles.div_ceil(self.group)
    }

    fn tiles_in(self, group: usize) -> usize {
        self.group.min(self.tiles - group * self.group)
    }

    /// Values of all transformed inputs.
    fn inputs(self) -> usize {
        self.groups() * self.points * self.slab
    }

    fn sums(self) -> usize {
        self.tiles * self.stride
    }

    /// The slabs of a tile's group, the group's number of tiles, and the tile's index in it.
    fn tile(self, inputs: &mut [f32], tile: usize) -> (&mut [f32], usize, usize) {
        let (group, tile) = (tile / self.group, tile % self.group);
        let len = self.points * self.slab;
        (&mut inputs[group * len..][..len], self.tiles_in(group), tile)
    }
}
