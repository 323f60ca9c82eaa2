//! Prepares pictures for the network: resized to 224 x 224 and centred, exactly like Keras.

use image::RgbImage;

/// Edge of the network's input, in pixels.
pub const EDGE: usize = 224;

/// The colour normalization that the weights were trained with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preprocessing {
    /// The authors' (Caffe), kept by Keras: BGR in 0..255, minus ImageNet's mean.
    Caffe,
    /// torchvision's: RGB in 0..1, normalized by ImageNet's mean and standard deviation.
    Torch,
}

impl Preprocessing {
    pub fn name(self) -> &'static str {
        match self {
            Preprocessing::Caffe => "caffe",
            Preprocessing::Torch => "torch",
        }
    }

    /// For each plane of the input: the RGB channel it comes from, and value -> (value - mean) * scale.
    fn planes(self) -> [(usize, f32, f32); 3] {
        match self {
            Preprocessing::Caffe => [(2, 103.939, 1.0), (1, 116.779, 1.0), (0, 123.68, 1.0)],
            Preprocessing::Torch => [
                (0, 0.485 * 255.0, 1.0 / (0.229 * 255.0)),
                (1, 0.456 * 255.0, 1.0 / (0.224 * 255.0)),
                (2, 0.406 * 255.0, 1.0 / (0.225 * 255.0)),
            ],
        }
    }
}

/// A picture of 224 x 224 as `[3, 224, 224]`. Other sizes are resized by taking the pixels at [`sources`]: nearest
/// neighbour, without keeping proportions, like `keras.utils.load_img`.
pub fn preprocess(picture: &RgbImage, preprocessing: Preprocessing) -> Vec<f32> {
    assert_eq!(picture.dimensions(), (EDGE as u32, EDGE as u32));
    let mut input = Vec::with_capacity(3 * EDGE * EDGE);
    for (channel, mean, scale) in preprocessing.planes() {
        input.extend(picture.pixels().map(|pixel| (f32::from(pixel[channel]) - mean) * scale));
    }
    input
}

/// For each of the 224 positions along an edge of `size` pixels, the source pixel: floor((i + 0.5) * size / 224). Where
/// that falls between two pixels (sizes divisible by 64: 320, 640, 1920), rounding decides; so the sum is accumulated
/// step by step, like Pillow does for Keras.
pub fn sources(size: u32) -> Vec<u32> {
    let step = f64::from(size) / EDGE as f64;
    let mut at = step * 0.5;
    let source = |_| {
        let source = at as u32;
        at += step;
        source
    };
    (0..EDGE).map(source).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_neighbour_takes_the_pixel_under_each_centre() {
        assert_eq!(sources(224)[..3], [0, 1, 2]);
        assert_eq!(sources(448)[..3], [1, 3, 5]);
        assert_eq!(sources(1), [0; EDGE]);
        assert_eq!(sources(100)[223], 99);
        (1..5000).for_each(|size| assert!(sources(size)[223] < size));
    }

    /// By Pillow: `Image.fromarray(numpy.arange(320, dtype="i4")[None]).resize((224, 1), Image.NEAREST)`.
    #[test]
    fn an_edge_is_rounded_as_pillow_does() {
        let s = sources(320);
        assert_eq!([s[3], s[17], s[24], s[101], s[108]], [5, 24, 34, 144, 154]);
        assert_eq!([sources(1920)[10], sources(1920)[45]], [89, 389]);
    }

    #[test]
    fn caffe_is_bgr_less_the_mean() {
        let picture = RgbImage::from_pixel(224, 224, image::Rgb([10, 20, 30]));
        let input = preprocess(&picture, Preprocessing::Caffe);
        let plane = EDGE * EDGE;
        assert_eq!(input.len(), 3 * plane);
        assert_eq!([input[0], input[plane], input[2 * plane]], [30.0 - 103.939, 20.0 - 116.779, 10.0 - 123.68]);
    }
}
