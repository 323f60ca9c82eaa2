//! A kNN join that may miss some neighbours, on request: finds candidates by a descriptor that is fast to compare, and
//! computes exact values only for these. The share it misses is measured, on keys spread evenly over all.
//!
//! The number of candidates per key is the smallest that reaches the recall asked for on the first half of these keys.
//! The second half, which had no part in that choice, measures the recall; if it is too low, more candidates are taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::compare::{Comparison, DescriptorKind};
use super::engine::{Engine, EngineJoin, Hit, Observer, Selection, Sides};
use super::predicate::Predicate;
use crate::cancel::Cancel;
use crate::descriptor::{Pooling, Row};
use crate::error::Result;
use crate::parallel;
use crate::progress::Progress;

/// Keys whose true neighbours are found to measure the recall.
const SAMPLE: usize = 256;
/// The most candidates per key: with more, the exact join is about as fast.
const MOST: usize = 1000;
/// The most candidates in memory, 800 MB: if they fit, one comparison serves both pictures of a pair.
const ROOM: usize = 1 << 26;
/// Keys whose exact values are computed at a time.
const CHUNK: usize = 1024;
/// The time for exact values, relative to finding the candidates: a guess, to estimate the remaining time.
const VALUES_TAKE: f64 = 0.4;

/// How to approximate a kNN join, and how good it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Approximation {
    /// Candidates per key, found by [`Approximation::by`].
    pub candidates: usize,
    /// The descriptor used to find candidates.
    pub by: DescriptorKind,
    pub recall: MeasuredRecall,
}

/// How many of some keys' true neighbours are found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeasuredRecall {
    pub keys: usize,
    pub found: usize,
    pub of: usize,
}

impl MeasuredRecall {
    pub fn share(self) -> f64 {
        if self.of == 0 { 1.0 } else { self.found as f64 / self.of as f64 }
    }
}

/// The descriptor used to find candidates for a join by `kind`. None: an exact join is as fast.
fn candidates_by(kind: DescriptorKind) -> Option<DescriptorKind> {
    match kind {
        DescriptorKind::Regions => Some(DescriptorKind::Pooled(Pooling::Rmac)),
        DescriptorKind::Full | DescriptorKind::Pooled(_) => None,
    }
}

impl Approximation {
    /// An approximation that finds at least `recall` (below 1) of the neighbours, by a sample of the keys. None if an
    /// exact join is as fast.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`].
    pub fn choose(
        kind: DescriptorKind,
        engine: &Engine,
        joined: &EngineJoin<Arc<Row>>,
        recall: f64,
        cancel: &Cancel,
    ) -> Result<Option<Approximation>> {
        let (keys, rows) = (joined.sides.keys(), joined.sides.all_rows());
        let (Some(by), Predicate::Knn(k)) = (candidates_by(kind), joined.selection.predicate) else { return Ok(None) };
        let most = MOST.min(rows.len() / 4);
        if keys.is_empty() || k > most {
            return Ok(None);
        }
        let sample = SampleKeys::of(joined);
        let wanted = sample.neighbours(kind, k, engine, cancel)?;
        let ranked = sample.estimated(by, most, engine, cancel)?;
        let ranks: Vec<Vec<usize>> = wanted.iter().zip(&ranked).map(|(wanted, ranked)| ranks(wanted, ranked)).collect();
        let half = |odd: usize| -> Vec<&Vec<usize>> { ranks.iter().skip(odd).step_by(2).collect() };
        let (first, second) = (half(0), half(1));
        // A single key fills only one half.
        let second = if second.is_empty() { first.clone() } else { second };
        let mut candidates = (k..=most).find(|candidates| measured(&first, *candidates).share() >= recall);
        while let Some(enough) = candidates.filter(|enough| measured(&second, *enough).share() < recall) {
            candidates = Some(enough + enough.div_ceil(8)).filter(|more| *more <= most);
        }
        Ok(candidates.map(|candidates| Approximation { candidates, by, recall: measured(&second, candidates) }))
    }

    /// Like [`Comparison::join`] by `kind`.
    pub fn join(
        &self,
        kind: DescriptorKind,
        engine: &Engine,
        joined: &EngineJoin<Arc<Row>>,
        observer: Observer,
        take: &mut dyn FnMut(Vec<Vec<Hit>>) -> Result<()>,
    ) -> Result<()> {
        let (keys, rows) = (joined.sides.keys(), joined.sides.all_rows());
        let values = ExactValues { comparison: kind.comparison(), engine, rows, selection: joined.selection };
        let selection = Selection { predicate: Predicate::Knn(self.candidates), ..joined.selection };
        let near = EngineJoin::new(joined.sides, selection);
        // The number of pairs, including those that represent the time for values.
        let pairs = AtomicU64::new(0);
        let looking = |progress: Progress| {
            let of = (progress.of as f64 * (1.0 + VALUES_TAKE)) as u64;
            pairs.store(of, Ordering::Relaxed);
            (observer.progress)(Progress::pairs(progress.done, of));
        };
        let mut done = 0;
        let looked = Observer { cancel: observer.cancel, progress: &looking };
        let finding = Engine { candidates: engine.candidates.max(ROOM), ..*engine };
        self.by.comparison().estimated(&finding, &near, looked, &mut |found: Vec<Vec<u32>>| {
            for some in found.chunks(CHUNK) {
                observer.cancel.check()?;
                take(values.of(&keys[done..done + some.len()], some))?;
                done += some.len();
                let share = (1.0 + VALUES_TAKE * done as f64 / keys.len() as f64) / (1.0 + VALUES_TAKE);
                let of = pairs.load(Ordering::Relaxed);
                (observer.progress)(Progress::pairs((of as f64 * share) as u64, of));
            }
            Ok(())
        })
    }
}

