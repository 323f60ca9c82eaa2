//! 3 x 3 convolutions on the CPU.
//!
//! By Winograd's minimal filtering: F(4 x 4, 3 x 3) needs a quarter of the multiplications, F(6 x 6, 3 x 3) a fifth.
//!
//! Lavin and Gray, *Fast Algorithms for Convolutional Neural Networks*, 2015, <https://arxiv.org/abs/1509.09308>.
//! An output of 4 x 4 pixels (a *tile*) is `Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A` of the 6 x 6 inputs `d` around it and the
//! weights `g`. Summed over channels, the ⊙ are 36 matrix products: tiles x channels by channels x outputs.
//!
//! ```text
//!  activations ─► input transform ─► 36 products ─► output transform, bias, ReLU, pooling ─► activations
//! ```
//!
//! The tiles of all pictures are divided into chunks. Each chunk goes through these steps on one thread
//! ([`convolution`]), so that intermediate data stays in the cache. Activations are laid out so that a vector is a
//! pixel of some channels ([`activations`]); the weights' `G g Gᵀ` is computed once ([`weights`]). A single source
//! serves all instruction sets ([`crate::simd`]) through the `pulp` library, which candle's own products use as well.
//! Where instructions multiply matrices of bfloat16, the products are computed with these, from values in three parts
//! ([`parts`]).

// The compiler unrolls index loops over small arrays; with iterators it sometimes leaves them in memory.
#![allow(clippy::needless_range_loop)]

mod activations;
mod base;
mod convolution;
mod first;
mod floats;
mod grid;
mod layout;
mod op;
mod parts;
mod product;
#[cfg(test)]
mod tests;
mod threads;
mod tiles;
mod transform;
mod weights;

pub use base::{ConvolutionalBase, prepare};
pub use op::Op;
