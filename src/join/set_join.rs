//! A set join: every key of one feature matrix against all pictures of another, or of the same one.

use std::path::Path;
use std::sync::Arc;

use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use super::approximate::Approximation;
use super::compare::DescriptorKind;
use super::engine::{Engine, EngineJoin, Hit, Observer, Plan, Selection, Sides};
use super::joined_files::JoinedFiles;
use super::kept::KeptJoin;
use super::metric::Metric;
use super::neighbour::Neighbour;
use super::predicate::Predicate;
use crate::cancel::Cancel;
use crate::descriptor::{FeatureMatrix, Row};
use crate::error::Result;
use crate::progress::Progress;
use crate::text::hex;

/// What to join, and how.
#[derive(Clone, Debug)]
pub struct SetJoin {
    pub keys: FeatureMatrix,
    pub with: With,
    /// Their files, in case a file is on both sides: it is never joined with itself.
    pub files: JoinedFiles,
    /// The descriptor to compare.
    pub descriptor: DescriptorKind,
    pub metric: Metric,
    pub predicate: Predicate,
}

/// The other side of the join.
#[derive(Clone, Debug)]
pub enum With {
    Dataset(FeatureMatrix),
    /// A self-join: a picture is never its own neighbour. With a range, each pair is reported once, under the name that
    /// sorts first; with kNN each picture has its own k nearest.
    Themselves,
}

/// A way to compute a set join.
#[derive(Clone, Copy, Debug)]
pub enum How<'a> {
    Exactly,
    /// By an approximation; groups then lack the neighbours it misses.
    Nearly(Approximation),
    /// Exactly, after what an earlier run has kept.
    Kept(&'a KeptJoin<'a>),
}

/// Pairs of a join that is worth keeping: those of 10,000 pictures with each other.
const LONG: u64 = 100_000_000;

/// A key and the neighbours that pass the predicate, best first; ties by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub key: Arc<Row>,
    pub neighbours: Vec<Neighbour>,
}

impl SetJoin {
    /// Whether the two sets' descriptors use different crops, which lowers their similarities.
    pub fn crops_differ(&self) -> bool {
        matches!(&self.with, With::Dataset(dataset) if dataset.crops != self.keys.crops)
    }

    /// The other side, unless it is a self-join.
    fn dataset(&self) -> Option<&FeatureMatrix> {
        match &self.with {
            With::Dataset(dataset) => Some(dataset),
            With::Themselves => None,
        }
    }

    fn joined(&self, predicate: Predicate) -> EngineJoin<'_, Arc<Row>> {
        let keys = self.keys.rows();
        let sides = match self.dataset() {
            Some(dataset) => Sides::Apart { keys, rows: dataset.rows() },
            None => Sides::Itself(keys),
        };
        EngineJoin::new(sides, Selection { metric: self.metric, predicate })
    }

    /// For each key, its own row in the dataset, if the same file is on both sides; empty if there are none.
    fn twins(&self) -> Vec<Option<u32>> {
        self.dataset().map_or(Vec::new(), |dataset| self.files.twins(&self.keys, dataset))
    }

    /// Where a join as long as this one is kept in `folder`, so that it can go on after it was ended. None if it is
    /// short.
    pub fn kept(&self, folder: &Path) -> Option<KeptJoin<'_>> {
        let (keys, rows) = (&self.keys, self.dataset().unwrap_or(&self.keys));
        let pairs = keys.len() as u64 * rows.len() as u64;
        (pairs >= LONG).then(|| KeptJoin::open(folder, &self.identity(), keys, rows))
    }

    /// Names what is joined, and how.
    pub fn identity(&self) -> String {
        let sets: Vec<String> =
            [Some(&self.keys), self.dataset()].into_iter().flatten().map(|m| m.digest("")).collect();
        let (metric, predicate) = (self.metric, self.predicate);
        hex(&Sha256::digest(format!("{sets:?} {} {metric} {predicate:?} {:?}", self.descriptor, self.twins()))[..12])
    }

    /// The plan that is cheapest by a sample of the rows. None if there is no choice.
    pub fn plan(&self, engine: &Engine) -> Option<Plan> {
        self.descriptor.comparison().plan(engine, &self.joined(self.predicate))
    }

    /// An approximation that finds at least `recall` of the neighbours, by a sample of the keys. None if an exact join
    /// is as fast.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`].
    pub fn approximation(&self, engine: &Engine, recall: f64, cancel: &Cancel) -> Result<Option<Approximation>> {
        Approximation::choose(self.descriptor, engine, &self.joined(self.predicate), recall, cancel)
    }

    /// Calls `take` with each key's group, even an empty one, in the order of the keys' names; `progress` now and then.
    /// Ends early with [`crate::Error::Cancelled`], with [`crate::Error::Torn`] if a file that rows are read from was
    /// cut short in the meantime, or with the first error of `take`.
    pub fn run(
        &self,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
        take: &mut dyn FnMut(Group) -> Result<()>,
    ) -> Result<()> {
        self.run_by(How::Exactly, engine, cancel, progress, take)
    }

    /// The same, in the given way.
    pub fn run_by(
        &self,
        how: How,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
        take: &mut dyn FnMut(Group) -> Result<()>,
    ) -> Result<()> {
        let (keys, dataset) = (self.keys.rows(), self.dataset());
        let twins = self.twins();
        // If the key's own file is among the nearest, one more is needed.
        let predicate = match self.predicate {
            Predicate::Knn(k) if !twins.is_empty() => Predicate::Knn(k.saturating_add(1)),
            asked => asked,
        };
        let mut joined = self.joined(predicate);
        let others = |key: usize, mut hits: Vec<Hit>| {
            if let Some(twin) = twins.get(key) {
                hits.retain(|hit| Some(hit.row) != *twin);
            }
            if let Predicate::Knn(k) = self.predicate {
                hits.truncate(k);
            }
            hits
        };
        // Reported by whichever thread has made progress.
        let progress = Mutex::new(progress);
        let observer = Observer { cancel, progress: &|done| progress.lock()(done) };
        let mut keys = keys.iter().enumerate();
        let mut group = |(at, key): (usize, &Arc<Row>), hits: Vec<Hit>| {
            let neighbours = Neighbour::all(others(at, hits), dataset.unwrap_or(&self.keys));
            take(Group { key: key.clone(), neighbours })
        };
        let mut groups = |results: Vec<Vec<Hit>>| {
            results.into_iter().try_for_each(|hits| group(keys.next().expect("results of no more keys"), hits))
        };
        if let How::Kept(kept) = how {
            kept.replay(&mut groups)?;
        }
        let mut take = |results: Vec<Vec<Hit>>| {
            // Results computed from zeros must not be reported.
            self.keys.check_whole()?;
            dataset.map_or(Ok(()), |dataset| dataset.check_whole())?;
            if let How::Kept(kept) = how {
                kept.keep(&results);
            }
            groups(results)
        };
        let comparison = self.descriptor.comparison();
        match how {
            How::Exactly => comparison.join(&engine, &joined, observer, &mut take),
            How::Nearly(by) => by.join(self.descriptor, &engine, &joined, observer, &mut take),
            How::Kept(kept) => {
                joined.begun = Some(kept);
                comparison.join(&engine, &joined, observer, &mut take)
            }
        }
    }
}
