use std::io::Cursor;

use ::exif::experimental::Writer;
use ::exif::{Field, In, Rational, Tag, Value};
use image::metadata::Orientation;
use image::{ImageFormat, RgbImage};

use super::super::sample::TakesRows;
use super::*;

/// Something with structure in both directions, and no symmetry.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let value = 120.0 + 60.0 * (7.0 * x + 2.0 * y).sin() + 40.0 * (3.0 * x * y + 9.0 * y).cos() + 30.0 * x * x;
        image::Rgb([value as u8, (value * 0.8) as u8, (255.0 - value) as u8])
    })
}

fn averaged(picture: &RgbImage, orientation: Orientation) -> Averages {
    let mut averages = Averages::new(picture.dimensions(), orientation, CELLS);
    averages.begin();
    let rows = picture.as_chunks().0.chunks_exact(picture.width() as usize);
    (0..).zip(rows).for_each(|(y, row)| averages.take_row(y, row));
    averages
}

fn hash(picture: &RgbImage) -> PerceptualHash {
    PerceptualHash::new(&averaged(picture, Orientation::NoTransforms).finish())
}

#[test]
fn averages_are_those_of_the_area_also_of_tiny_pictures() {
    for (width, height) in [(1, 1), (3, 200), (64, 64), (100, 37), (640, 480)] {
        let picture = picture(width, height);
        let cells = averaged(&picture, Orientation::NoTransforms).finish();
        let luma = |x: u32, y: u32| {
            let [r, g, b] = picture.get_pixel(x, y).0.map(f64::from);
            (77.0 * r + 150.0 * g + 29.0 * b) / 256.0
        };
        for (at, cell) in cells.iter().enumerate() {
            let edge =
                |at: usize, size: u32| (at as f64 * f64::from(size) / 64.0, (at + 1) as f64 * f64::from(size) / 64.0);
            let (across, down) = (edge(at % 64, width), edge(at / 64, height));
            let part = |pixel: u32, (begin, end): (f64, f64)| {
                (end.min(f64::from(pixel) + 1.0) - begin.max(f64::from(pixel))).max(0.0)
            };
            let mut sum = 0.0;
            let touched = |(begin, end): (f64, f64)| begin as u32..end.ceil() as u32;
            for y in touched(down) {
                for x in touched(across) {
                    sum += luma(x, y) * part(x, across) * part(y, down);
                }
            }
            let mean = sum / ((across.1 - across.0) * (down.1 - down.0));
            // Edges of cells are rounded to 1/256 pixel.
            assert!((f64::from(*cell) / 16.0 - mean).abs() < 3.0, "{width} x {height}: {at}: {cell} {mean}");
        }
        if width == 640 {
            assert!((f64::from(cells[0]) / 16.0 - f64::from(picture.get_pixel(5, 3).0[0])).abs() < 40.0);
        }
    }
}

#[test]
fn rows_that_are_held_together_are_summed_as_if_each_were_alone() {
    // In 1/256 pixels: how much of a pixel is in a cell.
    let part = |pixel: u64, cell: u64, edge: u32, cells: u64| {
        let at = |cell: u64| u64::from(edge) * 256 * cell / cells;
        at(cell + 1).min((pixel + 1) * 256).saturating_sub(at(cell).max(pixel * 256))
    };
    for ((width, height), cells) in [((70, 90), 64), ((64, 128), 64), ((9, 1300), 2), ((200, 333), 5)] {
        let white_below = |x: u32, y: u32| if y > 600 { [255; 3] } else { [x as u8, (x * y) as u8, y as u8] };
        let picture = RgbImage::from_fn(width, height, |x, y| image::Rgb(white_below(x, y)));
        let mut averages = Averages::new((width, height), Orientation::NoTransforms, cells as usize);
        averages.begin();
        let rows = picture.as_chunks().0.chunks_exact(width as usize);
        (0..).zip(rows).for_each(|(y, row)| averages.take_row(y, row));
        let expected = (0..cells * cells).map(|at| {
            let (mut sum, mut area) = (0, 0);
            for (x, y, pixel) in picture.enumerate_pixels() {
                let weight = part(x.into(), at % cells, width, cells) * part(y.into(), at / cells, height, cells);
                let [red, green, blue] = pixel.0.map(u64::from);
                sum += weight * (77 * red + 150 * green + 29 * blue);
                area += weight;
            }
            (sum / (16 * area)) as i32
        });
        assert_eq!(averages.finish(), expected.collect::<Vec<_>>(), "{width} x {height}");
    }
}

