//! x86-64: AVX-512 and AVX2, each with and without its instruction for products of four codes.

use std::arch::x86_64::{__m256i, __m512i, _mm256_dpbusd_avx_epi32, _mm512_dpbusd_epi32};

use bytemuck::cast;
use pulp::NullaryFnOnce;

use super::{Integers, LINE};
use crate::simd::vectorize::vectorize;

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

/// AVX2 with AVX-VNNI: the instruction of [`Vnni`], on processors without AVX-512.
#[derive(Clone, Copy)]
pub struct AvxVnni(pulp::x86::V3);

impl AvxVnni {
    pub fn try_new(v3: pulp::x86::V3) -> Option<AvxVnni> {
        is_x86_feature_detected!("avxvnni").then_some(AvxVnni(v3))
    }
}

impl Integers for AvxVnni {
    type Registers = [__m256i; 2];

    // 14 sums, one of codes.
    const LINES: usize = 7;

    #[inline(always)]
    #[allow(unsafe_code)]
    fn add(self, mut sums: Self::Registers, keys: &[[u8; 4]; LINE], codes: [i8; 4]) -> Self::Registers {
        let codes = self.0.avx._mm256_set1_epi32(cast(codes));
        let keys: &[[[u8; 4]; HALF]; 2] = bytemuck::cast_ref(keys);
        for (sum, keys) in sums.iter_mut().zip(keys) {
            // SAFETY: `self` exists, so the processor has avxvnni.
            *sum = unsafe { _mm256_dpbusd_avx_epi32(*sum, pulp::cast(*keys), codes) };
        }
        sums
    }

    #[inline(always)]
    #[allow(unsafe_code)]
    fn run<F: NullaryFnOnce>(self, function: F) -> F::Output {
        #[target_feature(enable = "avx,avx2,avxvnni,bmi1,bmi2,fma,fxsr,lzcnt,popcnt,sse4.1,sse4.2,ssse3")]
        fn compiled<F: NullaryFnOnce>(function: F) -> F::Output {
            function.call()
        }
        // SAFETY: `self` exists, so the processor has avxvnni, and what V3 stands for: the rest.
        unsafe { compiled(function) }
    }
}
