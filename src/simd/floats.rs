//! Arithmetic on float32 vectors for the network's kernels.

use pulp::{NullaryFnOnce, Simd};

use super::vectorize::vectorize;

/// An instruction set, as the kernels see it.
pub trait Kernel: Simd {
    /// Tiles whose products are computed together: as many as fit the registers.
    const TILES: usize;
    /// Vectors of outputs computed together.
    const VECTORS: usize;
    /// Outputs computed together.
    const PANEL: usize = Self::VECTORS * Self::F32_LANES;

    /// `a * b + c`, rounded once or twice.
    #[inline(always)]
    fn multiply_add(self, a: Self::f32s, b: Self::f32s, c: Self::f32s) -> Self::f32s {
        self.mul_add_e_f32s(a, b, c)
    }

    /// Runs `function`, compiled for this instruction set.
    #[inline(always)]
    fn run<F: NullaryFnOnce>(self, function: F) -> F::Output {
        vectorize(self, function)
    }

    /// Runs `block` for at most [`Kernel::TILES`] tiles.
    fn block<B: Block>(self, tiles: usize, block: B);
}

/// Work on some tiles (or pixels) and vectors of outputs, few enough that the compiler keeps the sums in registers.
pub trait Block {
    fn call<K: Kernel, const TILES: usize, const VECTORS: usize>(self, kernel: K);
}

/// A [`Block`] with this many tiles and vectors.
struct Unrolled<K, B, const TILES: usize, const VECTORS: usize>(K, B);

impl<K: Kernel, B: Block, const TILES: usize, const VECTORS: usize> NullaryFnOnce for Unrolled<K, B, TILES, VECTORS> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.1.call::<K, TILES, VECTORS>(self.0);
    }
}

/// [`Kernel::block`], compiled for each number of tiles.
macro_rules! block {
    ($vectors:literal; $($tiles:literal)*) => {
        fn block<B: Block>(self, tiles: usize, block: B) {
            match tiles {
                $($tiles => self.run(Unrolled::<_, _, $tiles, $vectors>(self, block)),)*
                more => unreachable!("{more} tiles at a time"),
            }
        }
    };
}

/// 32 registers of 16: 28 sums, 2 of weights.
#[cfg(target_arch = "x86_64")]
impl Kernel for pulp::x86::V4 {
    const TILES: usize = 14;
    const VECTORS: usize = 2;

    block!(2; 1 2 3 4 5 6 7 8 9 10 11 12 13 14);
}

/// 16 registers of 8: 12 sums, 2 of weights, 1 of a tile.
#[cfg(target_arch = "x86_64")]
impl Kernel for pulp::x86::V3 {
    const TILES: usize = 6;
    const VECTORS: usize = 2;

    block!(2; 1 2 3 4 5 6);
}

/// 32 registers of 4: 24 sums, 4 of weights, some of tiles.
#[cfg(target_arch = "aarch64")]
impl Kernel for pulp::aarch64::Neon {
    const TILES: usize = 6;
    const VECTORS: usize = 4;

    block!(4; 1 2 3 4 5 6);
}

/// Plain loops over 8 values, which the compiler turns into the vectors of the baseline processor.
impl Kernel for pulp::Scalar256b {
    const TILES: usize = 3;
    const VECTORS: usize = 2;

    /// Without the instruction, a fused multiply-add is a call into the C library.
    #[inline(always)]
    fn multiply_add(self, a: Self::f32s, b: Self::f32s, c: Self::f32s) -> Self::f32s {
        self.add_f32s(self.mul_f32s(a, b), c)
    }

    block!(2; 1 2 3);
}
