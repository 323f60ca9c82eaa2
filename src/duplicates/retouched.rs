//! Whether one of two copies was retouched in a place: a spot that was healed, a watermark, a stamped date.
//!
//! Compression and scaling change each block of a picture the more, the more contrast it has. A place that was retouched
//! differs by more than its own contrast and that of the other blocks explain.

use std::borrow::Cow;

use image::RgbImage;

use super::close::LUMA;
use super::turn::Turn;
use crate::dataset::thumbnail;

/// The edge of a block in pixels. A second set of blocks begins half a block further.
const BLOCK: usize = 8;
/// The share of a block's contrast that may change, and grey levels that may change anywhere.
const OF_CONTRAST: f32 = 0.4;
const ANYWHERE: f32 = 1.0;
/// Blocks with less contrast, in grey levels, don't tell how much a copy differs.
const CONTRAST: f32 = 4.0;
/// What is usual in a pair: this share of the telling blocks differs by less. With fewer telling blocks than this, nothing
/// is known.
const USUAL: f64 = 0.75;
const FEWEST: usize = 20;
/// Any block may differ by this many times as much as is usual.
const UNUSUAL: f32 = 1.5;
/// A block that differs by more than this many times what is expected of it was retouched. Measured (docs/quality.md): at
/// most 1.04 times in copies.
const TIMES: f32 = 1.25;

/// Of two pictures that show the same as far as coarse cells tell, the first one turned by `turn`. One of them may be
/// grey. The larger one is reduced. Neither has the colours of a palette: dither differs anywhere.
pub fn is_retouched([first, second]: [&RgbImage; 2], turn: Turn, is_grey: bool) -> bool {
    let turned = turn.of(first);
    let (width, height) = [turned.dimensions(), second.dimensions()]
        .into_iter()
        .min_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
        .unwrap_or_default();
    let [first, second] = [&*turned, second].map(|picture| match picture.dimensions() == (width, height) {
        true => Cow::Borrowed(picture),
        false => Cow::Owned(thumbnail::resize(picture, width, height)),
    });
    let ways = if is_grey { &LUMA[..] } else { &LUMA[..1] };
    ways.iter().all(|weights| most_apart([&first, &second], weights) > TIMES)
}

/// The block that differs most, relative to what is expected of a copy; 0 if too little is known.
fn most_apart(pictures: [&RgbImage; 2], weights: &[f64; 3]) -> f32 {
    let greys = pictures.map(|picture| greys(picture, weights));
    let sum = |greys: &[u8]| greys.iter().map(|grey| u64::from(*grey)).sum::<u64>() as f64;
    let brighter = ((sum(&greys[0]) - sum(&greys[1])) / greys[0].len().max(1) as f64) as f32;
    let width = pictures[0].width() as usize;
    let blocks: Vec<ComparedBlock> =
        [0, BLOCK / 2].into_iter().flat_map(|from| blocks(&greys, width, from, brighter)).collect();
    let mut telling: Vec<f32> =
        blocks.iter().filter(|block| block.contrast > CONTRAST).map(|block| block.difference).collect();
    if telling.len() < FEWEST {
        return 0.0;
    }
    let at = (telling.len() as f64 * USUAL) as usize;
    let usual = *telling.select_nth_unstable_by(at, f32::total_cmp).1;
    let apart = |block: &ComparedBlock| block.difference / (OF_CONTRAST * block.contrast + UNUSUAL * usual + ANYWHERE);
    blocks.iter().map(apart).fold(0.0, f32::max)
}

fn greys(picture: &RgbImage, weights: &[f64; 3]) -> Vec<u8> {
    let weights = weights.map(|weight| (weight * 65_536.0).round() as u32);
    let grey = |pixel: &image::Rgb<u8>| {
        let sum: u32 = pixel.0.iter().zip(weights).map(|(value, weight)| u32::from(*value) * weight).sum();
        ((sum + 32_768) >> 16).min(255) as u8
    };
    picture.pixels().map(grey).collect()
}

/// 8 x 8 pixels of both pictures, in grey levels.
struct ComparedBlock {
    /// The root mean square of their difference.
    difference: f32,
    /// The standard deviation of that picture which has the greater one.
    contrast: f32,
}

