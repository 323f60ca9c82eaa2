//! What was noted about a picture and can't be seen in it: where it was taken, a caption, tags, a rating.

use exif::{Context, Exif as Fields, In, Tag, Value};

/// Microsoft's tags: rating, title, comment, keywords and subject.
const BY_WINDOWS: [u16; 5] = [0x4746, 0x9c9b, 0x9c9c, 0x9c9e, 0x9c9f];
/// Properties of XMP that hold captions, tags and faces, and the beginnings of several.
const BY_XMP: [&[u8]; 14] = [
    b"dc:title",
    b"dc:description",
    b"dc:subject",
    b"lr:hierarchicalSubject",
    b"digiKam:TagsList",
    b"digiKam:Captions",
    b"mwg-rs:Regions",
    b"MP:RegionInfo",
    b"MicrosoftPhoto:LastKeyword",
    b"Iptc4xmpExt:PersonInImage",
    b"photoshop:Headline",
    b"exif:UserComment",
    b"tiff:ImageDescription",
    b"xmp:Label",
];
/// Properties of XMP that hold places.
const PLACES: [&[u8]; 4] = [b"exif:GPSLatitude", b"photoshop:City", b"photoshop:Country", b"Iptc4xmpCore:Location"];
/// Properties of XMP that hold ratings, from one on; rejected pictures have -1.
const RATINGS: [&[u8]; 3] = [b"xmp:Rating", b"xap:Rating", b"MicrosoftPhoto:Rating"];
/// Data sets of IPTC's application record: title, keywords, headline, caption.
const BY_IPTC: [u8; 4] = [5, 25, 105, 120];
/// City, part of it, province, country.
const PLACES_BY_IPTC: [u8; 4] = [90, 92, 95, 101];
/// What cameras and phones write into every picture; the last one begins what a program reads.
const BY_CAMERAS: [&[u8]; 5] = [b"OLYMPUS DIGITAL CAMERA", b"SONY DSC", b"DIGITAL CAMERA", b"Screenshot", b"{"];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    pub has_place: bool,
    /// A caption, tags or a rating.
    pub has_words: bool,
}

impl Notes {
    /// By the fields of EXIF.
    pub fn of_exif(fields: &Fields) -> Notes {
        let value = |tag: Tag| Some(&fields.get_field(tag, In::PRIMARY)?.value);
        let is_number = |value: &Value| match value {
            Value::Rational(numbers) => numbers.iter().any(|number| number.num > 0 && number.denom > 0),
            _ => false,
        };
        let tags = BY_WINDOWS.map(|number| Tag(Context::Tiff, number));
        Notes {
            has_place: [Tag::GPSLatitude, Tag::GPSLongitude].into_iter().filter_map(value).any(is_number),
            has_words: [Tag::ImageDescription, Tag::UserComment].into_iter().chain(tags).filter_map(value).any(says),
        }
    }

    /// Whether they include all kinds that the others do.
    pub fn holds(self, others: Notes) -> bool {
        self.has_place >= others.has_place && self.has_words >= others.has_words
    }

    /// All kinds of both.
    pub fn and(self, other: Notes) -> Notes {
        Notes { has_place: self.has_place || other.has_place, has_words: self.has_words || other.has_words }
    }

    /// By an XMP packet.
    pub fn of_xmp(xmp: &[u8]) -> Notes {
        let has = |property: &[u8]| xmp.windows(property.len()).any(|window| window == property);
        let is_rated = |property: &[u8]| is_rated(xmp, property);
        Notes {
            has_place: PLACES.into_iter().any(has),
            has_words: BY_XMP.into_iter().any(has) || RATINGS.into_iter().any(is_rated),
        }
    }

    /// By IPTC's records.
    pub fn of_iptc(iptc: &[u8]) -> Notes {
        // A marker, the record, the data set, and its length.
        let has = |sets: [u8; 4]| {
            iptc.windows(5).any(|set| set[..2] == [0x1c, 2] && sets.contains(&set[2]) && set[3..] != [0, 0])
        };
        Notes { has_place: has(PLACES_BY_IPTC), has_words: has(BY_IPTC) }
    }
}

