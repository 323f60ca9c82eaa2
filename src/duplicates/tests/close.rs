//! Pictures whose files are compared: copies, and mere look-alikes.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, imageops};

use super::*;
use crate::dataset::{Dataset, decode, thumbnail};

/// Coarse and fine detail in colours, as a photograph has.
fn photograph() -> RgbImage {
    let mut random = fastrand::Rng::with_seed(3);
    let coarse = RgbImage::from_fn(20, 15, |_, _| Rgb([random.u8(30..220), random.u8(30..220), random.u8(30..220)]));
    let mut picture = thumbnail::resize(&coarse, 640, 480);
    picture.pixels_mut().for_each(|pixel| {
        let fine = random.u8(..12);
        pixel.0.iter_mut().for_each(|value| *value = value.saturating_add(fine));
    });
    picture
}

fn as_jpeg(picture: &RgbImage, quality: u8) -> RgbImage {
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(picture).unwrap();
    image::load_from_memory(&jpeg).unwrap().into_rgb8()
}

/// The bytes of a file, and the end of its name.
type MadeFile = (&'static str, Vec<u8>);

fn encoded(picture: &RgbImage, format: ImageFormat) -> MadeFile {
    encoded_as(picture.clone().into(), format)
}

fn encoded_as(picture: DynamicImage, format: ImageFormat) -> MadeFile {
    let mut file = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    (format.extensions_str()[0], file.into_inner())
}

fn jpeg(picture: &RgbImage, quality: u8) -> MadeFile {
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(picture).unwrap();
    ("jpg", jpeg)
}

/// A collection of both, as files in the returned folder.
fn collected(kept: &MadeFile, other: &MadeFile) -> (tempfile::TempDir, Collection) {
    let folder = tempfile::tempdir().unwrap();
    for (name, (end, bytes)) in [("a", kept), ("b", other)] {
        std::fs::write(folder.path().join(format!("{name}.{end}")), bytes).unwrap();
    }
    let dataset = Dataset::open(folder.path()).unwrap();
    let images = dataset.scan(&Cancel::default(), &mut |_| ()).unwrap().images;
    let row = |image: &ImageFile| {
        Row::of(image, Descriptor::default(), &decode::look(&image.path, &Cancel::default()).unwrap())
    };
    let matrix: FeatureMatrix = images.iter().map(row).collect();
    let source = CollectionSource { name: "x".into(), root: dataset.root, matrix, images: images.into() };
    (folder, Collection::new(vec![source]).unwrap())
}

#[test]
fn one_made_of_a_worse_copy_is_no_better_for_its_format_or_size() {
    let picture = photograph();
    let (camera, png) = (jpeg(&picture, 95), |picture: &RgbImage| encoded(picture, ImageFormat::Png));
    for quality in [15, 50] {
        assert_eq!(judged_files(&png(&as_jpeg(&picture, quality)), &camera), "leave has finer detail");
    }
    assert_eq!(judged_files(&png(&as_jpeg(&picture, 95)), &camera), "mark other format");
    // Of one format, too.
    assert_eq!(judged_files(&jpeg(&as_jpeg(&picture, 15), 100), &jpeg(&picture, 40)), "leave has finer detail");
    // Enlarged, it has more pixels, and the blocks of its compression look sharp.
    let enlarged = imageops::resize(&picture, 1280, 960, imageops::FilterType::CatmullRom);
    assert_eq!(judged_files(&jpeg(&enlarged, 10), &png(&picture)), "leave kept one isn't sharper");
    // A photograph reduced to a palette, in another format than GIF.
    let reduced = image::load_from_memory(&encoded(&picture, ImageFormat::Gif).1).unwrap().into_rgb8();
    assert_eq!(judged_files(&png(&reduced), &camera), "leave has finer detail");
    // Few colours are no copy's original.
    assert_eq!(judged_files(&encoded(&picture, ImageFormat::Gif), &camera), "leave pixels differ");
}

#[test]
fn a_picture_of_more_bits_is_not_given_up() {
    let grey = DynamicImage::from(photograph()).to_luma8();
    let wide = image::ImageBuffer::from_fn(grey.width(), grey.height(), |x, y| {
        image::Luma([u16::from(grey.get_pixel(x, y).0[0]) << 8 | (x % 200) as u16])
    });
    let narrow = DynamicImage::from(grey).into_rgb8();
    let wide = encoded_as(DynamicImage::ImageLuma16(wide), ImageFormat::Png);
    assert_eq!(judged_files(&encoded(&narrow, ImageFormat::Bmp), &wide), "leave has more bits");
    assert_eq!(judged_files(&encoded(&imageops::rotate90(&narrow), ImageFormat::Bmp), &wide), "leave has more bits");
    let half = thumbnail::resize(&narrow, 320, 240);
    assert_eq!(judged_files(&wide, &encoded(&half, ImageFormat::Bmp)), "mark other format");
}

#[test]
fn transparency_is_not_given_up() {
    let picture = photograph();
    let mut faded = DynamicImage::from(thumbnail::resize(&picture, 320, 240)).into_rgba8();
    faded.enumerate_pixels_mut().for_each(|(x, _, pixel)| pixel.0[3] = 255 - (x / 20) as u8);
    let faded = encoded_as(faded.into(), ImageFormat::Png);
    assert_eq!(judged_files(&jpeg(&picture, 95), &faded), "leave has transparency");
}

#[test]
fn a_grey_picture_is_not_given_up_for_a_toned_one() {
    let (picture, grey) = (photograph(), DynamicImage::from(photograph()).into_luma8());
    let sepia = RgbImage::from_fn(640, 480, |x, y| {
        let grey = grey.get_pixel(x, y).0[0];
        Rgb([grey.saturating_add(9), grey, grey.saturating_sub(20)])
    });
    let grey = encoded_as(grey.into(), ImageFormat::Png);
    assert_eq!(judged_files(&jpeg(&picture, 98), &grey), "mark other format");
    assert_eq!(judged_files(&jpeg(&sepia, 98), &grey), "leave one may be toned");
}

#[test]
fn colours_of_finer_detail_are_not_given_up() {
    let mut random = fastrand::Rng::with_seed(4);
    let mut colourful = photograph();
    colourful.pixels_mut().for_each(|pixel| {
        let by = random.i16(-25..25);
        *pixel = Rgb([0, 1, 2].map(|at| (i16::from(pixel.0[at]) + by * [5, -3, 1][at] / 5).clamp(0, 255) as u8));
    });
    // The brightness of one, and the colours of the other at a quarter of the size.
    let coarse = thumbnail::resize(&thumbnail::resize(&colourful, 160, 120), 640, 480);
    let luma =
        |pixel: &Rgb<u8>| (299 * i32::from(pixel[0]) + 587 * i32::from(pixel[1]) + 114 * i32::from(pixel[2])) / 1000;
    let blurred = RgbImage::from_fn(640, 480, |x, y| {
        let (fine, coarse) = (colourful.get_pixel(x, y), coarse.get_pixel(x, y));
        Rgb(coarse.0.map(|value| (i32::from(value) + luma(fine) - luma(coarse)).clamp(0, 255) as u8))
    });
    assert_eq!(judged_files(&encoded(&blurred, ImageFormat::Png), &jpeg(&colourful, 95)), "leave has finer detail");
    assert_eq!(judged_files(&encoded(&colourful, ImageFormat::Png), &jpeg(&blurred, 95)), "mark other format");
}

#[test]
fn captions_tags_and_places_are_not_given_up() {
    let picture = photograph();
    let (png, (end, plain)) = (encoded(&picture, ImageFormat::Png), jpeg(&picture, 80));
    let noted = |xmp: &str| {
        let segment = ["http://ns.adobe.com/xap/1.0/\0", xmp].concat();
        let len = ((segment.len() + 2) as u16).to_be_bytes();
        (end, [&plain[..2], &[0xff, 0xe1], &len, segment.as_bytes(), &plain[2..]].concat())
    };
    let (tagged, placed) = (noted("<dc:subject><rdf:Bag/>"), noted("exif:GPSLatitude=\"48,12N\""));
    assert_eq!(judged_files(&png, &tagged), "leave has a caption or tags");
    assert_eq!(judged_files(&png, &placed), "leave has a place");
    assert_eq!(judged_files(&png, &noted("xmp:Rating=\"0\"")), "mark other format");
    let smaller = jpeg(&thumbnail::resize(&picture, 320, 240), 80);
    assert_eq!(judged_files(&tagged, &smaller), "mark smaller");
}

#[test]
fn a_crop_of_a_better_copy_is_not_given_up() {
    let picture = photograph();
    let crop = imageops::crop_imm(&picture, 21, 13, 600, 450).to_image();
    let crop = jpeg(&crop, 95);
    assert_eq!(judged_crop(&encoded(&picture, ImageFormat::Png), &crop), "mark cropped");
    assert_eq!(judged_crop(&jpeg(&picture, 95), &crop), "mark cropped");
    assert_eq!(judged_crop(&jpeg(&picture, 30), &crop), "leave has finer detail");
    assert_eq!(judged_crop(&jpeg(&thumbnail::resize(&picture, 320, 240), 95), &crop), "leave has finer detail");
    // Strips, of which nothing is left from a block on.
    let strip = imageops::crop_imm(&picture, 100, 0, 9, 480).to_image();
    let part = imageops::crop_imm(&strip, 1, 40, 7, 400).to_image();
    assert!(!judged_crop(&encoded(&strip, ImageFormat::Png), &encoded(&part, ImageFormat::Bmp)).is_empty());
    let enlarged = thumbnail::resize(&thumbnail::resize(&picture, 320, 240), 640, 480);
    assert_eq!(judged_crop(&encoded(&enlarged, ImageFormat::Png), &crop), "leave has finer detail");
}

/// The judgement of the second picture where the first one is kept: `mark why` or `leave why`.
fn judged(kept: &RgbImage, other: &RgbImage) -> String {
    judged_files(&encoded(kept, ImageFormat::Png), &encoded(other, ImageFormat::Bmp))
}

fn judged_files(kept: &MadeFile, other: &MadeFile) -> String {
    let (_folder, collection) = collected(kept, other);
    match found(&collection, Witnesses::Hash).pairs[..] {
        [pair] => judgement(&collection, &pair),
        _ => "not found".into(),
    }
}

/// The same where the hashes are too far apart, and the descriptors are near.
fn judged_crop(kept: &MadeFile, other: &MadeFile) -> String {
    let (_folder, collection) = collected(kept, other);
    judgement(&collection, &Likeness::new((0, 1), Some(0.9), None))
}

fn judgement(collection: &Collection, likeness: &Likeness) -> String {
    loop {
        match judge(collection, 0, 1, Some(likeness)) {
            Err(Doubt::Pending) => collection.look_at(&[(0, 1)], &Cancel::default()).unwrap(),
            Ok(reason) => return format!("mark {}", reason.text()),
            Err(doubt) => return format!("leave {}", doubt.text()),
        }
    }
}

#[test]
fn what_shows_the_same_is_a_copy() {
    let picture = photograph();
    let smaller = thumbnail::resize(&picture, 320, 240);
    let png = encoded(&picture, ImageFormat::Png);
    assert_eq!(judged_files(&png, &jpeg(&picture, 60)), "mark other format");
    assert_eq!(judged_files(&png, &jpeg(&smaller, 80)), "mark other format");
    assert_eq!(judged(&picture, &picture), "mark other format");
    // Lossless, but its pixels are others.
    assert_eq!(judged(&picture, &as_jpeg(&picture, 60)), "leave pixels differ");
    assert_eq!(judged(&picture, &imageops::rotate90(&smaller)), "mark rotated/mirrored");
    let grey = DynamicImage::from(DynamicImage::from(picture.clone()).to_luma8()).into_rgb8();
    assert_eq!(judged(&picture, &grey), "mark other format");
}

#[test]
fn what_differs_in_one_place_or_in_colours_is_none() {
    let picture = photograph();
    // A hand that moved, in the next picture of a burst.
    let mut moved = picture.clone();
    let patch = imageops::crop_imm(&picture, 300, 200, 40, 30).to_image();
    imageops::replace(&mut moved, &patch, 306, 203);
    // A little brighter everywhere, at half the size.
    let brighter = imageops::brighten(&thumbnail::resize(&picture, 320, 240), 12);
    assert_eq!(judged(&picture, &brighter), "leave perhaps another shot");
    // Opposite colours, equally bright.
    let opposite = RgbImage::from_fn(640, 480, |x, y| {
        let colours = picture.get_pixel(x, y).0.map(f64::from);
        let luma = 0.299 * colours[0] + 0.587 * colours[1] + 0.114 * colours[2];
        Rgb(colours.map(|value| (2.0 * luma - value) as u8))
    });
    for other in [moved, opposite] {
        assert_eq!(judged(&picture, &other), "leave perhaps another shot");
        let smaller = thumbnail::resize(&other, 320, 240);
        assert_eq!(judged(&picture, &smaller), "leave perhaps another shot");
    }
}

#[test]
fn an_enlarged_picture_is_not_kept_in_the_place_of_the_one_it_was_made_of() {
    let small = thumbnail::resize(&photograph(), 320, 240);
    let enlarged = thumbnail::resize(&small, 640, 480);
    assert_eq!(judged(&enlarged, &small), "leave kept one isn't sharper");
}

#[test]
fn what_is_cut_from_a_picture_is_a_part_of_it_but_not_of_the_next_frame() {
    let is_cut = |whole: &RgbImage, part: &RgbImage| {
        let (_folder, collection) = collected(&encoded(whole, ImageFormat::Png), &encoded(part, ImageFormat::Bmp));
        collection.look_at(&[(0, 1)], &Cancel::default()).unwrap();
        collection.seen.cut(0, 1).flatten().is_some()
    };
    let picture = photograph();
    let part = imageops::crop_imm(&picture, 33, 17, 580, 435).to_image();
    assert!(is_cut(&picture, &part));
    assert!(is_cut(&picture, &as_jpeg(&part, 80)));
    assert!(is_cut(&picture, &as_jpeg(&thumbnail::resize(&part, 400, 300), 80)));
    let mut moved = picture.clone();
    let patch = imageops::crop_imm(&picture, 300, 200, 40, 30).to_image();
    imageops::replace(&mut moved, &patch, 306, 203);
    assert!(!is_cut(&moved, &part) && !is_cut(&picture, &imageops::brighten(&part, 25)));
}
