//! One convolution: 3 x 3, stride 1, zeros around it; bias, ReLU and, if wanted, 2 x 2 max pooling.

use std::ops::Range;

use aligned_vec::AVec;
use pulp::NullaryFnOnce;
use rayon::prelude::*;

use super::activations::{Activations, BLOCK, Rows, Shape, grow};
use super::instructions::Kernel;
use super::product::Product;
use super::threads::{Scratch, Threads};
use super::transform::Transform;
use super::weights::transformed;

/// Values between neighbouring slabs of a buffer, so that they don't all fall into the same few lines of the cache.
const GAP: usize = 16;

/// Where a convolution's inputs come from: memory, or the layer before, computed when asked for.
pub trait Source: Sync {
    fn shape(&self) -> Shape;
    fn rows<'a>(&'a self, picture: usize, rows: Range<usize>, buffer: &'a mut AVec<f32>) -> Rows<'a>;
}

impl Source for Activations {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn rows<'a>(&'a self, picture: usize, _: Range<usize>, _: &'a mut AVec<f32>) -> Rows<'a> {
        self.picture(picture)
    }
}

/// A convolution, its weights prepared. Channels are a multiple of 16, outputs of 32.
pub trait Convolve: Send + Sync {
    /// Convolves `n` pictures.
    fn forward(&self, n: usize, input: &dyn Source, output: &mut Activations, threads: &Threads);
}

pub struct Convolution<T, K, const TILE: usize, const EDGE: usize> {
    kernel: K,
    transform: std::marker::PhantomData<T>,
    channels: usize,
    outputs: usize,
    /// For each panel of outputs, `[EDGE * EDGE][channels][PANEL]`
    weights: Vec<AVec<f32>>,
    bias: Vec<f32>,
    pooled: bool,
    /// Tiles that a thread takes through all steps at a time.
    chunk: usize,
}

impl<T, K, const TILE: usize, const EDGE: usize> Convolution<T, K, TILE, EDGE>
where
    T: Transform<TILE, EDGE>,
    K: Kernel,
{
    const POINTS: usize = EDGE * EDGE;

    /// `weights`: `[outputs][channels][3][3]`.
    pub fn new(kernel: K, weights: &[f32], bias: &[f32], pooled: bool, chunk: usize) -> Self {
        let (outputs, channels) = (bias.len(), weights.len() / bias.len() / 9);
        assert!(channels.is_multiple_of(BLOCK) && outputs.is_multiple_of(K::PANEL), "{channels} to {outputs} channels");
        Convolution {
            kernel,
            transform: std::marker::PhantomData,
            channels,
            outputs,
            weights: transformed::<T, K, TILE, EDGE>(weights, channels),
            bias: bias.to_vec(),
            pooled,
            chunk,
        }
    }

    fn output_shape(&self, input: Shape) -> Shape {
        let pool = 1 + usize::from(self.pooled);
        Shape { height: input.height / pool, width: input.width / pool, channels: self.outputs }
    }

    /// Takes a chunk through all steps.
    fn chunk(&self, grid: &Grid, input: &dyn Source, chunk: Chunk, scratch: &mut Scratch) {
        let tiles = chunk.strips.len() * grid.across;
        let groups = tiles.div_ceil(K::TILES);
        let group = tiles.div_ceil(groups);
        let slab = group * self.channels + GAP;
        let stride = Self::POINTS * K::PANEL + GAP;
        let Scratch { inputs, sums, rows: buffer } = scratch;
        grow(inputs, groups * Self::POINTS * slab);
        grow(sums, tiles * stride);

        for (picture, strips) in grid.by_picture(chunk.strips.clone()) {
            let height = grid.input.height;
            let needed = (strips.start * TILE).saturating_sub(1)..(strips.end * TILE + 1).min(height);
            let rows = input.rows(picture, needed, buffer);
            for strip in strips {
                for across in 0..grid.across {
                    let tile = (picture * grid.strips + strip - chunk.strips.start) * grid.across + across;
                    let (group_at, tile_at) = (tile / group, tile % group);
                    self.kernel.run(InputTile::<T, K, TILE, EDGE> {
                        transform: self.transform,
                        kernel: self.kernel,
                        rows,
                        y: strip * TILE,
                        x: across * TILE,
                        to: &mut inputs[group_at * Self::POINTS * slab..][..Self::POINTS * slab],
                        slab,
                        tiles: group.min(tiles - group_at * group),
                        tile: tile_at,
                    });
                }
            }
        }
        for (panel, weights) in self.weights.iter().enumerate() {
            for (point, weights) in weights.chunks_exact(self.channels * K::PANEL).enumerate() {
                for group_at in 0..groups {
                    let tiles = group.min(tiles - group_at * group);
                    let inputs = &inputs[(group_at * Self::POINTS + point) * slab..][..tiles * self.channels];
                    let sums = &mut sums[group_at * group * stride + point * K::PANEL..];
                    self.kernel.block(tiles, Product { inputs, weights, sums, stride });
                }
            }
            for tile in 0..tiles {
                let (strip, across) = (chunk.strips.start + tile / grid.across, tile % grid.across);
                let rows = grid.output_rows(strip);
                let at = rows.start - grid.output_rows(chunk.strips.start).start;
                self.kernel.run(OutputTile::<T, K, TILE, EDGE> {
                    transform: self.transform,
                    kernel: self.kernel,
                    sums: &sums[tile * stride..][..Self::POINTS * K::PANEL],
                    bias: &self.bias[panel * K::PANEL..][..K::PANEL],
                    pooled: self.pooled,
                    shape: grid.output,
                    output: &mut chunk.output[at * grid.output.row()..][..rows.len() * grid.output.row()],
                    channel: panel * K::PANEL,
                    x: across * grid.output_tile,
                });
            }
        }
    }
}

