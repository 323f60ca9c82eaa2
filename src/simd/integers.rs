//! Inner products of small integers, with whatever instructions there are. All give the same sums, as integers do.

use bytemuck::{AnyBitPattern, NoUninit, cast};
use pulp::{NullaryFnOnce, Simd};

use super::vectorize::vectorize;

/// Keys in a panel.
pub const KEYS: usize = 64;

/// A sum for each key of a panel. Aligned to the first-level cache's lines, which vectors are as wide as.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Sums(pub [i32; KEYS]);

/// Four codes of each key of a panel.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub struct Quads(pub [[u8; 4]; KEYS]);

/// An instruction set. Codes are at most 127: two products of two codes fit into 16 bits.
pub trait Integers: Copy + Send + Sync {
    /// As many bytes as [`Sums`].
    type Registers: Copy + NoUninit + AnyBitPattern;

    #[inline(always)]
    fn load(self, sums: &Sums) -> Self::Registers {
        pulp::cast(sums.0)
    }

    #[inline(always)]
    fn store(self, registers: Self::Registers, sums: &mut Sums) {
        sums.0 = pulp::cast(registers);
    }

    /// Adds to each key's sum the products of its four codes and these four.
    fn add(self, registers: Self::Registers, keys: &Quads, codes: [u8; 4]) -> Self::Registers;

    /// Runs `function`, compiled for this instruction set.
    fn run<F: NullaryFnOnce>(self, function: F) -> F::Output;
}

/// Loops that the compiler makes vectors of.
#[derive(Clone, Copy)]
pub struct Plain<S>(pub S);

impl<S: Simd> Integers for Plain<S> {
    type Registers = [i32; KEYS];

    #[inline(always)]
    fn add(self, mut registers: [i32; KEYS], keys: &Quads, codes: [u8; 4]) -> [i32; KEYS] {
        for (sum, quad) in registers.iter_mut().zip(&keys.0) {
            let product = |i: usize| i32::from(quad[i]) * i32::from(codes[i]);
            *sum += product(0) + product(1) + product(2) + product(3);
        }
        registers
    }

    #[inline(always)]
    fn run<F: NullaryFnOnce>(self, function: F) -> F::Output {
        vectorize(self.0, function)
    }
}

#[cfg(target_arch = "x86_64")]
pub mod x86 {
    use std::arch::x86_64::{__m256i, __m512i, _mm512_dpbusd_epi32};

    use super::*;

    pulp::simd_type! {
        /// AVX-512 with its instruction for just this.
        pub struct Vnni {
            avx512f: "avx512f",
            avx512bw: "avx512bw",
            avx512dq: "avx512dq",
            avx512vl: "avx512vl",
            avx512vnni: "avx512vnni",
        }
    }

    const WIDE: usize = KEYS / 16;

    impl Integers for Vnni {
        type Registers = [__m512i; WIDE];

        #[inline(always)]
        #[allow(unsafe_code)]
        fn add(self, mut registers: Self::Registers, keys: &Quads, codes: [u8; 4]) -> Self::Registers {
            let codes = self.avx512f._mm512_set1_epi32(cast(codes));
            let keys: &[[u8; 64]; WIDE] = bytemuck::cast_ref(&keys.0);
            for (sum, keys) in registers.iter_mut().zip(keys) {
                // SAFETY: `self` exists, so the processor has avx512vnni. (pulp detects it, but lacks its instructions.)
                *sum = unsafe { _mm512_dpbusd_epi32(*sum, pulp::cast(*keys), codes) };
            }
            registers
        }

        #[inline(always)]
        fn run<F: NullaryFnOnce>(self, function: F) -> F::Output {
            self.vectorize(function)
        }
    }

    impl Integers for pulp::x86::V4 {
        type Registers = [__m512i; WIDE];

        #[inline(always)]
        fn add(self, mut registers: Self::Registers, keys: &Quads, codes: [u8; 4]) -> Self::Registers {
            let (codes, ones) = (self.avx512f._mm512_set1_epi32(cast(codes)), self.avx512f._mm512_set1_epi16(1));
            let keys: &[[u8; 64]; WIDE] = bytemuck::cast_ref(&keys.0);
            for (sum, keys) in registers.iter_mut().zip(keys) {
                let pairs = self.avx512bw._mm512_maddubs_epi16(pulp::cast(*keys), codes);
                let quads = self.avx512bw._mm512_madd_epi16(pairs, ones);
                *sum = self.avx512f._mm512_add_epi32(*sum, quads);
            }
            registers
        }

        #[inline(always)]
        fn run<F: NullaryFnOnce>(self, function: F) -> F::Output {
            vectorize(self, function)
        }
    }

    const NARROW: usize = KEYS / 8;

    impl Integers for pulp::x86::V3 {
        type Registers = [__m256i; NARROW];

        #[inline(always)]
        fn add(self, mut registers: Self::Registers, keys: &Quads, codes: [u8; 4]) -> Self::Registers {
            let (codes, ones) = (self.avx._mm256_set1_epi32(cast(codes)), self.avx._mm256_set1_epi16(1));
            let keys: &[[u8; 32]; NARROW] = bytemuck::cast_ref(&keys.0);
            for (sum, keys) in registers.iter_mut().zip(keys) {
                let pairs = self.avx2._mm256_maddubs_epi16(pulp::cast(*keys), codes);
                let quads = self.avx2._mm256_madd_epi16(pairs, ones);
                *sum = self.avx2._mm256_add_epi32(*sum, quads);
            }
            registers
        }

        #[inline(always)]
        fn run<F: NullaryFnOnce>(self, function: F) -> F::Output {
            vectorize(self, function)
        }
    }
}
