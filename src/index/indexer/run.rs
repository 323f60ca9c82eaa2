//! One dataset being indexed.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::event::{Event, Summary};
use super::existing::Existing;
use super::sorted::Sorted;
use crate::cancel::Cancel;
use crate::dataset::{Dataset, ImageFile, Scan, Skipped, formats};
use crate::descriptor::{Crops, FeatureMatrix};
use crate::error::Result;
use crate::index::known::KnownFiles;
use crate::index::store::Store;
use crate::progress::{Due, Progress};
use crate::vgg16::Network;

/// What is to be indexed.
#[derive(Clone, Copy, Debug)]
pub struct ToIndex<'a> {
    pub dataset: &'a Dataset,
    /// Other datasets: pictures that were moved from one of them are not computed again.
    pub siblings: &'a [Dataset],
    /// The user's cache folder.
    pub cache: &'a Path,
    /// Which parts of pictures; None: as what is stored.
    pub crops: Option<Crops>,
}

pub struct IndexRun<'a> {
    root: PathBuf,
    pub store: Store,
    pub network: &'a Network,
    pub cancel: &'a Cancel,
    /// The crops that were asked for; None: those of what is stored.
    pub wanted: Option<Crops>,
    pub crops: Crops,
    pub scan: Scan,
    /// Other datasets, in which pictures may have been before.
    siblings: &'a [Dataset],
    cache: &'a Path,
    /// Pictures that could not even be looked at.
    unscanned: usize,
    skipped: Vec<Skipped>,
    report: &'a mut dyn FnMut(Event),
}

impl<'a> IndexRun<'a> {
    pub fn new(
        what: &ToIndex<'a>,
        network: &'a Network,
        cancel: &'a Cancel,
        report: &'a mut dyn FnMut(Event),
    ) -> Result<IndexRun<'a>> {
        let ToIndex { dataset, siblings, cache, crops: wanted } = *what;
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
        let mut run = IndexRun {
            root: dataset.root.clone(),
            store: Store::new(dataset, cache),
            network,
            cancel,
            wanted,
            crops: Crops::default(),
            scan,
            siblings,
            cache,
            unscanned,
            skipped: Vec::new(),
            report,
        };
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

    /// All rows that pictures may be recognized by: those of this dataset, and of its siblings.
    pub fn known(&self, sorted: &Sorted, model: &str) -> KnownFiles {
        let mut known = KnownFiles::new(sorted.valid.rows().iter().chain(&sorted.absent).chain(&sorted.changed));
        let mut seen = HashSet::from([self.root.as_path()]);
        for sibling in self.siblings.iter().filter(|sibling| seen.insert(&sibling.root)) {
            let at_hand = Store::new(sibling, self.cache).at_hand();
            if let Some(matrix) = at_hand.filter(|stored| stored.model.as_deref() == Some(model)).map(|s| s.matrix) {
                matrix.rows().iter().for_each(|row| known.add(row));
            }
        }
        known
    }

    /// Whether there is a file of this name, a picture of the dataset or not; also where that can't be looked at.
    pub fn has_file(&self, name: &str) -> bool {
        self.root.join(name).try_exists().unwrap_or(true)
    }

    /// Whether what the picture lies in is there, but can't be looked into: a broken link, no permission.
    pub fn is_out_of_reach(&self, name: &str) -> bool {
        self.skipped.iter().any(|skipped| name.strip_prefix(&skipped.file).is_some_and(|rest| rest.starts_with('/')))
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

    pub fn summary(self, sorted: &Sorted, computed: usize) -> Summary {
        let images = self.scan.images.len() + self.unscanned;
        let indexed = sorted.valid.len();
        let absent = sorted.absent.iter().filter(|row| !self.has_file(&row.name)).count();
        Summary { images, indexed, computed, absent, skipped: self.skipped }
    }
}
