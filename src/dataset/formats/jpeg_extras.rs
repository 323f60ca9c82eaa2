//! What a JPEG holds besides its picture.

use super::super::look::has_tail;
use super::jpeg_segments::{JpegSegment, JpegSegments};

/// What phones write into the XMP of a picture with a video, sound or a second picture.
const FILMS: [&[u8]; 4] = [b"MotionPhoto", b"MicroVideo", b"GImage:", b"GAudio:"];
/// Kinds of pictures in a multi-picture file that are smaller versions of the first.
const LARGE_THUMBNAILS: [u32; 2] = [0x01_0001, 0x01_0002];
/// The most pictures of an index.
const MOST_PICTURES: usize = 1000;

/// Further pictures in MPF (CIPA DC-007) that aren't smaller versions of the first; a video; or something after the end
/// of all pictures.
pub fn holds_more(file: &[u8]) -> bool {
    let (mut segments, mut end_of_pictures) = (JpegSegments::of(file), 0);
    for segment in &mut segments {
        let Some(JpegSegment { marker, content, at }) = segment else { return false };
        let has = |text: &[u8]| content.windows(text.len()).any(|window| window == text);
        let is_xmp = marker == 0xe1 && content.starts_with(b"http://ns.adobe.com/xap/");
        if is_xmp && FILMS.iter().any(|film| has(film)) {
            return true;
        }
        if marker == 0xe2
            && let Some(index) = content.strip_prefix(b"MPF\0")
        {
            let pictures = PictureIndex::read(index);
            if pictures.has_others {
                return true;
            }
            // Places count from the index on.
            end_of_pictures = pictures.end.map_or(0, |end| at + 4 + end);
        }
    }
    let mut rest = file.get(segments.end().max(end_of_pictures)..).unwrap_or_default();
    has_tail(&mut rest).unwrap_or(false)
}

/// A multi-picture index.
#[derive(Default)]
struct PictureIndex {
    /// Whether it has pictures that aren't smaller versions of the first.
    has_others: bool,
    /// The end of the last picture but the first, from the index on.
    end: Option<usize>,
}

impl PictureIndex {
    /// From its TIFF header on.
    fn read(index: &[u8]) -> PictureIndex {
        let little = index.first() == Some(&b'I');
        let number = |at: usize, len: usize| -> Option<u32> {
            let raw = index.get(at..at.checked_add(len)?)?;
            let add = |sum: u32, byte: &u8| sum << 8 | u32::from(*byte);
            Some(if little { raw.iter().rev().fold(0, add) } else { raw.iter().fold(0, add) })
        };
        let entries = || {
            let directory = number(4, 4)? as usize;
            let fields = 0..number(directory, 2)? as usize;
            let field = fields.map(|at| directory + 2 + 12 * at).find(|at| number(*at, 2) == Some(0xb002))?;
            Some((number(field + 4, 4)? as usize / 16, number(field + 8, 4)? as usize))
        };
        let Some((count, at)) = entries() else { return PictureIndex::default() };
        // The first one is the picture itself.
        let others = (1..count.min(MOST_PICTURES)).filter_map(|entry| {
            let field = |from: usize| number(at + 16 * entry + from, 4);
            Some((field(0)? & 0xff_ffff, field(8)? as usize + field(4)? as usize))
        });
        PictureIndex {
            has_others: others.clone().any(|(kind, _)| !LARGE_THUMBNAILS.contains(&kind)),
            end: others.map(|(_, end)| end).max(),
        }
    }
}

#[cfg(test)]
mod tests {
    use image::{ImageFormat, Rgb, RgbImage};

    use super::*;

    fn picture() -> RgbImage {
        RgbImage::from_fn(200, 100, |x, y| Rgb([x as u8, y as u8, (x * y / 90) as u8]))
    }

    fn jpeg() -> Vec<u8> {
        let mut jpeg = std::io::Cursor::new(Vec::new());
        picture().write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
        jpeg.into_inner()
    }

    /// Bytes like those of a video.
    fn film() -> Vec<u8> {
        (0..20_000).map(|at| (at % 251) as u8).collect()
    }

    fn with(kind: u8, segment: &[u8]) -> Vec<u8> {
        let (jpeg, len) = (jpeg(), ((segment.len() + 2) as u16).to_be_bytes());
        // Fill bytes may stand before a marker.
        [&jpeg[..2], &[0xff, 0xff, kind], &len, segment, &jpeg[2..]].concat()
    }

    /// With an index of two pictures; the second one is of this kind and appended, with as many bytes.
    fn with_index(kind: u32, bytes: u32) -> Vec<u8> {
        let field =
            [&0xb002u16.to_be_bytes()[..], &7u16.to_be_bytes(), &32u32.to_be_bytes(), &26u32.to_be_bytes()].concat();
        let segment = |offset: u32| {
            let second = [kind, bytes, offset, 0].map(u32::to_be_bytes).concat();
            let entries = [&0x2003_0000u32.to_be_bytes()[..], &[0; 12], &second].concat();
            [&b"MPF\0MM\0*\0\0\0\x08\0\x01"[..], &field, &[0; 4], &entries].concat()
        };
        // The index begins after the file's start, fill, marker, length and name.
        let offset = with(0xe2, &segment(0)).len() - 11;
        let mut file = with(0xe2, &segment(offset as u32));
        file.extend(film().iter().cycle().take(bytes as usize));
        file
    }

    #[test]
    fn plain_ones_hold_no_more_nor_do_cut_ones() {
        let jpeg = jpeg();
        (0..=jpeg.len()).for_each(|len| assert!(!holds_more(&jpeg[..len]), "{len}"));
        assert!(!holds_more(&with(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x xmp:Rating=\"1\">")));
    }

    #[test]
    fn films_and_other_pictures_are_more() {
        assert!(holds_more(&with(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x GCamera:MotionPhoto=\"1\">")));
        let index = |kind| holds_more(&with_index(kind, 9000));
        assert_eq!([index(0x01_0002), index(0x02_0002), index(0)], [false, true, true]);
        assert!(holds_more(&[with_index(0x01_0002, 9000), film()].concat()), "behind the last one");
    }

    #[test]
    fn much_after_the_end_is_more_but_notes_and_padding_are_not() {
        let (jpeg, film) = (jpeg(), film());
        let with = |tail: &[u8]| holds_more(&[&jpeg[..], tail].concat());
        assert!(with(&film) && with(&[&[0; 100_000][..], &film].concat()));
        assert!(!with(&film[..3000]) && !with(&[0; 20_000]) && !with(&[0xff; 20_000]));
        // Of several scans.
        let mut encoder = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
        encoder.set_size(200, 100);
        encoder.set_progressive_mode();
        let mut encoder = encoder.start_compress(Vec::new()).unwrap();
        encoder.write_scanlines(picture().as_raw()).unwrap();
        let jpeg = encoder.finish().unwrap();
        assert!(jpeg.windows(2).filter(|pair| *pair == [0xff, 0xda]).count() > 1);
        assert!(!holds_more(&jpeg) && holds_more(&[jpeg, film].concat()));
    }
}
