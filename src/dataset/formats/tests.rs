use std::path::{Path, PathBuf};

use image::RgbImage;
use image::metadata::Orientation;

use super::super::decode;
use super::super::look::{Facts, FileFormat};
use crate::cancel::Cancel;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/formats").join(name)
}

fn facts(name: &str) -> Facts {
    decode::look(&fixture(name), &Cancel::default()).unwrap().facts
}

/// Largest and mean difference of two pictures.
pub fn difference(ours: &RgbImage, theirs: &RgbImage, name: &str) -> (u8, f64) {
    assert_eq!(ours.dimensions(), theirs.dimensions(), "{name}");
    let each: Vec<u8> = ours.iter().zip(theirs.iter()).map(|(a, b)| a.abs_diff(*b)).collect();
    (each.iter().copied().max().unwrap(), each.iter().map(|d| f64::from(*d)).sum::<f64>() / each.len() as f64)
}

/// To the pixels of the reference decoder.
fn to_reference(name: &str) -> (u8, f64) {
    let ours = decode::open(&fixture(name)).unwrap_or_else(|error| panic!("{name}: {error}")).into_rgb8();
    let theirs = image::open(fixture(&format!("{name}.png"))).unwrap().into_rgb8();
    difference(&ours, &theirs, name)
}

fn are_the_references(names: &[&str], largest: u8) {
    for name in names {
        let (most, mean) = to_reference(name);
        assert!(most <= largest && mean < 0.5, "{name}: {most}, {mean}");
    }
}

#[cfg(feature = "avif")]
#[test]
fn avif_is_what_libavif_makes_of_it() {
    let exactly = ["420", "422", "444", "grey", "lossless", "grid", "alpha", "turned", "mirrored", "two"];
    are_the_references(&exactly.map(|name| format!("{name}.avif")).each_ref().map(String::as_str), 0);
    are_the_references(&["10bit.avif", "12bit.avif", "limited.avif", "grey10.avif", "limited_grey.avif"], 0);
    assert_eq!(facts("420.avif").format, FileFormat::Avif);
    assert!(facts("two.avif").holds_more && !facts("grid.avif").holds_more && !facts("alpha.avif").holds_more);
}

#[cfg(feature = "jxl")]
#[test]
fn jpeg_xl_is_what_libjxl_makes_of_it() {
    are_the_references(&["lossless.jxl", "alpha.jxl"], 0);
    // A level may lie in the middle, but for the last bit of a float.
    for name in ["lossy.jxl", "grey.jxl", "of_jpeg.jxl", "animated.jxl"] {
        let (most, mean) = to_reference(name);
        assert!(most <= 1 && mean < 0.01, "{name}: {most}, {mean}");
    }
    let of_jpeg = facts("of_jpeg.jxl");
    assert_eq!((of_jpeg.format, of_jpeg.width, of_jpeg.taken), (FileFormat::JpegXl, 73, Some(1_563_717_839)));
    assert!(facts("animated.jxl").holds_more && !of_jpeg.holds_more && !of_jpeg.is_lossless);
    assert!(facts("lossless.jxl").is_lossless && !facts("lossy.jxl").is_lossless);
}

#[cfg(feature = "jpeg2000")]
#[test]
fn jpeg_2000_is_what_openjpeg_makes_of_it() {
    are_the_references(&["lossless.jp2", "grey.jp2"], 0);
    are_the_references(&["lossy.j2k"], 1);
    assert_eq!(facts("lossy.j2k").format, FileFormat::Jpeg2000);
}

#[test]
fn gifs_are_filled_and_icons_chosen_as_pillow_does() {
    are_the_references(&["whole.gif", "smaller.gif", "transparent.gif", "local.gif", "beyond.gif", "bare.gif"], 0);
    are_the_references(&["png_rgb.ico", "png_rgba.ico", "png_l.ico", "png_la.ico", "png_p.ico", "bitmap.ico"], 0);
    are_the_references(&["several.ico"], 0);
    assert_eq!((facts("several.ico").format, facts("several.ico").holds_more), (FileFormat::Icon, true));
}

#[test]
fn tiffs_of_all_kinds_are_what_pillow_makes_of_them() {
    for entry in std::fs::read_dir(fixture("")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".tif") {
            continue;
        }
        // Pillow makes RGB of a YCbCr without compression by tables of its own.
        let largest = if name == "ycbcr.tif" { 1 } else { 0 };
        are_the_references(&[&name], largest);
        let facts = facts(&name);
        assert_eq!((facts.format, facts.is_lossless), (FileFormat::Tiff, !name.contains("jpeg")), "{name}");
        assert!(!facts.holds_more, "{name}");
    }
}

