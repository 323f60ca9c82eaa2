//! Which of two pictures shows finer detail, compared at the same scale.

use std::collections::HashSet;

use image::{Rgb, RgbImage};

use super::jpeg_size::jpeg_size;
use super::thumbnail::{self, Section};

/// Regions examined along each edge.
const TILES: u32 = 3;
/// The longest edge of a region in pixels: at most two million pixels are examined.
const TILE: f64 = 472.0;
/// Regions begin and end at the blocks of a JPEG, if they are large enough.
const BLOCK: f64 = 8.0;
/// Added to the detail of both pictures, in bytes a pixel: else two flat ones would differ by their last bits.
const FLOOR: f64 = 0.01;
/// The most colours of a palette.
const PALETTE: usize = 256;
/// Smaller pictures have few colours anyway.
const MOST_TINY: u64 = 10_000;
/// In drawings and screenshots, more of all pixels equal the one before.
const AREAS: f64 = 0.7;
/// Weights of red, green and blue in luma (ITU-R BT.601), in 1/256.
const LUMA: [i64; 3] = [77, 150, 29];
/// Added to the variance of colours, for rounding to whole levels, in 1/256 levels squared.
const NO_COLOURS: f64 = 2.0 * 65_536.0;

/// The regions of a picture that are examined, at the scale of the one with more pixels of the two compared: the smaller
/// one is enlarged to it. So a reduced copy lacks the detail it lost, and an enlarged copy has no more than its original.
pub struct Examined(Vec<RgbImage>);

/// Two pictures, to be compared at the same scale.
pub fn examined(pictures: [&RgbImage; 2]) -> [Examined; 2] {
    let sizes = matched(pictures.map(RgbImage::dimensions));
    [(pictures[0], sizes[0]), (pictures[1], sizes[1])].map(|(picture, size)| Examined(tiles(picture, size).collect()))
}

/// The sharpness of two pictures. The values are relative to this pair: beside another picture, a picture may have
/// another value.
pub fn sharpness(pictures: [&RgbImage; 2]) -> [f64; 2] {
    examined(pictures).map(|picture| picture.sharpness())
}

impl Examined {
    /// The standard deviation of the Laplacian of the luma, divided by that of the luma. Brightness and contrast cancel
    /// out. Noise and JPEG blocks count as detail.
    pub fn sharpness(&self) -> f64 {
        let (mut luma, mut laplacian) = (Moments::default(), Moments::default());
        for tile in &self.0 {
            let values: Vec<i64> = tile.pixels().map(self::luma).collect();
            values.iter().for_each(|value| luma.add(*value));
            add_laplacian(&values, tile.width() as usize, &mut laplacian);
        }
        match luma.variance() {
            flat if flat <= 0.0 => 0.0,
            variance => (laplacian.variance() / variance).sqrt(),
        }
    }

    /// The bytes that it takes as a JPEG of fixed quality.
    ///
    /// Compression removes what takes many bytes, so a picture that was compressed hard takes fewer, whatever its
    /// format is now. Unlike in [`Examined::sharpness`], JPEG blocks don't count as detail. Noise does.
    pub fn detail(&self) -> f64 {
        let pixels: u32 = self.0.iter().map(|tile| tile.width() * tile.height()).sum();
        jpeg_size(&self.0) as f64 + FLOOR * f64::from(pixels)
    }

    /// The contrast of neighbouring colours, without brightness, at a quarter of the size: the standard deviation of the
    /// Laplacian of red and blue less luma. Most JPEGs store colours at half the size, and hard compression adds blocks.
    pub fn contrast_of_colours(&self) -> f64 {
        let mut laplacian = [Moments::default(), Moments::default()];
        for tile in &self.0 {
            let tile = thumbnail::resize(tile, (tile.width() / 4).max(1), (tile.height() / 4).max(1));
            for (channel, laplacian) in [0, 2].into_iter().zip(&mut laplacian) {
                let colour = |pixel: &Rgb<u8>| i64::from(pixel.0[channel]) * 256 - luma(pixel);
                add_laplacian(&tile.pixels().map(colour).collect::<Vec<_>>(), tile.width() as usize, laplacian);
            }
        }
        (laplacian.iter().map(Moments::variance).sum::<f64>() + NO_COLOURS).sqrt()
    }
}

