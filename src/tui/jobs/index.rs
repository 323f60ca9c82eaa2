//! Indexes in the background: surveys every dataset, computes missing descriptors one dataset after another, then
//! follows changes.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Instant;

use parking_lot::Mutex;

use super::watching::{Wake, WatchedFolder, wait};
use crate::cancel::Cancel;
use crate::dataset::{Dataset, Scan};
use crate::descriptor::FeatureMatrix;
use crate::error::{Error, Result};
use crate::index::indexer::{self, Event, Summary, ToIndex};
use crate::index::store::Store;
use crate::limits;
use crate::progress::Progress;
use crate::vgg16::Network;

/// An event of a dataset (by index).
#[derive(Debug)]
pub struct IndexNews {
    pub dataset: usize,
    pub what: IndexStep,
}

#[derive(Debug)]
pub enum IndexStep {
    /// Its turn has come.
    Begun(Instant),
    /// It is being surveyed or indexed.
    Event(Event, Instant),
    Ended(Result<Summary>),
}

/// The thread that indexes; it owns the order.
pub struct Indexing {
    wake: Sender<Wake>,
    /// Indices of the datasets still to be indexed, the next one first.
    order: Arc<Mutex<Vec<usize>>>,
    cancel: Cancel,
    thread: JoinHandle<()>,
}

impl Indexing {
    pub fn start(
        datasets: Vec<Dataset>,
        cache: PathBuf,
        network: Arc<Network>,
        cancel: Cancel,
        tell: impl Fn(IndexNews) + Send + 'static,
    ) -> Indexing {
        let order = Arc::new(Mutex::new((0..datasets.len()).collect::<Vec<_>>()));
        let tell = Box::new(tell);
        let (wake, wakes) = channel();
        let sets = RefCell::new(datasets.iter().map(|_| WatchedFolder::new()).collect());
        let to_wake = wake.clone();
        let work =
            InTurn { datasets, cache, network, cancel: cancel.clone(), tell, order: order.clone(), sets, to_wake };
        let thread = limits::spawn("indexer", move || work.run(&wakes));
        Indexing { wake, order, cancel, thread }
    }

    /// Moves the dataset to the front; the one being indexed continues.
    pub fn prefer(&self, dataset: usize) {
        let mut order = self.order.lock();
        if let Some(at) = order.iter().position(|d| *d == dataset) {
            order[..=at].rotate_right(1);
        }
    }

    /// Reads folders again: all of them, or only those whose changes aren't reported.
    pub fn look(&self, at_all: bool) {
        let _ = self.wake.send(Wake::Look { at_all });
    }

    /// Stops, saves what was computed, and returns when that is done.
    pub fn finish(self) {
        self.cancel.cancel();
        let _ = self.wake.send(Wake::Finish);
        let _ = self.thread.join();
    }
}

struct InTurn {
    datasets: Vec<Dataset>,
    cache: PathBuf,
    network: Arc<Network>,
    cancel: Cancel,
    tell: Box<dyn Fn(IndexNews) + Send>,
    order: Arc<Mutex<Vec<usize>>>,
    sets: RefCell<Vec<WatchedFolder>>,
    to_wake: Sender<Wake>,
}

impl InTurn {
    fn run(self, wakes: &Receiver<Wake>) {
        self.index_all();
        self.watch(wakes);
        // Bring each features.npz up to date with what was appended in the meantime, if that is quick.
        for dataset in 0..self.datasets.len() {
            self.rest(dataset, &self.cancel);
        }
    }

