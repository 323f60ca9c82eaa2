//! Plain loops, compiled for any instruction set.

use pulp::{NullaryFnOnce, Simd, WithSimd};

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
