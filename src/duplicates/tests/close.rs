//! Pictures whose files are compared: copies, and mere look-alikes.

use image::{DynamicImage, Rgb, RgbImage, imageops};

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

/// A collection of both, as files in the returned folder.
fn collected(kept: &RgbImage, other: &RgbImage) -> (tempfile::TempDir, Collection) {
    let folder = tempfile::tempdir().unwrap();
    for (name, picture) in [("a.png", kept), ("b.bmp", other)] {
        picture.save(folder.path().join(name)).unwrap();
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

/// The judgement of the second picture where the first one is kept: `mark why` or `leave why`.
fn judged(kept: &RgbImage, other: &RgbImage) -> String {
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
    assert_eq!(judged(&picture, &as_jpeg(&picture, 60)), "mark other format");
    assert_eq!(judged(&picture, &as_jpeg(&smaller, 80)), "mark other format");
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
        let (_folder, collection) = collected(whole, part);
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
