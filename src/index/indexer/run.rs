//! One dataset being indexed.

use std::path::Path;

use super::event::{Event, Summary};
use super::existing::Existing;
use crate::cancel::Cancel;
use crate::dataset::{Dataset, ImageFile, Scan, Skipped, formats};
use crate::descriptor::{Crops, FeatureMatrix};
use crate::error::Result;
use crate::index::store::Store;
use crate::progress::{Due, Progress};
use crate::vgg16::Network;

pub struct IndexRun<'a> {
    pub store: Store,
    pub network: &'a Network,
    pub cancel: &'a Cancel,
    /// The crops that were asked for; None: those of what is stored.
    pub wanted: Option<Crops>,
    pub crops: Crops,
    pub scan: Scan,
    /// Pictures that could not even be looked at.
    unscanned: usize,
    skipped: Vec<Skipped>,
    report: &'a mut dyn FnMut(Event),
}

impl<'a> IndexRun<'a> {
    pub fn new(
        dataset: &Dataset,
        cache: &Path,
        network: &'a Network,
        cancel: &'a Cancel,
        report: &'a mut dyn FnMut(Event),
    ) -> Result<IndexRun<'a>> {
        let mut due = Due::new();
        let mut scan = dataset.scan(cancel, &mut |progress| {
            if due.is_now() {
                report(Event::Scanning(progress));
            }
        })?;
        tracing::info!(dataset = %dataset.root.display(), images = scan.images.len(), "scanned");
        report(Event::Scanned(scan.clone()));
        let skipped = std::mem::take(&mut scan.skipped);
        let unscanned = skipped.iter().filter(|s| formats::is_picture(s.file.as_ref())).count();
        let store = Store::new(dataset, cache);
        let (wanted, crops) = (None, Crops::default());
        let mut run = IndexRun { store, network, cancel, wanted, crops, scan, unscanned, skipped: Vec::new(), report };
        skipped.into_iter().for_each(|s| run.skip(s));
        Ok(run)
    }

    /// What is stored, and what identifies descriptors of the crops that are chosen by it: if none were asked for, those
    /// that are stored.
    pub fn load(&mut self) -> Result<(Existing, String)> {
        let existing = Existing::load(&self.store)?;
        let weights = self.network.weights()?;
        self.crops = self.wanted.or_else(|| weights.crops_of(existing.model()?)).unwrap_or_default();
        Ok((existing, weights.model(self.crops)))
    }

    /// Without a row.
    pub fn empty(&self) -> FeatureMatrix {
        FeatureMatrix::default().with_crops(self.crops)
    }

    /// The pictures that `matrix` lacks.
    pub fn missing(&self, matrix: &FeatureMatrix) -> Vec<ImageFile> {
        self.scan.images.iter().filter(|i| matrix.get(&i.name).is_none()).cloned().collect()
    }

    pub fn skip(&mut self, skipped: Skipped) {
        tracing::warn!(file = %skipped.file, error = %skipped.error, "skipped");
        self.tell(Event::Skipped(skipped.clone()));
        self.skipped.push(skipped);
    }

    pub fn indexed(&mut self, matrix: &FeatureMatrix, progress: Progress) {
        self.tell(Event::Indexed { matrix: matrix.clone(), progress });
    }

    pub fn tell(&mut self, event: Event) {
        (self.report)(event);
    }

    pub fn summary(self, matrix: &FeatureMatrix, computed: usize) -> Summary {
        let images = self.scan.images.len() + self.unscanned;
        Summary { images, indexed: matrix.len(), computed, skipped: self.skipped }
    }
}
