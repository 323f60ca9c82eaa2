//! A set join: every key of one feature matrix against all pictures of another, or of the same one.

use std::sync::Arc;

use parking_lot::Mutex;

use super::engine::{Engine, Found, Join, Pairs, RegionPairs};
use super::{Metric, Neighbour, Predicate};
use crate::cancel::Cancel;
use crate::descriptor::{DescriptorKind, FeatureMatrix, Row};
use crate::error::Result;

/// What is joined, and how.
#[derive(Clone, Debug)]
pub struct SetJoin {
    pub keys: FeatureMatrix,
    pub with: With,
    /// By which descriptor they are compared.
    pub descriptor: DescriptorKind,
    pub metric: Metric,
    pub predicate: Predicate,
}

/// What the keys are joined with.
#[derive(Clone, Debug)]
pub enum With {
    Dataset(FeatureMatrix),
    /// A self-join: a picture is never its own neighbour. With a range, each pair is reported once, under the name that
    /// sorts first; with kNN each picture has its own k nearest.
    Themselves,
}

/// A key and the neighbours that the predicate lets pass, best first; of equal value, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub key: Arc<Row>,
    pub neighbours: Vec<Neighbour>,
}

/// How far a join is, in pairs of pictures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub of: u64,
}

/// The pictures of `matrix` that were found, with their full descriptors.
pub fn neighbours(found: Found, matrix: &FeatureMatrix) -> Vec<Neighbour> {
    let neighbour = |(row, value)| Neighbour { row: matrix.rows()[row as usize].clone(), value };
    found.into_iter().map(neighbour).collect()
}

impl SetJoin {
    /// Whether one set's descriptors are of other crops than the other's: they are less alike than they could be.
    pub fn crops_differ(&self) -> bool {
        matches!(&self.with, With::Dataset(dataset) if dataset.crops != self.keys.crops)
    }

    /// Calls `take` with each key's group, in the order of the keys' names, also if it is empty; `progress` now and then.
    /// Ends early with [`crate::Error::Cancelled`], with [`crate::Error::Torn`] if a file that rows are read from was cut
    /// short meanwhile, or with the first error of `take`.
    pub fn run(
        &self,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
        take: &mut dyn FnMut(Group) -> Result<()>,
    ) -> Result<()> {
        let dataset = match &self.with {
            With::Dataset(dataset) => Some(dataset),
            With::Themselves => None,
        };
        let (keys, rows) =
            (self.keys.compared_by(self.descriptor), dataset.map(|dataset| dataset.compared_by(self.descriptor)));
        let (metric, predicate) = (self.metric, self.predicate);
        let mut join: Box<dyn Join> = match self.descriptor {
            DescriptorKind::Regions => Box::new(RegionPairs::new(engine, &keys, rows.as_ref(), metric, predicate)),
            _ => Box::new(Pairs::new(engine, &keys, rows.as_ref(), metric, predicate)),
        };
        // Told by whichever thread has done something.
        let progress = Mutex::new(progress);
        let progress = |done| progress.lock()(done);
        progress(join.progress());
        let mut keys = self.keys.rows().iter();
        while let Some(found) = join.next(cancel, &progress)? {
            // What was found in zeros must not be told.
            self.keys.check_whole()?;
            dataset.map_or(Ok(()), |dataset| dataset.check_whole())?;
            // In this order: where there is nothing found any more, no key is taken.
            for (found, key) in found.into_iter().zip(keys.by_ref()) {
                take(Group { key: key.clone(), neighbours: neighbours(found, dataset.unwrap_or(&self.keys)) })?;
            }
            progress(join.progress());
        }
        Ok(())
    }
}
