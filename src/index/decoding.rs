//! Prepares a picture for the network: recognizes or decodes it.

use std::path::Path;
use std::sync::Arc;

use super::known::KnownFiles;
use crate::cancel::Cancel;
use crate::dataset::{FileLook, ImageFile, decode, hash_file};
use crate::descriptor::{Crops, Row};
use crate::error::Result;
use crate::vgg16::Preprocessing;

/// A picture's crops, as input of the network.
pub fn input(picture: &Path, crops: Crops, preprocessing: Preprocessing) -> Result<Vec<f32>> {
    Ok(crops.inputs(&decode::sampled(picture, crops.sources())?, preprocessing))
}

/// A picture for the network: its input, and the other facts about its file.
pub type NewPicture = (ImageFile, Result<(Vec<f32>, FileLook)>);

/// A picture after a look at it.
pub enum Looked {
    /// Known: its row.
    Known(Arc<Row>),
    /// New: its input for the network, and the other facts about its file.
    New(Box<NewPicture>),
}

/// Recognizes a picture, or decodes it.
pub fn look_at(
    image: &ImageFile,
    known: &KnownFiles,
    (crops, preprocessing): (Crops, Preprocessing),
    cancel: &Cancel,
) -> Looked {
    match recognized(image, known) {
        Some(row) => Looked::Known(Arc::new(row)),
        None => {
            let looked = decode::looked_at(&image.path, crops.sources(), cancel);
            let input = looked.map(|(pixels, look)| (crops.inputs(&pixels, preprocessing), look));
            Looked::New(Box::new((image.clone(), input)))
        }
    }
}

/// The row of a known picture whose file has the same content.
fn recognized(image: &ImageFile, known: &KnownFiles) -> Option<Row> {
    if !known.may_have(image.size) {
        return None;
    }
    // Decoding reports whatever is wrong with the file.
    let content = hash_file(&image.path).ok()?;
    Some(known.find(image.size, content)?.found_in(image))
}
