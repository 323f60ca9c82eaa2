//! Pictures on their way to the network: recognized or decoded by some threads, taken a few at a time by another.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::SyncSender;

use super::known::KnownFiles;
use crate::cancel::Cancel;
use crate::dataset::{ContentHash, ImageFile, decode, hash_file};
use crate::descriptor::{Crops, Row};
use crate::error::Result;
use crate::vgg16::Preprocessing;

/// A picture's crops as the network takes them.
pub fn input(picture: &Path, crops: Crops, preprocessing: Preprocessing) -> Result<Vec<f32>> {
    Ok(crops.inputs(&decode::sampled(picture, crops.sources())?, preprocessing))
}

/// A picture that was looked at.
pub enum Looked {
    /// It is known: its row.
    Known(Arc<Row>),
    /// It is new: what the network takes of it, and what its file holds.
    New(ImageFile, Result<(Vec<f32>, ContentHash)>),
}

/// Looks at what no other thread has taken yet, until there is no more or nobody listens.
pub fn look_at_all(
    images: &[ImageFile],
    next: &AtomicUsize,
    known: &KnownFiles,
    (crops, preprocessing): (Crops, Preprocessing),
    stop: &Cancel,
    sender: &SyncSender<Looked>,
) {
    while let Some(image) = images.get(next.fetch_add(1, Ordering::Relaxed)) {
        let looked = match recognized(image, known) {
            Some(row) => Looked::Known(Arc::new(row)),
            None => {
                let sampled = decode::sampled_and_hashed(&image.path, crops.sources());
                let input = sampled.map(|(pixels, content)| (crops.inputs(&pixels, preprocessing), content));
                Looked::New(image.clone(), input)
            }
        };
        if stop.is_cancelled() || sender.send(looked).is_err() {
            return;
        }
    }
}

/// The row of a picture whose file holds what a known one did.
fn recognized(image: &ImageFile, known: &KnownFiles) -> Option<Row> {
    if !known.may_have(image.size) {
        return None;
    }
    // Whatever is wrong with the file, decoding it tells.
    let content = hash_file(&image.path).ok()?;
    Some(known.find(image.size, content)?.found_in(image))
}
