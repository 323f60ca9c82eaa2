//! One dataset being indexed.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::event::{Event, Summary};
use super::existing::Existing;
use super::sorted::Sorted;
use crate::cancel::Cancel;
use crate::dataset::{Dataset, ImageFile, Scan, Skipped, Stamp, formats};
use crate::descriptor::{Crops, FeatureMatrix};
use crate::error::Result;
use crate::index::known::KnownFiles;
use crate::index::store::Store;
use crate::progress::{Due, Progress};
use crate::vgg16::Network;

/// What to index.
#[derive(Clone, Copy, Debug)]
pub struct ToIndex<'a> {
    pub dataset: &'a Dataset,
    /// Other datasets: pictures moved from one of them are not computed again.
    pub siblings: &'a [Dataset],
    /// The user's cache folder.
    pub cache: &'a Path,
    /// The crops to describe; None: those of the stored rows.
    pub crops: Option<Crops>,
    /// Pictures to leave for later; None: none.
    pub put_off: Option<&'a PutOff>,
    /// While pictures come and go: append new rows to `features.simages` if possible, without rewriting `features.npz`.
    pub only_appends: bool,
}

/// Pictures to leave for later.
#[derive(Clone, Debug, Default)]
pub struct PutOff {
    /// Unreadable pictures, each with the state it was in (stamp, and time of the last change of any kind) and the
    /// reason.
    pub unreadable: HashMap<String, ((Stamp, i64), String)>,
    /// Names of files that are still being written.
    pub growing: HashSet<String>,
}

impl<'a> ToIndex<'a> {
    /// All of a dataset, with the crops of the stored rows.
    pub fn new(dataset: &'a Dataset, siblings: &'a [Dataset], cache: &'a Path) -> ToIndex<'a> {
        ToIndex { dataset, siblings, cache, crops: None, put_off: None, only_appends: false }
    }
}

impl PutOff {
    fn holds(&self, image: &ImageFile) -> bool {
        self.growing.contains(&image.name) || self.why(image).is_some()
    }

