//! Pictures on their way to the network: decoded by some threads, taken a few at a time by another.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};

use crate::cancel::Cancel;
use crate::dataset::{ImageFile, decode};
use crate::descriptor::Crops;
use crate::error::Result;
use crate::vgg16::Preprocessing;

/// A picture's crops as the network takes them.
pub fn input(picture: &Path, crops: Crops, preprocessing: Preprocessing) -> Result<Vec<f32>> {
    Ok(crops.inputs(&decode::sampled(picture, crops.sources())?, preprocessing))
}

/// A picture and what the network takes of it.
pub type Decoded = (ImageFile, Result<Vec<f32>>);

/// Decodes what no other thread has taken yet, until there is no more or nobody listens.
pub fn decode_all(
    images: &[ImageFile],
    next: &AtomicUsize,
    (crops, preprocessing): (Crops, Preprocessing),
    stop: &Cancel,
    sender: &SyncSender<Decoded>,
) {
    while let Some(image) = images.get(next.fetch_add(1, Ordering::Relaxed)) {
        let input = input(&image.path, crops, preprocessing);
        if stop.is_cancelled() || sender.send((image.clone(), input)).is_err() {
            return;
        }
    }
}

/// The next `len` pictures, fewer at the end, and None after it.
pub fn next_slice(decoded: &Receiver<Decoded>, len: usize) -> Option<Vec<Decoded>> {
    let slice: Vec<Decoded> = decoded.iter().take(len).collect();
    (!slice.is_empty()).then_some(slice)
}
