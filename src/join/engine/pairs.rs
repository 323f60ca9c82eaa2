//! All keys against all rows, some keys at a time.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;
use rayon::prelude::*;

use super::candidates::{self, Candidate, Candidates};
use super::closeness::Closeness;
use super::codes::Code;
use super::exact::DenseKey;
use super::filter::{CodedKeys, CodedRows, ROWS};
use super::half::{Half, parts};
use super::nearest::{Found, best, exactly};
use super::plan::{self, Plan};
use super::{Engine, Join};
use crate::cancel::Cancel;
use crate::descriptor::{Descriptor, FeatureMatrix, Row};
use crate::error::Result;
use crate::join::{Metric, Predicate, Progress};
use crate::simd::KEYS;

/// Keys whose candidates are in memory at a time, if they fit.
const BATCH: usize = 4096;
/// Rows that are coded at a time: about 280 MB.
const STRIP: usize = 32768;

/// A join that is being computed.
pub struct Pairs<'a> {
    engine: Engine,
    keys: &'a [Arc<Row>],
    rows: &'a FeatureMatrix,
    metric: Metric,
    predicate: Predicate,
    plan: Plan,
    closeness: Closeness,
    half: Half,
    /// Keys at a time.
    batch: usize,
    /// Keys whose results were returned.
    done: usize,
    /// The strip that was coded last.
    coded: Option<(Range<usize>, Vec<CodedRows>)>,
    looked_at: AtomicU64,
}

/// Candidates of a batch's keys, and for all to see how close a row must be to become one.
struct Batch {
    keys: Range<usize>,
    candidates: Vec<Mutex<Candidates>>,
    thresholds: Vec<AtomicU32>,
    /// Candidates there is room for.
    room: AtomicUsize,
}

impl<'a> Pairs<'a> {
    /// `rows` are none for a self-join.
    pub fn new(
        engine: Engine,
        keys: &'a FeatureMatrix,
        rows: Option<&'a FeatureMatrix>,
        metric: Metric,
        predicate: Predicate,
    ) -> Pairs<'a> {
        let itself = rows.is_none();
        let rows = rows.unwrap_or(keys);
        let plan = engine.plan.unwrap_or_else(|| plan::choose(&engine, keys, rows, metric, predicate));
        let norms = keys.rows().iter().chain(rows.rows()).map(|r| r.descriptor.squared_norm().sqrt());
        let closeness = Closeness::new(metric, plan.code().unwrap_or(Code::Values), norms);
        let half = match (Half::of(itself, predicate), predicate) {
            (Half::NotItself, Predicate::Knn(k)) => {
                let most = candidates::most(k).min(keys.len()).saturating_mul(keys.len());
                if most <= engine.candidates { Half::Shared } else { Half::NotItself }
            }
            (half, _) => half,
        };
        let batch = match (plan, half) {
            (Plan::Plain, _) => KEYS,
            (_, Half::Shared) => keys.len(),
            _ => BATCH,
        };
        let (coded, looked_at) = (None, AtomicU64::new(0));
        let keys = keys.rows();
        Pairs { engine, keys, rows, metric, predicate, plan, closeness, half, batch, done: 0, coded, looked_at }
    }
}

impl Join for Pairs<'_> {
    fn next(&mut self, cancel: &Cancel, progress: &(dyn Fn(Progress) + Sync)) -> Result<Option<Vec<Found>>> {
        while self.done < self.keys.len() {
            let keys = self.done..(self.done + self.batch).min(self.keys.len());
            let looked_at = self.looked_at.load(Ordering::Relaxed);
            let rows = match self.plan.code() {
                None => Some(self.all(keys.clone())),
                Some(code) => self.candidates(keys.clone(), code, cancel, progress),
            };
            cancel.check()?;
            let Some(rows) = rows else {
                // Too many candidates: fewer keys at a time.
                self.looked_at.store(looked_at, Ordering::Relaxed);
                self.batch = (keys.len().min(2 * BATCH) / 2).max(1);
                if self.half == Half::Shared {
                    self.half = Half::NotItself;
                }
                continue;
            };
            let dense = || DenseKey::new(&Descriptor::default(), self.engine.instructions);
            let found = keys.clone().into_par_iter().zip(rows);
            let found = found.map_init(dense, |dense, (key, rows)| self.found(dense, key, &rows)).collect();
            cancel.check()?;
            self.done = keys.end;
            return Ok(Some(found));
        }
        Ok(None)
    }

    fn progress(&self) -> Progress {
        let of = parts(0..self.keys.len(), KEYS).map(|keys| self.half.work(&keys, 0..self.rows.len())).sum();
        Progress { done: self.looked_at.load(Ordering::Relaxed).min(of), of }
    }
}