#[test]
fn a_turned_picture_is_averaged_upright() {
    let upright = picture(90, 50);
    let stored = |orientation: Orientation| {
        // What turns the upright one into what is stored.
        let inverse = match orientation {
            Orientation::Rotate90 => Orientation::Rotate270,
            Orientation::Rotate270 => Orientation::Rotate90,
            other => other,
        };
        let mut image = image::DynamicImage::from(upright.clone());
        image.apply_orientation(inverse);
        image.into_rgb8()
    };
    let expected = averaged(&upright, Orientation::NoTransforms).finish();
    for exif in 1..=8 {
        let orientation = Orientation::from_exif(exif).unwrap();
        let cells = averaged(&stored(orientation), orientation).finish();
        let most = cells.iter().zip(&expected).map(|(a, b)| (a - b).abs()).max().unwrap();
        assert!(most <= 16, "{orientation:?}: {most}");
    }
}

#[test]
fn a_hash_knows_the_picture_in_all_orientations_and_other_sizes() {
    let picture = picture(300, 200);
    let all = hash(&picture).orientations();
    for exif in 1..=8 {
        let mut turned = image::DynamicImage::from(picture.clone());
        turned.apply_orientation(Orientation::from_exif(exif).unwrap());
        let turned = hash(&turned.into_rgb8());
        let nearest = all.iter().map(|hash| hash.distance(turned)).min().unwrap();
        assert!(nearest <= 6, "{exif}: {nearest}");
        assert_eq!(hash(&picture).distance_turned(turned), Some(nearest));
    }
    let small = hash(&image::imageops::thumbnail(&picture, 90, 60));
    assert!(small.distance(all[0]) < 20, "{}", small.distance(all[0]));
    assert!(all[1..].iter().all(|other| other.distance(all[0]) > 60));
    assert_eq!(PerceptualHash::from_bytes(&all[3].to_bytes()), Some(all[3]));
    assert_eq!(PerceptualHash::from_bytes(&[0; 32]), None);
}

/// In a frame of this grey: so many pixels across and down at each side.
fn framed(inside: &RgbImage, (across, down): (u32, u32), grey: u8) -> RgbImage {
    let (width, height) = inside.dimensions();
    let mut framed = RgbImage::from_pixel(width + 2 * across, height + 2 * down, image::Rgb([grey; 3]));
    image::imageops::replace(&mut framed, inside, across.into(), down.into());
    framed
}

fn inside(picture: &RgbImage) -> Option<PerceptualHash> {
    hash_inside(&SmallPicture::new(&averaged(picture, Orientation::NoTransforms).finish()).0)
}

#[test]
fn what_is_inside_of_a_frame_has_the_hash_that_it_has_alone() {
    let mut random = fastrand::Rng::with_seed(4);
    // Something in all frequencies that count.
    let spots = RgbImage::from_fn(30, 20, |_, _| image::Rgb([random.u8(20..200); 3]));
    let picture = image::imageops::resize(&spots, 300, 200, image::imageops::FilterType::Triangle);
    for (thick, grey) in [((15, 10), 255), ((20, 20), 0), ((0, 30), 0), ((60, 0), 255), ((75, 50), 255), ((13, 9), 240)]
    {
        let framed = framed(&picture, thick, grey);
        let distance = inside(&framed).unwrap().distance(hash(&picture));
        assert!(distance <= 16, "{thick:?} {grey}: {distance}");
        assert!(hash(&framed).distance(hash(&picture)) > 28, "{thick:?} {grey}");
    }
    assert_eq!(inside(&picture), None);
}

#[test]
fn what_is_no_frame_has_no_inside() {
    let square = picture(200, 200);
    let thing = RgbImage::from_fn(200, 200, |x, y| {
        let is_inside = (f64::from(x) - 100.0).hypot(f64::from(y) - 100.0) < 80.0;
        if is_inside { *square.get_pixel(x, y) } else { image::Rgb([255; 3]) }
    });
    let alone = picture(300, 200);
    let below = RgbImage::from_fn(300, 240, |x, y| if y < 200 { *alone.get_pixel(x, y) } else { image::Rgb([0; 3]) });
    // A thing on a plain ground, a band at one side, too thick a frame, one around nothing, nothing at all.
    let flat = |grey| RgbImage::from_pixel(100, 100, image::Rgb([grey; 3]));
    for none in [thing, below, framed(&alone, (100, 70), 255), framed(&flat(90), (10, 10), 255), flat(7)] {
        assert_eq!(inside(&none), None, "{:?}", none.dimensions());
    }
}

