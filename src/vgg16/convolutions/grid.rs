//! Divides pictures into tiles, and tiles among threads.

use std::ops::Range;

use super::activations::ActivationShape;

/// The tiles of all pictures. A *strip* is a row of tiles; strips are counted through all pictures.
pub struct TileGrid {
    pub input: ActivationShape,
    pub output: ActivationShape,
    /// Strips in a picture.
    strips: usize,
    /// Tiles in a strip.
    pub across: usize,
    /// Outputs of a tile along an edge, after pooling.
    pub output_tile: usize,
}

/// Strips that one thread computes, and their outputs.
pub struct Chunk<'a> {
    pub strips: Range<usize>,
    pub output: &'a mut [f32],
}

impl TileGrid {
    /// `pool`: the edge of the pooling window, 1 without pooling.
    pub fn new(input: ActivationShape, output: ActivationShape, tile: usize, pool: usize) -> TileGrid {
        let (strips, across) = (input.height.div_ceil(tile), input.width.div_ceil(tile));
        TileGrid { input, output, strips, across, output_tile: tile / pool }
    }

    /// The output rows of a strip, counted through all pictures.
    pub fn output_rows(&self, strip: usize) -> Range<usize> {
        let (picture, strip) = (strip / self.strips, strip % self.strips);
        let row = |strip: usize| picture * self.output.height + (strip * self.output_tile).min(self.output.height);
        row(strip)..row(strip + 1)
    }

    /// The strips of each picture, counted from its top.
    pub fn by_picture(&self, strips: Range<usize>) -> impl Iterator<Item = (usize, Range<usize>)> {
        let pictures = strips.start / self.strips..strips.end.div_ceil(self.strips);
        pictures.map(move |picture| {
            let first = picture * self.strips;
            (picture, strips.start.max(first) - first..strips.end.min(first + self.strips) - first)
        })
    }

    /// Chunks of about `tiles` tiles, the same number for each thread.
    pub fn chunks<'a>(&self, n: usize, tiles: usize, threads: usize, mut output: &'a mut [f32]) -> Vec<Chunk<'a>> {
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
