//! Transforms a tile between a picture and the products.

use pulp::NullaryFnOnce;

use super::activations::{ActivationShape, BLOCK, PixelRows};
use super::transform::Transform;
use crate::simd::Kernel;

/// Aligned to a cache line, as pulp's vectors aren't: a vector that spans two lines takes twice as long to load.
#[repr(align(64))]
struct Aligned<T>(T);

/// Transforms the inputs of one tile.
pub struct InputTile<'a, T, K, const TILE: usize, const EDGE: usize> {
    pub kernel: K,
    pub transform: T,
    pub rows: PixelRows<'a>,
    /// The first output.
    pub y: usize,
    pub x: usize,
    /// `[EDGE * EDGE]` slabs of `[channels / 16][tiles][16]`
    pub to: &'a mut [f32],
    pub slab: usize,
    pub tiles: usize,
    pub tile: usize,
}

impl<T, K, const TILE: usize, const EDGE: usize> NullaryFnOnce for InputTile<'_, T, K, TILE, EDGE>
where
    T: Transform<TILE, EDGE>,
    K: Kernel,
{
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let ActivationShape { height, width, channels } = self.rows.shape;
        let inside = self.y > 0 && self.x > 0 && self.y + TILE < height && self.x + TILE < width;
        let Self { kernel, transform, rows, y, x, to, slab, tiles, tile } = self;
        if inside {
            for block in 0..channels / BLOCK {
                let pixels = |i: usize| rows.pixels(y + i - 1, block)[x - 1..].first_chunk::<EDGE>();
                let mut rows = [&[[0.0; BLOCK]; EDGE]; EDGE];
                for (i, row) in rows.iter_mut().enumerate() {
                    *row = pixels(i).expect("inside");
                }
                transform_block(kernel, transform, rows, &mut to[(block * tiles + tile) * BLOCK..], slab);
            }
            return;
        }
        // The same pixels are outside in each block, and stay zero.
        let mut padded = Aligned([[[0.0; BLOCK]; EDGE]; EDGE]);
        for block in 0..channels / BLOCK {
            for (i, to) in padded.0.iter_mut().enumerate() {
                let y = y + i;
                if (1..=height).contains(&y) {
                    let row = rows.pixels(y - 1, block);
                    let (skip, from) = (usize::from(x == 0), x.saturating_sub(1));
                    let count = (EDGE - skip).min(width - from);
                    to[skip..skip + count].copy_from_slice(&row[from..from + count]);
                }
            }
            transform_block(kernel, transform, padded.0.each_ref(), &mut to[(block * tiles + tile) * BLOCK..], slab);
        }
    }
}

#[inline(always)]
fn transform_block<T: Transform<TILE, EDGE>, K: Kernel, const TILE: usize, const EDGE: usize>(
    kernel: K,
    transform: T,
    rows: [&[[f32; BLOCK]; EDGE]; EDGE],
    to: &mut [f32],
    slab: usize,
) {
    // Column by column and row by row, so that most values are in registers when needed.
    for vector in 0..BLOCK / K::F32_LANES {
        let mut columns = Aligned([[kernel.splat_f32s(0.0); EDGE]; EDGE]);
        for x in 0..EDGE {
            let mut d = [kernel.splat_f32s(0.0); EDGE];
            for y in 0..EDGE {
                d[y] = K::as_simd_f32s(&rows[y][x]).0[vector];
            }
            columns.0[x] = transform.input(kernel, d);
        }
        for y in 0..EDGE {
            let mut d = [kernel.splat_f32s(0.0); EDGE];
            for x in 0..EDGE {
                d[x] = columns.0[x][y];
            }
            let d = transform.input(kernel, d);
            for x in 0..EDGE {
                let to = &mut to[(y * EDGE + x) * slab..][..BLOCK];
                K::as_mut_simd_f32s(to).0[vector] = d[x];
            }
        }
    }
}

/// Transforms the sums of one tile to outputs.
pub struct OutputTile<'a, T, K, const TILE: usize, const EDGE: usize> {
    pub kernel: K,
    pub transform: T,
    /// `[EDGE * EDGE][PANEL]`
    pub sums: &'a [f32],
    /// `[PANEL]`
    pub bias: &'a [f32],
    pub pooled: bool,
    pub shape: ActivationShape,
    /// The tile's rows.
    pub output: &'a mut [f32],
    /// The first of the outputs' channels.
    pub channel: usize,
    pub x: usize,
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
            let mut columns = Aligned([[zero; TILE]; EDGE]);
            for x in 0..EDGE {
                let mut m = [zero; EDGE];
                for y in 0..EDGE {
                    m[y] = K::as_simd_f32s(&self.sums[(y * EDGE + x) * K::PANEL..][..K::PANEL]).0[vector];
                }
                columns.0[x] = self.transform.output(k, m);
            }
            let mut outputs = Aligned([[zero; TILE]; TILE]);
            for y in 0..TILE {
                let mut m = [zero; EDGE];
                for x in 0..EDGE {
                    m[x] = columns.0[x][y];
                }
                outputs.0[y] = self.transform.output(k, m);
            }
            let mut edge = TILE;
            if self.pooled {
                edge = TILE / 2;
                for y in 0..TILE / 2 {
                    for x in 0..TILE / 2 {
                        let above = k.max_f32s(outputs.0[2 * y][2 * x], outputs.0[2 * y][2 * x + 1]);
                        let below = k.max_f32s(outputs.0[2 * y + 1][2 * x], outputs.0[2 * y + 1][2 * x + 1]);
                        outputs.0[y][x] = k.max_f32s(above, below);
                    }
                }
            }
            let bias = K::as_simd_f32s(self.bias).0[vector];
            let channel = self.channel + vector * K::F32_LANES;
            let (block, lane) = (channel / BLOCK, channel % BLOCK);
            let columns = edge.min(self.shape.width - self.x);
            // Rows below the picture's end are not part of the slice.
            for (row, outputs) in self.output.chunks_exact_mut(self.shape.row()).zip(outputs.0).take(edge) {
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