    fn index_all(&self) {
        let mut surveyed = Vec::new();
        // Surveying is quick: every dataset can be searched before the first one is complete.
        while let Some(dataset) = self.next(&surveyed) {
            surveyed.push(dataset);
            let report = &mut |e| self.event(dataset, e);
            let result = indexer::survey(&self.what(dataset), &self.network, &self.cancel, report);
            if let Some(end) = result.transpose() {
                self.done(dataset);
                self.end(dataset, end);
            }
        }
        while let Some(dataset) = self.next(&[]) {
            self.done(dataset);
            (self.tell)(IndexNews { dataset, what: IndexStep::Begun(Instant::now()) });
            let report = &mut |e| self.event(dataset, e);
            let result = indexer::index(&self.what(dataset), &self.network, &self.cancel, report);
            self.end(dataset, result.map(|(_, summary)| summary));
        }
        // When nothing else is left to wait for, look at the files of rows from an older version.
        for dataset in 0..self.datasets.len() {
            match indexer::look(&self.what(dataset), &self.network, &self.cancel, &mut |_| ()) {
                Err(Error::Cancelled) => return,
                Err(error) => tracing::warn!(%error, "not looked at"),
                Ok(Some(matrix)) => self.event(dataset, Event::Indexed { matrix, progress: Progress::default() }),
                Ok(None) => {}
            }
        }
    }

    /// Indexes changes until the end.
    fn watch(&self, wakes: &Receiver<Wake>) {
        for (dataset, set) in self.sets.borrow_mut().iter_mut().enumerate() {
            self.be_told(dataset, set);
            // Changes during indexing went unreported.
            set.take(Wake::Changed(dataset));
        }
        let due = || {
            let sets = self.sets.borrow();
            sets.iter().flat_map(|set| [set.due(), set.rest_due()]).flatten().min()
        };
        while !self.cancel.is_cancelled() && wait(wakes, due(), &self.cancel, &self.sets) {
            for dataset in 0..self.datasets.len() {
                let is_due = |due: Option<Instant>| due.is_some_and(|due| due <= Instant::now());
                let (look, rest) = {
                    let set = &self.sets.borrow()[dataset];
                    (is_due(set.due()), is_due(set.rest_due()))
                };
                if look {
                    self.look(dataset);
                } else if rest {
                    self.rest(dataset, &self.cancel);
                }
            }
        }
    }

    fn be_told(&self, dataset: usize, set: &mut WatchedFolder) {
        let root = &self.datasets[dataset].root;
        if let Err(why) = set.watch(root, dataset, &self.to_wake, &self.cancel) {
            tracing::warn!(root = %crate::shown::path(root), %why, "polling for changes");
            if root.is_dir() && why.contains("inotify") {
                let name = &self.datasets[dataset].name;
                self.event(dataset, Event::Notice(format!("{name}: polling for changes now and then: {why}")));
            }
        }
    }

    /// Reads a folder again, and indexes what has changed.
    fn look(&self, dataset: usize) {
        let began = self.sets.borrow_mut()[dataset].look();
        if Store::new(&self.datasets[dataset], &self.cache).is_locked() {
            // Another process is indexing it: other datasets need not wait for that.
            return self.sets.borrow_mut()[dataset].take(Wake::Changed(dataset));
        }
        {
            let set = &mut self.sets.borrow_mut()[dataset];
            if set.lost_its_folder(&self.datasets[dataset].root) {
                self.be_told(dataset, set);
            }
        }
        let scan = match self.datasets[dataset].scan(&self.cancel, &mut |_| ()) {
            Ok(scan) => scan,
            Err(Error::Cancelled) => return,
            Err(error) => {
                if self.sets.borrow_mut()[dataset].is_gone() {
                    self.event(dataset, Event::Scanned(Scan::default()));
                    self.event(
                        dataset,
                        Event::Indexed { matrix: FeatureMatrix::default(), progress: Progress::default() },
                    );
                    self.end(dataset, Err(error));
                }
                return;
            }
        };
        let (something, put_off) = {
            let set = &mut self.sets.borrow_mut()[dataset];
            let has_ended = std::mem::take(&mut set.is_away) | std::mem::take(&mut set.again);
            (set.found(&scan, began) || has_ended, set.put_off.clone())
        };
        if !something {
            return;
        }
        tracing::info!(root = %crate::shown::path(&self.datasets[dataset].root), "has changed");
        let mut is_begun = false;
        let mut report = |event: Event| {
            // Rows that are only read show no progress.
            if matches!(&event, Event::Indexed { progress, .. } if progress.of > 0) && !is_begun {
                is_begun = true;
                (self.tell)(IndexNews { dataset, what: IndexStep::Begun(Instant::now()) });
            }
            self.event(dataset, event);
        };
        let what = ToIndex { put_off: Some(&put_off), only_appends: true, ..self.what(dataset) };
        let result = indexer::index_scanned(&what, scan, &self.network, &self.cancel, &mut report);
        self.sets.borrow_mut()[dataset].behind_since = Some(Instant::now());
        self.end(dataset, result.map(|(_, summary)| summary));
    }