/// Computes the values of candidates.
struct ExactValues<'a> {
    comparison: Box<dyn Comparison>,
    engine: &'a Engine,
    rows: &'a [Arc<Row>],
    selection: Selection,
}

impl ExactValues<'_> {
    /// The results of `keys` among their candidates.
    fn of(&self, keys: &[Arc<Row>], candidates: &[Vec<u32>]) -> Vec<Vec<Hit>> {
        let one = |at: usize| {
            let (key, candidates) = (&keys[at], &candidates[at]);
            let key = self.comparison.key(&key.descriptor, self.engine);
            let rows: Vec<_> = candidates.iter().map(|row| &self.rows[*row as usize].descriptor).collect();
            let values = key.values(&rows, self.selection.metric);
            let hits = candidates.iter().zip(values).map(|(row, value)| Hit { row: *row, value });
            self.selection.results(hits.collect())
        };
        parallel::map(keys.len(), one)
    }
}

/// Some of the keys, and the rows they are joined with.
struct SampleKeys<'a> {
    keys: Vec<Arc<Row>>,
    /// Their indices among the rows, if these are the keys.
    places: Option<Vec<usize>>,
    rows: &'a [Arc<Row>],
    selection: Selection,
}

impl<'a> SampleKeys<'a> {
    fn of(joined: &EngineJoin<'a, Arc<Row>>) -> SampleKeys<'a> {
        let keys = joined.sides.keys();
        let count = SAMPLE.min(keys.len());
        let places: Vec<usize> = (0..count).map(|i| i * keys.len() / count).collect();
        SampleKeys {
            keys: places.iter().map(|at| keys[*at].clone()).collect(),
            places: joined.sides.rows().is_none().then_some(places),
            rows: joined.sides.all_rows(),
            selection: joined.selection,
        }
    }

    /// The `k` nearest of each key by `kind`, best first.
    fn neighbours(&self, kind: DescriptorKind, k: usize, engine: &Engine, cancel: &Cancel) -> Result<Vec<Vec<u32>>> {
        let (observer, mut all) = (Observer { cancel, progress: &|_| () }, Vec::new());
        kind.comparison().join(engine, &self.joined(k), observer, &mut |results| {
            all.extend(results.iter().map(|hits| hits.iter().map(|hit| hit.row).collect()));
            Ok(())
        })?;
        Ok(self.others(all, k))
    }

    /// The `k` nearest of each key by the rounded values of `kind`. A smaller `k` gives a prefix of these.
    fn estimated(&self, kind: DescriptorKind, k: usize, engine: &Engine, cancel: &Cancel) -> Result<Vec<Vec<u32>>> {
        let (observer, mut all) = (Observer { cancel, progress: &|_| () }, Vec::new());
        kind.comparison().estimated(engine, &self.joined(k), observer, &mut |found| {
            all.extend(found);
            Ok(())
        })?;
        Ok(self.others(all, k))
    }

    /// Asks for `k` + 1 neighbours, because a key may be among its own.
    fn joined(&self, k: usize) -> EngineJoin<'_, Arc<Row>> {
        let selection = Selection { predicate: Predicate::Knn(k + 1), ..self.selection };
        let sides = Sides::Apart { keys: &self.keys, rows: self.rows };
        EngineJoin::new(sides, selection)
    }

    /// The first `k` rows of each key, without the key itself.
    fn others(&self, mut all: Vec<Vec<u32>>, k: usize) -> Vec<Vec<u32>> {
        for (key, rows) in all.iter_mut().enumerate() {
            let own = self.places.as_ref().map(|places| places[key] as u32);
            rows.retain(|row| Some(*row) != own);
            rows.truncate(k);
        }
        all
    }
}

/// The 1-based ranks of the `wanted` rows among the `ranked` ones; `usize::MAX` if absent.
fn ranks(wanted: &[u32], ranked: &[u32]) -> Vec<usize> {
    let rank = |row: &u32| ranked.iter().position(|other| other == row).map_or(usize::MAX, |at| at + 1);
    wanted.iter().map(rank).collect()
}

