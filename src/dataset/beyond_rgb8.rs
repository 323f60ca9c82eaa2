//! What a picture's samples hold that opaque RGB of 8 bits can't.

use image::{DynamicImage, ImageBuffer, Pixel, Primitive};

/// What a picture loses as opaque RGB of 8 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BeyondRgb8 {
    /// Some pixels aren't opaque.
    pub is_transparent: bool,
    /// Some samples need more than 8 bits.
    pub is_deep: bool,
}

impl BeyondRgb8 {
    pub fn of(image: &DynamicImage) -> BeyondRgb8 {
        let (is_transparent, is_deep) = match image {
            DynamicImage::ImageLumaA8(image) => (is_transparent(image), false),
            DynamicImage::ImageRgba8(image) => (is_transparent(image), false),
            DynamicImage::ImageLuma16(image) => (false, is_deep(image)),
            DynamicImage::ImageLumaA16(image) => (is_transparent(image), is_deep(image)),
            DynamicImage::ImageRgb16(image) => (false, is_deep(image)),
            DynamicImage::ImageRgba16(image) => (is_transparent(image), is_deep(image)),
            DynamicImage::ImageRgb32F(_) => (false, true),
            DynamicImage::ImageRgba32F(image) => (is_transparent(image), true),
            // Grey or RGB of 8 bits.
            _ => (false, false),
        };
        BeyondRgb8 { is_transparent, is_deep }
    }
}

/// By the last of each pixel's samples.
fn is_transparent<P: Pixel>(image: &ImageBuffer<P, Vec<P::Subpixel>>) -> bool {
    image.pixels().any(|pixel| pixel.alpha() < P::Subpixel::DEFAULT_MAX_VALUE)
}

/// Samples of 8 bits in 16 have two equal bytes, or a second one of 0.
fn is_deep(samples: &[u16]) -> bool {
    let has = |is_more: fn(&u16) -> bool| samples.iter().any(is_more);
    has(|sample| sample >> 8 != sample & 0xff) && has(|sample| sample & 0xff != 0)
}

#[cfg(test)]
mod tests {
    use image::{Luma, LumaA, Rgb, Rgba};

    use super::*;

    #[test]
    fn bits_and_transparency_count_only_if_they_are_used() {
        let of = |image: DynamicImage| {
            let BeyondRgb8 { is_transparent, is_deep } = BeyondRgb8::of(&image);
            (is_transparent, is_deep)
        };
        for alpha in [254, 255] {
            let rgba = ImageBuffer::from_fn(3, 2, |x, y| Rgba([x as u8, y as u8, 0, if x == 2 { alpha } else { 255 }]));
            let wide = DynamicImage::from(rgba.clone()).into_rgba16();
            let float = DynamicImage::from(rgba.clone()).into_rgba32f();
            assert_eq!(of(rgba.into()), (alpha < 255, false));
            assert_eq!(of(wide.into()), (alpha < 255, false));
            assert_eq!(of(float.into()), (alpha < 255, true));
            assert_eq!(of(ImageBuffer::from_pixel(2, 2, LumaA([9, alpha])).into()), (alpha < 255, false));
        }
        assert_eq!(of(ImageBuffer::from_pixel(2, 2, Luma([257_u16])).into()), (false, false));
        assert_eq!(of(ImageBuffer::from_pixel(2, 2, Luma([512_u16])).into()), (false, false));
        assert_eq!(of(ImageBuffer::from_pixel(2, 2, Rgb([257_u16, 0, 258])).into()), (false, true));
        assert_eq!(of(ImageBuffer::from_pixel(2, 2, Rgb([9_u8; 3])).into()), (false, false));
    }
}
