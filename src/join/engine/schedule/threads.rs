//! The schedule in this process: rayon's threads compute blocks, and share their results.
//!
//! Keys come in batches, whose candidates are in memory together. Rows come in strips, which are prepared together. A
//! thread takes a panel of keys and compares it with all rows of the strip, block by block. In a kNN join of a set with
//! itself, or of its halves, one comparison serves both pictures, if memory suffices for everyone's candidates. If
//! candidates exceed their memory limit, the batch starts again with fewer keys.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::shortlists::Shortlists;
use super::spent::Spent;
use crate::cancel::Cancel;
use crate::cpu_time::core_seconds;
use crate::error::Result;
use crate::join::engine::block::{Pairing, covers, parts};
use crate::join::engine::blocks::{Blocks, Thresholds};
use crate::join::engine::earlier_run::{BatchStage, EarlierRun};
use crate::join::engine::merge::most;
use crate::join::engine::selection::Hit;
use crate::join::engine::settings::Engine;
use crate::join::engine::sides::EngineJoin;
use crate::join::predicate::Predicate;
use crate::parallel;
use crate::progress::Progress;

/// Rows prepared at a time: about 280 MB of codes.
const STRIP: usize = if cfg!(test) { 256 } else { 32768 };
/// The most batches of a range join: each prepares all rows again. Few pairs are within a range, so their candidates
/// need little memory.
const RANGE_BATCHES: usize = 32;
/// A range join of many keys begins with few: while they are compared, all rows are read for the first time, which may
/// take long. After that, the pace is that of the rest, and so the time left is right.
const MANY: usize = if cfg!(test) { 100 } else { 1 << 16 };
const FEW: usize = if cfg!(test) { 64 } else { 512 };

/// Receives the progress of a join, and may end it.
#[derive(Clone, Copy)]
pub struct Observer<'a> {
    pub cancel: &'a Cancel,
    /// Called by whichever thread has made progress.
    pub progress: &'a (dyn Fn(Progress) + Sync),
}

/// Calls `take` with the results of the next keys, a list for each; `blocks` must match `joined`. Ends early with
/// [`crate::Error::Cancelled`], or with the first error of `take`.
pub fn run<B: Blocks, T>(
    blocks: &B,
    joined: &EngineJoin<T>,
    engine: &Engine,
    observer: Observer,
    take: &mut dyn FnMut(Vec<Vec<Hit>>) -> Result<()>,
) -> Result<()> {
    let (selection, elsewhere) = (blocks.selection(), joined.elsewhere);
    let elsewhere = |key: usize| elsewhere.get(key).map_or(&[][..], Vec::as_slice);
    let finish = || {
        let mut exact = blocks.exact();
        move |key, candidates| selection.beside(exact(key, candidates, elsewhere(key)), elsewhere(key))
    };
    run_to(blocks, joined, engine, observer, &finish, take)
}

/// The same, but with the output of `finish` for a key and its candidates (by descending upper bound) instead of
/// results.
pub fn run_to<B: Blocks, T, R: Send, F: FnMut(usize, Vec<B::Candidate>) -> R>(
    blocks: &B,
    joined: &EngineJoin<T>,
    engine: &Engine,
    observer: Observer,
    finish: &(impl Fn() -> F + Sync + Send),
    take: &mut dyn FnMut(Vec<R>) -> Result<()>,
) -> Result<()> {
    let mut schedule = ThreadSchedule::new(blocks, joined, engine.candidates);
    (observer.progress)(schedule.progress());
    let mut done = joined.begun.map_or(0, EarlierRun::keys);
    while done < blocks.keys() {
        let keys = schedule.batch_from(done);
        let Some(results) = schedule.results(keys.clone(), observer, finish) else {
            observer.cancel.check()?;
            schedule.take_fewer_keys(keys.len());
            continue;
        };
        take(results)?;
        done = keys.end;
        (observer.progress)(schedule.progress());
    }
    schedule.spent.tell();
    Ok(())
}

struct ThreadSchedule<'a, B: Blocks> {
    blocks: &'a B,
    /// The first row of the second half, if halves are joined.
    second: Option<usize>,
    /// See [`EngineJoin::elsewhere`].
    elsewhere: &'a [Vec<f64>],
    /// See [`EngineJoin::begun`].
    begun: Option<&'a dyn EarlierRun>,
    /// The most candidates allowed in memory.
    most: usize,
    pairing: Pairing,
    /// Whether to keep candidates of rows as well, because they are keys of the same batch.
    both: bool,
    /// Keys at a time.
    batch: usize,
    /// The keys of the first batch.
    first_batch: usize,
    /// The last strip prepared.
    prepared: Option<(Range<usize>, Vec<B::Rows>)>,
    /// Pairs compared so far, out of `of`.
    looked_at: AtomicU64,
    of: u64,
    spent: Spent,
}

