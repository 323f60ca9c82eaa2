//! What tells the better one of two pictures, besides what their files say at once.

use super::decoded::Decoded;
use crate::dataset::{Facts, decode};
use crate::error::Result;
use crate::tui::pictures::{PictureFile, difference, sharpness::sharpness};

/// Two pictures to be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct CompareJob {
    pub files: [PictureFile; 2],
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
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
    pub fn compare(&self, decoded: &Decoded) -> Result<Comparison> {
        let [a, b] = &self.files;
        let full = |file: &PictureFile| Ok(decoded.full(&file.path, file.stamp)?.bitmap);
        let (first, second) = (full(a)?, full(b)?);
        let sharpness = sharpness([&first, &second]);
        let told = |file: &PictureFile, sharpness: f64| {
            let (facts, exif) = decode::told(&file.path)?;
            Ok(Told { facts, camera: exif.camera, sharpness })
        };
        let told = [told(a, sharpness[0])?, told(b, sharpness[1])?];
        Ok(Comparison { told, difference: difference::mean(&first, &second) })
    }
}
