//! Compares two pictures beyond the facts that their files give at once.

use super::decoded::Decoded;
use crate::dataset::sharpness::sharpness;
use crate::dataset::{Facts, decode};
use crate::duplicates::SharedPart;
use crate::error::Result;
use crate::tui::pictures::{PictureFile, difference};

/// Two pictures to compare.
#[derive(Clone, Debug, PartialEq)]
pub struct CompareJob {
    pub files: [PictureFile; 2],
}

/// The result of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    pub told: [Told; 2],
    /// The part of each that the other shows too.
    pub shared: [SharedPart; 2],
    /// The mean difference of the pixels there, in grey levels of 255.
    pub difference: f64,
}

/// One of the two.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub facts: Facts,
    pub camera: Option<String>,
    /// Its sharpness, comparable with the other's.
    pub sharpness: f64,
}

impl CompareJob {
    pub fn compare(&self, decoded: &Decoded) -> Result<Compared> {
        let [a, b] = &self.files;
        let full = |file: &PictureFile| Ok(decoded.full(&file.path, file.stamp)?.image);
        let (first, second) = (full(a)?, full(b)?);
        let shared = SharedPart::of_both(&first, &second);
        let (first, second) = (shared[0].of(&first), shared[1].of(&second));
        let sharpness = sharpness([&first, &second]);
        let told = |file: &PictureFile, sharpness: f64| {
            let (facts, exif) = decode::told(&file.path)?;
            Ok(Told { facts, camera: exif.camera, sharpness })
        };
        let told = [told(a, sharpness[0])?, told(b, sharpness[1])?];
        Ok(Compared { told, shared, difference: difference::mean(&first, &second) })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use image::{Rgb, RgbImage};

    use super::*;
    use crate::dataset::thumbnails::Thumbnails;
    use crate::dataset::{FileFormat, thumbnail};

    #[test]
    fn both_files_are_told_of_and_their_pixels_compared() {
        let folder = tempfile::tempdir().unwrap();
        let mut random = fastrand::Rng::with_seed(3);
        let picture = RgbImage::from_fn(120, 90, |x, _| Rgb([(x * 2) as u8, random.u8(..), 9]));
        let [large, small, missing] = ["large.png", "small.jpg", "missing.png"].map(|name| folder.path().join(name));
        picture.save(&large).unwrap();
        thumbnail::resize(&picture, 60, 45).save(&small).unwrap();

        let decoded = Decoded::new(Thumbnails::new(folder.path()));
        let compare = |a: &Path, b: &Path| {
            let files = [a, b].map(|path| PictureFile { path: path.to_owned(), stamp: None });
            CompareJob { files }.compare(&decoded)
        };
        let Compared { told: [a, b], difference, .. } = compare(&large, &small).unwrap();
        assert_eq!((a.facts.width, a.facts.format, a.facts.is_lossless), (120, FileFormat::Png, true));
        assert_eq!((b.facts.height, b.facts.format, b.facts.is_lossless), (45, FileFormat::Jpeg, false));
        assert_eq!(a.camera, None);
        assert!(a.sharpness > 1.5 * b.sharpness && difference > 0.1);
        assert_eq!(compare(&large, &large).unwrap().difference, 0.0);
        assert!(compare(&large, &missing).is_err());
        // A crop is compared with what it was cut from.
        let coarse = RgbImage::from_fn(16, 12, |_, _| Rgb([random.u8(..), random.u8(..), random.u8(..)]));
        let picture = thumbnail::resize(&coarse, 640, 480);
        let [whole, part] = ["whole.png", "part.png"].map(|name| folder.path().join(name));
        picture.save(&whole).unwrap();
        image::imageops::crop_imm(&picture, 37, 21, 560, 420).to_image().save(&part).unwrap();
        let compared = compare(&whole, &part).unwrap();
        assert_eq!((compared.difference, compared.shared[0].size((640, 480))), (0.0, (560, 420)));
    }
}