/// Whether a picture has few colours though it isn't made of areas of one colour: a photograph reduced to a palette.
pub fn is_reduced(picture: &RgbImage) -> bool {
    let mut colours = HashSet::new();
    let (mut same, mut of) = (0, 0);
    for row in picture.rows() {
        let mut before = None;
        for pixel in row {
            let is_same = before == Some(pixel);
            same += u64::from(is_same);
            of += u64::from(before.is_some());
            before = Some(pixel);
            if !is_same && colours.insert(pixel) && colours.len() > PALETTE {
                return false;
            }
        }
    }
    of >= MOST_TINY && (same as f64) < AREAS * of as f64
}

/// The sizes of two pictures at which the same subject is equally large in both. The one with more pixels keeps its
/// size.
///
/// Pictures of the same proportions (within a pixel of the smaller one) show the same. Otherwise one of them is
/// cropped, turned or has a banner: if an edge is equally long, or nearly, neither was scaled; else the same area is
/// taken to be the same subject.
pub fn matched(pixels: [(u32, u32); 2]) -> [(f64, f64); 2] {
    let size = |(width, height): (u32, u32)| (f64::from(width.max(1)), f64::from(height.max(1)));
    let area = |(width, height): (f64, f64)| width * height;
    let sizes = pixels.map(size);
    let larger = usize::from(area(sizes[1]) > area(sizes[0]));
    let (large, small) = (sizes[larger], sizes[1 - larger]);
    let across = large.0 / small.0;
    let enlarged =
        match (large.1 / across - small.1).abs() <= 1.0 || (large.0 * small.1 / large.1 - small.0).abs() <= 1.0 {
            true => large,
            false => {
                let is_one = |ratio: f64| (ratio - 1.0).abs() < 0.01;
                let by = match is_one(across) || is_one(large.1 / small.1) {
                    true => 1.0,
                    false => (area(large) / area(small)).sqrt(),
                };
                (small.0 * by, small.1 * by)
            }
        };
    if larger == 0 { [large, enlarged] } else { [enlarged, large] }
}

/// The regions of a picture that is scaled to `size`, all of the same size.
fn tiles(picture: &RgbImage, size: (f64, f64)) -> impl Iterator<Item = RgbImage> {
    (0..TILES).flat_map(|row| (0..TILES).map(move |column| (row, column))).map(move |(row, column)| {
        let (left, across, shown_across) = part(picture.width(), size.0, column);
        let (top, down, shown_down) = part(picture.height(), size.1, row);
        let section = Section { left, top, width: across, height: down };
        thumbnail::resize_part(picture, section, shown_across, shown_down)
    })
}

/// One of the regions along an edge of this many pixels, scaled to `size`: its start and length in pixels, and its
/// scaled length.
fn part(edge: u32, size: f64, at: u32) -> (f64, f64, u32) {
    let shown = (size / f64::from(TILES)).min(TILE);
    // At whole scaled pixels, so that a picture at its own size isn't blurred.
    let step = if shown < BLOCK { 1.0 } else { BLOCK };
    let shown = ((shown / step).floor() * step).max(1.0);
    let middle = size * f64::from(2 * at + 1) / f64::from(2 * TILES);
    let begin = ((middle - shown / 2.0).max(0.0) / step).floor() * step;
    let pixels = f64::from(edge) / size;
    (begin * pixels, shown * pixels, shown as u32)
}

/// In 1/256.
fn luma(pixel: &Rgb<u8>) -> i64 {
    pixel.0.iter().zip(LUMA).map(|(value, weight)| i64::from(*value) * weight).sum()
}

