//! The descriptor of one picture.

use std::path::Path;

use crate::cancel::Cancel;
use crate::dataset::Unreadable;
use crate::descriptor::{Crops, Descriptor};
use crate::error::{Error, Result};
use crate::index::decoding;
use crate::vgg16::Network;

/// The descriptor of one picture, of these crops.
pub fn describe(picture: &Path, crops: Crops, network: &Network, cancel: &Cancel) -> Result<Descriptor> {
    let input = decoding::input(picture, crops, network.weights()?.preprocessing)?;
    to_descriptor(&crops.mean(&network.describe(&input, cancel)?), picture)
}

/// What the network computed of `picture`.
pub fn to_descriptor(row: &[f32], picture: &Path) -> Result<Descriptor> {
    Descriptor::from_dense(row).ok_or_else(|| Error::picture(picture, Unreadable::NotFinite))
}