    /// Replaces `features.npz` if it lacks rows.
    fn rest(&self, dataset: usize, cancel: &Cancel) {
        let (is_behind, put_off) = {
            let set = &mut self.sets.borrow_mut()[dataset];
            (set.behind_since.take().is_some() && !set.is_away, set.put_off.clone())
        };
        if is_behind {
            let what = ToIndex { put_off: Some(&put_off), ..self.what(dataset) };
            let scan = Scan { images: self.sets.borrow()[dataset].images.clone(), ..Scan::default() };
            match indexer::update_npz(&what, scan, &self.network, cancel) {
                Ok(()) => {}
                Err(error) => tracing::warn!(%error, "features.npz is not brought up to date"),
            }
        }
    }

    fn what(&self, dataset: usize) -> ToIndex<'_> {
        ToIndex::new(&self.datasets[dataset], &self.datasets, &self.cache)
    }

    fn next(&self, not: &[usize]) -> Option<usize> {
        let order = self.order.lock();
        let next = order.iter().find(|d| !not.contains(d)).copied();
        next.filter(|_| !self.cancel.is_cancelled())
    }

    fn done(&self, dataset: usize) {
        let mut order = self.order.lock();
        order.retain(|d| *d != dataset);
    }

    fn event(&self, dataset: usize, event: Event) {
        if let Event::Scanned(scan) = &event {
            self.sets.borrow_mut()[dataset].seen(&scan.images);
        }
        (self.tell)(IndexNews { dataset, what: IndexStep::Event(event, Instant::now()) });
    }

    fn end(&self, dataset: usize, result: Result<Summary>) {
        self.sets.borrow_mut()[dataset].has_failed = result.is_err();
        if let Ok(summary) = &result {
            self.sets.borrow_mut()[dataset].unreadable(&summary.skipped);
        }
        if !matches!(result, Err(Error::Cancelled)) {
            (self.tell)(IndexNews { dataset, what: IndexStep::Ended(result) });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::dataset::Exclude;
    use crate::vgg16::NetworkOptions;

    #[test]
    fn a_dataset_that_failed_is_tried_again_on_request() {
        let folder = tempfile::tempdir().unwrap();
        let (root, cache) = (folder.path().join("pictures"), folder.path().join("cache"));
        std::fs::create_dir(&root).unwrap();
        std::fs::write(root.join("no-picture.jpg"), "text").unwrap();
        // In the place of the folder for descriptors.
        std::fs::write(&cache, "").unwrap();
        let root = root.canonicalize().unwrap();
        let dataset = Dataset { name: "pictures".into(), root, exclude: Exclude::default(), is_only_read: true };
        let (tell, told) = mpsc::channel();
        let tell = move |news: IndexNews| drop(tell.send(news.what));
        let network = Arc::new(Network::new(NetworkOptions::default()));
        let indexing = Indexing::start(vec![dataset], cache.clone(), network, Cancel::default(), tell);
        let next_end = || loop {
            if let IndexStep::Ended(result) = told.recv().unwrap() {
                return result;
            }
        };
        assert!(next_end().is_err());
        std::fs::remove_file(&cache).unwrap();
        // Nothing has changed in the folder itself.
        indexing.look(true);
        assert_eq!(next_end().unwrap().skipped.len(), 1);
        indexing.finish();
    }
}
