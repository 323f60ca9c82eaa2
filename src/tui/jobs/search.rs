//! Searches, off the screen's thread: the key's descriptor where it has none yet, then the ranking.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::cancel::Cancel;
use crate::dataset::{ContentHash, hash_file};
use crate::descriptor::{Crops, Descriptor, FeatureMatrix, Row};
use crate::error::Result;
use crate::index::indexer::describe;
use crate::join::{DescriptorKind, Engine, Metric, Ranking};
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
    /// Whether there is a second pass.
    pub expand: bool,
    /// Whether near-identical results become one.
    pub fold: bool,
}

#[derive(Clone, Debug)]
pub enum KeySource {
    Indexed(Arc<Row>),
    /// Not indexed, but looked at before.
    Described(DescribedKey),
    /// The network has to look at it first.
    File(PathBuf),
}

/// A key that the network looked at, of these crops.
#[derive(Clone, Debug)]
pub struct DescribedKey {
    pub crops: Crops,
    pub descriptor: Arc<Descriptor>,
    /// What its file holds, if it could be read.
    pub content: Option<ContentHash>,
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
    /// What the key's file holds, if that is known.
    pub content: Option<ContentHash>,
    /// All its neighbours.
    pub ranking: Arc<Ranking>,
    pub took: Duration,
}

impl SearchJob {
    /// All pictures by their value to the key with this (full) descriptor.
    pub fn ranking(&self, key: &Descriptor, engine: Engine, cancel: &Cancel) -> Result<Ranking> {
        let rank = if self.expand { Ranking::expanded } else { Ranking::new };
        let ranking = rank(&engine, key, &self.matrix, self.left_out.as_deref(), (self.descriptor, self.metric));
        key.check_whole().and_then(|()| self.matrix.check_whole())?;
        if self.fold { ranking.folded(&engine, &self.matrix, cancel) } else { Ok(ranking) }
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
    last: Mutex<Option<(PathBuf, DescribedKey)>>,
}

impl Searcher {
    pub fn new(network: Arc<Network>, engine: Engine, cancel: Cancel) -> Searcher {
        Searcher { network, engine, cancel, last: Mutex::default() }
    }

    pub fn search(&self, job: &SearchJob) -> Searched {
        Searched { generation: job.generation, outcome: self.answer(job) }
    }

    fn answer(&self, job: &SearchJob) -> Result<SearchAnswer> {
        let (key, content) = match &job.key {
            KeySource::Indexed(row) => (Arc::new(row.descriptor.clone()), row.content()),
            KeySource::Described(key) => (key.descriptor.clone(), key.content),
            KeySource::File(path) => {
                let key = self.describe(path, job.matrix.crops)?;
                (key.descriptor, key.content)
            }
        };
        let begun = Instant::now();
        let ranking = Arc::new(job.ranking(&key, self.engine, &self.cancel)?);
        Ok(SearchAnswer { key, content, ranking, took: begun.elapsed() })
    }

    fn describe(&self, path: &Path, crops: Crops) -> Result<DescribedKey> {
        let mut last = self.last.lock();
        if let Some((known, key)) = &*last
            && (known.as_path(), key.crops) == (path, crops)
        {
            return Ok(key.clone());
        }
        let descriptor = Arc::new(describe(path, crops, &self.network, &self.cancel)?);
        let key = DescribedKey { crops, descriptor, content: hash_file(path).ok() };
        *last = Some((path.to_owned(), key.clone()));
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::DESCRIPTOR_LEN;
    use crate::simd::Instructions;
    use crate::vgg16::NetworkOptions;

    #[test]
    fn whatever_it_is_told_to_compute_with_a_search_answers_the_same_to_the_bit() {
        let row = |i: usize| {
            let mut dense = vec![0.0; DESCRIPTOR_LEN];
            (0..40).for_each(|j| dense[(i * 7919 + j * 613) % DESCRIPTOR_LEN] = (1 + (i * j) % 17) as f32 / 3.0);
            dense[i / 3] = 90.0;
            Row::new(format!("{i:02}.png"), None, Descriptor::from_dense(&dense).unwrap())
        };
        let matrix: FeatureMatrix = (0..40).map(row).collect();
        let key = KeySource::Indexed(matrix.rows()[5].clone());
        for (descriptor, metric) in DescriptorKind::ALL.into_iter().flat_map(|d| Metric::ALL.map(|m| (d, m))) {
            let found = |instructions| {
                let engine = Engine { instructions, ..Engine::default() };
                let (matrix, key, left_out) = (matrix.clone(), key.clone(), Some("05.png".into()));
                let job =
                    SearchJob { generation: 1, key, matrix, left_out, descriptor, metric, expand: true, fold: true };
                let searcher =
                    Searcher::new(Arc::new(Network::new(NetworkOptions::default())), engine, Cancel::default());
                searcher.search(&job).outcome.unwrap().ranking
            };
            let all: Vec<_> = Instructions::available().into_iter().map(found).collect();
            assert!(all[0].gone() > 0 && all[0].len() == 39);
            assert!(all.iter().all(|ranking| *ranking == all[0]), "{descriptor} {metric}");
        }
    }
}
