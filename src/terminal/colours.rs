//! The terminal's colours. A terminal that is sent more than it supports takes the numbers one by one: as blinking,
//! underlined, reversed.

use image::imageops::{ColorMap, dither};
use image::{Rgb, RgbImage};

use super::palette;

/// The colours of a terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ColourDepth {
    /// Any 24-bit colour.
    #[default]
    True,
    /// xterm's: the user's sixteen, a cube and greys.
    Of256,
    /// The user's sixteen.
    Of16,
    None,
}

impl ColourDepth {
    /// The most first.
    pub const ALL: [ColourDepth; 4] = [ColourDepth::True, ColourDepth::Of256, ColourDepth::Of16, ColourDepth::None];

    /// As typed.
    pub fn word(self) -> &'static str {
        match self {
            ColourDepth::True => "16m",
            ColourDepth::Of256 => "256",
            ColourDepth::Of16 => "16",
            ColourDepth::None => "none",
        }
    }

    /// `image` in the available colours, with each pixel's error diffused to its neighbours.
    pub fn dithered(self, mut image: RgbImage) -> RgbImage {
        match image.width() {
            _ if self == ColourDepth::True => {}
            // The error would go to the pixel on the right.
            1 => image.pixels_mut().for_each(|pixel| self.map_color(pixel)),
            _ => dither(&mut image, &self),
        }
        image
    }

    /// The index of the nearest available colour.
    pub fn nearest(self, rgb: [u8; 3]) -> u8 {
        match self {
            ColourDepth::True | ColourDepth::Of256 => palette::nearest_of_256(rgb),
            ColourDepth::Of16 => palette::nearest(rgb, &palette::XTERM),
            ColourDepth::None => palette::nearest(rgb, &palette::BLACK_AND_WHITE) * palette::WHITE,
        }
    }
}

impl ColorMap for ColourDepth {
    type Color = Rgb<u8>;

    fn index_of(&self, colour: &Rgb<u8>) -> usize {
        self.nearest(colour.0).into()
    }

    fn map_color(&self, colour: &mut Rgb<u8>) {
        *colour = Rgb(palette::rgb(self.nearest(colour.0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dithered_pictures_have_only_colours_that_there_are_and_are_right_on_average() {
        let gradient = RgbImage::from_fn(64, 64, |x, y| Rgb([x as u8 * 4, y as u8 * 4, 128]));
        let mean = |image: &RgbImage, channel: usize| {
            image.pixels().map(|pixel| f64::from(pixel.0[channel])).sum::<f64>() / (64.0 * 64.0)
        };
        for colours in [ColourDepth::Of256, ColourDepth::Of16] {
            let image = colours.dithered(gradient.clone());
            assert!(image.pixels().all(|pixel| palette::rgb(colours.nearest(pixel.0)) == pixel.0), "{colours:?}");
            for channel in 0..3 {
                let (is, should) = (mean(&image, channel), mean(&gradient, channel));
                assert!((is - should).abs() < 12.0, "{colours:?}: {is} for {should}");
            }
        }
        assert_eq!(ColourDepth::True.dithered(gradient.clone()), gradient);
        let black_and_white = ColourDepth::None.dithered(gradient);
        assert!(black_and_white.pixels().all(|pixel| [[0; 3], [255; 3]].contains(&pixel.0)));
        for (width, height) in [(1, 1), (1, 9), (9, 1)] {
            let narrow = RgbImage::from_pixel(width, height, Rgb([250; 3]));
            assert_eq!(ColourDepth::None.dithered(narrow).get_pixel(0, 0).0, [255; 3], "{width} x {height}");
        }
    }
}