/// Whether a caption says something that isn't in every picture of a camera.
pub fn is_caption(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii().split(|byte| *byte == 0).next().unwrap_or_default().trim_ascii();
    let is_by_camera = |words: &[u8]| if words == b"{" { text.starts_with(words) } else { text == words };
    bytes.iter().any(|byte| !matches!(byte, 0 | b' ' | b'\n' | b'\r')) && !BY_CAMERAS.into_iter().any(is_by_camera)
}

/// Whether a field says something. A user comment begins with eight bytes for its character set.
fn says(value: &Value) -> bool {
    match value {
        Value::Ascii(lines) => lines.iter().any(|line| is_caption(line)),
        Value::Byte(bytes) => is_caption(bytes),
        Value::Undefined(bytes, _) => bytes.get(8..).is_some_and(is_caption),
        number => number.get_uint(0).is_some_and(|number| number > 0),
    }
}

/// As an attribute or an element.
fn is_rated(xmp: &[u8], property: &[u8]) -> bool {
    let after = xmp.windows(property.len()).position(|window| window == property).map(|at| &xmp[at + property.len()..]);
    let first = after.unwrap_or_default().iter().find(|byte| !b"=\"'> \t\r\n".contains(byte));
    first.is_some_and(|digit| (b'1'..=b'9').contains(digit))
}

#[cfg(test)]
mod tests {
    use exif::Reader;

    use super::*;

    #[test]
    fn captions_tags_and_ratings_in_xmp_and_iptc_are_words() {
        let of = |xmp: &str, iptc: &[u8]| Notes::of_xmp(xmp.as_bytes()).and(Notes::of_iptc(iptc));
        let words = Notes { has_words: true, ..Notes::default() };
        for xmp in [
            "<dc:subject><rdf:Bag>",
            "<x xmp:Rating=\"4\"",
            "<xmp:Rating>1</xmp:Rating>",
            "mwg-rs:Regions",
            "<xmp:Rating>\r\n\t5",
        ] {
            assert_eq!(of(xmp, b""), words, "{xmp}");
        }
        assert_eq!(of("", b"\x1c\x02\x19\0\x04cats"), words);
        assert_eq!(of("", b"\x1c\x02\x19\0\0"), Notes::default(), "empty");
        assert_eq!(of("", b"\x1c\x02\x5a\0\x04Rome"), Notes { has_place: true, ..Notes::default() });
        assert_eq!(of("exif:GPSLatitude=\"48,12.5N\"", b""), Notes { has_place: true, ..Notes::default() });
        for nothing in ["", "<x xmp:Rating=\"0\"", "<xmp:Rating>-1</xmp:Rating>", "xmp:Rating", "dc:format"] {
            assert_eq!(of(nothing, b"\x1c\x02\x3c\0\x08"), Notes::default(), "{nothing}");
        }
    }

    #[test]
    fn fields_of_exif_are_words_unless_they_are_blank() {
        let of = |tag: u16, kind: u16, bytes: &[u8]| {
            let unit: usize = if kind == 3 { 2 } else { 1 };
            let count = (bytes.len() / unit) as u32;
            let entry =
                [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &26u32.to_le_bytes()].concat();
            let raw = [&b"II*\0\x08\0\0\0\x01\0"[..], &entry, &[0; 4], bytes].concat();
            Notes::of_exif(&Reader::new().read_raw(raw).unwrap())
        };
        let words = Notes { has_words: true, ..Notes::default() };
        assert_eq!(of(0x010e, 2, b"Anna at the lake\0"), words);
        assert_eq!(of(0x010e, 2, b"                \0"), Notes::default());
        assert_eq!(of(0x010e, 2, b"OLYMPUS DIGITAL CAMERA         \0"), Notes::default());
        assert_eq!(of(0x9286, 7, b"ASCII\0\0\0{\"sensorType\":1}"), Notes::default());
        assert_eq!(of(0x9286, 7, b"ASCII\0\0\0at the lake"), Notes::default(), "not in the first directory");
        assert_eq!(of(0x9c9e, 1, b"l\0a\0k\0e\0\0\0"), words);
        assert_eq!((of(0x4746, 3, &[4, 0, 0, 0, 0, 0]), of(0x4746, 3, &[0; 6])), (words, Notes::default()));
    }
}
