//! Small bitmaps for previews.

use std::path::Path;

use fast_image_resize::images::{Image, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{DynamicImage, RgbImage, imageops};

use super::decode;
use crate::error::Result;

/// Longest edge of a thumbnail, in pixels.
pub const EDGE: u32 = 512;

/// The picture at `path`, upright, on white where it is transparent, with a longest edge of at most [`EDGE`]; and its
/// own width and height in pixels.
pub fn open(path: &Path) -> Result<(RgbImage, (u32, u32))> {
    let (picture, pixels) = decode::shown(path, 4 * EDGE)?;
    let picture = flatten(picture);
    if pixels.0.max(pixels.1) <= EDGE {
        return Ok((picture, pixels));
    }
    let (width, height) = fitted(pixels, EDGE, EDGE);
    Ok((resize(&picture, width, height), pixels))
}

/// The picture without transparency, on white.
pub fn flatten(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let rgba = picture.into_rgba8();
    let mut flat = RgbImage::new(rgba.width(), rgba.height());
    for (to, from) in flat.pixels_mut().zip(rgba.pixels()) {
        let alpha = u32::from(from[3]);
        for channel in 0..3 {
            to[channel] = ((u32::from(from[channel]) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
    }
    flat
}

/// The largest size within `width` x `height` with the proportions of `of` (width, height); at least 1 x 1.
pub fn fitted(of: (u32, u32), width: u32, height: u32) -> (u32, u32) {
    let scale = (f64::from(width) / f64::from(of.0)).min(f64::from(height) / f64::from(of.1));
    let scaled = |edge: u32, most: u32| ((f64::from(edge) * scale).round() as u32).clamp(1, most.max(1));
    (scaled(of.0, width), scaled(of.1, height))
}

/// A rectangle in a picture, in its own pixels, perhaps fractional.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

fn inside(part: Section, (width, height): (u32, u32)) -> Section {
    // Keep something of it, however it was rounded.
    let left = part.left.clamp(0.0, f64::from(width) - 1e-3);
    let top = part.top.clamp(0.0, f64::from(height) - 1e-3);
    let (width, height) = (part.width.min(f64::from(width) - left), part.height.min(f64::from(height) - top));
    Section { left, top, width: width.max(1e-3), height: height.max(1e-3) }
}

/// `picture` scaled to exactly `width` x `height` pixels (Lanczos, 3 lobes).
pub fn resize(picture: &RgbImage, width: u32, height: u32) -> RgbImage {
    let (across, down) = (f64::from(picture.width()), f64::from(picture.height()));
    resize_part(picture, Section { left: 0.0, top: 0.0, width: across, height: down }, width, height)
}

/// The same for a part of `picture`, cut off at the picture's edges. If no scaling is needed, the pixels are copied.
pub fn resize_part(picture: &RgbImage, part: Section, width: u32, height: u32) -> RgbImage {
    let part = inside(part, picture.dimensions());
    let is_whole = part.left.fract() == 0.0 && part.top.fract() == 0.0;
    if is_whole && (part.width, part.height) == (f64::from(width), f64::from(height)) {
        return imageops::crop_imm(picture, part.left as u32, part.top as u32, width, height).to_image();
    }
    let mut resized = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
    let options = options.crop(part.left, part.top, part.width, part.height);
    let pixels = TypedImageRef::from_buffer(picture.width(), picture.height(), picture.as_raw());
    let mut to = resized.typed_image_mut::<U8x3>().expect("it is 8-bit RGB");
    // The untyped call would compile the code for all thirteen pixel types: a third of this crate's size.
    let scaled = Resizer::new().resize_typed(&pixels.expect("three bytes a pixel"), &mut to, &options);
    scaled.expect("the part lies inside");
    RgbImage::from_raw(width, height, resized.into_vec()).expect("three bytes a pixel")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proportions_are_kept_and_nothing_vanishes() {
        assert_eq!(fitted((320, 240), 100, 100), (100, 75));
        assert_eq!(fitted((10_000, 3), 100, 100), (100, 1));
        assert_eq!(fitted((3, 10_000), 100, 50), (1, 50));
        assert_eq!(fitted((1, 1), 40, 60), (40, 40));
    }

    #[test]
    fn a_part_is_scaled_as_the_whole_is() {
        let picture = RgbImage::from_fn(40, 30, |x, y| image::Rgb([(x * 6) as u8, (y * 8) as u8, 0]));
        let part = |left, top, width, height| Section { left, top, width, height };
        let same = resize_part(&picture, part(4.0, 6.0, 20.0, 10.0), 20, 10);
        assert_eq!(same, imageops::crop_imm(&picture, 4, 6, 20, 10).to_image());
        // Twice as large, from the middle of a pixel on.
        let large = resize_part(&picture, part(4.5, 6.5, 20.0, 10.0), 40, 20);
        let whole = resize(&picture, 80, 60);
        assert_eq!(large, imageops::crop_imm(&whole, 9, 13, 40, 20).to_image());
    }

    #[test]
    fn transparent_is_white() {
        let clear = image::RgbaImage::from_pixel(1, 1, image::Rgba([9, 9, 9, 0]));
        assert_eq!(flatten(clear.into()).get_pixel(0, 0).0, [255; 3]);
        let half = image::RgbaImage::from_pixel(1, 1, image::Rgba([0, 0, 0, 128]));
        assert_eq!(flatten(half.into()).get_pixel(0, 0).0, [127; 3]);
    }
}
