//! What a picture's pixels are, to the last bit: two files with the same hash show the same, whatever else is in them.

use image::DynamicImage;
use image::metadata::Orientation;

use super::super::content::ContentHash;

/// BLAKE3 of the samples as they are stored, of how many bits and colours they are, and how the picture is turned.
pub fn pixel_hash(image: &DynamicImage, orientation: Orientation) -> ContentHash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&[orientation.to_exif(), image.color().bytes_per_pixel(), image.color().channel_count()]);
    hasher.update(&image.width().to_le_bytes());
    hasher.update(image.as_bytes());
    ContentHash(*hasher.finalize().as_bytes())
}