fn measured(ranks: &[&Vec<usize>], candidates: usize) -> MeasuredRecall {
    let found = ranks.iter().flat_map(|ranks| ranks.iter()).filter(|rank| **rank <= candidates).count();
    MeasuredRecall { keys: ranks.len(), found, of: ranks.iter().map(|ranks| ranks.len()).sum() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{DESCRIPTOR_LEN, Descriptor};
    use crate::join::metric::Metric;

    /// Rows of a few kinds, with noise.
    fn rows(count: usize, seed: u64) -> Vec<Arc<Row>> {
        let mut random = fastrand::Rng::with_seed(seed);
        let row = |at: usize| {
            let kind = at % 7;
            let value = |i: usize| match (i * 31 + kind * 17) % 23 {
                0..4 => random.f32() + 0.5,
                _ if random.u8(..) < 8 => random.f32(),
                _ => 0.0,
            };
            let dense: Vec<f32> = (0..DESCRIPTOR_LEN).map(value).collect();
            Arc::new(Row::new(format!("{at:04}.jpg"), None, Descriptor::from_dense(&dense).expect("finite")))
        };
        (0..count).map(row).collect()
    }

    fn joined<'a>(keys: &'a [Arc<Row>], rows: Option<&'a [Arc<Row>]>, metric: Metric) -> EngineJoin<'a, Arc<Row>> {
        let sides = rows.map_or(Sides::Itself(keys), |rows| Sides::Apart { keys, rows });
        let selection = Selection { metric, predicate: Predicate::Knn(3) };
        EngineJoin::new(sides, selection)
    }

    fn all(join: impl FnOnce(Observer, &mut dyn FnMut(Vec<Vec<Hit>>) -> Result<()>) -> Result<()>) -> Vec<Vec<Hit>> {
        let (cancel, mut results) = (Cancel::default(), Vec::new());
        let observer = Observer { cancel: &cancel, progress: &|_| () };
        join(observer, &mut |some| {
            results.extend(some);
            Ok(())
        })
        .unwrap();
        results
    }

    #[test]
    fn what_is_found_is_exact_and_the_recall_is_what_a_full_count_says() {
        let (engine, kind, cancel) = (Engine::default(), DescriptorKind::Regions, Cancel::default());
        let (keys, others) = (rows(80, 1), rows(60, 2));
        for (others, metric) in [(None, Metric::Cosine), (Some(&others[..]), Metric::Euclidean)] {
            let joined = joined(&keys, others, metric);
            let exact = all(|observer, take| kind.comparison().join(&engine, &joined, observer, take));
            for recall in [0.3, 0.9] {
                let chosen = Approximation::choose(kind, &engine, &joined, recall, &cancel).unwrap();
                let Some(chosen) = chosen else { continue };
                assert!(chosen.recall.share() >= recall, "{chosen:?}");
                let found = all(|observer, take| chosen.join(kind, &engine, &joined, observer, take));
                assert_eq!(found.len(), exact.len());
                let mut hits = 0;
                for (found, exact) in found.iter().zip(&exact) {
                    assert_eq!(found.len(), exact.len());
                    hits += exact.iter().filter(|hit| found.contains(hit)).count();
                    // No value is better than that of the exact result.
                    assert!(
                        found.iter().zip(exact).all(|(found, exact)| metric.compare(exact.value, found.value).is_le())
                    );
                }
                // Here the sample contains all keys.
                let of = exact.iter().map(Vec::len).sum::<usize>();
                assert!(hits as f64 >= recall * of as f64, "{hits} of {of}: {chosen:?}");
            }
            let most = Approximation { candidates: 80, by: DescriptorKind::Pooled(Pooling::Rmac), recall: NONE };
            assert_eq!(all(|observer, take| most.join(kind, &engine, &joined, observer, take)), exact);
        }
    }

    const NONE: MeasuredRecall = MeasuredRecall { keys: 0, found: 0, of: 0 };

    #[test]
    fn where_an_exact_join_is_as_fast_there_is_none() {
        let (engine, cancel, keys) = (Engine::default(), Cancel::default(), rows(20, 3));
        let joined = joined(&keys, None, Metric::Cosine);
        let chosen = |kind| Approximation::choose(kind, &engine, &joined, 0.9, &cancel).unwrap();
        assert_eq!((chosen(DescriptorKind::Full), chosen(DescriptorKind::Pooled(Pooling::Gap))), (None, None));
        let few = EngineJoin { sides: Sides::Itself(&keys[..5]), ..joined };
        assert_eq!(Approximation::choose(DescriptorKind::Regions, &engine, &few, 0.9, &cancel).unwrap(), None);
    }

    #[test]
    fn ranks_and_recall_are_counted() {
        assert_eq!(ranks(&[5, 9, 2], &[2, 4, 5]), [3, usize::MAX, 1]);
        let (a, b) = (vec![1, 3], vec![2, usize::MAX]);
        let recall = measured(&[&a, &b], 2);
        assert_eq!((recall, recall.share()), (MeasuredRecall { keys: 2, found: 2, of: 4 }, 0.5));
        assert_eq!(NONE.share(), 1.0);
    }
}
