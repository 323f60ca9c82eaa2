use image::ImageFormat;

use super::*;

fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn what_is_not_a_picture_says_so_and_names_the_file() {
    for (name, bytes, says) in [
        ("empty.jpg", &b""[..], "empty"),
        ("text.jpg", b"<html>404</html>", "damaged, or not in JPEG format"),
        // The content decides, whatever the name says.
        ("a.jpg", b"....ftypavif", "AVIF, but damaged"),
        ("b.jpg", b"....ftypisom....mp41", "a video (MP4 or QuickTime), not a picture"),
        ("c.png", b"8BPS\0\x01", "Photoshop is not supported"),
        ("d.svg", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "SVG is not supported"),
    ] {
        let (_folder, path) = written(name, bytes);
        let message = open(&path).unwrap_err().to_string();
        assert!(message.contains(name) && message.contains(says), "{message}");
    }
}

/// Every third pixel from the second on; of the longer edge from the third on.
fn thirds(size: u32, other: u32) -> Vec<u32> {
    (0..size).skip(if size > other { 2 } else { 1 }).step_by(3).collect()
}

#[test]
fn sampled_pixels_are_those_of_the_whole_picture_however_it_is_turned() {
    let noise = |x: u32, y: u32| image::Rgb([(x * 7 + y * 13) as u8, (x * y) as u8, (x ^ y) as u8]);
    let picture = image::RgbImage::from_fn(50, 37, noise);
    for format in [ImageFormat::Jpeg, ImageFormat::Png] {
        let mut plain = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut plain, format).unwrap();
        for orientation in 1..=8u8 {
            let (_folder, path) = written("turned", &with_orientation(plain.get_ref(), format, orientation));
            let whole = open(&path).unwrap().into_rgb8();
            assert_eq!(whole.width(), if orientation < 5 { 50 } else { 37 });
            let (width, height) = whole.dimensions();
            let (columns, rows) = (thirds(width, height), thirds(height, width));
            let expected = image::RgbImage::from_fn(columns.len() as u32, rows.len() as u32, |x, y| {
                *whole.get_pixel(columns[x as usize], rows[y as usize])
            });
            assert_eq!(sampled(&path, thirds).unwrap(), expected, "{format:?}, orientation {orientation}");
            // Of a part the same as if it were all.
            let part = PicturePart { x: 5, y: 11, width: 20, height: 17 };
            let cut = image::imageops::crop_imm(&whole, part.x, part.y, part.width, part.height).to_image();
            let (columns, rows) = (thirds(part.width, part.height), thirds(part.height, part.width));
            let expected = image::RgbImage::from_fn(columns.len() as u32, rows.len() as u32, |x, y| {
                *cut.get_pixel(columns[x as usize], rows[y as usize])
            });
            let (pixels, _) = sampled_each(&path, Some(part), vec![thirds]).unwrap();
            assert_eq!(pixels, [expected], "{format:?}, orientation {orientation}");
            let outside = PicturePart { x: width - 4, width: 5, ..part };
            let message = sampled_each(&path, Some(outside), vec![thirds]).unwrap_err().to_string();
            assert!(
                message.contains(&format!("outside the picture, which has {width} x {height} pixels")),
                "{message}"
            );
        }
    }
}

/// With EXIF that holds just this.
fn with_orientation(picture: &[u8], format: ImageFormat, orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    // After JPEG's start of image, or PNG's signature and header.
    let (at, chunk) = match format {
        ImageFormat::Jpeg => {
            let len = (exif.len() + 8) as u16;
            (2, [b"\xff\xe1", &len.to_be_bytes()[..], b"Exif\0\0", &exif].concat())
        }
        _ => {
            let chunk = [b"eXIf", &exif[..]].concat();
            let crc = crc32(&chunk).to_be_bytes();
            (33, [&(exif.len() as u32).to_be_bytes()[..], &chunk, &crc].concat())
        }
    };
    [&picture[..at], &chunk, &picture[at..]].concat()
}

#[test]
fn the_content_decides_the_format_not_the_name() {
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(3, 2).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let (_folder, path) = written("really_png.jpg", png.get_ref());
    assert_eq!(open(&path).unwrap().width(), 3);
}

#[test]
fn a_decompression_bomb_is_refused_before_it_is_unpacked() {
    // A PNG header that promises 40,000 x 40,000 pixels.
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([40_000u32.to_be_bytes(), 40_000u32.to_be_bytes()].concat());
    png.extend([8, 2, 0, 0, 0]);
    let crc = crc32(&png[12..]);
    png.extend(crc.to_be_bytes());
    png.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    let (_folder, path) = written("bomb.png", &png);
    let message = open(&path).unwrap_err().to_string();
    assert!(message.contains("too"), "{message}");
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    })
}
