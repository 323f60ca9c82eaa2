//! Compares descriptors that are vectors, of whatever length and origin, by their inner products.

use std::ops::Range;
use std::sync::Arc;

use super::comparison::{Comparison, Nearby, PreparedKey, UsualRange, candidates_of, descriptors};
use crate::descriptor::{CHANNELS, Descriptor, POSITIONS, Row};
use crate::error::Result;
use crate::join::engine::{
    Candidate, Code, Coded, CodedSet, DenseKey, Engine, EngineJoin, EveryPair, Hit, Nearest, Observer, Plan, Selection,
    Vectors, choose, query, run, run_to, value,
};
use crate::join::metric::{Lengths, Metric};
use crate::join::predicate::Predicate;

/// A kind of descriptor that is a vector.
pub trait VectorKind: Copy + Send + Sync + 'static {
    /// The vectors of pictures with these full descriptors, in the same order; cached ones, none computed again.
    fn vectors(self, full: Vec<&Descriptor>) -> Vec<&Descriptor>;

    /// See [`Comparison::query`].
    fn vector_query(
        self,
        engine: &Engine,
        key: &Descriptor,
        rows: &[Arc<Row>],
        left_out: Option<usize>,
        selection: Selection,
    ) -> Vec<Hit> {
        let (key, rows) = (self.vectors(vec![key]), self.vectors(descriptors(rows)));
        query(engine, key[0], &rows, left_out, selection)
    }

    /// See [`Comparison::heat`].
    fn vector_heat(self, of: &Descriptor, with: &Descriptor) -> [f64; POSITIONS];

    /// See [`Comparison::usual_range`].
    const USUAL_RANGE: UsualRange;

    /// See [`Comparison::lengths`].
    const LENGTHS: Lengths;
}

impl<V: VectorKind> Comparison for V {
    fn value(&self, a: &Descriptor, b: &Descriptor, metric: Metric) -> f64 {
        let [a, b] = self.vectors(vec![a, b])[..] else { unreachable!("a vector of each") };
        value(metric, a, b)
    }

    fn key(&self, key: &Descriptor, engine: &Engine) -> Box<dyn PreparedKey> {
        let dense = DenseKey::new(self.vectors(vec![key])[0], engine.instructions);
        Box::new(DenseVector { kind: *self, dense })
    }

    fn query(
        &self,
        engine: &Engine,
        key: &Descriptor,
        rows: &[Arc<Row>],
        left_out: Option<usize>,
        selection: Selection,
    ) -> Vec<Hit> {
        self.vector_query(engine, key, rows, left_out, selection)
    }

    fn join(
        &self,
        engine: &Engine,
        joined: &EngineJoin<Arc<Row>>,
        observer: Observer,
        take: &mut dyn FnMut(Vec<Vec<Hit>>) -> Result<()>,
    ) -> Result<()> {
        let vectors = vectors(*self, engine, joined);
        let plan = engine.plan.unwrap_or_else(|| choose(&vectors));
        match plan.code() {
            None => run(&EveryPair(vectors), joined, engine, observer, take),
            Some(code) => run(&Coded::new(vectors, code, joined.coded.clone()), joined, engine, observer, take),
        }
    }

    fn candidates(
        &self,
        engine: &Engine,
        joined: &EngineJoin<Arc<Row>>,
        observer: Observer,
        take: &mut dyn FnMut(Vec<Vec<Candidate>>) -> Result<()>,
    ) -> Result<()> {
        let vectors = vectors(*self, engine, joined);
        let plan = engine.plan.unwrap_or_else(|| choose(&vectors));
        if plan.code() != Some(Code::Values) {
            // There are no lower bounds, so compute values.
            let metric = joined.selection.metric;
            let engine = Engine { plan: Some(plan), ..*engine };
            return self.join(&engine, joined, observer, &mut |results| take(candidates_of(results, metric)));
        }
        let coded = Coded::new(vectors, Code::Values, joined.coded.clone());
        let around = |_, found: Vec<Candidate>| found.into_iter().map(|one| coded.around(one)).collect();
        run_to(&coded, joined, engine, observer, &|| around, take)
    }

    fn estimated(
        &self,
        engine: &Engine,
        joined: &EngineJoin<Arc<Row>>,
        observer: Observer,
        take: &mut dyn FnMut(Vec<Vec<u32>>) -> Result<()>,
    ) -> Result<()> {
        let coded = Coded::estimate(vectors(*self, engine, joined));
        let k = match joined.selection.predicate {
            Predicate::Knn(k) => k,
            Predicate::Range(_) => usize::MAX,
        };
        // Those that are as close as the last one are left, too.
        let rows = |_, found: Vec<Candidate>| found.iter().take(k).map(|one| one.row).collect();
        run_to(&coded, joined, engine, observer, &|| rows, take)
    }

    fn bounds_first(&self) -> bool {
        true
    }

    fn nearest(&self, engine: &Engine, metric: Metric, k: usize) -> Box<Nearby<'_>> {
        let mut dense = DenseKey::new(&Descriptor::default(), engine.instructions);
        let selection = Selection { metric, predicate: Predicate::Knn(k) };
        Box::new(move |key, candidates, rows| {
            dense.set(self.vectors(vec![key])[0]);
            let rows = self.vectors(rows.to_vec());
            let needed = |value| (metric.needed(value) as f32).next_down();
            selection.results(Nearest::new(metric, k, &[]).among(candidates, &dense, &rows, needed))
        })
    }

    fn plan(&self, engine: &Engine, joined: &EngineJoin<Arc<Row>>) -> Option<Plan> {
        Some(engine.plan.unwrap_or_else(|| choose(&vectors(*self, engine, joined))))
    }

    fn coded(&self, rows: &[Arc<Row>], plan: Plan) -> Option<CodedSet> {
        plan.code().map(|code| CodedSet::new(&self.vectors(descriptors(rows)), code))
    }

    fn heat(&self, of: &Descriptor, with: &Descriptor) -> [f64; POSITIONS] {
        self.vector_heat(of, with)
    }

    fn usual_range(&self) -> UsualRange {
        V::USUAL_RANGE
    }

    fn lengths(&self) -> Lengths {
        V::LENGTHS
    }
}

/// The vectors of both sides.
fn vectors<'a, V: VectorKind>(kind: V, engine: &Engine, joined: &EngineJoin<'a, Arc<Row>>) -> Vectors<'a> {
    Vectors {
        keys: kind.vectors(descriptors(joined.sides.keys())),
        rows: joined.sides.rows().map(|rows| kind.vectors(descriptors(rows))),
        selection: joined.selection,
        instructions: engine.instructions,
    }
}

struct DenseVector<V> {
    kind: V,
    dense: DenseKey,
}

impl<V: VectorKind> PreparedKey for DenseVector<V> {
    fn values(&self, rows: &[&Descriptor], metric: Metric) -> Vec<f64> {
        self.dense.values(&self.kind.vectors(rows.to_vec()), metric)
    }
}

/// Applies `sum` to the channels of each position.
pub fn by_position(sum: impl Fn(Range<usize>) -> f64) -> [f64; POSITIONS] {
    std::array::from_fn(|at| sum(at * CHANNELS..(at + 1) * CHANNELS))
}