impl<T, K, const TILE: usize, const EDGE: usize> Convolve for Convolution<T, K, TILE, EDGE>
where
    T: Transform<TILE, EDGE> + Send + Sync,
    K: Kernel,
{
    fn forward(&self, n: usize, input: &dyn Source, output: &mut Activations, threads: &Threads) {
        let shape = input.shape();
        assert_eq!(shape.channels, self.channels);
        output.resize(n, self.output_shape(shape));
        let grid = Grid::new(shape, output.shape, TILE);
        let chunks = grid.chunks(n, self.chunk, threads.count(), &mut output.values);
        threads.run(|| {
            let chunks = chunks.into_par_iter().with_max_len(1);
            chunks.for_each(|chunk| threads.with_scratch(|scratch| self.chunk(&grid, input, chunk, scratch)))
        });
    }
}

/// How pictures are cut into tiles. A *strip* is a row of tiles; strips are counted through all pictures.
struct Grid {
    input: Shape,
    output: Shape,
    /// Strips in a picture.
    strips: usize,
    /// Tiles in a strip.
    across: usize,
    /// Outputs of a tile along an edge, after pooling.
    output_tile: usize,
}

/// Strips that one thread computes, and where their outputs go.
struct Chunk<'a> {
    strips: Range<usize>,
    output: &'a mut [f32],
}

impl Grid {
    fn new(input: Shape, output: Shape, tile: usize) -> Grid {
        let pool = if output.height == input.height && output.width == input.width { 1 } else { 2 };
        Grid {
            input,
            output,
            strips: input.height.div_ceil(tile),
            across: input.width.div_ceil(tile),
            output_tile: tile / pool,
        }
    }

    /// The rows of outputs of a strip, counted through all pictures.
    fn output_rows(&self, strip: usize) -> Range<usize> {
        let (picture, strip) = (strip / self.strips, strip % self.strips);
        let row = |strip: usize| picture * self.output.height + (strip * self.output_tile).min(self.output.height);
        row(strip)..row(strip + 1)
    }

    /// The strips of each picture, counted from its top.
    fn by_picture(&self, strips: Range<usize>) -> impl Iterator<Item = (usize, Range<usize>)> {
        let pictures = strips.start / self.strips..strips.end.div_ceil(self.strips);
        pictures.map(move |picture| {
            let first = picture * self.strips;
            (picture, strips.start.max(first) - first..strips.end.min(first + self.strips) - first)
        })
    }

    /// Chunks of about `tiles` tiles, as many for each thread.
    fn chunks<'a>(&self, n: usize, tiles: usize, threads: usize, mut output: &'a mut [f32]) -> Vec<Chunk<'a>> {
        let strips = n * self.strips;
        let count = (strips * self.across).div_ceil(tiles).next_multiple_of(threads).clamp(1, strips.max(1));
        let mut chunks = Vec::with_capacity(count);
        for i in 0..count {
            let strips = strips * i / count..strips * (i + 1) / count;
            if strips.is_empty() {
                continue;
            }
            let rows = self.output_rows(strips.start).start..self.output_rows(strips.end - 1).end;
            let (this, rest) = output.split_at_mut(rows.len() * self.output.row());
            output = rest;
            chunks.push(Chunk { strips, output: this });
        }
        chunks
    }
}

/// Transforms the inputs of one tile.
struct InputTile<'a, T, K, const TILE: usize, const EDGE: usize> {
    transform: std::marker::PhantomData<T>,
    kernel: K,
    rows: Rows<'a>,
    /// The first output.
    y: usize,
    x: usize,
    /// `[EDGE * EDGE]` slabs of `[channels / 16][tiles][16]`
    to: &'a mut [f32],
    slab: usize,
    tiles: usize,
    tile: usize,
}

