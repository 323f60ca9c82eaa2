//! A set join: every key of one feature matrix against all pictures of another, or of the same one.

use std::sync::{Arc, Mutex};

use super::engine::{Engine, Pairs};
use super::{Metric, Neighbour, Predicate};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::features::{FeatureMatrix, Pooling, Row};
use crate::sync::lock;

/// What is joined, and how.
#[derive(Clone, Debug)]
pub struct SetJoin {
    pub keys: FeatureMatrix,
    pub with: With,
    /// By which descriptor they are compared.
    pub pooling: Pooling,
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

impl SetJoin {
    /// Calls `take` with each key's group, in the order of the keys' names, also if it is empty; `progress` now and then.
    /// Ends early with [`crate::Error::Cancelled`], or with the first error of `take`.
    pub fn run(
        &self,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
        take: &mut dyn FnMut(Group) -> Result<()>,
    ) -> Result<()> {
        let keys = self.keys.pooled(self.pooling);
        let dataset = match &self.with {
            With::Dataset(dataset) => Some(dataset.pooled(self.pooling)),
            With::Themselves => None,
        };
        // Told by whichever thread has done something.
        let progress = Mutex::new(progress);
        let progress = |done| lock(&progress)(done);
        let mut pairs = Pairs::new(engine, &keys, dataset.as_ref(), self.metric, self.predicate);
        progress(pairs.progress());
        while let Some(groups) = pairs.next(cancel, &progress)? {
            groups.into_iter().try_for_each(&mut *take)?;
            progress(pairs.progress());
        }
        Ok(())
    }
}
