//! A file in memory, handed to its decoder piece by piece, so that it is asked in between how long it takes.

use std::io::{self, BufRead, Read};
use std::time::Duration;

use super::patience::{Watch, processor_time};

/// Bytes of the largest piece: milliseconds where each byte is decoded once.
const LARGEST: usize = 256 << 10;
/// Of the smallest: a picture may be gone through once for some hundred bytes.
const SMALLEST: usize = 256;
/// A piece that takes longer is followed by a smaller one, one that doesn't by a larger one.
const LONG: Duration = Duration::from_millis(30);

pub struct PiecesInMemory<'a> {
    left: &'a [u8],
    piece: usize,
    /// Of the piece that is being decoded.
    left_of_piece: usize,
    begun: Duration,
    ended: bool,
    watch: &'a Watch,
}

impl<'a> PiecesInMemory<'a> {
    /// `slowly`: each byte may be much work.
    pub fn new(file: &'a [u8], slowly: bool, watch: &'a Watch) -> PiecesInMemory<'a> {
        let piece = if slowly { SMALLEST } else { LARGEST };
        PiecesInMemory { left: file, piece, left_of_piece: 0, begun: processor_time(), ended: false, watch }
    }

    /// Whether more was wanted than there is.
    pub fn ended(&self) -> bool {
        self.ended
    }
}

impl BufRead for PiecesInMemory<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left_of_piece == 0 {
            self.watch.check()?;
            let now = processor_time();
            self.piece = match now - self.begun > LONG {
                true => self.piece / 8,
                false => self.piece * 2,
            };
            self.piece = self.piece.clamp(SMALLEST, LARGEST);
            self.begun = now;
            self.left_of_piece = self.piece.min(self.left.len());
            self.ended |= self.left.is_empty();
        }
        Ok(&self.left[..self.left_of_piece])
    }

    fn consume(&mut self, bytes: usize) {
        self.left = &self.left[bytes..];
        self.left_of_piece -= bytes;
    }
}

impl Read for PiecesInMemory<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}