/// The whole blocks from a place on along both edges, where the first picture is `brighter` on average.
fn blocks(greys: &[Vec<u8>; 2], width: usize, from: usize, brighter: f32) -> impl Iterator<Item = ComparedBlock> {
    let height = greys[0].len() / width.max(1);
    let begins = move |edge: usize| (from..(edge + 1).saturating_sub(BLOCK)).step_by(BLOCK);
    begins(height).flat_map(move |y| begins(width).map(move |x| y * width + x)).map(move |begin| {
        let (mut first, mut second, mut apart) = (PixelSums::default(), PixelSums::default(), PixelSums::default());
        for row in (0..BLOCK).map(|row| begin + row * width) {
            for (a, b) in greys[0][row..row + BLOCK].iter().zip(&greys[1][row..row + BLOCK]) {
                let (a, b) = (i32::from(*a), i32::from(*b));
                first.add(a);
                second.add(b);
                apart.add(a - b);
            }
        }
        let away = apart.mean() - brighter;
        ComparedBlock {
            difference: (apart.variance() + away * away).sqrt(),
            contrast: first.variance().max(second.variance()).sqrt(),
        }
    })
}

/// Of the pixels of a block.
#[derive(Default)]
struct PixelSums {
    values: i32,
    squares: i32,
}

impl PixelSums {
    const PIXELS: f32 = (BLOCK * BLOCK) as f32;

    fn add(&mut self, value: i32) {
        self.values += value;
        self.squares += value * value;
    }

    fn mean(&self) -> f32 {
        self.values as f32 / PixelSums::PIXELS
    }

    fn variance(&self) -> f32 {
        (self.squares as f32 / PixelSums::PIXELS - self.mean() * self.mean()).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, Rgb, imageops};

    use super::*;
    use crate::dataset::{Averages, SmallPicture};

    /// Fine detail, and shapes with sharp edges.
    fn picture() -> RgbImage {
        let mut random = fastrand::Rng::with_seed(6);
        let mut picture = RgbImage::from_fn(320, 240, |x, y| {
            let shape = if (x / 40 + y / 30) % 3 == 0 { 150 } else { 60 };
            Rgb([shape, shape + (x / 8) as u8, shape + (y / 6) as u8])
        });
        picture.pixels_mut().flat_map(|pixel| &mut pixel.0).for_each(|value| *value += random.u8(..30));
        imageops::blur(&picture, 0.7)
    }

    fn as_jpeg(picture: &RgbImage, quality: u8) -> RgbImage {
        let mut jpeg = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(picture).unwrap();
        image::load_from_memory(&jpeg).unwrap().into_rgb8()
    }

    #[test]
    fn a_changed_place_is_told_from_compression_and_scaling() {
        let (picture, turn) = (picture(), Turn::NONE);
        let mut healed = picture.clone();
        let patch = imageops::crop_imm(&picture, 70, 50, 12, 12).to_image();
        imageops::replace(&mut healed, &patch, 150, 121);
        let half = |picture: &RgbImage| thumbnail::resize(picture, 160, 120);
        for quality in [99, 75, 30] {
            let copy = as_jpeg(&picture, quality);
            assert!(!is_retouched([&picture, &copy], turn, false), "{quality}");
            assert!(!is_retouched([&as_jpeg(&half(&picture), quality), &picture], turn, false), "{quality}");
        }
        assert!(is_retouched([&healed, &picture], turn, false) && is_retouched([&picture, &healed], turn, false));
        assert!(is_retouched([&as_jpeg(&healed, 98), &as_jpeg(&picture, 90)], turn, false));
        assert!(is_retouched([&half(&picture), &healed], turn, false));
        let turned = imageops::rotate90(&picture);
        let small = |picture: &RgbImage| Averages::of(picture, SmallPicture::EDGE).greys().try_into().unwrap();
        let quarter = Turn::between(&small(&turned), &small(&picture));
        assert!(!is_retouched([&turned, &picture], quarter, false) && is_retouched([&turned, &healed], quarter, false));
        let grey = DynamicImage::from(DynamicImage::from(picture.clone()).into_luma8()).into_rgb8();
        assert!(!is_retouched([&grey, &picture], turn, true) && is_retouched([&grey, &healed], turn, true));
    }

    #[test]
    fn little_tells_nothing() {
        let white = RgbImage::from_pixel(200, 100, Rgb([255; 3]));
        let mut dotted = white.clone();
        dotted.put_pixel(50, 50, Rgb([0; 3]));
        assert!(!is_retouched([&white, &dotted], Turn::NONE, false));
        for tiny in [(1, 1), (3, 9), (8, 8)] {
            assert!(!is_retouched([&RgbImage::new(tiny.0, tiny.1), &white], Turn::NONE, false));
        }
    }

