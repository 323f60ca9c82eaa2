//! The difference of two pictures, pixel by pixel.

use image::{Rgb, RgbImage};

use crate::dataset::thumbnail;

/// The most pixels compared for the mean.
const MOST_PIXELS: f64 = 2e6;
/// Differences are drawn raised to this power, on a scale of 0 to 1: one grey level of 255 appears as 28, four as 48,
/// 64 as 147.
const POWER: f64 = 0.4;

/// The absolute difference of two pictures of the same size, channel by channel, with small differences made visible.
pub fn drawn(a: &RgbImage, b: &RgbImage) -> RgbImage {
    let drawn: Vec<u8> = (0..=255).map(|d| ((f64::from(d) / 255.0).powf(POWER) * 255.0).round() as u8).collect();
    let mut difference = a.clone();
    for (Rgb(to), Rgb(from)) in difference.pixels_mut().zip(b.pixels()) {
        for (to, from) in to.iter_mut().zip(from) {
            *to = drawn[usize::from(to.abs_diff(*from))];
        }
    }
    difference
}

/// The mean difference of two pictures over all pixels and channels, in grey levels of 255. The picture with more
/// pixels is scaled to the size of the other.
pub fn mean(a: &RgbImage, b: &RgbImage) -> f64 {
    let pixels = |image: &RgbImage| f64::from(image.width()) * f64::from(image.height());
    let smaller = if pixels(a) <= pixels(b) { a } else { b };
    let scale = (MOST_PIXELS / pixels(smaller).max(1.0)).sqrt().min(1.0);
    let edge = |edge: u32| ((f64::from(edge) * scale).round() as u32).max(1);
    let (width, height) = (edge(smaller.width()), edge(smaller.height()));
    let (a, b) = (thumbnail::resize(a, width, height), thumbnail::resize(b, width, height));
    let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.as_raw().len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: u32, height: u32, plus: u8) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            Rgb([(x * 200 / width) as u8 + plus, (y * 200 / height) as u8 + plus, 9])
        })
    }

    #[test]
    fn what_is_the_same_is_black_and_a_small_difference_is_seen() {
        let (picture, brighter) = (ramp(40, 30, 0), ramp(40, 30, 3));
        assert!(drawn(&picture, &picture).pixels().all(|pixel| *pixel == Rgb([0, 0, 0])));
        assert!(drawn(&picture, &brighter).pixels().all(|pixel| *pixel == Rgb([43, 43, 0])));
        let [black, white] = [0, 255].map(|grey| RgbImage::from_pixel(1, 1, Rgb([grey; 3])));
        assert_eq!(*drawn(&black, &white).get_pixel(0, 0), Rgb([255; 3]));
    }

    #[test]
    fn the_mean_is_in_grey_levels_whatever_the_sizes() {
        assert_eq!(mean(&ramp(40, 30, 0), &ramp(40, 30, 0)), 0.0);
        assert_eq!(mean(&ramp(40, 30, 0), &ramp(40, 30, 3)), 2.0);
        let flat = |edge: u32, grey: u8| RgbImage::from_pixel(edge, edge, Rgb([grey; 3]));
        assert_eq!((mean(&flat(400, 100), &flat(40, 97)), mean(&flat(40, 97), &flat(400, 100))), (3.0, 3.0));
        // More pixels than are compared.
        assert_eq!(mean(&flat(2000, 100), &flat(1800, 101)), 1.0);
    }
}
