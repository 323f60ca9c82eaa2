//! HEIC and HEIF: what telephones write. Decoded by the crate heifer, in safe Rust, as libheif does it: crop, rotation and mirror
//! of the file are applied, so EXIF's orientation isn't applied once more.

use std::io::Read;

use heifer::heifer_isobmff::HeifFile;
use heifer::heifer_isobmff::boxes::Property;
use heifer::{Error, Options};
use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};

use super::super::look::FileFormat;
use super::super::memory::MAX_DECODED_BYTES;
use super::super::unreadable::Unreadable;
use super::decoder::{Decoder, Source};

/// Bytes that a pixel takes while it is decoded: what the codec has, four of the picture, three of its copy without transparency.
/// Of a picture in 4:4:4 9.5 were measured.
const BYTES_OF_A_PIXEL: u64 = 12;
/// The file is in memory as a whole.
const MAX_FILE_BYTES: u64 = 256 << 20;

struct Heif {
    bytes: Vec<u8>,
    dimensions: (u32, u32),
}

pub fn open(source: Source) -> Result<Box<dyn Decoder>, Unreadable> {
    let mut file = source.file;
    if file.len() > MAX_FILE_BYTES {
        return Err(Unreadable::TooManyBytes(file.len()));
    }
    let mut bytes = Vec::with_capacity(file.len() as usize);
    file.read_to_end(&mut bytes).map_err(Unreadable::Io)?;
    let dimensions = dimensions(&HeifFile::parse(&bytes).map_err(|error| unreadable(error.into()))?)?;
    Ok(Box::new(Heif { bytes, dimensions }))
}

/// Of the primary picture, once what the file says is done to it.
fn dimensions(file: &HeifFile) -> Result<(u32, u32), Unreadable> {
    let id = file.primary_id;
    let stored = file.image_size(id).map_err(|error| unreadable(error.into()))?;
    let mut size = match stored {
        Some(size) => size,
        None => file.grid(id).map(|grid| (grid.output_width, grid.output_height)).map_err(|e| unreadable(e.into()))?,
    };
    for property in file.item_properties(id).map_err(|error| unreadable(error.into()))? {
        size = match *property {
            Property::CleanAperture { width, height, .. } if width.1 > 0 && height.1 > 0 => {
                let part = |(above, below): (u32, u32)| (f64::from(above) / f64::from(below)).round() as u32;
                (part(width).min(size.0), part(height).min(size.1))
            }
            Property::Rotation(quarters) if quarters % 2 == 1 => (size.1, size.0),
            _ => size,
        };
    }
    Ok(size)
}

impl Decoder for Heif {
    fn dimensions(&self) -> (u32, u32) {
        self.dimensions
    }

    fn decoded_bytes(&self) -> u64 {
        let (width, height) = self.dimensions;
        u64::from(width) * u64::from(height) * BYTES_OF_A_PIXEL + self.bytes.len() as u64
    }

    fn is_unstoppable(&self) -> bool {
        true
    }

    fn orientation(&mut self) -> Orientation {
        Orientation::NoTransforms
    }

    fn format(&self) -> FileFormat {
        FileFormat::Heif
    }

    fn is_lossless(&self) -> bool {
        false
    }

    fn exif(&mut self) -> Option<Vec<u8>> {
        heifer::read_metadata(&self.bytes).ok()?.exif
    }

    fn decode(self: Box<Self>) -> Result<DynamicImage, Unreadable> {
        // Several pictures are decoded at a time: one thread for each.
        let options = Options { max_threads: 1, max_pixels: MAX_DECODED_BYTES / BYTES_OF_A_PIXEL };
        let image = heifer::decode_rgba8(&self.bytes, &options).map_err(unreadable)?;
        if (image.width, image.height) != self.dimensions {
            return Err(damaged(": its size isn't what it says"));
        }
        let (width, height) = self.dimensions;
        let pixels = RgbImage::from_raw(width, height, image.into_rgb8());
        pixels.map(DynamicImage::from).ok_or_else(|| damaged(": some of its pixels are missing"))
    }
}

fn damaged(detail: &str) -> Unreadable {
    Unreadable::Damaged { format: "HEIC".into(), detail: detail.to_owned() }
}

fn unreadable(error: Error) -> Unreadable {
    match error {
        Error::Unsupported(what) => Unreadable::Unknown(format!("HEIC: {what}")),
        other => damaged(&format!(" ({other})")),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::super::super::decode;
    use super::*;

    fn fixture(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/heif").join(name)
    }

    /// Largest and mean difference to the pixels that libheif decodes.
    fn difference(name: &str) -> (u8, f64) {
        let ours = decode::open(&fixture(&format!("{name}.heic"))).unwrap().into_rgb8();
        let theirs = image::open(fixture(&format!("{name}.png"))).unwrap().into_rgb8();
        assert_eq!(ours.dimensions(), theirs.dimensions(), "{name}");
        let each: Vec<u8> = ours.iter().zip(theirs.iter()).map(|(a, b)| a.abs_diff(*b)).collect();
        (each.iter().copied().max().unwrap(), each.iter().map(|d| f64::from(*d)).sum::<f64>() / each.len() as f64)
    }

    #[test]
    fn pixels_are_libheifs_where_no_colours_are_interpolated() {
        for name in ["444", "grey", "alpha", "10bit", "turned", "mirrored"] {
            let (largest, mean) = difference(name);
            assert!(largest <= 2 && mean < 0.5, "{name}: {largest}, {mean}");
        }
        // Between colours that are stored once for four pixels others take the nearest one.
        for name in ["420", "two"] {
            let (_, mean) = difference(name);
            assert!(mean < 8.0, "{name}: {mean}");
        }
    }

    #[test]
    fn a_look_tells_when_it_was_taken_and_whether_there_is_more_and_the_name_does_not_matter() {
        let folder = tempfile::tempdir().unwrap();
        let look = |name: &str| {
            // The content decides.
            let path = folder.path().join(format!("{name}.jpg"));
            std::fs::copy(fixture(&format!("{name}.heic")), &path).unwrap();
            let look = decode::look(&path).unwrap();
            (look.facts.format, look.facts.width, look.facts.taken, look.facts.holds_more)
        };
        let taken = Some(1_577_934_245);
        assert_eq!(look("turned"), (FileFormat::Heif, 64, taken, false));
        assert_eq!(look("444"), (FileFormat::Heif, 96, None, false));
        assert_eq!(look("two"), (FileFormat::Heif, 96, None, true));
        let jpeg = folder.path().join("a.heic");
        image::RgbImage::new(9, 7).save_with_format(&jpeg, image::ImageFormat::Jpeg).unwrap();
        assert_eq!(decode::look(&jpeg).unwrap().facts.format, FileFormat::Jpeg);
    }

    #[test]
    fn damaged_files_are_errors_and_nothing_worse() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.heic");
        let whole = std::fs::read(fixture("420.heic")).unwrap();
        let mut random = fastrand::Rng::with_seed(1);
        for case in 0..400 {
            let mut bytes = whole.clone();
            if case % 2 == 0 {
                bytes.truncate(random.usize(..whole.len()));
            } else {
                for _ in 0..random.usize(1..6) {
                    let at = random.usize(..whole.len());
                    bytes[at] ^= 1 << random.u8(..8);
                }
            }
            std::fs::write(&path, &bytes).unwrap();
            if let Err(error) = decode::look(&path) {
                let said = error.to_string();
                assert!(!said.contains("decoder failed") && !said.contains("nothing was heard"), "case {case}: {said}");
            }
        }
    }
}
