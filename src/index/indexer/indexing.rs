//! From what is stored to what should be.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::event::{Event, Summary};
use super::existing::Existing;
use super::run::IndexRun;
use crate::cancel::Cancel;
use crate::dataset::Dataset;
use crate::descriptor::{Crops, FeatureMatrix, Row};
use crate::error::{Error, Result};
use crate::index::lock::Lock;
use crate::index::progress::Progress;
use crate::vgg16::Network;

/// Between two looks at another process that is indexing the same dataset.
const WAIT: Duration = Duration::from_millis(300);

/// Indexes `dataset`, and returns its descriptors; of the crops that are wanted, or else of those that are stored. When
/// cancelled, saves what was computed and returns [`Error::Cancelled`].
pub fn index(
    dataset: &Dataset,
    cache: &Path,
    network: &Network,
    wanted: Option<Crops>,
    cancel: &Cancel,
    report: &mut dyn FnMut(Event),
) -> Result<(FeatureMatrix, Summary)> {
    let mut run = IndexRun::new(dataset, cache, network, cancel, report)?;
    run.wanted = wanted;
    run.index()
}

/// Reports the pictures of `dataset` and those that have a valid descriptor already; computes and writes nothing.
/// Returns the summary if there is nothing to do.
pub fn survey(
    dataset: &Dataset,
    cache: &Path,
    network: &Network,
    cancel: &Cancel,
    report: &mut dyn FnMut(Event),
) -> Result<Option<Summary>> {
    let mut run = IndexRun::new(dataset, cache, network, cancel, report)?;
    let (existing, model) = run.load()?;
    let matrix = run.still_valid(&existing, &model);
    let missing = run.scan.images.len() - matrix.len();
    run.indexed(&matrix, Progress { done: 0, missing });
    let complete = missing == 0 && existing.is_current(&matrix, &model) && existing.is_prepared();
    Ok(complete.then(|| run.summary(&matrix, 0)))
}

impl IndexRun<'_> {
    fn index(mut self) -> Result<(FeatureMatrix, Summary)> {
        let (mut existing, mut model) = self.load()?;
        let mut matrix = self.still_valid(&existing, &model);
        let mut computed = 0;
        if existing.is_current(&matrix, &model) && matrix.len() == self.scan.images.len() {
            self.indexed(&matrix, Progress::default());
            if !existing.is_prepared() {
                self.prepare(&matrix, &model);
            }
        } else {
            let _lock = self.lock()?;
            // Whoever had the lock before has saved more; what can't be read is kept aside, now that we may.
            (existing, model) = self.load()?;
            matrix = self.adopt(&existing, &model)?;
            let before = matrix.len();
            let mut rest = Vec::new();
            let outcome = self.compute(&mut matrix, &existing, &model, &mut rest);
            computed = matrix.len() - before;
            if computed > 0 || !existing.is_current(&matrix, &model) {
                matrix = self.save(matrix, &rest, &model)?;
            }
            outcome?;
        }
        let summary = self.summary(&matrix, computed);
        tracing::info!(indexed = matrix.len(), computed, skipped = summary.skipped.len(), "indexed");
        Ok((matrix, summary))
    }

    /// Makes the next opening fast. Where that can't be done, or another process writes, it stays slow.
    fn prepare(&self, matrix: &FeatureMatrix, model: &str) {
        if let Ok(Some(_lock)) = self.store.try_lock() {
            let _ = self.store.prepare(matrix, model);
        }
    }

    /// Stores all rows, of which `rest` are in no file yet. Returns them: fewer, if `features.simages` was cut short while
    /// rows in it were used. What it still has, what `features.npz` has and what was computed since is stored then.
    pub fn save(&mut self, matrix: FeatureMatrix, rest: &[Arc<Row>], model: &str) -> Result<FeatureMatrix> {
        match self.store.save(&matrix, model) {
            Ok(()) => Ok(matrix),
            Err(Error::Torn { .. }) => {
                tracing::warn!("features.simages was cut short: made anew");
                let mut whole = self.still_valid(&Existing::of(&self.store)?, model);
                whole.extend(matrix.rows().iter().filter(|row| row.descriptor.file().is_none()).cloned());
                self.store.save(&whole, model)?;
                Ok(whole)
            }
            Err(other) => {
                // What is missing may fit where all of it doesn't.
                let _ = self.store.append(rest);
                Err(other)
            }
        }
    }

    /// Waits until no other process is writing; shows meanwhile what that one has saved.
    fn lock(&mut self) -> Result<Lock> {
        let mut seen = None;
        loop {
            self.cancel.check()?;
            if let Some(lock) = self.store.try_lock()? {
                return Ok(lock);
            }
            if seen.is_none() {
                tracing::info!("another process is writing");
                self.tell(Event::Waiting);
            }
            let stamps = self.store.stamps();
            if seen != Some(stamps) {
                seen = Some(stamps);
                let (existing, model) = self.load()?;
                let matrix = self.still_valid(&existing, &model);
                let progress = Progress { done: 0, missing: self.missing(&matrix).len() };
                self.indexed(&matrix, progress);
            }
            thread::sleep(WAIT);
        }
    }
}
