//! Indexing in the background: first every dataset is looked at, then what is missing is computed, one after another.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::sync::mpsc::Sender;

use super::msg::Msg;
use crate::cancel::Cancel;
use crate::dataset::Dataset;
use crate::error::Error;
use crate::index::indexer;
use crate::vgg16::Network;

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
        to: Sender<Msg>,
    ) -> Self {
        let order = Arc::new(Mutex::new((0..datasets.len()).collect::<Vec<_>>()));
        let work = Work { datasets, cache, network, cancel: cancel.clone(), to, order: order.clone() };
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

struct Work {
    datasets: Vec<Dataset>,
    cache: PathBuf,
    network: Arc<Network>,
    cancel: Cancel,
    to: Sender<Msg>,
    order: Arc<Mutex<Vec<usize>>>,
}

impl Work {
    fn run(self) {
        let mut surveyed = Vec::new();
        // Looking is quick: every dataset is there to be searched before the first one is completed.
        while let Some(dataset) = self.next(&surveyed) {
            surveyed.push(dataset);
            let result = indexer::survey(&self.datasets[dataset], &self.cache, &self.network, &self.cancel, &mut |e| {
                self.tell(dataset, e)
            });
            if let Some(end) = result.transpose() {
                self.done(dataset);
                self.end(dataset, end);
            }
        }
        while let Some(dataset) = self.next(&[]) {
            self.done(dataset);
            let _ = self.to.blocking_send(Msg::Begun(dataset, Instant::now()));
            let result =
                indexer::index(&self.datasets[dataset], &self.cache, &self.network, None, &self.cancel, &mut |e| {
                    self.tell(dataset, e)
                });
            self.end(dataset, result.map(|(_, summary)| summary));
        }
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

    fn tell(&self, dataset: usize, event: indexer::Event) {
        // Nobody listens any more: then the end is near, and `cancel` says so.
        let _ = self.to.blocking_send(Msg::Indexing(dataset, event, Instant::now()));
    }

    fn end(&self, dataset: usize, result: Result<indexer::Summary, Error>) {
        if !matches!(result, Err(Error::Cancelled)) {
            let _ = self.to.blocking_send(Msg::Indexed(dataset, result.map_err(|e| e.to_string())));
        }
    }
}
