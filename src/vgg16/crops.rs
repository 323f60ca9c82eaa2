//! Cuts the crops that the network sees out of a picture, and averages their descriptors.

use image::RgbImage;
use image::imageops::crop_imm;

use super::preprocess::{EDGE, Preprocessing, preprocess, sources};
use crate::descriptor::Crops;

/// The shorter side of the picture that crops are cut from.
const SHORTER: u32 = 256;
const CROP: u32 = EDGE as u32;

impl Crops {
    /// The pixels wanted along an edge, by nearest neighbour, given its length and that of the other edge.
    pub fn sources(self) -> fn(u32, u32) -> Vec<u32> {
        match self {
            Crops::Whole => |size, _| sources(size),
            Crops::Five => sources_of_five,
        }
    }

    /// The crops of a picture sampled at [`Crops::sources`], as input of the network: `[count, 3, 224, 224]`.
    pub fn inputs(self, picture: &RgbImage, preprocessing: Preprocessing) -> Vec<f32> {
        if self == Crops::Whole {
            return preprocess(picture, preprocessing);
        }
        let (right, bottom) = (picture.width() - CROP, picture.height() - CROP);
        let corners = [(0, 0), (right, 0), (0, bottom), (right, bottom), (right / 2, bottom / 2)];
        let part = |(x, y)| preprocess(&crop_imm(picture, x, y, CROP, CROP).to_image(), preprocessing);
        corners.into_iter().flat_map(part).collect()
    }

    /// The mean of the crops' descriptors, `[count, 25088]`.
    pub fn mean(self, descriptors: &[Vec<f32>]) -> Vec<f32> {
        let (first, others) = descriptors.split_first().expect("there is a part");
        let mut mean = first.clone();
        for other in others {
            mean.iter_mut().zip(other).for_each(|(sum, x)| *sum += x);
        }
        if !others.is_empty() {
            mean.iter_mut().for_each(|sum| *sum /= descriptors.len() as f32);
        }
        mean
    }
}

/// All positions along the resized edge; if that is longer than three crops, only those of the crops, at both ends and
/// in the middle. So the middle of the sampled pixels is the middle of the picture.
fn sources_of_five(size: u32, other: u32) -> Vec<u32> {
    let (size, shorter) = (u64::from(size), u64::from(size.min(other)));
    let resized = ((size * u64::from(SHORTER) + shorter / 2) / shorter).max(SHORTER.into());
    let side = u64::from(CROP);
    let wanted: Vec<u64> = match resized {
        ..=672 => (0..resized).collect(),
        _ => {
            let (middle, end) = ((resized - side) / 2, resized - side);
            [0, middle, end].into_iter().flat_map(|begin| begin..begin + side).collect()
        }
    };
    // floor((i + 0.5) * size / resized)
    wanted.into_iter().map(|i| ((2 * i + 1) * size / (2 * resized)) as u32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crops_are_the_corners_and_the_centre() {
        // 512 x 256: each pixel tells where it is.
        let source = |size, other| sources_of_five(size, other);
        assert_eq!((source(256, 512), source(512, 256).len()), ((0..256).collect(), 512));
        let picture = RgbImage::from_fn(512, 256, |x, y| image::Rgb([(x / 2) as u8, y as u8, 0]));
        let inputs = Crops::Five.inputs(&picture, Preprocessing::Caffe);
        let plane = EDGE * EDGE;
        let begins: Vec<_> = inputs
            .chunks_exact(3 * plane)
            // The planes are blue, green and red, less the mean.
            .map(|crop| ((crop[2 * plane] + 123.68).round() as u32 * 2, (crop[plane] + 116.779).round() as u32))
            .collect();
        assert_eq!(begins, [(0, 0), (288, 0), (0, 32), (288, 32), (144, 16)]);
    }

    #[test]
    fn a_panorama_is_seen_at_both_ends_and_in_the_middle() {
        let columns = sources_of_five(10_000, 500);
        assert_eq!(columns.len(), 672);
        // 5,120 columns after resizing.
        let at = |resized: u32| resized * 500 / 256;
        assert_eq!((columns[0], columns[671]), (0, 9999));
        assert!(columns[224].abs_diff(at(2448)) < 2 && columns[448].abs_diff(at(4896)) < 2, "{columns:?}");
        for (size, other) in [(1, 1), (1, 60_000), (60_000, 1), (300, 224)] {
            let sources = sources_of_five(size, other);
            assert!((256..=672).contains(&sources.len()) && sources.iter().all(|at| *at < size), "{size} {other}");
        }
    }

    #[test]
    fn the_mean_is_that_of_all_parts() {
        assert_eq!(Crops::Five.mean(&[1.0, 2.0, 3.0, 4.0, 10.0].map(|x| vec![x, 0.5])), [4.0, 0.5]);
        // Not even rounded.
        assert_eq!(Crops::Whole.mean(&[vec![0.1, 7.0]]), [0.1, 7.0]);
    }
}
