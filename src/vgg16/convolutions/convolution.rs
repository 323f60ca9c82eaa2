//! One convolution: 3 x 3, stride 1, zero padding; bias, ReLU and, if wanted, 2 x 2 max pooling.

use std::ops::Range;

use super::activations::{ActivationShape, Activations, PixelRows};
use super::floats::Floats;
use super::grid::{Chunk, TileGrid};
use super::layout::Layout;
use super::product::PointProducts;
use super::threads::{Scratch, Threads};
use super::tiles::{InputTile, OutputTile};
use super::transform::Transform;
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

/// What a convolution does beside its products.
#[derive(Clone, Copy)]
pub struct LayerShape<'a> {
    /// Of the inputs, a multiple of 16.
    pub channels: usize,
    /// One per output, in whole panels.
    pub bias: &'a [f32],
    pub pooled: bool,
}

pub struct Convolution<T, K, P, const TILE: usize, const EDGE: usize> {
    kernel: K,
    transform: T,
    products: P,
    channels: usize,
    bias: Vec<f32>,
    pooled: bool,
    /// Tiles that a thread takes through all steps together.
    chunk: usize,
}

impl<T, K, P, const TILE: usize, const EDGE: usize> Convolution<T, K, P, TILE, EDGE>
where
    T: Transform<TILE, EDGE>,
    K: Kernel,
    P: PointProducts,
{
    pub fn new(kernel: K, transform: T, products: P, shape: LayerShape, chunk: usize) -> Self {
        let LayerShape { channels, bias, pooled } = shape;
        Convolution { kernel, transform, products, channels, bias: bias.to_vec(), pooled, chunk }
    }

    /// The edge of the pooling window.
    fn pool(&self) -> usize {
        if self.pooled { 2 } else { 1 }
    }

    /// Takes a chunk through all steps.
    fn chunk(&self, grid: &TileGrid, input: &dyn Input, mut chunk: Chunk, scratch: &mut Scratch) -> Result<(), Limit> {
        let tiles = chunk.strips.len() * grid.across;
        let (group, round) = (self.products.group(tiles), self.products.round());
        let layout = Layout::new(tiles, self.channels, EDGE * EDGE, group, round, K::PANEL);
        let (panels, step) = (self.bias.len() / K::PANEL, self.products.panels());
        scratch.inputs.grow(layout.inputs())?;
        scratch.sums.grow(layout.sums(step.min(panels)))?;
        self.transform_inputs(grid, layout, input, &chunk, scratch)?;
        for first in (0..panels).step_by(step) {
            let some = first..panels.min(first + step);
            self.products.multiply(layout, some.clone(), scratch)?;
            for (panel, sums) in some.zip(layout.panels(&mut scratch.sums)) {
                self.transform_outputs(grid, layout, sums, panel * K::PANEL, &mut chunk);
            }
        }
        Ok(())
    }

    fn transform_inputs(
        &self,
        grid: &TileGrid,
        layout: Layout,
        input: &dyn Input,
        chunk: &Chunk,
        Scratch { inputs, rows: buffer, .. }: &mut Scratch,
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

impl<T, K, P, const TILE: usize, const EDGE: usize> Convolve for Convolution<T, K, P, TILE, EDGE>
where
    T: Transform<TILE, EDGE>,
    K: Kernel,
    P: PointProducts,
{
    fn forward(&self, n: usize, input: &dyn Input, output: &mut Activations, threads: &Threads) -> Result<(), Limit> {
        let shape = input.shape();
        assert_eq!(shape.channels, self.channels);
        let (height, width) = (shape.height / self.pool(), shape.width / self.pool());
        output.resize(n, ActivationShape { height, width, channels: self.bias.len() })?;
        let grid = TileGrid::new(shape, output.shape, TILE, self.pool());
        let chunks = grid.chunks(n, self.chunk, threads.count(), &mut output.values);
        threads.each(chunks, &|chunk, scratch| self.chunk(&grid, input, chunk, scratch))
    }
}