#[test]
fn of_a_cameras_raw_file_the_largest_preview_is_compared_turned_as_the_raw_says() {
    use Orientation::*;
    let preview = decode::open(&fixture("preview.jpg")).unwrap();
    for (name, orientation) in [
        ("nikon.nef", Rotate270),
        ("sony.arw", Rotate90),
        ("adobe.dng", NoTransforms),
        ("olympus.orf", NoTransforms),
        ("panasonic.rw2", Rotate90),
        ("pentax.pef", Rotate180),
        ("canon.cr2", Rotate90),
        ("canon.cr3", Rotate90),
        ("canon_preview.cr3", Rotate90),
        ("fuji.raf", Rotate90),
    ] {
        let mut expected = preview.clone();
        expected.apply_orientation(orientation);
        // Whatever it is called.
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jpg");
        std::fs::copy(fixture(name), &path).unwrap();
        assert_eq!(decode::open(&path).unwrap().into_rgb8(), expected.into_rgb8(), "{name}");
        let facts = facts(name);
        assert!(facts.format == FileFormat::Raw && facts.holds_more, "{name}: {facts:?}");
        let sensor = (facts.width.max(facts.height), facts.width.min(facts.height));
        let told = if matches!(name, "fuji.raf" | "panasonic.rw2") { sensor } else { (480, 360) };
        assert_eq!(sensor, told, "{name}");
    }
    let message = decode::open(&fixture("without_preview.nef")).unwrap_err().to_string();
    assert!(message.contains("RAW file without a preview"), "{message}");
}

/// A file of each format.
const EACH: [&str; 23] = [
    "420.avif",
    "grid.avif",
    "two.avif",
    "lossless.jxl",
    "lossy.jxl",
    "of_jpeg.jxl",
    "animated.jxl",
    "lossless.jp2",
    "lossy.j2k",
    "smaller.gif",
    "several.ico",
    "canon.cr3",
    "canon_preview.cr3",
    "nikon.nef",
    "fuji.raf",
    "palette_lzw.tif",
    "zstd.tif",
    "float32_tiles.tif",
    "cmyk_planes.tif",
    "fax3_2d.tif",
    "fax4_reversed.tif",
    "ycbcr_jpeg.tif",
    "ycbcr_22.tif",
];

/// Cut short, or with some bits flipped.
pub fn damaged(whole: &[u8], case: usize, random: &mut fastrand::Rng) -> Vec<u8> {
    let mut bytes = whole.to_owned();
    if case.is_multiple_of(2) {
        bytes.truncate(random.usize(..whole.len()));
    } else {
        for _ in 0..random.usize(1..6) {
            let at = random.usize(..whole.len());
            bytes[at] ^= 1 << random.u8(..8);
        }
    }
    bytes
}

#[test]
fn damaged_files_are_errors_and_nothing_worse() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let mut random = fastrand::Rng::with_seed(1);
    for name in EACH {
        let whole = std::fs::read(fixture(name)).unwrap();
        for case in 0..60 {
            std::fs::write(&path, damaged(&whole, case, &mut random)).unwrap();
            if let Err(error) = decode::look(&path, &Cancel::default()) {
                let said = error.to_string();
                assert!(!said.contains("no progress"), "{name} {case}: {said}");
                assert!(!said.contains("decoder failed"), "{name} {case}: {said}");
            }
        }
    }
}

#[test]
fn a_file_that_is_cut_is_an_error_and_no_part_of_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    for name in EACH.iter().filter(|name| ["avif", "jxl", "jp2", "j2k"].iter().any(|kind| name.ends_with(kind))) {
        let whole = std::fs::read(fixture(name)).unwrap();
        for part in [0.3, 0.6, 0.9] {
            let path = folder.path().join(name);
            std::fs::write(&path, &whole[..(whole.len() as f64 * part) as usize]).unwrap();
            // Of a film the first picture may be whole.
            let is_cut_behind_the_first = matches!(*name, "two.avif" | "animated.jxl");
            assert!(decode::open(&path).is_err() || is_cut_behind_the_first, "{name} cut to {part}");
        }
    }
}

#[test]
fn captions_in_texts_of_png_and_fields_of_tiff_are_noted() {
    let folder = tempfile::tempdir().unwrap();
    let words = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        decode::look(&path, &Cancel::default()).unwrap().facts.notes.unwrap().has_words
    };
    let png = |keyword: &str, text: &str| {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 2);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.add_text_chunk(keyword.into(), text.into()).unwrap();
        encoder.write_header().unwrap().write_image_data(&[7; 4]).unwrap();
        bytes
    };
    assert!(words("a.png", &png("Title", "at the lake")) && words("b.png", &png("Description", "x")));
    assert!(!words("c.png", &png("Software", "gimp")) && !words("d.png", &png("Title", "  ")));
    let tiff = |caption: Option<&str>| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).unwrap();
        let mut image = encoder.new_image::<tiff::encoder::colortype::Gray8>(2, 2).unwrap();
        if let Some(caption) = caption {
            image.encoder().write_tag(tiff::tags::Tag::ImageDescription, caption).unwrap();
        }
        image.write_data(&[7; 4]).unwrap();
        bytes.into_inner()
    };
    assert!(words("a.tif", &tiff(Some("at the lake"))));
    assert!(!words("b.tif", &tiff(Some("SONY DSC"))) && !words("c.tif", &tiff(None)));
}
