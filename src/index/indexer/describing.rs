//! Computes the descriptor of a single picture.

use std::path::{Path, PathBuf};

use image::RgbImage;

use crate::cancel::Cancel;
use crate::dataset::{ContentHash, PicturePart, Unreadable, decode};
use crate::descriptor::{Crops, Descriptor};
use crate::error::{Error, Result};
use crate::index::decoding;
use crate::vgg16::Network;

/// The descriptor of one picture, with these crops.
pub fn describe(picture: &Path, crops: Crops, network: &Network, cancel: &Cancel) -> Result<Descriptor> {
    let input = decoding::input(picture, crops, network.weights()?.preprocessing)?;
    to_descriptor(&crops.mean(&network.describe(&input, cancel)?), picture)
}

/// A picture read before it is known which crops are wanted.
pub struct ReadKey {
    path: PathBuf,
    /// For each of [`Crops::ALL`].
    pixels: Vec<RgbImage>,
    pub content: ContentHash,
}

impl ReadKey {
    /// Reads and decodes the file once. `part`: only this part of the upright picture, as if it were the whole.
    pub fn open(path: &Path, part: Option<PicturePart>) -> Result<ReadKey> {
        let (pixels, content) = decode::sampled_each(path, part, Crops::ALL.map(Crops::sources).to_vec())?;
        Ok(ReadKey { path: path.to_owned(), pixels, content })
    }

    pub fn describe(&self, crops: Crops, network: &Network, cancel: &Cancel) -> Result<Descriptor> {
        let at = Crops::ALL.iter().position(|one| *one == crops).expect("all are there");
        let input = crops.inputs(&self.pixels[at], network.weights()?.preprocessing);
        to_descriptor(&crops.mean(&network.describe(&input, cancel)?), &self.path)
    }
}

/// Turns the network's output for `picture` into a descriptor.
pub fn to_descriptor(row: &[f32], picture: &Path) -> Result<Descriptor> {
    Descriptor::from_dense(row).ok_or_else(|| Error::picture(picture, Unreadable::NotFinite))
}
