//! What a picture's pixels are, to the last bit: two files with the same hash show the same, whatever else is in them.

use super::super::content::ContentHash;
use super::super::sample::TakesRows;

/// BLAKE3 of stored pixels as they come along, in 8 bits a colour.
#[derive(Default)]
pub struct PixelHash(blake3::Hasher);

impl PixelHash {
    pub fn finish(&self) -> ContentHash {
        ContentHash(*self.0.finalize().as_bytes())
    }
}

impl TakesRows for PixelHash {
    fn begin(&mut self) {
        self.0.reset();
    }

    fn take_row(&mut self, y: u32, row: &[[u8; 3]]) {
        self.0.update(&y.to_le_bytes());
        self.0.update(row.as_flattened());
    }
}
