//! Computing the descriptors that are missing.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::sync_channel;
use std::thread;

use super::describing::to_descriptor;
use super::existing::Existing;
use super::run::IndexRun;
use crate::cancel::Cancel;
use crate::dataset::{ImageFile, Skipped};
use crate::descriptor::{FeatureMatrix, Row};
use crate::error::{Error, Result};
use crate::index::checkpoint::Checkpoint;
use crate::index::decoding::{Decoded, decode_all, next_slice};
use crate::index::progress::Progress;
use crate::priority;
use crate::vgg16::INPUT_LEN;

/// Pictures decoded ahead of the network.
const AHEAD: usize = 64;

impl IndexRun<'_> {
    /// Computes the descriptors that `matrix` lacks, adding them to it, which is saved now and then; `rest` gets those
    /// that are not saved yet.
    pub fn compute(
        &mut self,
        matrix: &mut FeatureMatrix,
        existing: &Existing,
        model: &str,
        rest: &mut Vec<Arc<Row>>,
    ) -> Result<()> {
        let missing = self.missing(matrix);
        let mut progress = Progress { done: 0, missing: missing.len() };
        self.indexed(matrix, progress);
        if missing.is_empty() {
            return Ok(());
        }
        if !existing.takes_rows() || !existing.is_current(matrix, model) {
            self.store.prepare(matrix, model)?;
        }
        let (crops, preprocessing) = (self.crops, self.network.weights()?.preprocessing);
        let vgg16 = self.network.vgg16()?;
        let options = self.network.options();
        let store = self.store.clone();
        let (stop, next) = (Cancel::default(), AtomicUsize::new(0));
        thread::scope(|scope| {
            let (sender, decoded) = sync_channel(AHEAD / crops.count());
            for _ in 0..options.threads.get() {
                let (sender, missing, next, stop) = (sender.clone(), &missing, &next, &stop);
                scope.spawn(move || {
                    if options.in_background {
                        priority::lower();
                    }
                    decode_all(missing, next, (crops, preprocessing), stop, &sender);
                });
            }
            drop(sender);
            let mut checkpoint = Checkpoint::default();
            let outcome = (|| {
                while let Some(slice) = next_slice(&decoded, vgg16.batch().div_ceil(crops.count())) {
                    progress.done += slice.len();
                    let rows: Vec<_> = self.describe_slice(slice)?.into_iter().map(Arc::new).collect();
                    matrix.extend(rows.iter().cloned());
                    self.indexed(matrix, progress);
                    checkpoint.add(rows, scope, &store)?;
                }
                Ok(())
            })();
            *rest = checkpoint.rest();
            stop.cancel();
            // Decoders that wait for room in the channel see that nobody listens any more.
            drop(decoded);
            outcome
        })
    }

    fn describe_slice(&mut self, slice: Vec<Decoded>) -> Result<Vec<Row>> {
        let mut images = Vec::new();
        let mut pictures = Vec::with_capacity(slice.len() * self.crops.count() * INPUT_LEN);
        for (image, input) in slice {
            match input {
                Ok(input) => {
                    pictures.extend(input);
                    images.push(image);
                }
                Err(error) => self.skip(skipped(image, error)),
            }
        }
        if images.is_empty() {
            return Ok(Vec::new());
        }
        let described = self.network.describe(&pictures, self.cancel)?;
        let mut rows = Vec::new();
        for (image, parts) in images.into_iter().zip(described.chunks(self.crops.count())) {
            match to_descriptor(&self.crops.mean(parts), &image.path) {
                Ok(descriptor) => rows.push(Row::new(image.name.clone(), Some(image.stamp()), descriptor)),
                Err(error) => self.skip(skipped(image, error)),
            }
        }
        Ok(rows)
    }
}

fn skipped(image: ImageFile, error: Error) -> Skipped {
    Skipped { file: image.name, error: error.beside_its_name() }
}
