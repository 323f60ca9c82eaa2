//! Searches, off the screen's thread: the key's descriptor where it has none yet, then the ranking.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::cancel::Cancel;
use crate::descriptor::{Crops, Descriptor, DescriptorKind, FeatureMatrix, Row};
use crate::error::Result;
use crate::index::indexer::describe;
use crate::join::{Engine, Metric, Ranking};
use crate::vgg16::Network;

/// A key against all pictures of a dataset.
#[derive(Clone, Debug)]
pub struct SearchJob {
    /// Newer searches have larger numbers; answers to older ones are dropped.
    pub generation: u64,
    pub key: KeySource,
    pub matrix: FeatureMatrix,
    /// The key's name in the dataset, if it lies there.
    pub left_out: Option<String>,
    pub descriptor: DescriptorKind,
    pub metric: Metric,
    /// Whether near-identical results become one.
    pub fold: bool,
}

#[derive(Clone, Debug)]
pub enum KeySource {
    Indexed(Arc<Row>),
    /// Not indexed, but looked at before.
    Described(Arc<Descriptor>),
    /// The network has to look at it first.
    File(PathBuf),
}

/// The answer to a [`SearchJob`].
#[derive(Debug)]
pub struct Searched {
    pub generation: u64,
    pub outcome: Result<SearchAnswer>,
}

/// What was found.
#[derive(Debug)]
pub struct SearchAnswer {
    /// The key's full descriptor.
    pub key: Arc<Descriptor>,
    /// All its neighbours.
    pub ranking: Arc<Ranking>,
    pub took: Duration,
}

impl SearchJob {
    /// All pictures by their value to the key with this (full) descriptor.
    pub fn ranking(&self, key: &Descriptor, engine: Engine, cancel: &Cancel) -> Result<Ranking> {
        let _ = engine;
        let ranking = Ranking::new(key, &self.matrix, self.left_out.as_deref(), (self.descriptor, self.metric));
        key.check_whole().and_then(|()| self.matrix.check_whole())?;
        if self.fold { ranking.folded(&self.matrix, cancel) } else { Ok(ranking) }
    }
}

impl PartialEq for SearchJob {
    fn eq(&self, other: &SearchJob) -> bool {
        self.generation == other.generation
    }
}

pub struct Searcher {
    network: Arc<Network>,
    engine: Engine,
    cancel: Cancel,
    /// The last key the network looked at: a search is repeated as indexing goes on.
    last: Mutex<Option<(PathBuf, Crops, Arc<Descriptor>)>>,
}

impl Searcher {
    pub fn new(network: Arc<Network>, engine: Engine, cancel: Cancel) -> Searcher {
        Searcher { network, engine, cancel, last: Mutex::default() }
    }

    pub fn search(&self, job: &SearchJob) -> Searched {
        Searched { generation: job.generation, outcome: self.answer(job) }
    }

    fn answer(&self, job: &SearchJob) -> Result<SearchAnswer> {
        let key = match &job.key {
            KeySource::Indexed(row) => Arc::new(row.descriptor.clone()),
            KeySource::Described(descriptor) => descriptor.clone(),
            KeySource::File(path) => self.describe(path, job.matrix.crops)?,
        };
        let begun = Instant::now();
        let ranking = Arc::new(job.ranking(&key, self.engine, &self.cancel)?);
        Ok(SearchAnswer { key, ranking, took: begun.elapsed() })
    }

    fn describe(&self, path: &Path, crops: Crops) -> Result<Arc<Descriptor>> {
        let mut last = self.last.lock();
        if let Some((known, known_crops, descriptor)) = &*last
            && (known.as_path(), *known_crops) == (path, crops)
        {
            return Ok(descriptor.clone());
        }
        let descriptor = Arc::new(describe(path, crops, &self.network, &self.cancel)?);
        *last = Some((path.to_owned(), crops, descriptor.clone()));
        Ok(descriptor)
    }
}
