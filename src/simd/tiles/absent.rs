//! In place of AMX on other processors.

use super::{InputParts, Matrices, MultiplyParts, WeightParts};

#[derive(Clone, Copy, Debug)]
pub enum NoTiles {}

impl Matrices for NoTiles {
    type Ready = NoTiles;

    fn ready(self) -> NoTiles {
        self
    }
}

impl MultiplyParts for NoTiles {
    fn multiply(&self, _: &[InputParts], _: &[WeightParts], _: usize, _: &mut [f32], _: usize) {
        match *self {}
    }
}
