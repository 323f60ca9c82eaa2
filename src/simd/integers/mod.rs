//! Inner products of small integers with any instruction set. All give the same sums, as integers do.

#[cfg(target_arch = "aarch64")]
pub mod aarch64;
#[cfg(test)]
mod tests;
#[cfg(target_arch = "x86_64")]
pub mod x86;

use bytemuck::{AnyBitPattern, NoUninit};
use pulp::{NullaryFnOnce, Simd};

use super::vectorize::vectorize;

/// Keys in a panel.
pub const KEYS: usize = 64;

/// A sum for each key of a panel. Aligned to cache lines, which vectors are at most as wide as.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Sums(pub [i32; KEYS]);

/// Four codes of each key of a panel.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Quads(pub [[u8; 4]; KEYS]);

/// Sums updated together: a quarter of a panel's, or those of one picture's regions.
pub const LINE: usize = 16;

/// Four codes of each key of a line.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Line(pub [[u8; 4]; LINE]);

/// An instruction set. Codes of keys are at most 127, those of rows -127 to 127, so that two products fit 16 bits.
pub trait Integers: Copy + Send + Sync {
    /// The sums of a line.
    type Registers: Copy + NoUninit + AnyBitPattern;

    /// Lines of sums that fit the registers, besides everything else needed.
    const LINES: usize;

    #[inline(always)]
    fn load(self, sums: &[i32; LINE]) -> Self::Registers {
        pulp::cast(*sums)
    }

    #[inline(always)]
    fn store(self, sums: Self::Registers) -> [i32; LINE] {
        pulp::cast(sums)
    }

    /// Adds to each key's sum the products of its four codes and these four.
    fn add(self, sums: Self::Registers, keys: &[[u8; 4]; LINE], codes: [i8; 4]) -> Self::Registers;

    /// Adds two sets of sums.
    #[inline(always)]
    fn merge(self, a: Self::Registers, b: Self::Registers) -> Self::Registers {
        let (mut sums, b): ([i32; LINE], [i32; LINE]) = (pulp::cast(a), pulp::cast(b));
        sums.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        pulp::cast(sums)
    }

    /// Runs `function`, compiled for this instruction set.
    fn run<F: NullaryFnOnce>(self, function: F) -> F::Output;
}

/// Loops that the compiler vectorizes.
#[derive(Clone, Copy)]
pub struct Plain<S>(pub S);

impl<S: Simd> Integers for Plain<S> {
    type Registers = [i32; LINE];

    const LINES: usize = 2;

    #[inline(always)]
    fn add(self, mut sums: [i32; LINE], keys: &[[u8; 4]; LINE], codes: [i8; 4]) -> [i32; LINE] {
        for (sum, quad) in sums.iter_mut().zip(keys) {
            let product = |i: usize| i32::from(quad[i]) * i32::from(codes[i]);
            *sum += product(0) + product(1) + product(2) + product(3);
        }
        sums
    }

    #[inline(always)]
    fn run<F: NullaryFnOnce>(self, function: F) -> F::Output {
        vectorize(self.0, function)
    }
}