impl<'a, B: Blocks> ThreadSchedule<'a, B> {
    fn new<T>(blocks: &'a B, joined: &EngineJoin<'a, T>, room: usize) -> ThreadSchedule<'a, B> {
        let (second, elsewhere, begun) = (joined.sides.second_half(), joined.elsewhere, joined.begun);
        let (keys, predicate) = (blocks.keys(), blocks.selection().predicate);
        let fit = |k| most(k).min(keys).saturating_mul(keys) <= room;
        // Of the keys that are done there are no lists.
        let is_whole = begun.is_none_or(|begun| begun.keys() == 0);
        let (pairing, both) = match predicate {
            _ if !blocks.is_self_join() => (Pairing::All, false),
            Predicate::Range(_) => (second.map_or(Pairing::Once, Pairing::Across), false),
            Predicate::Knn(k) if blocks.serves_both() && fit(k) && is_whole => {
                (second.map_or(Pairing::Once, Pairing::Across), true)
            }
            Predicate::Knn(_) => (each_by_itself(second), false),
        };
        let batch = match predicate {
            _ if both => keys,
            Predicate::Range(_) => keys.div_ceil(RANGE_BATCHES).next_multiple_of(B::KEYS).max(blocks.batch()),
            Predicate::Knn(_) => blocks.batch(),
        };
        let first_batch = match predicate {
            Predicate::Range(_) if keys >= MANY => FEW,
            _ => batch,
        };
        let (prepared, of, spent) = (None, work::<B>(pairing, 0..keys, blocks.rows()), Spent::default());
        let before = begun.map_or(0, |begun| work::<B>(pairing, 0..begun.keys(), blocks.rows()));
        let looked_at = AtomicU64::new(before);
        let schedule = ThreadSchedule {
            blocks,
            second,
            elsewhere,
            begun,
            most: room,
            pairing,
            both,
            batch,
            first_batch,
            prepared,
            looked_at,
            of,
            spent,
        };
        if let Some(stage) = schedule.kept_stage(&schedule.batch_from(begun.map_or(0, EarlierRun::keys))) {
            schedule.looked_at.fetch_add(work::<B>(pairing, stage.keys, stage.rows), Ordering::Relaxed);
        }
        schedule
    }

    /// The batch that begins with this key.
    fn batch_from(&self, key: usize) -> Range<usize> {
        let batch = if key == 0 { self.first_batch.min(self.batch) } else { self.batch };
        key..(key + batch).min(self.blocks.keys())
    }

    /// How far `keys` are, after these rows.
    fn stage(&self, keys: &Range<usize>, rows: usize) -> BatchStage {
        let pairing = 2 * self.pairing.number() + u64::from(self.both);
        BatchStage { keys: keys.clone(), rows, pairing, strip: STRIP }
    }

    /// How far an earlier run has come with `keys`, in the same way as this one.
    fn kept_stage(&self, keys: &Range<usize>) -> Option<BatchStage> {
        self.begun.and_then(EarlierRun::stage).filter(|stage| *stage == self.stage(keys, stage.rows))
    }

    /// Empty shortlists, or those that an earlier run has kept, and the rows they are of.
    fn lists(&self, keys: Range<usize>) -> (Shortlists<B::Candidate>, usize) {
        let elsewhere = |key: usize| self.elsewhere.get(key).map_or(&[][..], Vec::as_slice);
        let closeness = |key: usize| elsewhere(key).iter().map(|value| self.blocks.closeness(*value)).collect();
        let empty =
            || Shortlists::new(keys.clone(), self.blocks.selection().predicate, self.blocks.needed(), closeness);
        let (Some(begun), Some(stage)) = (self.begun, self.kept_stage(&keys)) else { return (empty(), 0) };
        let kept = empty();
        match begun.lists().and_then(|mut from| kept.read(&mut from, self.blocks.rows())) {
            Ok(()) => (kept, stage.rows),
            Err(error) => {
                tracing::warn!(%error, "kept lists can't be read: they are made again");
                (empty(), 0)
            }
        }
    }

    fn progress(&self) -> Progress {
        Progress::pairs(self.looked_at.load(Ordering::Relaxed).min(self.of), self.of)
    }

    /// After `keys` had too many candidates.
    fn take_fewer_keys(&mut self, keys: usize) {
        self.batch = (keys.min(2 * self.blocks.batch()) / 2).max(1);
        if self.both {
            (self.pairing, self.both) = (each_by_itself(self.second), false);
            self.of = work::<B>(self.pairing, 0..self.blocks.keys(), self.blocks.rows());
            self.looked_at = AtomicU64::new(0);
        }
    }

    /// The output of `finish` for each of `keys`. None if they have too many candidates, or on cancellation.
    fn results<R: Send, F: FnMut(usize, Vec<B::Candidate>) -> R>(
        &mut self,
        keys: Range<usize>,
        observer: Observer,
        finish: &(impl Fn() -> F + Sync + Send),
    ) -> Option<Vec<R>> {
        let looked_at = self.looked_at.load(Ordering::Relaxed);
        let (shortlists, compared) = self.lists(keys.clone());
        let first = match self.second {
            // No block of rows spans both halves, or some pairs would be compared in vain.
            Some(second) if self.both => second,
            _ => self.pairing.first_row(keys.start) / STRIP * STRIP,
        };
        for strip in parts(first..self.blocks.rows(), STRIP).filter(|strip| strip.start >= compared) {
            let end = strip.end;
            if !self.look_at(strip, &keys, &shortlists, observer) {
                self.looked_at.store(looked_at, Ordering::Relaxed);
                return None;
            }
            if let Some(begun) = self.begun.filter(|begun| begun.is_due()) {
                begun.keep_lists(&self.stage(&keys, end), &|to| shortlists.write(to));
            }
        }
        let lists = shortlists.into_par_iter();
        let began = core_seconds();
        let mut results = Vec::new();
        // Compiles half as much as `collect`.
        lists.map_init(finish, |finish, (key, list)| finish(key, list.into_sorted())).collect_into_vec(&mut results);
        self.spent.exact += core_seconds() - began;
        (!observer.cancel.is_cancelled()).then_some(results)
    }

    /// Compares all pairs of `keys` and the rows of `strip`; false if it gave up.
    fn look_at(
        &mut self,
        strip: Range<usize>,
        keys: &Range<usize>,
        shortlists: &Shortlists<B::Candidate>,
        observer: Observer,
    ) -> bool {
        let began = core_seconds();
        self.prepare(&strip);
        let coded = core_seconds();
        let prepared = &self.prepared.as_ref().expect("just prepared").1;
        let too_many = || keys.len() > 1 && shortlists.room() > self.most;
        let ended = || observer.cancel.is_cancelled() || too_many();
        let look = |last: &mut Option<B::Keys>, keys: &Range<usize>, chosen: &dyn Fn(&Range<usize>) -> bool| {
            let blocks = parts(strip.clone(), B::ROWS).zip(prepared);
            let mut blocks = blocks
                .filter(|(rows, _)| rows.end > self.pairing.first_row(keys.start) && chosen(rows))
                .take_while(|_| !ended())
                .peekable();
            if blocks.peek().is_some() {
                let panel = self.blocks.prepare_keys(keys.clone(), prepared, last.take());
                blocks.for_each(|(rows, ready)| self.block(&panel, keys, ready, &rows, shortlists));
                *last = Some(panel);
            }
        };
        let panels: Vec<_> = parts(self.pairing.looking(keys.clone()), B::KEYS).collect();
        let is_one_set = self.both && self.second.is_none();
        let among_themselves = |keys: &Range<usize>, rows: &Range<usize>| is_one_set && covers(rows, keys);
        if is_one_set {
            // First the keys with each other: similar pictures often have similar names. This raises the thresholds, so
            // that few of the other rows become candidates.
            let first = |last: &mut _, keys: &_| look(last, keys, &|rows| among_themselves(keys, rows));
            panels.par_iter().for_each_init(|| None, first);
        }
        panels.par_iter().for_each_init(
            || None,
            |last, keys| {
                look(last, keys, &|rows| !among_themselves(keys, rows));
                self.looked_at.fetch_add(self.pairing.count(keys, &strip), Ordering::Relaxed);
                (observer.progress)(self.progress());
            },
        );
        let is_done = !ended();
        self.spent.code += coded - began;
        self.spent.look += core_seconds() - coded;
        is_done
    }

    /// Prepares the rows of `strip`, unless they already are.
    fn prepare(&mut self, strip: &Range<usize>) {
        if self.prepared.as_ref().is_some_and(|(prepared, _)| prepared == strip) {
            return;
        }
        // Frees the previous strip first.
        self.prepared = None;
        let rows: Vec<_> = parts(strip.clone(), B::ROWS).collect();
        let prepared = parallel::map_each(&rows, |rows| self.blocks.prepare_rows(rows.clone()));
        self.prepared = Some((strip.clone(), prepared));
    }

    /// Computes a block with the current thresholds, and adds its output to the shortlists.
    fn block(
        &self,
        panel: &B::Keys,
        keys: &Range<usize>,
        prepared: &B::Rows,
        rows: &Range<usize>,
        shortlists: &Shortlists<B::Candidate>,
    ) {
        let by_key = shortlists.thresholds(keys.clone());
        let by_row = self.both.then(|| shortlists.thresholds(rows.clone()));
        let needed = Thresholds { keys: &by_key, rows: by_row.as_deref() };
        let found = self.blocks.block(panel, prepared, self.pairing, needed);
        shortlists.extend(&found.of_keys);
        shortlists.extend(&found.of_rows);
    }
}

/// How to compare keys of one set, each for itself.
fn each_by_itself(second: Option<usize>) -> Pairing {
    second.map_or(Pairing::Others, Pairing::Opposite)
}

/// The number of comparisons of some keys with the first `rows` rows.
fn work<B: Blocks>(pairing: Pairing, keys: Range<usize>, rows: usize) -> u64 {
    parts(pairing.looking(keys), B::KEYS).map(|keys| pairing.count(&keys, &(0..rows))).sum()
}
