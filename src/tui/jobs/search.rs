//! Searches off the screen's thread: first the keys' descriptors, if they have none yet, then the ranking.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::cancel::Cancel;
use crate::dataset::{ContentHash, PicturePart};
use crate::descriptor::{Crops, Descriptor, FeatureMatrix, Row};
use crate::error::Result;
use crate::index::indexer::ReadKey;
use crate::join::{DescriptorKind, Engine, Metric, Ranking, SoughtKeys};
use crate::vgg16::Network;

/// One or several keys, to be compared with all pictures of a dataset.
#[derive(Clone, Debug)]
pub struct SearchJob {
    /// Newer searches have larger numbers; answers to older ones are dropped.
    pub generation: u64,
    /// Keys for, at least one.
    pub like: Vec<KeySource>,
    /// Keys against.
    pub unlike: Vec<KeySource>,
    pub matrix: FeatureMatrix,
    /// The names of the keys that are in the dataset.
    pub left_out: Vec<String>,
    pub descriptor: DescriptorKind,
    pub metric: Metric,
    /// Whether to search a second time with the first results as keys.
    pub expand: bool,
    /// Whether to fold near-identical results into one.
    pub fold: bool,
}

#[derive(Clone, Debug)]
pub enum KeySource {
    Indexed(Arc<Row>),
    /// Not indexed, but already described.
    Described(DescribedKey),
    /// The network must describe it first, or this part of it.
    File(PathBuf, Option<PicturePart>),
}

/// A key described by the network, with these crops.
#[derive(Clone, Debug)]
pub struct DescribedKey {
    pub crops: Crops,
    pub descriptor: Arc<Descriptor>,
    /// The content hash of its file, if it could be read.
    pub content: Option<ContentHash>,
}

impl DescribedKey {
    /// An indexed key, with these crops.
    pub fn of(row: &Row, crops: Crops) -> DescribedKey {
        DescribedKey { crops, descriptor: Arc::new(row.descriptor.clone()), content: row.content() }
    }
}

/// The answer to a [`SearchJob`].
#[derive(Debug)]
pub struct Searched {
    pub generation: u64,
    pub outcome: Result<SearchAnswer>,
}

/// The result of a search.
#[derive(Debug)]
pub struct SearchAnswer {
    /// The keys for, with their full descriptors.
    pub like: Vec<DescribedKey>,
    /// The keys against.
    pub unlike: Vec<DescribedKey>,
    /// All their neighbours.
    pub ranking: Arc<Ranking>,
    pub took: Duration,
}

impl SearchJob {
    /// Where the descriptors of all keys come from.
    pub fn sources(&self) -> impl Iterator<Item = &KeySource> {
        self.like.iter().chain(&self.unlike)
    }

    /// All pictures, ranked by their value to the keys for and against, given as full descriptors.
    pub fn ranking(
        &self,
        like: &[DescribedKey],
        unlike: &[DescribedKey],
        engine: Engine,
        cancel: &Cancel,
    ) -> Result<Ranking> {
        let (like, unlike) = (descriptors(like), descriptors(unlike));
        let keys = SoughtKeys { like: &like, unlike: &unlike };
        let left_out: Vec<&str> = self.left_out.iter().map(String::as_str).collect();
        let by = (self.descriptor, self.metric);
        let ranking = match (keys.like, keys.unlike) {
            ([key], []) if self.expand => Ranking::expanded(&engine, key, &self.matrix, left_out.first().copied(), by),
            ([key], []) => Ranking::new(&engine, key, &self.matrix, left_out.first().copied(), by),
            _ => Ranking::of_several(&engine, keys, &self.matrix, &left_out, by),
        };
        keys.check_whole().and_then(|()| self.matrix.check_whole())?;
        if self.fold { ranking.folded(&engine, &self.matrix, cancel) } else { Ok(ranking) }
    }
}

fn descriptors(keys: &[DescribedKey]) -> Vec<&Descriptor> {
    keys.iter().map(|key| &*key.descriptor).collect()
}

impl PartialEq for SearchJob {
    fn eq(&self, other: &SearchJob) -> bool {
        self.generation == other.generation
    }
}

/// A file, the part of it, and its description.
type LastKey = (PathBuf, Option<PicturePart>, DescribedKey);

pub struct Searcher {
    network: Arc<Network>,
    engine: Engine,
    cancel: Cancel,
    /// The last key that the network described: searches are repeated as indexing goes on.
    last: Mutex<Option<LastKey>>,
}

impl Searcher {
    pub fn new(network: Arc<Network>, engine: Engine, cancel: Cancel) -> Searcher {
        Searcher { network, engine, cancel, last: Mutex::default() }
    }

    pub fn search(&self, job: &SearchJob) -> Searched {
        Searched { generation: job.generation, outcome: self.answer(job) }
    }

    fn answer(&self, job: &SearchJob) -> Result<SearchAnswer> {
        let crops = job.matrix.crops;
        let known = |key: &KeySource| match key {
            KeySource::Indexed(row) => Ok(DescribedKey::of(row, crops)),
            KeySource::Described(key) => Ok(key.clone()),
            KeySource::File(path, part) => self.describe(path, *part, crops),
        };
        let like = job.like.iter().map(known).collect::<Result<Vec<_>>>()?;
        let unlike = job.unlike.iter().map(known).collect::<Result<Vec<_>>>()?;
        let begun = Instant::now();
        let ranking = Arc::new(job.ranking(&like, &unlike, self.engine, &self.cancel)?);
        Ok(SearchAnswer { like, unlike, ranking, took: begun.elapsed() })
    }

    fn describe(&self, path: &Path, part: Option<PicturePart>, crops: Crops) -> Result<DescribedKey> {
        let mut last = self.last.lock();
        if let Some((known, of, key)) = &*last
            && (known.as_path(), *of, key.crops) == (path, part, crops)
        {
            return Ok(key.clone());
        }
        let picture = ReadKey::open(path, part)?;
        let descriptor = Arc::new(picture.describe(crops, &self.network, &self.cancel)?);
        // A part isn't a copy of the file.
        let key = DescribedKey { crops, descriptor, content: part.is_none().then_some(picture.content) };
        *last = Some((path.to_owned(), part, key.clone()));
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
        let key = |row: usize| KeySource::Indexed(matrix.rows()[row].clone());
        let ways = DescriptorKind::ALL.into_iter().flat_map(|d| Metric::ALL.map(|m| (d, m)));
        for ((descriptor, metric), several) in ways.flat_map(|way| [(way, false), (way, true)]) {
            let found = |instructions| {
                let engine = Engine { instructions, ..Engine::default() };
                let (like, unlike) =
                    if several { (vec![key(5), key(6)], vec![key(30)]) } else { (vec![key(5)], vec![]) };
                let (matrix, left_out) = (matrix.clone(), vec!["05.png".into()]);
                let (expand, fold) = (true, true);
                let job = SearchJob { generation: 1, like, unlike, matrix, left_out, descriptor, metric, expand, fold };
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