#[test]
fn pictures_of_one_colour_are_like_nothing() {
    let black = hash(&RgbImage::new(30, 20));
    let nearly = hash(&RgbImage::from_fn(30, 20, |x, _| image::Rgb([250, 250, 250 + (x % 2) as u8])));
    assert!(black.is_featureless() && nearly.is_featureless());
    assert_eq!(black.distance_turned(nearly), None);
    assert_eq!(hash(&picture(40, 40)).distance_turned(black), None);
}

#[test]
fn a_grey_picture_is_told_from_one_in_colour() {
    let grey = image::DynamicImage::from(picture(90, 70)).into_luma8();
    let chroma = |picture: &RgbImage| averaged(picture, Orientation::NoTransforms).chroma();
    assert_eq!(chroma(&image::DynamicImage::from(grey).into_rgb8()), 0);
    assert!(chroma(&picture(90, 70)) > 16);
    assert_eq!(chroma(&RgbImage::from_pixel(5, 5, image::Rgb([255, 0, 0]))), 255);
}

#[test]
fn facts_come_back_as_they_were_written() {
    let facts = Facts {
        width: 4000,
        height: 3000,
        format: FileFormat::Tiff,
        is_lossless: true,
        holds_more: true,
        chroma: 9,
        taken: Some(-1),
        notes: Some(Notes { has_place: true, has_words: false }),
    };
    for facts in [
        facts,
        Facts { is_lossless: false, taken: None, ..facts },
        Facts { holds_more: false, notes: Some(Notes { has_place: false, has_words: true }), ..facts },
        Facts { notes: None, ..facts },
    ] {
        assert_eq!(Facts::from_bytes(&facts.to_bytes()), Some(facts));
    }
    assert_eq!(Facts::from_bytes(&[0; Facts::BYTES]), None);
    assert_eq!(Facts::from_bytes(&[1; 7]), None);
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture(20, 10).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn more(bytes: Vec<u8>, format: FileFormat) -> bool {
    holds_more(&mut Cursor::new(bytes), format)
}

#[test]
fn plain_pictures_hold_no_more() {
    for format in [ImageFormat::Gif, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Tiff] {
        let bytes = encoded(format);
        let format = FileFormat::of(Some(format));
        assert!(!more(bytes.clone(), format), "{format:?}");
        // Nor do cut ones, and nothing hangs.
        (0..bytes.len().min(200)).for_each(|len| assert!(!more(bytes[..len].to_vec(), format)));
    }
}

#[test]
fn animations_pages_films_and_layers_are_more() {
    let mut gif = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
    let frame = || image::Frame::new(image::RgbaImage::new(4, 4));
    encoder.encode_frames([frame(), frame()]).unwrap();
    drop(encoder);
    assert!(more(gif, FileFormat::Gif));

    let png = encoded(ImageFormat::Png);
    let control = [&8u32.to_be_bytes()[..], b"acTL", &[0; 12]].concat();
    assert!(more([&png[..33], &control, &png[33..]].concat(), FileFormat::Png));

    let webp = [&b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0"[..], &[2, 0, 0, 0, 9, 0, 0, 9, 0, 0]].concat();
    assert!(more(webp, FileFormat::WebP));

    // A directory of one entry, little-endian: another directory after it, or Photoshop's layers in it.
    let tiff = |tag: u16, next: u32| {
        let head = [&b"II*\0\x08\0\0\0\x01\0"[..], &tag.to_le_bytes(), &[0; 10], &next.to_le_bytes()];
        more(head.concat(), FileFormat::Tiff)
    };
    assert_eq!([tiff(256, 0), tiff(256, 99), tiff(37_724, 0)], [false, true, true]);
}

#[test]
fn much_after_the_end_of_a_picture_is_more_but_notes_and_padding_are_not() {
    let film: Vec<u8> = (0..20_000).map(|at| (at % 251) as u8).collect();
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let with = |tail: &[u8]| more([&encoded(format)[..], tail].concat(), FileFormat::of(Some(format)));
        assert!(with(&film) && with(&[&[0; 100_000][..], &film].concat()), "{format:?}");
        assert!(!with(&film[..3000]) && !with(&[0; 20_000]) && !with(&[0xff; 20_000]), "{format:?}");
    }
}

#[test]
fn exif_tells_when_and_by_which_camera() {
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    let raw = |date: &[u8; 20]| {
        let directory = [entry(0x010f, 2, 6, 50), entry(0x0110, 2, 9, 56), entry(0x0132, 2, 20, 66)].concat();
        [&b"II*\0\x08\0\0\0\x03\0"[..], &directory, &[0; 4], b"Canon\0", b"EOS 400D\0\0", date].concat()
    };
    let exif = Exif::parse(raw(b"1970:01:02 00:00:07\0"));
    assert_eq!(exif, Exif { taken: Some(86_407), camera: Some("Canon EOS 400D".into()), ..Exif::default() });
    for none in [b"0000:00:00 00:00:00\0", b"    :  :     :  :  \0", b"2019:13:01 00:00:00\0"] {
        assert_eq!(Exif::parse(raw(none)).taken, None);
    }
    assert_eq!(Exif::parse(b"II*\0rubbish".to_vec()), Exif::default());
}

#[test]
fn exif_tells_how_it_was_taken() {
    let fields = |sensitivity: u16| {
        let ratio = |num, denom| Value::Rational(vec![Rational { num, denom }]);
        let values = [
            (Tag::ExposureTime, ratio(1, 250)),
            (Tag::FNumber, ratio(28, 10)),
            (Tag::PhotographicSensitivity, Value::Short(vec![sensitivity])),
            (Tag::FocalLength, ratio(0, 1)),
            (Tag::LensModel, Value::Ascii(vec![b"EF 35mm".to_vec()])),
        ];
        values.map(|(tag, value)| Field { tag, ifd_num: In::PRIMARY, value })
    };
    let told = |sensitivity| {
        let (fields, mut bytes) = (fields(sensitivity), Cursor::new(Vec::new()));
        let mut writer = Writer::new();
        fields.iter().for_each(|field| writer.push_field(field));
        writer.write(&mut bytes, true).unwrap();
        Exif::parse(bytes.into_inner())
    };
    let exif = told(100);
    // Nobody knows a focal length of nothing.
    assert_eq!(exif.exposure.as_deref(), Some("1/250 s, f/2.8, ISO 100"));
    assert_eq!(exif.lens.as_deref(), Some("EF 35mm"));
    assert_eq!(told(0).exposure.as_deref(), Some("1/250 s, f/2.8"));
}

#[test]
fn coarser_averages_are_those_of_the_picture() {
    for (width, height) in [(1, 1), (3, 200), (64, 64), (100, 37), (641, 479)] {
        let picture = picture(width, height);
        let fine = Averages::of(&picture, 128);
        for cells in [32, 64, 128] {
            let coarser = fine.coarser(cells).unwrap();
            assert_eq!(coarser.colours(), Averages::of(&picture, cells).colours(), "{width} x {height}: {cells}");
        }
        assert!(fine.coarser(48).is_none() && fine.coarser(256).is_none());
    }
    // Cells of a sliver of a pixel each overlap.
    assert!(Averages::of(&picture(1, 5), 1024).coarser(128).is_none());
}

#[test]
fn each_pixel_of_a_small_picture_is_a_cell() {
    let small = picture(9, 5);
    let colours: Vec<[f64; 3]> = small.pixels().map(|pixel| pixel.0.map(f64::from)).collect();
    for orientation in 1..=8 {
        let orientation = Orientation::from_exif(orientation).unwrap();
        let mut turned = image::DynamicImage::from(small.clone());
        turned.apply_orientation(orientation);
        let mut averages = Averages::up_to(small.dimensions(), orientation, 1024);
        (0..).zip(small.as_chunks().0.chunks_exact(9)).for_each(|(y, row)| averages.take_row(y, row));
        let upright = turned.to_rgb8();
        assert_eq!(averages.cells(), (upright.width() as usize, upright.height() as usize));
        assert_eq!(averages.colours(), upright.pixels().map(|pixel| pixel.0.map(f64::from)).collect::<Vec<_>>());
    }
    assert_eq!(Averages::of_up_to(&small, 9).colours(), colours);
    assert_eq!(Averages::of_up_to(&small, 6).cells(), (6, 5));
}
