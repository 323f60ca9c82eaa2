//! The instruction sets, and what differs between them.

use pulp::{NullaryFnOnce, Simd, WithSimd};

/// One of the instruction sets that this processor has.
#[derive(Clone, Copy, Debug)]
pub enum Instructions {
    /// Whatever the compiler makes of plain loops; works everywhere.
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
    #[cfg(target_arch = "aarch64")]
    Neon(pulp::aarch64::Neon),
}

impl Instructions {
    /// All that this processor has, the fastest first.
    pub fn available() -> Vec<Instructions> {
        let mut available = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            available.extend(pulp::x86::V4::try_new().map(Instructions::Avx512));
            available.extend(pulp::x86::V3::try_new().map(Instructions::Avx2));
        }
        #[cfg(target_arch = "aarch64")]
        available.extend(pulp::aarch64::Neon::try_new().map(Instructions::Neon));
        available.push(Instructions::Portable);
        available
    }

    pub fn fastest() -> Instructions {
        Instructions::available()[0]
    }

    /// The one called `name`, if this processor has it.
    pub fn named(name: &str) -> Option<Instructions> {
        Instructions::available().into_iter().find(|i| i.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Instructions::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(_) => "avx512",
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon(_) => "neon",
        }
    }

    /// Calls `function` with this instruction set's kernel.
    pub fn with<F: WithKernel>(self, function: F) -> F::Output {
        match self {
            Instructions::Portable => function.call(pulp::Scalar256b),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx2(kernel) => function.call(kernel),
            #[cfg(target_arch = "x86_64")]
            Instructions::Avx512(kernel) => function.call(kernel),
            #[cfg(target_arch = "aarch64")]
            Instructions::Neon(kernel) => function.call(kernel),
        }
    }
}

/// Runs `function`, compiled for the instruction set `simd`.
#[inline(always)]
pub fn vectorize<S: Simd, F: NullaryFnOnce>(simd: S, function: F) -> F::Output {
    struct Run<F>(F);
    impl<F: NullaryFnOnce> WithSimd for Run<F> {
        type Output = F::Output;
        #[inline(always)]
        fn with_simd<S: Simd>(self, _: S) -> F::Output {
            self.0.call()
        }
    }
    simd.vectorize(Run(function))
}

/// What is done with any instruction set.
pub trait WithKernel {
    type Output;
    fn call<K: Kernel>(self, kernel: K) -> Self::Output;
}

/// An instruction set, as the kernels see it.
pub trait Kernel: Simd {
    /// Tiles whose products are computed at a time: as many as the registers hold.
    const TILES: usize;
    /// Vectors of outputs computed at a time.
    const VECTORS: usize;
    /// Outputs computed at a time.
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

/// Work on some tiles (or pixels) and vectors of outputs, so few that the compiler keeps the sums in registers.
pub trait Block {
    fn call<K: Kernel, const TILES: usize, const VECTORS: usize>(self, kernel: K);
}

/// A [`Block`] of so many tiles and vectors.
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

/// Plain loops over 8 values, which the compiler turns into the vectors that every processor of its kind has.
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
