//! A hash of a picture's exact pixels: two files with the same hash show the same picture, whatever else they contain.

use image::DynamicImage;
use image::metadata::Orientation;

use super::super::content::ContentHash;

/// BLAKE3 over the stored samples, their bit depth and colour type, and the orientation.
pub fn pixel_hash(image: &DynamicImage, orientation: Orientation) -> ContentHash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[orientation.to_exif(), image.color().bytes_per_pixel(), image.color().channel_count()]);
    hasher.update(&image.width().to_le_bytes());
    hasher.update(image.as_bytes());
    ContentHash(*hasher.finalize().as_bytes())
}
