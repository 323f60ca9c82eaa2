//! Requests for memory that will be read later, where the processor doesn't foresee it. They are only hints, which
//! processors other than x86-64 don't get.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::_mm_prefetch;

/// The caches, as `_mm_prefetch` numbers them: `_MM_HINT_T0` and `_MM_HINT_T1`.
const FIRST: i32 = 3;
const SECOND: i32 = 2;

/// Requests the cache line at `at` into the first-level cache. Any address is allowed.
#[inline(always)]
pub fn soon<T>(at: *const T) {
    request::<FIRST, T>(at);
}

/// Requests the cache line at `at` into the second-level cache. Any address is allowed.
#[inline(always)]
pub fn later<T>(at: *const T) {
    request::<SECOND, T>(at);
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
#[allow(unsafe_code)]
fn request<const CACHE: i32, T>(at: *const T) {
    // SAFETY: a prefetch never faults, whatever the address, and changes nothing but caches. Every x86-64 has it.
    unsafe { _mm_prefetch::<CACHE>(at.cast()) }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn request<const CACHE: i32, T>(_: *const T) {}
