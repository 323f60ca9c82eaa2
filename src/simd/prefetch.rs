//! Requests for memory that will be read later, where the processor doesn't foresee it. They are only hints, which
//! processors other than x86-64 don't get.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};

/// Requests the cache line at `at` into the first-level cache. Any address is allowed.
#[inline(always)]
#[allow(unsafe_code)]
pub fn soon<T>(at: *const T) {
    // SAFETY: a prefetch never faults, whatever the address, and changes nothing but caches. Every x86-64 has it.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Requests the cache line at `at` into the second-level cache. Any address is allowed.
#[inline(always)]
#[allow(unsafe_code)]
pub fn later<T>(at: *const T) {
    // SAFETY: a prefetch never faults, whatever the address, and changes nothing but caches. Every x86-64 has it.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        _mm_prefetch::<_MM_HINT_T1>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}
