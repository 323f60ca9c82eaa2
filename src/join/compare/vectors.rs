//! Comparison of descriptors that are vectors, of whatever length and origin, by their inner products.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::comparison::{Comparison, PreparedKey, UsualRange};
use crate::descriptor::{CHANNELS, Descriptor, POSITIONS, Row};
use crate::error::Result;
use crate::join::engine::{
    Coded, DenseKey, Engine, EveryPair, Hit, Observer, Selection, Vectors, choose, query, run, value,
};
use crate::join::metric::{Lengths, Metric};

/// A kind of descriptor that is a vector.
pub trait VectorKind: Copy + Send + Sync + 'static {
    /// The vector of a picture with this full descriptor.
    fn vector(self, full: &Descriptor) -> &Descriptor;

    /// The vectors of pictures, in their order; made on rayon's threads where they are not there yet.
    fn vectors(self, rows: &[Arc<Row>]) -> Vec<&Descriptor> {
        rows.par_iter().map(|row| self.vector(&row.descriptor)).collect()
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
        value(metric, self.vector(a), self.vector(b))
    }

    fn key(&self, key: &Descriptor, engine: &Engine) -> Box<dyn PreparedKey> {
        Box::new(DenseVector { kind: *self, dense: DenseKey::new(self.vector(key), engine.instructions) })
    }

    fn query(
        &self,
        engine: &Engine,
        key: &Descriptor,
        rows: &[Arc<Row>],
        left_out: Option<usize>,
        selection: Selection,
    ) -> Vec<Hit> {
        query(engine, self.vector(key), &self.vectors(rows), left_out, selection)
    }

    fn join(
        &self,
        engine: &Engine,
        keys: &[Arc<Row>],
        rows: Option<&[Arc<Row>]>,
        selection: Selection,
        observer: Observer,
        take: &mut dyn FnMut(Vec<Vec<Hit>>) -> Result<()>,
    ) -> Result<()> {
        let vectors = Vectors {
            keys: self.vectors(keys),
            rows: rows.map(|rows| self.vectors(rows)),
            selection,
            instructions: engine.instructions,
        };
        let plan = engine.plan.unwrap_or_else(|| choose(&vectors));
        match plan.code() {
            None => run(&EveryPair(vectors), engine, observer, take),
            Some(code) => run(&Coded::new(vectors, code), engine, observer, take),
        }
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

struct DenseVector<V> {
    kind: V,
    dense: DenseKey,
}

impl<V: VectorKind> PreparedKey for DenseVector<V> {
    fn values(&self, rows: &[&Descriptor], metric: Metric) -> Vec<f64> {
        let vectors: Vec<_> = rows.iter().map(|row| self.kind.vector(row)).collect();
        self.dense.values(&vectors, metric)
    }
}

/// What `sum` makes of the channels of each position.
pub fn by_position(sum: impl Fn(Range<usize>) -> f64) -> [f64; POSITIONS] {
    std::array::from_fn(|at| sum(at * CHANNELS..(at + 1) * CHANNELS))
}
