//! Inner products of small integers with any instruction set. All give the same sums, as integers do.

use bytemuck::{AnyBitPattern, NoUninit, cast};
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

#[cfg(target_arch = "x86_64")]
pub mod x86 {
    use std::arch::x86_64::{__m256i, __m512i, _mm512_dpbusd_epi32};

    use super::*;

    pulp::simd_type! {
        /// AVX-512 with its instruction for exactly this.
        pub struct Vnni {
            avx512f: "avx512f",
            avx512bw: "avx512bw",
            avx512dq: "avx512dq",
            avx512vl: "avx512vl",
            avx512vnni: "avx512vnni",
        }
    }

    /// 32 registers of 16 sums.
    const WIDE_LINES: usize = 14;

    impl Integers for Vnni {
        type Registers = __m512i;

        const LINES: usize = WIDE_LINES;

        #[inline(always)]
        #[allow(unsafe_code)]
        fn add(self, sums: __m512i, keys: &[[u8; 4]; LINE], codes: [i8; 4]) -> __m512i {
            let codes = self.avx512f._mm512_set1_epi32(cast(codes));
            // SAFETY: `self` exists, so the processor has avx512vnni. (pulp detects it, but lacks its instructions.)
            unsafe { _mm512_dpbusd_epi32(sums, pulp::cast(*keys), codes) }
        }

        #[inline(always)]
        fn run<F: NullaryFnOnce>(self, function: F) -> F::Output {
            self.vectorize(function)
        }
    }

    impl Integers for pulp::x86::V4 {
        type Registers = __m512i;

        const LINES: usize = WIDE_LINES;

        #[inline(always)]
        fn add(self, sums: __m512i, keys: &[[u8; 4]; LINE], codes: [i8; 4]) -> __m512i {
            let (codes, ones) = (self.avx512f._mm512_set1_epi32(cast(codes)), self.avx512f._mm512_set1_epi16(1));
            let pairs = self.avx512bw._mm512_maddubs_epi16(pulp::cast(*keys), codes);
            self.avx512f._mm512_add_epi32(sums, self.avx512bw._mm512_madd_epi16(pairs, ones))
        }

        #[inline(always)]
        fn run<F: NullaryFnOnce>(self, function: F) -> F::Output {
            vectorize(self, function)
        }
    }

    const HALF: usize = LINE / 2;

    /// 16 registers of 8 sums.
    impl Integers for pulp::x86::V3 {
        type Registers = [__m256i; 2];

        const LINES: usize = 2;

        #[inline(always)]
        fn add(self, mut sums: Self::Registers, keys: &[[u8; 4]; LINE], codes: [i8; 4]) -> Self::Registers {
            let (codes, ones) = (self.avx._mm256_set1_epi32(cast(codes)), self.avx._mm256_set1_epi16(1));
            let keys: &[[[u8; 4]; HALF]; 2] = bytemuck::cast_ref(keys);
            for (sum, keys) in sums.iter_mut().zip(keys) {
                let pairs = self.avx2._mm256_maddubs_epi16(pulp::cast(*keys), codes);
                *sum = self.avx2._mm256_add_epi32(*sum, self.avx2._mm256_madd_epi16(pairs, ones));
            }
            sums
        }

        #[inline(always)]
        fn run<F: NullaryFnOnce>(self, function: F) -> F::Output {
            vectorize(self, function)
        }
    }
}