impl Pairs<'_> {
    fn all(&self, keys: Range<usize>) -> Vec<Vec<Candidate>> {
        let rows = |key| (0..self.rows.len()).filter(move |row| self.compared(key, *row)).map(Candidate::unknown);
        self.count(self.half.work(&keys, 0..self.rows.len()));
        keys.map(|key| rows(key).collect()).collect()
    }

    /// Whether `row` may be a neighbour of `key`; found by the key itself, not only as what it shares with another.
    fn compared(&self, key: usize, row: usize) -> bool {
        match self.half {
            Half::Shared => row != key,
            half => half.compares(key, row),
        }
    }

    /// The rows that a first look leaves for each key. None if they are too many, or all was cancelled.
    fn candidates(
        &mut self,
        keys: Range<usize>,
        code: Code,
        cancel: &Cancel,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Option<Vec<Vec<Candidate>>> {
        let batch = self.batch_of(keys.clone());
        let first = self.half.begin(keys.start) / STRIP * STRIP;
        for strip in parts(first..self.rows.len(), STRIP) {
            self.code(strip.clone(), code);
            let coded = &self.coded.as_ref().expect("just coded").1;
            let panels: Vec<_> = parts(keys.clone(), KEYS).collect();
            let ended = || cancel.is_cancelled() || self.is_too_much(&batch);
            let look = |panel: &mut CodedKeys, keys: &Range<usize>, chosen: &dyn Fn(&CodedRows) -> bool| {
                let compared = |rows: &&CodedRows| rows.range.end > self.half.begin(keys.start) && chosen(rows);
                if !coded.iter().any(|rows| compared(&rows)) {
                    return;
                }
                match coded.iter().find(|rows| self.half != Half::Both && rows.covers(keys)) {
                    Some(rows) => panel.fill_from(rows, keys.clone(), &self.closeness),
                    None => panel.fill(&self.keys[keys.clone()], code, &self.closeness),
                }
                for rows in coded.iter().filter(compared).take_while(|_| !ended()) {
                    self.look(panel, keys.clone(), rows, &batch);
                }
            };
            let shared = self.half == Half::Shared;
            if shared {
                // The keys among themselves first: what is alike often has names that are alike. Then all know how close a
                // row must be, and few others are candidates.
                panels.par_iter().for_each_init(CodedKeys::new, |panel, keys| look(panel, keys, &|r| r.covers(keys)));
            }
            panels.par_iter().for_each_init(CodedKeys::new, |panel, keys| {
                look(panel, keys, &|rows| !(shared && rows.covers(keys)));
                self.count(self.half.work(keys, strip.clone()));
                progress(self.progress());
            });
            if ended() {
                return None;
            }
        }
        let candidates = batch.candidates.into_par_iter();
        Some(candidates.map(|c| c.into_inner().into_sorted()).collect())
    }

    fn batch_of(&self, keys: Range<usize>) -> Batch {
        let limit = match self.predicate {
            Predicate::Range(limit) => self.closeness.of_limit(limit),
            Predicate::Knn(_) => f32::NEG_INFINITY,
        };
        Batch {
            candidates: keys.clone().map(|_| Mutex::new(Candidates::new(self.predicate, limit))).collect(),
            thresholds: keys.clone().map(|_| AtomicU32::new(limit.to_bits())).collect(),
            keys,
            room: AtomicUsize::new(0),
        }
    }

    fn is_too_much(&self, batch: &Batch) -> bool {
        batch.keys.len() > 1 && batch.room.load(Ordering::Relaxed) > self.engine.candidates
    }

    /// Codes the rows of `strip`, unless they are coded already.
    fn code(&mut self, strip: Range<usize>, code: Code) {
        if self.coded.as_ref().is_some_and(|(coded, _)| *coded == strip) {
            return;
        }
        // What was coded before is let go first.
        self.coded = None;
        let rows: Vec<_> = parts(strip.clone(), ROWS).collect();
        let coded = rows.into_par_iter().map(|rows| CodedRows::new(self.rows, rows, code)).collect();
        self.coded = Some((strip, coded));
    }

    /// Compares the keys of `panel` with `rows`, and notes who is close enough.
    fn look(&self, panel: &mut CodedKeys, keys: Range<usize>, rows: &CodedRows, batch: &Batch) {
        let shared = self.half == Half::Shared;
        let mut needed = [f32::INFINITY; KEYS];
        for (needed, key) in needed.iter_mut().zip(keys.clone()) {
            *needed = batch.threshold(key);
        }
        panel.look(rows, &self.closeness, self.engine.instructions, |row, bounds| {
            let rows_own = if shared { batch.threshold(row) } else { f32::INFINITY };
            let passes = |upper: f32, needed: f32| upper >= needed.min(rows_own);
            let pairs = bounds.upper.iter().zip(&needed);
            if !pairs.fold(false, |any, (upper, needed)| any | passes(*upper, *needed)) {
                return;
            }
            for (i, key) in keys.clone().enumerate() {
                if passes(bounds.upper[i], needed[i]) && self.half.compares(key, row) {
                    needed[i] = batch.push(key, row, bounds.lower[i], bounds.upper[i]);
                    if shared {
                        batch.push(row, key, bounds.lower[i], bounds.upper[i]);
                    }
                }
            }
        });
    }

    /// What the predicate lets pass of a key's candidates, which come with the closest first.
    fn found(&self, dense: &mut DenseKey, key: usize, candidates: &[Candidate]) -> Found {
        if !candidates.is_empty() {
            dense.set(&self.keys[key].descriptor);
        }
        let exactly = |candidates: &[Candidate], limit| {
            let rows: Vec<u32> = candidates.iter().map(|c| c.row).collect();
            exactly(dense, self.rows, &rows, self.metric, self.predicate, limit)
        };
        let first = match self.predicate {
            Predicate::Knn(k) => candidates.len().min(k.saturating_mul(2)),
            Predicate::Range(_) => candidates.len(),
        };
        let (first, rest) = candidates.split_at(first);
        let mut found = best(exactly(first, None), self.metric, self.predicate);
        if let Predicate::Knn(k) = self.predicate
            && let Some(kth) = found.get(k - 1).map(|(_, kth)| *kth)
        {
            let needed = self.closeness.of_limit(kth);
            let rest = &rest[..rest.partition_point(|c| c.upper >= needed)];
            found = best([found, exactly(rest, Some(kth))].concat(), self.metric, self.predicate);
        }
        found
    }

    fn count(&self, pairs: u64) {
        self.looked_at.fetch_add(pairs, Ordering::Relaxed);
    }
}

impl Batch {
    fn threshold(&self, key: usize) -> f32 {
        f32::from_bits(self.thresholds[key - self.keys.start].load(Ordering::Relaxed))
    }

    /// Notes a candidate of `key`; returns the key's threshold.
    fn push(&self, key: usize, row: usize, lower: f32, upper: f32) -> f32 {
        let at = key - self.keys.start;
        let mut candidates = self.candidates[at].lock();
        let before = candidates.room();
        let threshold = candidates.push(row, lower, upper);
        if candidates.room() > before {
            self.room.fetch_add(candidates.room() - before, Ordering::Relaxed);
        }
        self.thresholds[at].store(threshold.to_bits(), Ordering::Relaxed);
        threshold
    }
}
