//! aarch64: NEON with its instruction for products of four codes (FEAT_DotProd: most processors since 2018).

use std::arch::aarch64::int32x4_t;
use std::arch::{asm, is_aarch64_feature_detected};

use bytemuck::cast;
use pulp::NullaryFnOnce;
use pulp::aarch64::Neon;

use super::{Integers, LINE};
use crate::simd::vectorize::vectorize;

#[derive(Clone, Copy)]
pub struct DotProd(Neon);

impl DotProd {
    pub fn try_new(neon: Neon) -> Option<DotProd> {
        is_aarch64_feature_detected!("dotprod").then_some(DotProd(neon))
    }
}

const QUARTER: usize = LINE / 4;

impl Integers for DotProd {
    type Registers = [int32x4_t; QUARTER];

    // 32 registers of 4: 28 sums, one of codes, some of keys.
    const LINES: usize = 7;

    #[inline(always)]
    #[allow(unsafe_code)]
    fn add(self, mut sums: Self::Registers, keys: &[[u8; 4]; LINE], codes: [i8; 4]) -> Self::Registers {
        let codes: int32x4_t = pulp::cast([cast::<_, i32>(codes); 4]);
        let keys: &[[[u8; 4]; QUARTER]; QUARTER] = bytemuck::cast_ref(keys);
        for (sum, keys) in sums.iter_mut().zip(keys) {
            let keys: int32x4_t = pulp::cast(*keys);
            // SAFETY: `self` exists, so the processor has the instruction, which only changes `sum`. It takes the keys'
            // codes as signed: they are at most 127. (The standard library has it in Rust's nightly versions only.)
            unsafe {
                asm!(
                    ".arch_extension dotprod",
                    "sdot {sum:v}.4s, {keys:v}.16b, {codes:v}.16b",
                    sum = inout(vreg) *sum,
                    keys = in(vreg) keys,
                    codes = in(vreg) codes,
                    options(pure, nomem, nostack, preserves_flags)
                );
            }
        }
        sums
    }

    #[inline(always)]
    fn run<F: NullaryFnOnce>(self, function: F) -> F::Output {
        vectorize(self.0, function)
    }
}
