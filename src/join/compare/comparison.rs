//! The interface of a kind of descriptor.

use std::sync::Arc;

use crate::descriptor::{Descriptor, POSITIONS, Row};
use crate::error::Result;
use crate::join::engine::{Candidate, CodedSet, Engine, EngineJoin, Hit, Observer, Plan, Selection};
use crate::join::metric::{Lengths, Metric};
use crate::join::predicate::Predicate;
use crate::parallel;

/// How pictures are compared by one kind of descriptor. All descriptors passed in are full ones; rows are in the order
/// of their names.
pub trait Comparison: Sync {
    /// The exact value of two pictures: float64 sums in index order, bit-identical when swapped.
    fn value(&self, a: &Descriptor, b: &Descriptor, metric: Metric) -> f64;

    /// Prepares a key for comparison with many rows.
    fn key(&self, key: &Descriptor, engine: &Engine) -> Box<dyn PreparedKey>;

    /// The results of `key`, best first, among all rows but `left_out`.
    fn query(
        &self,
        engine: &Engine,
        key: &Descriptor,
        rows: &[Arc<Row>],
        left_out: Option<usize>,
        selection: Selection,
    ) -> Vec<Hit> {
        selection.results(self.all_values(engine, key, rows, left_out, selection.metric))
    }

    /// Calls `take` with the results of the next keys, a list for each, until all are done.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`], or the first error of `take`.
    fn join(
        &self,
        engine: &Engine,
        joined: &EngineJoin<Arc<Row>>,
        observer: Observer,
        take: &mut dyn FnMut(Vec<Vec<Hit>>) -> Result<()>,
    ) -> Result<()>;

    /// The candidates of a kNN join instead of its results, for [`Comparison::nearest`]: for each key, rows that
    /// include all its results, by descending upper bound. Their bounds are in terms of [`Metric::around`].
    ///
    /// # Errors
    /// Those of [`Comparison::join`].
    fn candidates(
        &self,
        engine: &Engine,
        joined: &EngineJoin<Arc<Row>>,
        observer: Observer,
        take: &mut dyn FnMut(Vec<Vec<Candidate>>) -> Result<()>,
    ) -> Result<()> {
        let metric = joined.selection.metric;
        self.join(engine, joined, observer, &mut |results| take(candidates_of(results, metric)))
    }

    /// For each key, the k rows closest by rounded values, closest first: most of its results, not always all. Kinds
    /// that don't round values return the results.
    ///
    /// # Errors
    /// Those of [`Comparison::join`].
    fn estimated(
        &self,
        engine: &Engine,
        joined: &EngineJoin<Arc<Row>>,
        observer: Observer,
        take: &mut dyn FnMut(Vec<Vec<u32>>) -> Result<()>,
    ) -> Result<()> {
        let rows = |hits: Vec<Hit>| hits.iter().map(|hit| hit.row).collect();
        self.join(engine, joined, observer, &mut |results| take(results.into_iter().map(rows).collect()))
    }

    /// Whether [`Comparison::candidates`] is less work than the join.
    fn bounds_first(&self) -> bool {
        false
    }

    /// Finds the k nearest of a key's candidates, best first. Candidates come by descending upper bound, and refer to
    /// rows by index; rows are full descriptors in the order of their names.
    fn nearest(&self, _engine: &Engine, metric: Metric, k: usize) -> Box<Nearby<'_>> {
        let selection = Selection { metric, predicate: Predicate::Knn(k) };
        Box::new(move |key, candidates, rows| {
            let value = |row: u32| self.value(key, rows[row as usize], metric);
            let hits = candidates.iter().map(|candidate| Hit { row: candidate.row, value: value(candidate.row) });
            selection.results(hits.collect())
        })
    }

    /// The plan that [`Comparison::join`] would choose for `joined`. None if there is no choice.
    fn plan(&self, _engine: &Engine, _joined: &EngineJoin<Arc<Row>>) -> Option<Plan> {
        None
    }

    /// The codes of `rows` that `plan` compares first, for later joins ([`EngineJoin::coded`]). None if there are none.
    fn coded(&self, _rows: &[Arc<Row>], _plan: Plan) -> Option<CodedSet> {
        None
    }

    /// The contribution of each position of `of`, row by row, to the inner product of the two pictures: `[7, 7]`.
    fn heat(&self, of: &Descriptor, with: &Descriptor) -> [f64; POSITIONS];

    /// Ranges to start from.
    fn usual_range(&self) -> UsualRange;

    /// The lengths of the vectors compared.
    fn lengths(&self) -> Lengths;

    /// The values of `key` and all rows but `left_out`, in the order of rows.
    fn all_values(
        &self,
        engine: &Engine,
        key: &Descriptor,
        rows: &[Arc<Row>],
        left_out: Option<usize>,
        metric: Metric,
    ) -> Vec<Hit> {
        let key = self.key(key, engine);
        parallel::in_parts(rows.len(), ROWS, |some| {
            let values = key.values(&descriptors(&rows[some.clone()]), metric);
            let compared = some.zip(values).filter(|(row, _)| Some(*row) != left_out);
            compared.map(|(row, value)| Hit { row: row as u32, value }).collect()
        })
    }
}

/// Candidates from hits, whose values are known.
pub fn candidates_of(results: Vec<Vec<Hit>>, metric: Metric) -> Vec<Vec<Candidate>> {
    let of = |hits: Vec<Hit>| hits.iter().map(|hit| Candidate::of_value(hit.row, hit.value, metric)).collect();
    results.into_iter().map(of).collect()
}

/// Computes a key's hits from the key, its candidates and their rows: see [`Comparison::nearest`].
pub type Nearby<'a> = dyn FnMut(&Descriptor, &[Candidate], &[&Descriptor]) -> Vec<Hit> + 'a;

/// Rows compared by a thread at a time.
const ROWS: usize = 64;

/// A key, prepared for comparison with many rows.
pub trait PreparedKey: Sync {
    /// The values of `metric` between the key and each row, given by its full descriptor.
    fn values(&self, rows: &[&Descriptor], metric: Metric) -> Vec<f64>;
}

/// Cosine similarities to start a range from, if the user has not set one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UsualRange {
    /// For pictures of different sets that have much in common.
    pub alike: f64,
    /// For near-duplicates: the same scene again, another crop, another size.
    pub duplicates: f64,
}

/// The full descriptors of `rows`.
pub fn descriptors(rows: &[Arc<Row>]) -> Vec<&Descriptor> {
    rows.iter().map(|row| &row.descriptor).collect()
}
