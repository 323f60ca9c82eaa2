//! Passes a file in memory to its decoder piece by piece, so that the time can be checked in between.

use std::io::{self, BufRead, Read};
use std::time::Duration;

use super::patience::{Watch, processor_time};

/// Bytes of the largest piece: milliseconds, if each byte is decoded once.
const LARGEST: usize = 256 << 10;
/// Bytes of the smallest piece: every few hundred bytes may mean another pass over the picture.
const SMALLEST: usize = 256;
/// After a piece that takes longer comes a smaller one; otherwise, a larger one.
const LONG: Duration = Duration::from_millis(30);

pub struct PiecesInMemory<'a> {
    left: &'a [u8],
    piece: usize,
    /// What is left of the current piece.
    left_of_piece: usize,
    begun: Duration,
    ended: bool,
    watch: &'a Watch,
}

impl<'a> PiecesInMemory<'a> {
    /// `slowly`: each byte may mean much work.
    pub fn new(file: &'a [u8], slowly: bool, watch: &'a Watch) -> PiecesInMemory<'a> {
        let piece = if slowly { SMALLEST } else { LARGEST };
        PiecesInMemory { left: file, piece, left_of_piece: 0, begun: processor_time(), ended: false, watch }
    }

    /// Whether a read went beyond the end.
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
