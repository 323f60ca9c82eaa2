//! The size of a picture as a JPEG: a measure of how much it shows. By libjpeg-turbo's encoder, in plain mode, which has
//! the same output with and without vector instructions.

use std::io;

use image::RgbImage;
use mozjpeg::{ColorSpace, Compress};

/// Of the JPEG. At higher qualities, noise takes most bytes.
const QUALITY: f32 = 90.0;

/// The bytes of these pictures of the same size, one below the other, as one JPEG with all its colours, without headers.
pub fn jpeg_size(pictures: &[RgbImage]) -> u64 {
    let size = |pictures: &[RgbImage]| encoded(pictures).map_or(0, |jpeg| jpeg.len());
    size(pictures).saturating_sub(size(&[RgbImage::new(1, 1)])) as u64
}

fn encoded(pictures: &[RgbImage]) -> io::Result<Vec<u8>> {
    let (width, height) = pictures.first().map_or((1, 1), RgbImage::dimensions);
    let mut encoder = Compress::new(ColorSpace::JCS_RGB);
    encoder.set_size(width as usize, height as usize * pictures.len());
    encoder.set_fastest_defaults();
    encoder.set_quality(QUALITY);
    encoder.set_chroma_sampling_pixel_sizes((1, 1), (1, 1));
    let mut encoder = encoder.start_compress(Vec::new())?;
    for picture in pictures {
        encoder.write_scanlines(picture.as_raw())?;
    }
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn what_shows_more_takes_more_bytes_and_colours_count() {
        let mut random = fastrand::Rng::with_seed(5);
        let flat = RgbImage::from_pixel(160, 80, Rgb([70; 3]));
        let grey = RgbImage::from_fn(160, 80, |_, _| Rgb([random.u8(60..80); 3]));
        let colours = RgbImage::from_fn(160, 80, |_, _| Rgb([(); 3].map(|()| random.u8(60..80))));
        let [flat, grey, colours] = [flat, grey, colours].map(|picture| jpeg_size(&[picture.clone(), picture]));
        assert!(grey > 5 * flat && colours > grey + grey / 10, "{flat} {grey} {colours}");
    }
}