impl<T, K, const TILE: usize, const EDGE: usize> NullaryFnOnce for InputTile<'_, T, K, TILE, EDGE>
where
    T: Transform<TILE, EDGE>,
    K: Kernel,
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Shape { height, width, channels } = self.rows.shape;
        let inside = self.y > 0 && self.x > 0 && self.y + TILE < height && self.x + TILE < width;
        for block in 0..channels / BLOCK {
            let to = &mut self.to[(block * self.tiles + self.tile) * BLOCK..];
            if inside {
                let pixels = |i: usize| self.rows.pixels(self.y + i - 1, block)[self.x - 1..].first_chunk::<EDGE>();
                let mut rows = [&[[0.0; BLOCK]; EDGE]; EDGE];
                for (i, row) in rows.iter_mut().enumerate() {
                    *row = pixels(i).expect("inside");
                }
                transform_block::<T, K, TILE, EDGE>(self.kernel, rows, to, self.slab);
            } else {
                let mut padded = [[[0.0; BLOCK]; EDGE]; EDGE];
                for (i, to) in padded.iter_mut().enumerate() {
                    let y = self.y + i;
                    if (1..=height).contains(&y) {
                        let row = self.rows.pixels(y - 1, block);
                        let (skip, from) = (usize::from(self.x == 0), self.x.saturating_sub(1));
                        let count = (EDGE - skip).min(width - from);
                        to[skip..skip + count].copy_from_slice(&row[from..from + count]);
                    }
                }
                transform_block::<T, K, TILE, EDGE>(self.kernel, padded.each_ref(), to, self.slab);
            }
        }
    }
}

#[inline(always)]
fn transform_block<T: Transform<TILE, EDGE>, K: Kernel, const TILE: usize, const EDGE: usize>(
    kernel: K,
    rows: [&[[f32; BLOCK]; EDGE]; EDGE],
    to: &mut [f32],
    slab: usize,
) {
    // Column by column and row by row, so that most values are in registers while they are needed.
    for vector in 0..BLOCK / K::F32_LANES {
        let mut columns = [[kernel.splat_f32s(0.0); EDGE]; EDGE];
        for x in 0..EDGE {
            let mut d = [kernel.splat_f32s(0.0); EDGE];
            for y in 0..EDGE {
                d[y] = K::as_simd_f32s(&rows[y][x]).0[vector];
            }
            columns[x] = T::input(kernel, d);
        }
        for y in 0..EDGE {
            let mut d = [kernel.splat_f32s(0.0); EDGE];
            for x in 0..EDGE {
                d[x] = columns[x][y];
            }
            let d = T::input(kernel, d);
            for x in 0..EDGE {
                let to = &mut to[(y * EDGE + x) * slab..][..BLOCK];
                K::as_mut_simd_f32s(to).0[vector] = d[x];
            }
        }
    }
}

/// Transforms the sums of one tile to outputs.
struct OutputTile<'a, T, K, const TILE: usize, const EDGE: usize> {
    transform: std::marker::PhantomData<T>,
    kernel: K,
    /// `[EDGE * EDGE][PANEL]`
    sums: &'a [f32],
    /// `[PANEL]`
    bias: &'a [f32],
    pooled: bool,
    shape: Shape,
    /// The tile's rows.
    output: &'a mut [f32],
    /// The first of the outputs' channels.
    channel: usize,
    x: usize,
}

impl<T, K, const TILE: usize, const EDGE: usize> NullaryFnOnce for OutputTile<'_, T, K, TILE, EDGE>
where
    T: Transform<TILE, EDGE>,
    K: Kernel,
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let k = self.kernel;
        let zero = k.splat_f32s(0.0);
        for vector in 0..K::VECTORS {
            let mut columns = [[zero; TILE]; EDGE];
            for x in 0..EDGE {
                let mut m = [zero; EDGE];
                for y in 0..EDGE {
                    m[y] = K::as_simd_f32s(&self.sums[(y * EDGE + x) * K::PANEL..][..K::PANEL]).0[vector];
                }
                columns[x] = T::output(k, m);
            }
            let mut outputs = [[zero; TILE]; TILE];
            for y in 0..TILE {
                let mut m = [zero; EDGE];
                for x in 0..EDGE {
                    m[x] = columns[x][y];
                }
                outputs[y] = T::output(k, m);
            }
            let mut edge = TILE;
            if self.pooled {
                edge = TILE / 2;
                for y in 0..TILE / 2 {
                    for x in 0..TILE / 2 {
                        let above = k.max_f32s(outputs[2 * y][2 * x], outputs[2 * y][2 * x + 1]);
                        let below = k.max_f32s(outputs[2 * y + 1][2 * x], outputs[2 * y + 1][2 * x + 1]);
                        outputs[y][x] = k.max_f32s(above, below);
                    }
                }
            }
            let bias = K::as_simd_f32s(self.bias).0[vector];
            let channel = self.channel + vector * K::F32_LANES;
            let (block, lane) = (channel / BLOCK, channel % BLOCK);
            let columns = edge.min(self.shape.width - self.x);
            // Rows below the picture's end are not part of the slice.
            for (row, outputs) in self.output.chunks_exact_mut(self.shape.row()).zip(outputs).take(edge) {
                let pixels = row[(block * self.shape.width + self.x) * BLOCK..].as_chunks_mut::<BLOCK>().0;
                let pixels = &mut pixels[..columns];
                for x in 0..TILE {
                    if let Some(pixel) = pixels.get_mut(x) {
                        let value = k.max_f32s(k.add_f32s(outputs[x], bias), zero);
                        K::as_mut_simd_f32s(&mut pixel[lane..]).0[0] = value;
                    }
                }
            }
        }
    }
}
