//! The processor's caches.

/// Bytes of a core's second cache, as Intel's processors tell them (CPUID leaf 4); None on others.
pub fn second_cache() -> Option<usize> {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::__cpuid_count;
        // The index 2 is that of the second cache, for the first has two halves.
        let found =
            (__cpuid_count(0, 0).eax >= 4).then(|| __cpuid_count(4, 2)).filter(|found| found.eax >> 5 & 7 == 2)?;
        let [ways, partitions, line] = [found.ebx >> 22, found.ebx >> 12 & 0x3ff, found.ebx & 0xfff];
        Some([ways, partitions, line, found.ecx].map(|less| less as usize + 1).iter().product())
    }
    #[cfg(not(target_arch = "x86_64"))]
    None
}
