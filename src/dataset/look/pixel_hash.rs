//! A hash of a picture's exact pixels: two files with the same hash show the same picture, whatever else they contain
//! and however they store it.

use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, Pixel};

use super::super::content::ContentHash;

/// Bytes hashed at a time.
const PIECE: usize = 1 << 16;
/// A sample of 8 bits in 16: 255 becomes 65,535.
const WIDENED: u16 = 257;

/// BLAKE3 over the size and the samples of the upright picture: red, green, blue and opacity, 16 bits each. So grey
/// pixels equal coloured ones of the same grey, and a picture of 8 bits equals one of 16 whose values need no more.
pub fn pixel_hash(mut image: DynamicImage, orientation: Orientation) -> ContentHash {
    image.apply_orientation(orientation);
    let mut hashing = PixelHasher { hasher: blake3::Hasher::new(), piece: Vec::with_capacity(PIECE) };
    hashing.hasher.update(&image.width().to_le_bytes());
    match &image {
        DynamicImage::ImageLuma8(image) => hashing.add(image, |[grey]| opaque([grey; 3].map(widened))),
        DynamicImage::ImageLumaA8(image) => hashing.add(image, |[grey, a]| [grey, grey, grey, a].map(widened)),
        DynamicImage::ImageRgb8(image) => hashing.add(image, |rgb: [u8; 3]| opaque(rgb.map(widened))),
        DynamicImage::ImageRgba8(image) => hashing.add(image, |rgba: [u8; 4]| rgba.map(widened)),
        DynamicImage::ImageLuma16(image) => hashing.add(image, |[grey]| opaque([grey; 3])),
        DynamicImage::ImageLumaA16(image) => hashing.add(image, |[grey, a]| [grey, grey, grey, a]),
        DynamicImage::ImageRgb16(image) => hashing.add(image, opaque),
        DynamicImage::ImageRgba16(image) => hashing.add(image, |rgba: [u16; 4]| rgba),
        // Floating-point numbers.
        other => {
            hashing.hasher.update(&[other.color().bytes_per_pixel(), other.color().channel_count()]);
            hashing.hasher.update(other.as_bytes());
        }
    }
    ContentHash(*hashing.end().as_bytes())
}

fn widened(sample: u8) -> u16 {
    u16::from(sample) * WIDENED
}

fn opaque([r, g, b]: [u16; 3]) -> [u16; 4] {
    [r, g, b, u16::MAX]
}

struct PixelHasher {
    hasher: blake3::Hasher,
    piece: Vec<u8>,
}

impl PixelHasher {
    fn add<P: Pixel, const N: usize>(
        &mut self,
        image: &ImageBuffer<P, Vec<P::Subpixel>>,
        rgba: impl Fn([P::Subpixel; N]) -> [u16; 4],
    ) {
        let (pixels, _) = image.as_raw().as_chunks::<N>();
        for pixel in pixels {
            rgba(*pixel).iter().for_each(|sample| self.piece.extend_from_slice(&sample.to_le_bytes()));
            if self.piece.len() >= PIECE {
                self.hasher.update(&self.piece);
                self.piece.clear();
            }
        }
    }

    fn end(mut self) -> blake3::Hash {
        self.hasher.update(&self.piece);
        self.hasher.finalize()
    }
}

#[cfg(test)]
mod tests {
    use image::{Luma, Rgb, Rgba};

    use super::*;

    fn hash(image: impl Into<DynamicImage>) -> ContentHash {
        pixel_hash(image.into(), Orientation::NoTransforms)
    }

    #[test]
    fn pixels_are_the_same_however_they_are_stored_and_all_their_bits_count() {
        let rgb = ImageBuffer::from_fn(300, 200, |x, y| Rgb([x as u8, y as u8, 7]));
        let rgba = ImageBuffer::from_fn(300, 200, |x, y| Rgba([x as u8, y as u8, 7, 255]));
        let wide =
            |low: u16| ImageBuffer::from_fn(300, 200, |x, y| Rgb([x as u8, y as u8, 7].map(|v| widened(v) ^ low)));
        assert_eq!(hash(rgb.clone()), hash(rgba.clone()));
        assert_eq!(hash(rgb.clone()), hash(wide(0)));
        assert_ne!(hash(rgb.clone()), hash(wide(1)));
        let mut clear = rgba;
        clear.get_pixel_mut(299, 199).0[3] = 254;
        assert_ne!(hash(rgb.clone()), hash(clear));
        let grey = ImageBuffer::from_fn(300, 200, |x, _| Luma([x as u8]));
        assert_eq!(hash(grey.clone()), hash(ImageBuffer::from_fn(300, 200, |x, _| Rgb([x as u8; 3]))));
        assert_ne!(hash(grey.clone()), hash(ImageBuffer::from_fn(200, 300, |x, _| Luma([x as u8]))));
        let turned = image::imageops::rotate270(&grey);
        assert_eq!(hash(grey), pixel_hash(turned.into(), Orientation::Rotate90));
    }
}