    /// Why the picture can't be read, as long as it hasn't changed.
    fn why(&self, image: &ImageFile) -> Option<&String> {
        let (seen, why) = self.unreadable.get(&image.name)?;
        // A change of permissions changes the second time.
        (*seen == (image.stamp(), image.ctime_ns)).then_some(why)
    }
}

pub struct IndexRun<'a> {
    root: PathBuf,
    pub store: Store,
    pub network: &'a Network,
    pub cancel: &'a Cancel,
    /// The crops asked for; None: those of the stored rows.
    pub wanted: Option<Crops>,
    pub crops: Crops,
    pub scan: Scan,
    put_off: Option<&'a PutOff>,
    pub only_appends: bool,
    /// Other datasets that pictures may have been moved from.
    siblings: &'a [Dataset],
    cache: &'a Path,
    /// Pictures that could not even be examined.
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
        let mut due = Due::new();
        let scan = what.dataset.scan(cancel, &mut |progress| {
            if due.is_now() {
                report(Event::Scanning(progress));
            }
        })?;
        Ok(IndexRun::of(what, scan, network, cancel, report))
    }

    /// For the result of a scan.
    pub fn of(
        what: &ToIndex<'a>,
        mut scan: Scan,
        network: &'a Network,
        cancel: &'a Cancel,
        report: &'a mut dyn FnMut(Event),
    ) -> IndexRun<'a> {
        let ToIndex { dataset, siblings, cache, crops: wanted, put_off, only_appends } = *what;
        tracing::info!(dataset = %crate::shown::path(&dataset.root), images = scan.images.len(), "scanned");
        report(Event::Scanned(scan.clone()));
        let skipped = std::mem::take(&mut scan.skipped);
        let unscanned = skipped.iter().filter(|s| formats::is_picture(s.file.as_ref())).count();
        let mut run = IndexRun {
            root: dataset.root.clone(),
            store: Store::new(dataset, cache).until(cancel),
            network,
            cancel,
            wanted,
            crops: Crops::default(),
            scan,
            put_off,
            only_appends,
            siblings,
            cache,
            unscanned,
            skipped: Vec::new(),
            report,
        };
        skipped.into_iter().for_each(|s| run.skip(s));
        let why = |image: &ImageFile| Some(Skipped::picture(image, put_off?.why(image)?.clone()));
        let unreadable: Vec<Skipped> = run.scan.images.iter().filter_map(why).collect();
        unreadable.into_iter().for_each(|s| run.skip(s));
        run
    }

    /// The stored rows, and the model's identifier for the crops chosen: those asked for, else those of the stored
    /// rows.
    pub fn load(&mut self) -> Result<(Existing, String)> {
        let existing = Existing::load(&self.store)?;
        let weights = self.network.weights()?;
        // Those of `features.simages`, if `features.npz` can't be used.
        let model = match &existing {
            Existing::Unusable(_) if self.wanted.is_none() => self.store.at_hand().and_then(|stored| stored.model),
            existing => existing.model().map(str::to_owned),
        };
        self.crops = self.wanted.or_else(|| weights.crops_of(&model?)).unwrap_or_default();
        Ok((existing, weights.model(self.crops)))
    }

    /// A matrix without rows.
    pub fn empty(&self) -> FeatureMatrix {
        FeatureMatrix::default().with_crops(self.crops)
    }

    /// All rows that pictures may be recognized by: those of this dataset and of its siblings.
    pub fn known(&self, sorted: &Sorted, model: &str) -> KnownFiles {
        let mut known = KnownFiles::new(sorted.valid.rows().iter().chain(&sorted.absent).chain(&sorted.changed));
        let mut seen = HashSet::from([self.root.as_path()]);
        // Rows stored there while the disk was full.
        let stores = self.store.without_room().into_iter();
        let siblings = self.siblings.iter().filter(|sibling| seen.insert(&sibling.root));
        for store in stores.chain(siblings.map(|sibling| Store::new(sibling, self.cache))) {
            let at_hand = store.at_hand();
            if let Some(matrix) = at_hand.filter(|stored| stored.model.as_deref() == Some(model)).map(|s| s.matrix) {
                matrix.rows().iter().for_each(|row| known.add(row));
            }
        }
        known
    }

    /// Whether a file of this name exists, a picture of the dataset or not; also true if that can't be determined.
    pub fn has_file(&self, name: &str) -> bool {
        self.root.join(name).try_exists().unwrap_or(true)
    }

    /// Whether the picture's folder exists but can't be read: a broken link, no permission.
    pub fn is_out_of_reach(&self, name: &str) -> bool {
        self.skipped.iter().any(|skipped| name.strip_prefix(&skipped.file).is_some_and(|rest| rest.starts_with('/')))
    }

    /// The pictures that `matrix` lacks and that are to be computed now.
    pub fn missing(&self, matrix: &FeatureMatrix) -> Vec<ImageFile> {
        let is_now = |image: &&ImageFile| self.put_off.is_none_or(|put_off| !put_off.holds(image));
        self.scan.images.iter().filter(|i| matrix.get(&i.name).is_none()).filter(is_now).cloned().collect()
    }

    /// Stores everything in the user's cache folder from now on, because the pictures' disk is full. Returns whether
    /// that is another place than before.
    pub fn go_to_cache(&mut self) -> bool {
        let Some(store) = self.store.without_room() else { return false };
        let (root, cache) = (crate::shown::path(&self.root), crate::shown::path(store.path()));
        let text = format!("{root}: the disk is full; descriptors are stored in {cache}");
        tracing::warn!("{text}");
        self.tell(Event::Notice(text));
        self.store = store;
        true
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
        // Sorted by name, not in the order of the threads.
        let mut skipped = self.skipped;
        skipped.sort_by(|a, b| a.file.cmp(&b.file));
        Summary { images, indexed, computed, absent, skipped }
    }
}
