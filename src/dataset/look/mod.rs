//! A look at a picture's file: everything besides the network's input. The content hash, a small perceptual hash, and
//! the facts by which people compare copies, all from a single decode.

mod averages;
mod exif;
mod facts;
mod holds_more;
mod inside_frame;
mod notes;
mod perceptual_hash;
mod pixel_hash;
mod small_picture;
#[cfg(test)]
mod tests;

pub use averages::{Averages, CELLS};
pub use exif::Exif;
pub use facts::{Facts, FileFormat};
pub use holds_more::{has_tail, holds_more};
pub use inside_frame::hash_inside;
pub use notes::{Notes, is_caption};
pub use perceptual_hash::PerceptualHash;
pub use pixel_hash::pixel_hash;
pub use small_picture::SmallPicture;

use super::content::ContentHash;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLook {
    pub content: ContentHash,
    pub hash: PerceptualHash,
    pub facts: Facts,
    pub small: SmallPicture,
}
