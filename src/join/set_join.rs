//! A set join: every key of one feature matrix against all pictures of another, or of the same one.

use std::sync::Arc;

use rayon::prelude::*;

use super::{Metric, Neighbour, Predicate};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::features::{FeatureMatrix, Row};

/// What is joined, and how.
#[derive(Clone, Debug)]
pub struct SetJoin {
    pub keys: FeatureMatrix,
    pub with: With,
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

/// Keys whose neighbours are in memory at a time.
const KEYS: usize = 64;

impl SetJoin {
    /// Calls `take` with each key's group, in the order of the keys' names, also if it is empty; `progress` now and then.
    /// Ends early with [`crate::Error::Cancelled`], or with the first error of `take`.
    pub fn run(
        &self,
        cancel: &Cancel,
        progress: &mut dyn FnMut(Progress),
        take: &mut dyn FnMut(Group) -> Result<()>,
    ) -> Result<()> {
        let of = self.keys.len() as u64 * self.others().len() as u64;
        let mut done = 0;
        for keys in self.keys.rows().chunks(KEYS) {
            cancel.check()?;
            let groups: Vec<Group> = keys.par_iter().map(|key| self.group(key)).collect();
            groups.into_iter().try_for_each(&mut *take)?;
            done += keys.len() as u64 * self.others().len() as u64;
            progress(Progress { done, of });
        }
        Ok(())
    }

    fn others(&self) -> &FeatureMatrix {
        match &self.with {
            With::Dataset(dataset) => dataset,
            With::Themselves => &self.keys,
        }
    }

    fn group(&self, key: &Arc<Row>) -> Group {
        let itself = matches!(self.with, With::Themselves);
        let once = itself && matches!(self.predicate, Predicate::Range(_));
        let others = self.others().rows().iter().filter(|row| match (itself, once) {
            (_, true) => row.name > key.name,
            (true, false) => row.name != key.name,
            (false, false) => true,
        });
        let value = |row: &Arc<Row>| self.metric.value(&key.descriptor, &row.descriptor);
        let mut neighbours: Vec<_> = others.map(|row| Neighbour { row: row.clone(), value: value(row) }).collect();
        neighbours.sort_unstable_by(|a, b| {
            self.metric.compare(a.value, b.value).then_with(|| a.row.name.cmp(&b.row.name))
        });
        match self.predicate {
            Predicate::Knn(k) => neighbours.truncate(k),
            Predicate::Range(limit) => neighbours.retain(|n| self.metric.compare(n.value, limit).is_le()),
        }
        Group { key: key.clone(), neighbours }
    }
}
