//! All keys against all rows, by their regions.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::nearest::{Found, best};
use super::regions::{RegionKeys, TOGETHER};
use super::{Engine, Join};
use crate::cancel::Cancel;
use crate::error::Result;
use crate::features::{FeatureMatrix, RegionSet, Row};
use crate::join::{Metric, Predicate, Progress};

/// Keys whose results are returned at a time.
const BATCH: usize = 64 * TOGETHER;
/// Rows compared before one looks whether all was cancelled.
const ROWS: usize = 256;

/// A join that is being computed.
pub struct RegionPairs<'a> {
    engine: Engine,
    keys: &'a [Arc<Row>],
    rows: &'a [Arc<Row>],
    /// Row i is key i, and no neighbour of its own.
    itself: bool,
    metric: Metric,
    predicate: Predicate,
    /// Keys whose results were returned.
    done: usize,
    /// Pairs, of so many.
    compared: AtomicU64,
    of: u64,
}

impl<'a> RegionPairs<'a> {
    /// `rows` are none for a self-join.
    pub fn new(
        engine: Engine,
        keys: &'a FeatureMatrix,
        rows: Option<&'a FeatureMatrix>,
        metric: Metric,
        predicate: Predicate,
    ) -> RegionPairs<'a> {
        let itself = rows.is_none();
        let (keys, rows) = (keys.rows(), rows.unwrap_or(keys).rows());
        let (done, compared, of) = (0, AtomicU64::new(0), 0);
        let mut pairs = RegionPairs { engine, keys, rows, itself, metric, predicate, done, compared, of };
        pairs.of = panels(0..keys.len()).map(|keys| pairs.work(&keys)).sum();
        pairs
    }

    /// The first row that keys from `key` on are compared with: with a range, a pair is found once.
    fn begin(&self, key: usize) -> usize {
        if self.itself && matches!(self.predicate, Predicate::Range(_)) { key } else { 0 }
    }

    fn work(&self, keys: &Range<usize>) -> u64 {
        (keys.len() * (self.rows.len() - self.begin(keys.start))) as u64
    }

    /// What the predicate lets pass, of each of these keys.
    fn found(&self, keys: Range<usize>, cancel: &Cancel) -> Result<Vec<Found>> {
        let regions =
            |rows: &'a [Arc<Row>]| -> Vec<&'a RegionSet> { rows.iter().map(|r| r.descriptor.regions()).collect() };
        let panel = RegionKeys::new(&regions(&self.keys[keys.clone()]), self.engine.instructions);
        let mut found = vec![Found::new(); keys.len()];
        for first in (self.begin(keys.start)..self.rows.len()).step_by(ROWS) {
            cancel.check()?;
            let rows = &self.rows[first..(first + ROWS).min(self.rows.len())];
            for (row, values) in (first..).zip(panel.values(&regions(rows), self.metric)) {
                for ((key, found), value) in keys.clone().zip(&mut found).zip(values) {
                    let once = self.begin(key);
                    let within = match self.predicate {
                        Predicate::Range(limit) => self.metric.compare(value, limit).is_le(),
                        Predicate::Knn(_) => true,
                    };
                    if within && row >= once && !(self.itself && row == key) {
                        found.push((row as u32, value));
                    }
                }
            }
        }
        self.compared.fetch_add(self.work(&keys), Ordering::Relaxed);
        Ok(found.into_iter().map(|found| best(found, self.metric, self.predicate)).collect())
    }
}

/// As many keys at a time as are compared together.
fn panels(keys: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let end = keys.end;
    keys.step_by(TOGETHER).map(move |first| first..(first + TOGETHER).min(end))
}

impl Join for RegionPairs<'_> {
    fn next(&mut self, cancel: &Cancel, progress: &(dyn Fn(Progress) + Sync)) -> Result<Option<Vec<Found>>> {
        let keys = self.done..(self.done + BATCH).min(self.keys.len());
        cancel.check()?;
        if keys.is_empty() {
            return Ok(None);
        }
        let found = |keys: Range<usize>| {
            let found = self.found(keys, cancel);
            progress(self.progress());
            found
        };
        let found: Vec<_> =
            panels(keys.clone()).collect::<Vec<_>>().into_par_iter().map(found).collect::<Result<_>>()?;
        self.done = keys.end;
        Ok(Some(found.into_iter().flatten().collect()))
    }

    fn progress(&self) -> Progress {
        Progress { done: self.compared.load(Ordering::Relaxed), of: self.of }
    }
}
