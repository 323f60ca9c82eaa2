//! Files in boxes (ISO base media): pictures of several formats, and videos, distinguished by their brands.

/// The brands of pictures coded with HEVC.
const HEIC: [&[u8; 4]; 6] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"];

/// Files that only declare that they hold pictures, such as grids written by libheif, are mostly coded with HEVC.
pub fn are_heic(head: &[u8]) -> bool {
    has(head, &HEIC) || has(head, &[b"mif1", b"msf1"]) && !are_avif(head) && !are_of_a_film(head)
}

/// A single picture, or a sequence.
pub fn are_avif(head: &[u8]) -> bool {
    has(head, &[b"avif", b"avis"])
}

/// Whether the file declares one of these brands.
fn has(head: &[u8], wanted: &[&[u8; 4]]) -> bool {
    all(head).any(|brand| wanted.contains(&&brand))
}

/// Whether it is a file in boxes, but not a picture.
pub fn are_of_a_film(head: &[u8]) -> bool {
    let is_film = |brand: [u8; 4]| {
        matches!(&brand, b"qt  " | b"isom" | b"iso2" | b"iso4" | b"iso5" | b"iso6" | b"avc1" | b"M4V " | b"MSNV")
            || brand.starts_with(b"mp4")
            || brand.starts_with(b"3g")
    };
    all(head).any(is_film) || matches!(head.get(4..8), Some(b"moov" | b"mdat" | b"wide"))
}

/// The major brand, then the compatible ones, as far as the head contains them.
fn all(head: &[u8]) -> impl Iterator<Item = [u8; 4]> + '_ {
    let is_one = head.get(4..8) == Some(b"ftyp");
    let len = head.first_chunk().map_or(0, |len| u32::from_be_bytes(*len) as usize).min(head.len());
    let brands = if is_one { head.get(8..len).unwrap_or_default() } else { &[] };
    // Between them is a version.
    brands.as_chunks().0.iter().copied().enumerate().filter(|(at, _)| *at != 1).map(|(_, brand)| brand)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(brands: &[&[u8; 4]]) -> Vec<u8> {
        let mut bytes = (16 + 4 * (brands.len() as u32 - 1)).to_be_bytes().to_vec();
        bytes.extend(b"ftyp");
        bytes.extend(brands[0]);
        bytes.extend([0; 4]);
        brands[1..].iter().for_each(|brand| bytes.extend(*brand));
        bytes.extend(b"heicmoov");
        bytes
    }

    #[test]
    fn brands_tell_pictures_from_films_and_from_each_other() {
        assert!(are_heic(&file(&[b"heic", b"mif1"])) && are_heic(&file(&[b"mif1", b"heic"])));
        let avif = file(&[b"avif", b"mif1", b"miaf"]);
        assert!(!are_heic(&avif) && are_avif(&avif) && !are_of_a_film(&avif));
        assert!(are_of_a_film(&file(&[b"isom", b"iso2", b"mp41"])) && are_of_a_film(&file(&[b"qt  "])));
        assert!(are_of_a_film(b"\0\0\0\x08wide\0\0"));
        // What follows the brands is none of them.
        assert!(!are_heic(&file(&[b"miaf", b"MiHB"])));
        // A grid of libheif.
        assert!(are_heic(&file(&[b"mif1", b"mif1", b"miaf"])));
        for nothing in [&b""[..], b"\xff\xd8\xff", b"\0\0\0\0ftyp", b"\xff\xff\xff\xffftypheic"] {
            assert!(!are_of_a_film(nothing));
        }
    }
}
