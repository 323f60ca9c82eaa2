//! HEIC and HEIF, the formats of phones, decoded by the crate heifer in safe Rust. Colours are converted like libheif
//! converts them.

use heifer::heifer_hevc_dec::decoder::{DecodeOptions, decode_picture};
use heifer::{Error, Options};
use heifer_isobmff::boxes::Property;
use heifer_isobmff::{HeifFile, ItemId};
use image::RgbImage;

use super::boxed::{self, Chroma, Codec, Colours, Like, Planes};
use super::decoder::{Decoder, Source};
use crate::dataset::look::FileFormat;
use crate::dataset::unreadable::Unreadable;

struct Heic;

pub fn open(source: Source) -> Result<Box<dyn Decoder>, Unreadable> {
    boxed::open::<Heic>(source)
}

impl Codec for Heic {
    const NAME: &'static str = "HEIC";
    const FORMAT: FileFormat = FileFormat::Heif;
    const LIKE: Like = Like::LibHeif;

    fn is_coded(kind: [u8; 4]) -> bool {
        kind == *b"hvc1"
    }

    fn bytes_of_a_pixel(file: &HeifFile) -> u64 {
        // For the codec and the picture; more if colours are stored for every pixel.
        if samples_share_colours(file) { 9 } else { 14 }
    }

    fn planes(file: &HeifFile, id: ItemId, max_pixels: u64) -> Result<Planes, Unreadable> {
        let stream = file.hevc_bitstream(id).map_err(Heic::broken)?;
        let options = DecodeOptions { max_pixels, ..DecodeOptions::default() };
        let frame = decode_picture(&stream, options).map_err(|error| unreadable(error.into()))?;
        let [width, chroma_width, _] = frame.widths.map(|width| width as usize);
        let [height, chroma_height, _] = frame.heights.map(|height| height as usize);
        let [luma, blue, red] = frame.planes;
        let [depth, chroma_depth] = frame.bit_depth;
        let colours = Colours { matrix: frame.matrix_coeffs.into(), is_full_range: frame.full_range };
        let chroma = (chroma_width > 0 && chroma_height > 0).then(|| {
            let (across, down) = ((width / chroma_width).max(1), (height / chroma_height).max(1));
            Chroma { across, down, width: chroma_width, blue, red }
        });
        match chroma.is_some() && depth != chroma_depth {
            true => Err(Unreadable::Unknown("HEIC: colours of another depth".into())),
            false => Ok(Planes { width, height, depth, luma, chroma, colours }),
        }
    }

    fn other(bytes: &[u8], max_pixels: u64) -> Result<RgbImage, Unreadable> {
        // Several pictures are decoded at a time: use one thread for each.
        let image = heifer::decode_rgba8(bytes, &Options { max_threads: 1, max_pixels }).map_err(unreadable)?;
        let (width, height) = (image.width, image.height);
        let pixels = RgbImage::from_raw(width, height, image.into_rgb8());
        pixels.ok_or_else(|| Heic::damaged(": some of its pixels are missing"))
    }
}

/// Whether, by the codec's configuration, several pixels share a colour sample or have none.
fn samples_share_colours(file: &HeifFile) -> bool {
    let tile = file.referenced_items(file.primary_id, b"dimg").first().copied().unwrap_or(file.primary_id);
    let Ok(mut properties) = file.item_properties(tile) else { return false };
    properties.any(|property| matches!(property, Property::HevcConfig(config) if config.chroma_format < 2))
}

fn unreadable(error: Error) -> Unreadable {
    match error {
        Error::Unsupported(what) => Unreadable::Unknown(format!("HEIC: {what}")),
        other => {
            tracing::debug!("HEIC: {other}");
            Heic::damaged(": the content makes no sense, or part of it is missing")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::super::super::decode;
    use super::super::tests::{damaged, difference};
    use super::*;
    use crate::cancel::Cancel;

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/heif").join(name)
    }

    /// Largest and mean difference to the pixels that libheif decodes.
    fn to_libheifs(name: &str) -> (u8, f64) {
        let ours = decode::open(&fixture(&format!("{name}.heic"))).unwrap().into_rgb8();
        let theirs = image::open(fixture(&format!("{name}.png"))).unwrap().into_rgb8();
        difference(&ours, &theirs, name)
    }

    #[test]
    fn pixels_are_libheifs() {
        for name in ["420", "two", "10bit", "grey", "444", "alpha", "turned", "mirrored"] {
            let (largest, mean) = to_libheifs(name);
            let is_exact = ["420", "two", "10bit", "grey"].contains(&name);
            assert!(largest <= u8::from(!is_exact) && mean < 0.05, "{name}: {largest}, {mean}");
        }
    }

    #[test]
    fn a_look_tells_when_it_was_taken_and_whether_there_is_more_and_the_name_does_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        let look = |name: &str| {
            // The content decides.
            let path = folder.path().join(format!("{name}.jpg"));
            std::fs::copy(fixture(&format!("{name}.heic")), &path).unwrap();
            let look = decode::look(&path, &Cancel::default()).unwrap();
            (look.facts.format, look.facts.width, look.facts.taken, look.facts.holds_more)
        };
        let taken = Some(1_577_934_245);
        assert_eq!(look("turned"), (FileFormat::Heif, 64, taken, false));
        assert_eq!(look("444"), (FileFormat::Heif, 96, None, false));
        assert_eq!(look("two"), (FileFormat::Heif, 96, None, true));
        let jpeg = folder.path().join("a.heic");
        image::RgbImage::new(9, 7).save_with_format(&jpeg, image::ImageFormat::Jpeg).unwrap();
        assert_eq!(decode::look(&jpeg, &Cancel::default()).unwrap().facts.format, FileFormat::Jpeg);
    }

    #[test]
    fn damaged_files_are_errors_and_nothing_worse() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.heic");
        let whole = std::fs::read(fixture("420.heic")).unwrap();
        let mut random = fastrand::Rng::with_seed(1);
        for case in 0..400 {
            std::fs::write(&path, damaged(&whole, case, &mut random)).unwrap();
            if let Err(error) = decode::look(&path, &Cancel::default()) {
                let said = error.to_string();
                assert!(!said.contains("decoder failed") && !said.contains("no progress"), "case {case}: {said}");
            }
        }
    }
}
