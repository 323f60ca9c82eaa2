//! What tells the better one of two pictures, besides what their files say at once.

use super::decoded::Decoded;
use crate::dataset::sharpness::sharpness;
use crate::dataset::{Facts, decode};
use crate::error::Result;
use crate::tui::pictures::{PictureFile, difference};

/// Two pictures to be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct CompareJob {
    pub files: [PictureFile; 2],
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    pub told: [Told; 2],
    /// Mean difference of their pixels, in grey levels of 255.
    pub difference: f64,
}

/// Of one of the two.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub facts: Facts,
    pub camera: Option<String>,
    /// Beside the other one.
    pub sharpness: f64,
}

impl CompareJob {
    pub fn compare(&self, decoded: &Decoded) -> Result<Compared> {
        let [a, b] = &self.files;
        let full = |file: &PictureFile| Ok(decoded.full(&file.path, file.stamp)?.image);
        let (first, second) = (full(a)?, full(b)?);
        let sharpness = sharpness([&first, &second]);
        let told = |file: &PictureFile, sharpness: f64| {
            let (facts, exif) = decode::told(&file.path)?;
            Ok(Told { facts, camera: exif.camera, sharpness })
        };
        let told = [told(a, sharpness[0])?, told(b, sharpness[1])?];
        Ok(Compared { told, difference: difference::mean(&first, &second) })
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
        let Compared { told: [a, b], difference } = compare(&large, &small).unwrap();
        assert_eq!((a.facts.width, a.facts.format, a.facts.is_lossless), (120, FileFormat::Png, true));
        assert_eq!((b.facts.height, b.facts.format, b.facts.is_lossless), (45, FileFormat::Jpeg, false));
        assert_eq!(a.camera, None);
        assert!(a.sharpness > 1.5 * b.sharpness && difference > 0.1);
        assert_eq!(compare(&large, &large).unwrap().difference, 0.0);
        assert!(compare(&large, &missing).is_err());
    }
}
