//! Checksums of what is kept in files.

/// Whether these parts have this checksum; a fuzzer, which could not guess it, need not.
pub fn is_sound(parts: &[&[u8]], expected: u32) -> bool {
    cfg!(fuzzing) || checksum(parts) == expected
}

/// CRC-32, of these parts one after the other.
pub fn checksum(parts: &[&[u8]]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize()
}
