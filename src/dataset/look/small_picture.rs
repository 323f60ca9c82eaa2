//! A picture averaged down to 32 x 32 grey pixels: enough to see whether one is a crop of another.

use super::averages::CELLS;

#[derive(Clone, PartialEq, Eq)]
pub struct SmallPicture(pub Box<[u8; SmallPicture::BYTES]>);

impl SmallPicture {
    /// Pixels along each edge.
    pub const EDGE: usize = 32;
    pub const BYTES: usize = SmallPicture::EDGE * SmallPicture::EDGE;

    /// From the averages of 64 x 64 cells, in 1/16 grey levels.
    pub fn new(averages: &[i32]) -> SmallPicture {
        let mut pixels = Box::new([0; SmallPicture::BYTES]);
        for (at, pixel) in pixels.iter_mut().enumerate() {
            let first = at / SmallPicture::EDGE * 2 * CELLS + at % SmallPicture::EDGE * 2;
            let sum: i32 =
                [first, first + 1, first + CELLS, first + CELLS + 1].iter().map(|cell| averages[*cell]).sum();
            // At least 1, so that an all-black picture isn't taken for a missing value.
            *pixel = ((sum + 32) / 64).clamp(1, 255) as u8;
        }
        SmallPicture(pixels)
    }
}

impl std::fmt::Debug for SmallPicture {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("SmallPicture").finish_non_exhaustive()
    }
}
