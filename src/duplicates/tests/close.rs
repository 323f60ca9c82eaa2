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
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::ImageLuma16(wide).write_to(&mut bytes, ImageFormat::Png).unwrap();
    let narrow = encoded(&narrow, ImageFormat::Bmp);
    assert_eq!(judged_files(&narrow, &("png", bytes.into_inner())), "leave pixels differ");
}

/// The judgement of the second picture where the first one is kept: `mark why` or `leave why`.
fn judged(kept: &RgbImage, other: &RgbImage) -> String {
    judged_files(&encoded(kept, ImageFormat::Png), &encoded(other, ImageFormat::Bmp))
}

fn judged_files(kept: &MadeFile, other: &MadeFile) -> String {
    let (_folder, collection) = collected(kept, other);
    let similar = found(&collection, Witnesses::Hash);
    let [pair] = similar.pairs[..] else { return "not found".into() };
    loop {
        match judge(&collection, 0, 1, Some(&pair)) {
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