/// Adds the Laplacian of a region's values.
fn add_laplacian(values: &[i64], width: usize, laplacian: &mut Moments) {
    let height = values.len() / width.max(1);
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let at = y * width + x;
            let around = values[at - 1] + values[at + 1] + values[at - width] + values[at + width];
            laplacian.add(4 * values[at] - around);
        }
    }
}

#[derive(Default)]
struct Moments {
    count: u32,
    sum: i64,
    squares: i64,
}

impl Moments {
    fn add(&mut self, value: i64) {
        self.count += 1;
        self.sum += value;
        self.squares += value * value;
    }

    fn variance(&self) -> f64 {
        let count = f64::from(self.count.max(1));
        let mean = self.sum as f64 / count;
        self.squares as f64 / count - mean * mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::imageops;

    fn detail(pictures: [&RgbImage; 2]) -> [f64; 2] {
        examined(pictures).map(|picture| picture.detail())
    }

    /// Something with coarse and fine detail, as a photograph has.
    fn picture(width: u32, height: u32) -> RgbImage {
        let mut random = fastrand::Rng::with_seed(7);
        let coarse = RgbImage::from_fn(width / 16, height / 16, |_, _| Rgb([random.u8(..); 3]));
        let fine = RgbImage::from_fn(width, height, |_, _| Rgb([random.u8(..60); 3]));
        let mut picture = thumbnail::resize(&coarse, width, height);
        for (Rgb(pixel), Rgb(fine)) in picture.pixels_mut().zip(fine.pixels()) {
            (0..3).for_each(|c| pixel[c] = (u16::from(pixel[c]) * 3 / 4 + u16::from(fine[c])).min(255) as u8);
        }
        imageops::blur(&picture, 0.6)
    }

    #[test]
    fn the_full_picture_wins_over_a_blurred_and_a_smaller_copy() {
        for (width, height) in [(640, 480), (2400, 1800)] {
            let full = picture(width, height);
            let blurred = imageops::fast_blur(&full, 1.5);
            let half = thumbnail::resize(&full, width / 2, height / 2);
            for worse in [&blurred, &half] {
                let [a, b] = sharpness([&full, worse]);
                assert!(a > 1.3 * b && b > 0.0, "{a} {b}");
                assert_eq!(sharpness([worse, &full]), [b, a], "in whatever order");
            }
        }
    }

    #[test]
    fn an_enlarged_copy_is_no_sharper_than_what_it_was_made_of() {
        let small = picture(640, 480);
        let enlarged = thumbnail::resize(&small, 1600, 1200);
        let [a, b] = sharpness([&small, &enlarged]);
        assert!((a / b - 1.0).abs() < 0.05, "{a} {b}");
    }

    #[test]
    fn what_was_compressed_hard_has_less_detail_at_any_size() {
        let full = picture(640, 480);
        let compressed = |picture: &RgbImage, quality: u8| {
            let mut jpeg = Vec::new();
            image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(picture).unwrap();
            image::load_from_memory(&jpeg).unwrap().into_rgb8()
        };
        let enlarged = thumbnail::resize(&full, 1280, 960);
        for worse in [compressed(&full, 15), compressed(&full, 50), compressed(&enlarged, 10)] {
            let [a, b] = detail([&full, &worse]);
            assert!(a > 1.2 * b, "{a} {b}");
            assert_eq!(detail([&worse, &full]), [b, a], "in whatever order");
        }
        let [a, b] = detail([&full, &compressed(&full, 95)]);
        assert!(b < 1.1 * a && a < 1.1 * b, "{a} {b}");
    }

    #[test]
    fn photographs_with_a_palette_are_told_from_drawings() {
        let mut photograph = picture(640, 480);
        photograph.enumerate_pixels_mut().for_each(|(x, y, pixel)| pixel.0[2] = ((x + y) / 5) as u8);
        assert!(!is_reduced(&photograph));
        let mut reduced = photograph.clone();
        let mut random = fastrand::Rng::with_seed(8);
        let mut dithered = |value: u8| value.saturating_add(random.u8(..64)) / 64 * 64;
        reduced.pixels_mut().flat_map(|pixel| &mut pixel.0).for_each(|value| *value = dithered(*value));
        assert!(is_reduced(&reduced));
        assert!(!is_reduced(&RgbImage::from_fn(640, 480, |x, y| Rgb([(x / 40 * 9) as u8, (y / 40 * 9) as u8, 0]))));
        assert!(!is_reduced(&RgbImage::from_fn(64, 64, |x, y| Rgb([(x % 7) as u8, (y % 7) as u8, 0]))), "tiny");
    }

    #[test]
    fn brightness_and_contrast_cancel_out() {
        let full = picture(640, 480);
        let mut pale = full.clone();
        pale.pixels_mut().flat_map(|pixel| &mut pixel.0).for_each(|value| *value = 100 + *value / 2);
        let [a, b] = sharpness([&full, &pale]);
        assert!((a / b - 1.0).abs() < 0.05, "{a} {b}");
    }

    #[test]
    fn sizes_are_matched_by_what_was_done_to_the_smaller_one() {
        let matched = |a, b| matched([a, b]).map(|(width, height)| (width.round() as u32, height.round() as u32));
        assert_eq!(matched((2000, 1500), (4000, 3000)), [(4000, 3000); 2]);
        // Rounded to whole pixels.
        assert_eq!(matched((4000, 3000), (103, 77)), [(4000, 3000); 2]);
        // A banner below, or cut off below.
        assert_eq!(matched((4000, 3300), (4000, 3000)), [(4000, 3300), (4000, 3000)]);
        // Turned.
        assert_eq!(matched((4000, 3000), (3000, 4000)), [(4000, 3000), (3000, 4000)]);
        assert_eq!(matched((4000, 3000), (1500, 2000)), [(4000, 3000), (3000, 4000)]);
        assert_eq!(matched((1, 1), (1, 1)), [(1, 1); 2]);
    }

    #[test]
    fn tiny_and_flat_pictures_have_none() {
        let flat = RgbImage::from_pixel(300, 200, Rgb([9; 3]));
        for tiny in [(1, 1), (2, 3), (1, 900)] {
            let tiny = RgbImage::new(tiny.0, tiny.1);
            assert_eq!(sharpness([&flat, &tiny]), [0.0, 0.0]);
            assert_eq!(sharpness([&tiny, &tiny]), [0.0, 0.0]);
            let [a, b] = detail([&tiny, &tiny]);
            assert!(a == b && a > 0.0);
        }
    }

    /// What docs/side-by-side.md and docs/quality.md tell: `SIMAGES_PICTURES=FOLDER cargo test --lib sharpness_of_copies
    /// -- --ignored --nocapture`.
    #[test]
    #[ignore = "measures pictures of one's own"]
    fn sharpness_of_copies() {
        let folder = std::env::var("SIMAGES_PICTURES").expect("SIMAGES_PICTURES names a folder of pictures");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let pictures: Vec<_> = files.filter_map(|file| crate::dataset::decode::open(&file).ok()).collect();
        let half = |p: &RgbImage| thumbnail::resize(p, p.width() / 2, p.height() / 2);
        let as_jpeg = |p: &RgbImage, quality: u8| {
            let mut jpeg = Vec::new();
            image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(p).unwrap();
            image::load_from_memory(&jpeg).unwrap().into_rgb8()
        };
        let mut random = fastrand::Rng::with_seed(7);
        type Copied<'a> = &'a mut dyn FnMut(&RgbImage) -> RgbImage;
        let copies: [(&str, Copied); 13] = [
            ("half the size", &mut |p| half(p)),
            ("half the size, enlarged again", &mut |p| {
                imageops::resize(&half(p), p.width(), p.height(), imageops::FilterType::CatmullRom)
            }),
            ("three quarters of the size, enlarged again", &mut |p| {
                let reduced = thumbnail::resize(p, p.width() * 3 / 4, p.height() * 3 / 4);
                imageops::resize(&reduced, p.width(), p.height(), imageops::FilterType::CatmullRom)
            }),
            ("blurred, sigma 0.7", &mut |p| imageops::blur(p, 0.7)),
            ("JPEG, quality 95", &mut |p| as_jpeg(p, 95)),
            ("JPEG, quality 85", &mut |p| as_jpeg(p, 85)),
            ("JPEG, quality 75", &mut |p| as_jpeg(p, 75)),
            ("JPEG, quality 40", &mut |p| as_jpeg(p, 40)),
            ("JPEG, quality 15", &mut |p| as_jpeg(p, 15)),
            ("colours of an eighth of the size", &mut |p| {
                let coarse =
                    thumbnail::resize(&thumbnail::resize(p, p.width() / 8, p.height() / 8), p.width(), p.height());
                let mut made = coarse.clone();
                for ((pixel, coarse), fine) in made.pixels_mut().zip(coarse.pixels()).zip(p.pixels()) {
                    let by = (luma(fine) - luma(coarse)) / 256;
                    pixel.0.iter_mut().for_each(|value| *value = (i64::from(*value) + by).clamp(0, 255) as u8);
                }
                made
            }),
            ("brighter by 20", &mut |p| imageops::brighten(p, 20)),
            ("sharpened", &mut |p| imageops::unsharpen(p, 1.0, 0)),
            ("noise of up to 15 levels", &mut |p| {
                let mut noisy = p.clone();
                noisy.pixels_mut().flat_map(|p| &mut p.0).for_each(|v| *v = v.saturating_add(random.u8(..16)));
                noisy
            }),
        ];
        println!(
            "| {} pictures beside a copy | sharper | as sharp | the copy is sharper | copy / picture, median | detail, \
             copy / picture: least, median, most | contrast of colours, the same \
             | the picture is 1.25 times as sharp | the copy is, with 0.91 of the detail |",
            pictures.len()
        );
        for (name, copied) in copies {
            let (mut ratios, mut details, mut colours): (Vec<f64>, Vec<f64>, Vec<f64>) = Default::default();
            for picture in pictures.iter().map(|picture| thumbnail::flatten(picture.clone())) {
                let made = copied(&picture);
                let [full, copy] = sharpness([&picture, &made]);
                ratios.push(copy / full);
                let [full, copy] = detail([&picture, &made]);
                details.push(copy / full);
                let [full, copy] = examined([&picture, &made]).map(|picture| picture.contrast_of_colours());
                colours.push(copy / full);
            }
            let smoother = ratios.iter().filter(|ratio| **ratio * 1.25 < 1.0).count();
            let stay =
                ratios.iter().zip(&details).filter(|(ratio, detail)| **ratio > 1.25 && **detail * 1.1 > 1.0).count();
            [&mut ratios, &mut details, &mut colours].into_iter().for_each(|ratios| ratios.sort_by(f64::total_cmp));
            let less = ratios.iter().filter(|ratio| **ratio * 1.05 < 1.0).count();
            let more = ratios.iter().filter(|ratio| **ratio > 1.05).count();
            let (same, median) = (ratios.len() - less - more, ratios[ratios.len() / 2]);
            let spread = |ratios: &[f64]| {
                let [least, middle, most] = [0, ratios.len() / 2, ratios.len() - 1].map(|at| ratios[at]);
                format!("{least:.2}, {middle:.2}, {most:.2}")
            };
            let (details, colours) = (spread(&details), spread(&colours));
            println!(
                "| {name} | {less} | {same} | {more} | {median:.2} | {details} | {colours} | {smoother} | {stay} |"
            );
        }
    }
}
