//! Brings a dataset's `features.npz` up to date: computes what is missing or changed, and only that.
//!
//! Pictures are decoded on threads of their own while the network runs on those before. Every batch is reported as it
//! is done, and kept every few seconds; a kill loses those, never the file.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::Duration;

use super::checkpoint::Checkpoint;
use super::decoding::{self, Decoded, decode_all, next_slice};
use super::progress::Progress;
use super::store::Store;
use crate::cancel::Cancel;
use crate::dataset::{Dataset, ImageFile, Scan, Skipped};
use crate::descriptor::{Crops, Descriptor, FeatureMatrix, Row};
use crate::error::{Error, Result};
use crate::priority;
use crate::storage::Stored;
use crate::vgg16::{INPUT_LEN, Network};

/// Pictures decoded ahead of the network.
const AHEAD: usize = 64;
/// Between two looks at another process that is indexing the same dataset.
const WAIT: Duration = Duration::from_millis(300);
const OTHER_CROPS: &str = "was computed of other crops of the pictures";
/// Cosine similarity below which a row in a file of unknown model is not what we would have computed.
const SAME: f64 = 0.99;

/// Pictures that are not computed again only because their files are new in their places, where there are more, and
/// more than a twentieth of all.
const MANY: usize = 20;

/// What happens while indexing.
#[derive(Debug)]
pub enum Event {
    /// The folder was read.
    Scanned(Scan),
    /// Valid descriptors so far: those stored at first, then more with each batch.
    Indexed { matrix: FeatureMatrix, progress: Progress },
    /// A picture can't be read.
    Skipped(Skipped),
    /// Another process is indexing this dataset; what it has saved is taken over.
    Waiting,
    /// Something the user should know, such as a damaged file that was kept aside.
    Notice(String),
}

/// What was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Pictures found.
    pub images: usize,
    /// Those with a descriptor now.
    pub indexed: usize,
    /// Those computed this time.
    pub computed: usize,
    pub skipped: Vec<Skipped>,
}

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
    Run { wanted, ..Run::new(dataset, cache, network, cancel, report)? }.index()
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
    let mut run = Run::new(dataset, cache, network, cancel, report)?;
    let stored = run.load()?;
    let model = run.choose(&stored)?;
    let matrix = run.still_valid(&stored, &model);
    let missing = run.scan.images.len() - matrix.len();
    run.indexed(&matrix, Progress { done: 0, missing });
    let complete = missing == 0 && is_current(&stored, &matrix, &model) && is_prepared(&stored);
    Ok(complete.then(|| run.summary(&matrix, 0)))
}

/// The descriptor of one picture, of these crops.
pub fn describe(picture: &Path, crops: Crops, network: &Network, cancel: &Cancel) -> Result<Descriptor> {
    let input = decoding::input(picture, crops, network.weights()?.preprocessing)?;
    to_descriptor(&crops.mean(&network.describe(&input, cancel)?), picture)
}

fn to_descriptor(row: &[f32], picture: &Path) -> Result<Descriptor> {
    Descriptor::from_dense(row)
        .ok_or_else(|| Error::Picture { path: picture.to_owned(), reason: "its descriptor is not finite".into() })
}

/// One dataset being indexed.
struct Run<'a> {
    store: Store,
    network: &'a Network,
    cancel: &'a Cancel,
    /// The crops that were asked for; None: those of what is stored.
    wanted: Option<Crops>,
    crops: Crops,
    scan: Scan,
    /// Pictures that could not even be looked at.
    unscanned: usize,
    skipped: Vec<Skipped>,
    report: &'a mut dyn FnMut(Event),
}

