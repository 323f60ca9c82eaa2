//! All keys against all rows, by their regions.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::half::{Half, parts};
use super::nearest::{Found, best};
use super::regions::{RegionKeys, TOGETHER};
use super::{Engine, Join};
use crate::cancel::Cancel;
use crate::descriptor::{FeatureMatrix, RegionSet, Row};
use crate::error::Result;
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
    half: Half,
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
        let half = Half::of(rows.is_none(), predicate);
        let (keys, rows) = (keys.rows(), rows.unwrap_or(keys).rows());
        let of = parts(0..keys.len(), TOGETHER).map(|panel| half.work(&panel, 0..rows.len())).sum();
        RegionPairs { engine, keys, rows, half, metric, predicate, done: 0, compared: AtomicU64::new(0), of }
    }

    /// What the predicate lets pass, of each of these keys.
    fn found(&self, keys: Range<usize>, cancel: &Cancel) -> Result<Vec<Found>> {
        let regions =
            |rows: &'a [Arc<Row>]| -> Vec<&'a RegionSet> { rows.iter().map(|r| r.descriptor.regions()).collect() };
        let panel = RegionKeys::new(&regions(&self.keys[keys.clone()]), self.engine.instructions);
        let mut found = vec![Found::new(); keys.len()];
        for rows in parts(self.half.begin(keys.start)..self.rows.len(), ROWS) {
            cancel.check()?;
            for (row, values) in rows.clone().zip(panel.values(&regions(&self.rows[rows]), self.metric)) {
                for ((key, found), value) in keys.clone().zip(&mut found).zip(values) {
                    let within = match self.predicate {
                        Predicate::Range(limit) => self.metric.compare(value, limit).is_le(),
                        Predicate::Knn(_) => true,
                    };
                    if within && self.half.compares(key, row) {
                        found.push((row as u32, value));
                    }
                }
            }
        }
        self.compared.fetch_add(self.half.work(&keys, 0..self.rows.len()), Ordering::Relaxed);
        Ok(found.into_iter().map(|found| best(found, self.metric, self.predicate)).collect())
    }
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
            parts(keys.clone(), TOGETHER).collect::<Vec<_>>().into_par_iter().map(found).collect::<Result<_>>()?;
        self.done = keys.end;
        Ok(Some(found.into_iter().flatten().collect()))
    }

    fn progress(&self) -> Progress {
        Progress { done: self.compared.load(Ordering::Relaxed), of: self.of }
    }
}
