//! Checksums of stored files.

/// Whether the parts match the checksum. Always true under a fuzzer, which couldn't guess it.
pub fn is_sound(parts: &[&[u8]], expected: u32) -> bool {
    cfg!(fuzzing) || checksum(parts) == expected
}

/// CRC-32 over the parts in order.
pub fn checksum(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize()
}