impl<'a> Run<'a> {
    fn new(
        dataset: &Dataset,
        cache: &Path,
        network: &'a Network,
        cancel: &'a Cancel,
        report: &'a mut dyn FnMut(Event),
    ) -> Result<Run<'a>> {
        let mut scan = dataset.scan(cancel)?;
        tracing::info!(dataset = %dataset.root.display(), images = scan.images.len(), "scanned");
        report(Event::Scanned(scan.clone()));
        let skipped = std::mem::take(&mut scan.skipped);
        let (store, unscanned) = (Store::of(dataset, cache), skipped.len());
        let (wanted, crops) = (None, Crops::default());
        let mut run = Run { store, network, cancel, wanted, crops, scan, unscanned, skipped: Vec::new(), report };
        skipped.into_iter().for_each(|s| run.skip(s));
        Ok(run)
    }

    fn index(mut self) -> Result<(FeatureMatrix, Summary)> {
        let mut stored = self.load()?;
        let mut model = self.choose(&stored)?;
        let mut matrix = self.still_valid(&stored, &model);
        let mut computed = 0;
        if is_current(&stored, &matrix, &model) && matrix.len() == self.scan.images.len() {
            self.indexed(&matrix, Progress::default());
            if !is_prepared(&stored) {
                self.prepare(&matrix, &model);
            }
        } else {
            let _lock = self.lock()?;
            // Whoever had the lock before has saved more; what can't be read is kept aside, now that we may.
            stored = self.load()?;
            model = self.choose(&stored)?;
            matrix = self.adopt(&stored, &model)?;
            let before = matrix.len();
            let mut rest = Vec::new();
            let outcome = self.compute(&mut matrix, &stored, &model, &mut rest);
            computed = matrix.len() - before;
            if computed > 0 || !is_current(&stored, &matrix, &model) {
                self.store.save(&matrix, &model).inspect_err(|_| {
                    // What is missing may fit where all of it doesn't.
                    let _ = self.store.append(&rest);
                })?;
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

    fn summary(self, matrix: &FeatureMatrix, computed: usize) -> Summary {
        let images = self.scan.images.len() + self.unscanned;
        Summary { images, indexed: matrix.len(), computed, skipped: self.skipped }
    }

    fn skip(&mut self, skipped: Skipped) {
        tracing::warn!(file = %skipped.file, error = %skipped.error, "skipped");
        (self.report)(Event::Skipped(skipped.clone()));
        self.skipped.push(skipped);
    }

    fn indexed(&mut self, matrix: &FeatureMatrix, progress: Progress) {
        (self.report)(Event::Indexed { matrix: matrix.clone(), progress });
    }

    /// What is stored, damaged files counting as nothing.
    fn load(&self) -> Result<Option<Result<Stored, String>>> {
        match self.store.load() {
            Ok(stored) => Ok(stored.map(Ok)),
            Err(Error::Features { reason, .. }) => Ok(Some(Err(reason))),
            Err(other) => Err(other),
        }
    }

    /// Chooses the crops, if none were asked for those that are stored. Returns what identifies descriptors of these.
    fn choose(&mut self, stored: &Option<Result<Stored, String>>) -> Result<String> {
        let weights = self.network.weights()?;
        let model = stored.as_ref().and_then(|stored| stored.as_ref().ok()?.model.as_deref());
        self.crops = self.wanted.or_else(|| weights.crops_of(model?)).unwrap_or_default();
        Ok(weights.model(self.crops))
    }

    /// Without a row.
    fn empty(&self) -> FeatureMatrix {
        FeatureMatrix::default().with_crops(self.crops)
    }

    /// The rows of `stored` that belong to pictures as they are now.
    fn still_valid(&self, stored: &Option<Result<Stored, String>>, model: &str) -> FeatureMatrix {
        let Some(Ok(stored)) = stored else { return self.empty() };
        let is_other = match &stored.model {
            Some(other) => other != model,
            // By others, who know of no crops.
            None => self.crops != Crops::Whole,
        };
        if is_other {
            return self.empty();
        }
        let written = self.store.stamp().map_or(i64::MIN, |s| s.mtime_ns);
        let replaced = self.perhaps_replaced(stored);
        let valid = self.scan.images.iter().filter_map(|image| {
            let row = stored.matrix.get(&image.name).filter(|_| !replaced.contains(image.name.as_str()))?;
            match row.stamp {
                Some(stamp) => (stamp == image.stamp()).then(|| row.clone()),
                None if image.mtime_ns > written => None,
                None => Some(Arc::new(Row { stamp: Some(image.stamp()), ..Row::clone(row) })),
            }
        });
        valid.collect::<FeatureMatrix>().with_crops(self.crops)
    }

    /// Pictures that became what they are after the features were stored: where size and time are as before, another
    /// file may have taken their place. All of a folder that was copied or whose permissions changed look like that,
    /// so many at once are not suspected.
    fn perhaps_replaced(&self, stored: &Stored) -> HashSet<&str> {
        let Some(last) = self.store.ctime_ns() else { return HashSet::new() };
        let is_later = |image: &&ImageFile| image.ctime_ns > last && stored.matrix.get(&image.name).is_some();
        let later: HashSet<_> = self.scan.images.iter().filter(is_later).map(|image| image.name.as_str()).collect();
        let many = MANY.max(self.scan.images.len() / 20);
        if later.len() > many { HashSet::new() } else { later }
    }

    /// Waits until no other process is writing; shows meanwhile what that one has saved.
    fn lock(&mut self) -> Result<super::lock::Lock> {
        let mut seen = None;
        loop {
            self.cancel.check()?;
            if let Some(lock) = self.store.try_lock()? {
                return Ok(lock);
            }
            if seen.is_none() {
                tracing::info!("another process is writing");
                (self.report)(Event::Waiting);
            }
            let stamps = self.store.stamps();
            if seen != Some(stamps) {
                seen = Some(stamps);
                let stored = self.load()?;
                let model = self.choose(&stored)?;
                let matrix = self.still_valid(&stored, &model);
                let progress = Progress { done: 0, missing: self.missing(&matrix).len() };
                self.indexed(&matrix, progress);
            }
            thread::sleep(WAIT);
        }
    }

    /// The valid rows; a file that can't be used is kept aside first.
    fn adopt(&mut self, stored: &Option<Result<Stored, String>>, model: &str) -> Result<FeatureMatrix> {
        let useless = match stored {
            None => return Ok(self.empty()),
            Some(Err(reason)) => Some(reason.clone()),
            Some(Ok(Stored { model: Some(other), .. })) if other != model => {
                let reason = match self.network.weights()?.crops_of(other) {
                    Some(_) => OTHER_CROPS,
                    None => "was computed with other weights or another version",
                };
                Some(reason.into())
            }
            Some(Ok(Stored { model: Some(_), .. })) => None,
            Some(Ok(_)) if self.crops != Crops::Whole => Some(OTHER_CROPS.into()),
            Some(Ok(_)) => self.looks_foreign(stored, model)?,
        };
        match useless {
            None => Ok(self.still_valid(stored, model)),
            Some(reason) => {
                if self.store.path().is_file() {
                    let (file, kept) = (self.store.path(), self.store.set_aside()?);
                    let text = format!("{}: {reason}; kept as {}, computing anew", file.display(), kept.display());
                    tracing::warn!("{text}");
                    (self.report)(Event::Notice(text));
                }
                Ok(self.empty())
            }
        }
    }

    /// Files by others don't say what they were computed with: three of their rows are computed again.
    fn looks_foreign(&mut self, stored: &Option<Result<Stored, String>>, model: &str) -> Result<Option<String>> {
        let matrix = self.still_valid(stored, model);
        // Prepared once for all three.
        let _vgg16 = self.network.vgg16()?;
        let images: Vec<_> = self.scan.images.iter().filter(|i| matrix.get(&i.name).is_some()).collect();
        for image in images.iter().step_by(images.len().div_ceil(3).max(1)) {
            let Ok(ours) = describe(&image.path, self.crops, self.network, self.cancel) else { continue };
            let theirs = &matrix.get(&image.name).expect("filtered").descriptor;
            // Zero is like nothing but itself.
            if ours.cosine(theirs) < SAME && ours != *theirs {
                return Ok(Some(format!("its row of {} is not VGG-16's", image.name)));
            }
        }
        Ok(None)
    }

    fn missing(&self, matrix: &FeatureMatrix) -> Vec<ImageFile> {
        self.scan.images.iter().filter(|i| matrix.get(&i.name).is_none()).cloned().collect()
    }

    /// Computes the descriptors that `matrix` lacks, adding them to it, which is saved now and then; `rest` gets those
    /// that are not saved yet.
    fn compute(
        &mut self,
        matrix: &mut FeatureMatrix,
        stored: &Option<Result<Stored, String>>,
        model: &str,
        rest: &mut Vec<Arc<Row>>,
    ) -> Result<()> {
        let missing = self.missing(matrix);
        let mut progress = Progress { done: 0, missing: missing.len() };
        self.indexed(matrix, progress);
        if missing.is_empty() {
            return Ok(());
        }
        let takes_rows = matches!(stored, Some(Ok(stored)) if stored.prepared.takes_rows());
        if !takes_rows || !is_current(stored, matrix, model) {
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

/// Whether what is stored can be opened at once.
fn is_prepared(stored: &Option<Result<Stored, String>>) -> bool {
    match stored {
        Some(Ok(stored)) => stored.prepared.at_once(),
        Some(Err(_)) => false,
        None => true,
    }
}

/// Whether the stored file says what it should: our model, these rows, no others.
fn is_current(stored: &Option<Result<Stored, String>>, matrix: &FeatureMatrix, model: &str) -> bool {
    match stored {
        Some(Ok(stored)) => stored.model.as_deref() == Some(model) && stored.matrix.len() == matrix.len(),
        Some(Err(_)) => false,
        None => matrix.is_empty(),
    }
}
