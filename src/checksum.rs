//! Checksums of stored files.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

const READ: usize = 1 << 20;

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

/// The size and CRC-32 of bytes written or read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub size: u64,
    pub crc32: u32,
}

impl Sum {
    /// Of all that can be read.
    pub fn of(mut from: impl Read) -> io::Result<Sum> {
        let mut summing = Summing::new(io::sink());
        io::copy(&mut from, &mut summing)?;
        Ok(summing.sum())
    }

    pub fn of_file(path: &Path) -> io::Result<Sum> {
        Sum::of(BufReader::with_capacity(READ, File::open(path)?))
    }
}

/// Passes on written bytes, and computes their sum.
pub struct Summing<W> {
    pub to: W,
    size: u64,
    hasher: crc32fast::Hasher,
}

impl<W> Summing<W> {
    pub fn new(to: W) -> Summing<W> {
        Summing { to, size: 0, hasher: crc32fast::Hasher::new() }
    }

    pub fn sum(&self) -> Sum {
        Sum { size: self.size, crc32: self.hasher.clone().finalize() }
    }
}

impl<W: Write> Write for Summing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.size += written as u64;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