    /// What docs/quality.md tells: `SIMAGES_PICTURES=FOLDER cargo test --lib retouching_of_copies -- --ignored
    /// --nocapture`.
    #[test]
    #[ignore = "measures pictures of one's own"]
    fn retouching_of_copies() {
        let folder = std::env::var("SIMAGES_PICTURES").expect("SIMAGES_PICTURES names a folder of pictures");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let pictures: Vec<_> = files.filter_map(|file| crate::dataset::decode::open(&file).ok()).collect();
        let half = |p: &RgbImage| thumbnail::resize(p, p.width() / 2, p.height() / 2);
        fastrand::seed(7);
        let place = |p: &RgbImage, edge: u32| (fastrand::u32(8..p.width() - edge), fastrand::u32(8..p.height() - edge));
        let blurred = |p: &RgbImage, edge: u32| {
            let (mut made, (x, y)) = (p.clone(), place(p, edge));
            let patch = imageops::blur(&imageops::crop_imm(p, x, y, edge, edge).to_image(), 4.0);
            imageops::replace(&mut made, &patch, x.into(), y.into());
            [as_jpeg(p, 90), as_jpeg(&made, 98)]
        };
        type Pair<'a> = &'a mut dyn FnMut(&RgbImage) -> [RgbImage; 2];
        let kinds: [(&str, Pair); 12] = [
            ("JPEG, quality 95", &mut |p| [p.clone(), as_jpeg(p, 95)]),
            ("JPEG, quality 75", &mut |p| [p.clone(), as_jpeg(p, 75)]),
            ("JPEG, quality 40", &mut |p| [p.clone(), as_jpeg(p, 40)]),
            ("JPEG, quality 15", &mut |p| [p.clone(), as_jpeg(p, 15)]),
            ("half the size, quality 75", &mut |p| [half(p), as_jpeg(&half(p), 75)]),
            ("half the size, every other pixel", &mut |p| {
                [half(p), imageops::resize(p, p.width() / 2, p.height() / 2, imageops::FilterType::Nearest)]
            }),
            ("blurred, sigma 0.7", &mut |p| [p.clone(), imageops::blur(p, 0.7)]),
            ("sharpened", &mut |p| [p.clone(), imageops::unsharpen(p, 1.0, 0)]),
            ("a date stamped in", &mut |p| {
                let mut made = p.clone();
                let (left, top) = (p.width() - 75, p.height() - 20);
                for (x, y) in (0..60).flat_map(|x| (0..10).map(move |y| (x, y))) {
                    // Digits of a sort.
                    if x % 8 < 6 && (x % 8 == 0 || y % 9 == 0 || (x + y) % 7 == 0) {
                        made.put_pixel(left + x, top + y, Rgb([255, 140, 0]));
                    }
                }
                [as_jpeg(p, 90), as_jpeg(&made, 98)]
            }),
            ("12 x 12 pixels healed", &mut |p| {
                let (mut made, (x, y)) = (p.clone(), place(p, 36));
                let patch = imageops::crop_imm(p, x, y, 12, 12).to_image();
                imageops::replace(&mut made, &patch, i64::from(x) + 16, i64::from(y) + 12);
                [as_jpeg(p, 90), as_jpeg(&made, 98)]
            }),
            ("40 x 40 pixels blurred", &mut |p| blurred(p, 40)),
            ("120 x 120 pixels blurred", &mut |p| blurred(p, 120)),
        ];
        println!("| {} pictures beside a copy | median | most | above {TIMES} |\n|---|---|---|---|", pictures.len());
        for (name, pair) in kinds {
            let pictures = pictures.iter().map(|picture| thumbnail::flatten(picture.clone()));
            let mut found: Vec<f32> =
                pictures.map(|picture| pair(&picture)).map(|[a, b]| most_apart([&a, &b], &LUMA[0])).collect();
            found.sort_by(f32::total_cmp);
            let (median, most) = (found[found.len() / 2], found[found.len() - 1]);
            let above = found.iter().filter(|apart| **apart > TIMES).count();
            println!("| {name} | {median:.2} | {most:.2} | {above} |");
        }
    }
}
