//! A heat map over a picture.

use image::{Rgb, RgbImage};

use super::slot::Heat;
use crate::descriptor::SIDE;

/// From cold to hot: dark violet, red, yellow. Each step is brighter than the one before, so that it works without
/// colour.
const COLOURS: [[f32; 3]; 5] =
    [[20.0, 10.0, 60.0], [110.0, 25.0, 110.0], [200.0, 60.0, 60.0], [245.0, 140.0, 20.0], [255.0, 240.0, 120.0]];
/// How much of the picture remains visible.
const PICTURE: f32 = 0.45;

/// Lays `heat` over `picture`, interpolated between the centres of the positions.
pub fn laid_over(picture: &RgbImage, heat: &Heat) -> RgbImage {
    let (width, height) = picture.dimensions();
    let columns: Vec<_> = (0..width).map(|x| between(x, width)).collect();
    let mut laid_over = picture.clone();
    for (y, row) in laid_over.enumerate_rows_mut() {
        let (above, below, down) = between(y, height);
        for (x, _, Rgb(pixel)) in row {
            let (left, right, across) = columns[x as usize];
            let at = |row: usize, column: usize| f32::from(heat[row * SIDE + column]) / 255.0;
            let mix = |a: f32, b: f32, share: f32| a + (b - a) * share;
            let t = mix(
                mix(at(above, left), at(above, right), across),
                mix(at(below, left), at(below, right), across),
                down,
            );
            let colour = colour(t);
            for (value, colour) in pixel.iter_mut().zip(colour) {
                *value = (f32::from(*value) * PICTURE + colour * (1.0 - PICTURE)).round() as u8;
            }
        }
    }
    laid_over
}

/// The two positions whose centres surround pixel `at` of `size`, and how far it is from the first to the second.
fn between(at: u32, size: u32) -> (usize, usize, f32) {
    let place = ((at as f32 + 0.5) / size as f32 * SIDE as f32 - 0.5).clamp(0.0, (SIDE - 1) as f32);
    let first = place as usize;
    (first, (first + 1).min(SIDE - 1), place - first as f32)
}

fn colour(t: f32) -> [f32; 3] {
    let place = t * (COLOURS.len() - 1) as f32;
    let first = (place as usize).min(COLOURS.len() - 2);
    std::array::from_fn(|i| COLOURS[first][i] + (COLOURS[first + 1][i] - COLOURS[first][i]) * (place - first as f32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hot_position_is_bright_where_it_is_in_the_picture() {
        let mut heat = [0; SIDE * SIDE];
        heat[SIDE + 5] = 255;
        let picture = RgbImage::from_pixel(147, 77, Rgb([100, 100, 100]));
        let laid_over = laid_over(&picture, &heat);
        let brightness = |x, y| laid_over.get_pixel(x, y).0.iter().map(|v| u32::from(*v)).sum::<u32>();
        // The middle of row 1, column 5.
        assert_eq!(*laid_over.get_pixel(115, 16), Rgb([185, 177, 111]));
        assert!(brightness(115, 16) > brightness(106, 16) && brightness(106, 16) > brightness(95, 16));
        assert_eq!(brightness(0, 0), brightness(146, 76));
        assert_eq!(laid_over.dimensions(), picture.dimensions());
    }
}
