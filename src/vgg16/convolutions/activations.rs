//! The data between convolutions.

use super::floats::Floats;
use crate::limits::Limit;

/// Channels stored side by side: one cache line of float32, one AVX-512 vector.
pub const BLOCK: usize = 16;

/// Pixels of `channels` values, a multiple of [`BLOCK`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ActivationShape {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
}

impl ActivationShape {
    /// Values in a row of pixels.
    pub fn row(self) -> usize {
        self.width * self.channels
    }

    /// Values in a picture.
    pub fn len(self) -> usize {
        self.height * self.row()
    }
}

/// `n` pictures, float32 `[n][height][channels / 16][width][16]`. Neighbouring rows are neighbours in memory, so that
/// threads write to slices of their own.
#[derive(Default)]
pub struct Activations {
    pub shape: ActivationShape,
    pub values: Floats,
}

impl Activations {
    /// Makes room for `n` pictures, never shrinking; the contents are left over from before.
    pub fn resize(&mut self, n: usize, shape: ActivationShape) -> Result<(), Limit> {
        self.shape = shape;
        self.values.grow(n * shape.len())
    }

    pub fn picture(&self, index: usize) -> PixelRows<'_> {
        let values = &self.values[index * self.shape.len()..][..self.shape.len()];
        PixelRows { values, first: 0, shape: self.shape }
    }
}

/// Rows of one picture, from `first` on.
#[derive(Clone, Copy)]
pub struct PixelRows<'a> {
    pub values: &'a [f32],
    pub first: usize,
    pub shape: ActivationShape,
}

impl<'a> PixelRows<'a> {
    /// The pixels of row `y` in channels `16 block .. 16 block + 16`.
    #[inline(always)]
    pub fn pixels(self, y: usize, block: usize) -> &'a [[f32; BLOCK]] {
        let at = (y - self.first) * self.shape.row() + block * self.shape.width * BLOCK;
        self.values[at..][..self.shape.width * BLOCK].as_chunks().0
    }
}
