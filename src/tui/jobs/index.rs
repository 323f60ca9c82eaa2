//! Indexing in the background: first every dataset is looked at, then what is missing is computed, one after another.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use crate::cancel::Cancel;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::index::indexer::{self, Event, Summary, ToIndex};
use crate::progress::Progress;
use crate::vgg16::Network;
use parking_lot::Mutex;

/// What happens to a dataset (by number).
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
    /// Datasets still to be indexed, by number, the next one first.
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
        let work = InTurn { datasets, cache, network, cancel: cancel.clone(), tell, order: order.clone() };
        let thread = thread::Builder::new().name("indexer".into());
        let thread = thread.spawn(move || work.run()).expect("the system has a thread left");
        Indexing { order, cancel, thread }
    }

    /// Moves the dataset to the front; the one being indexed goes on.
    pub fn prefer(&self, dataset: usize) {
        let mut order = self.order.lock();
        if let Some(at) = order.iter().position(|d| *d == dataset) {
            order[..=at].rotate_right(1);
        }
    }

    /// Stops, saves what was computed, and returns when that is done.
    pub fn finish(self) {
        self.cancel.cancel();
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
}

impl InTurn {
    fn run(self) {
        let mut surveyed = Vec::new();
        // Looking is quick: every dataset is there to be searched before the first one is completed.
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
        // When nothing is left to be waited for: rows of an older version learn what a look at their files tells.
        for dataset in 0..self.datasets.len() {
            match indexer::look(&self.what(dataset), &self.network, &self.cancel, &mut |_| ()) {
                Err(Error::Cancelled) => return,
                Err(error) => tracing::warn!(%error, "not looked at"),
                Ok(Some(matrix)) => self.event(dataset, Event::Indexed { matrix, progress: Progress::default() }),
                Ok(None) => {}
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
        (self.tell)(IndexNews { dataset, what: IndexStep::Event(event, Instant::now()) });
    }

    fn end(&self, dataset: usize, result: Result<Summary>) {
        if !matches!(result, Err(Error::Cancelled)) {
            (self.tell)(IndexNews { dataset, what: IndexStep::Ended(result) });
        }
    }
}
