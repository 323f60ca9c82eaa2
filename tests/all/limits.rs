//! The limits per picture: memory and time are bounded whatever is in its file, and a decoder given up is killed.

use std::fs;

use image::DynamicImage;
use mozjpeg::{ColorSpace, Compress};
use simages::cancel::Cancel;
use simages::dataset::{Dataset, decode, thumbnail};
use simages::index::store::Store;

use crate::common::{Place, peak_memory};

/// A grey JPEG of `edge` x `edge` pixels.
fn grey(edge: usize, is_progressive: bool) -> Vec<u8> {
    let mut encoder = Compress::new(ColorSpace::JCS_GRAYSCALE);
    encoder.set_size(edge, edge);
    encoder.set_fastest_defaults();
    if is_progressive {
        encoder.set_progressive_mode();
    }
    let mut encoder = encoder.start_compress(Vec::new()).unwrap();
    let row = vec![90; edge];
    (0..edge).for_each(|_| encoder.write_scanlines(&row).unwrap());
    encoder.finish().unwrap()
}

/// A progressive JPEG that repeats its last scan.
fn scan_bomb(edge: usize, scans: usize) -> Vec<u8> {
    let plain = grey(edge, true);
    let end = plain.len() - 2;
    let last = plain.windows(2).rposition(|marker| marker == [0xff, 0xda]).unwrap();
    [&plain[..last], &plain[last..end].repeat(scans), &plain[end..]].concat()
}

/// The names of skipped pictures, and the program's peak memory.
fn indexed(place: &Place) -> (Vec<String>, u64) {
    let (outcome, memory) = peak_memory(place.command(&["index", "animals", "--json"]));
    let report: serde_json::Value = serde_json::from_str(&outcome.exits(0).stdout).unwrap();
    let name = |skipped: &serde_json::Value| skipped["file"].as_str().unwrap().to_owned();
    (report["skipped"].as_array().unwrap().iter().map(name).collect(), memory)
}

#[test]
fn a_dozen_scan_bombs_cost_a_message_each() {
    let place = Place::with(&["birds_duck.jpg"]);
    let bomb = scan_bomb(6_000, 2_000);
    for i in 10..22 {
        fs::write(place.animals().join(format!("bomb{i}.jpg")), [&bomb[..], &[i]].concat()).unwrap();
    }
    let (skipped, memory) = indexed(&place);
    assert_eq!(skipped.len(), 12, "{skipped:?}");
    assert_eq!(place.names(), ["birds_duck.jpg"]);
    assert!(memory < 1_000 << 20, "{} MB", memory >> 20);
}

#[test]
fn one_with_as_many_scans_as_it_may_have_is_given_up_elsewhere() {
    let place = Place::with(&["birds_duck.jpg"]);
    fs::write(place.animals().join("slow.jpg"), scan_bomb(16_000, 480)).unwrap();
    let (skipped, memory) = indexed(&place);
    assert_eq!(skipped, ["slow.jpg"]);
    // Its coefficients alone take 512 MB.
    assert!(memory < 1_000 << 20, "{} MB", memory >> 20);
}

#[test]
fn a_large_progressive_picture_is_read() {
    let place = Place::with(&["birds_duck.jpg"]);
    fs::write(place.animals().join("large.jpg"), grey(13_000, true)).unwrap();
    let (skipped, memory) = indexed(&place);
    assert!(skipped.is_empty(), "{skipped:?}");
    assert!(memory < 1_000 << 20, "{} MB", memory >> 20);
}

#[test]
fn one_without_room_as_a_whole_is_shown_smaller() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.jpg");
    fs::write(&path, grey(20_000, false)).unwrap();
    assert!(decode::open(&path).is_err());
    let (thumbnail, pixels) = thumbnail::open(&path).unwrap();
    assert_eq!((thumbnail.dimensions(), pixels), ((512, 512), (20_000, 20_000)));
    assert!(thumbnail.iter().all(|value| value.abs_diff(90) < 3));
}

#[test]
fn pictures_are_the_same_where_another_process_decodes_them() {
    let place = Place::with(&["birds_duck.jpg"]);
    let picture = image::open(place.animals().join("birds_duck.jpg")).unwrap();
    let save = |name: &str, picture: DynamicImage| picture.save(place.animals().join(name)).unwrap();
    save("rgb.tiff", picture.clone());
    save("deep.tiff", picture.to_rgb16().into());
    save("grey.tiff", picture.to_luma8().into());
    save("float.exr", picture.to_rgb32f().into());
    #[cfg(feature = "heic")]
    for name in ["420.heic", "alpha.heic", "turned.heic"] {
        let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/heif");
        fs::copy(fixtures.join(name), place.animals().join(name)).unwrap();
    }
    fs::write(place.animals().join("cut.tiff"), &fs::read(place.animals().join("rgb.tiff")).unwrap()[..9_000]).unwrap();
    let (skipped, _) = indexed(&place);
    assert_eq!(skipped, ["cut.tiff"]);
    let dataset = Dataset::open(&place.animals()).unwrap();
    let stored = Store::new(&dataset, &place.path().join("cache")).at_hand().unwrap();
    assert!(stored.matrix.len() >= 5);
    for row in stored.matrix.rows() {
        // This process can't be started to decode.
        let look = decode::look(&place.animals().join(&row.name), &Cancel::default()).unwrap();
        assert_eq!((row.hash(), row.small_picture()), (Some(look.hash), Some(&*look.small.0)), "{}", row.name);
    }
}
