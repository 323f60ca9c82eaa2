//! Chooses the fastest plan by a sample: costs grow with the number of pairs.

use std::time::{Duration, Instant};

use crate::descriptor::Descriptor;
use crate::join::engine::block::{Code, CodedKeys, CodedRows, Vectors, look};
use crate::join::engine::closeness::Closeness;
use crate::join::engine::merge::exact::DenseKey;
use crate::join::engine::merge::most;
use crate::join::engine::plan::Plan;
use crate::join::predicate::Predicate;
use crate::simd::KEYS;

/// Rows in a sample.
const SAMPLE: usize = 512;
/// Pairs of a sample computed exactly.
const EXACT: usize = 32;

/// The plan that is cheapest by a sample.
pub fn choose(vectors: &Vectors) -> Plan {
    let (keys, rows) = (spread(&vectors.keys, KEYS), spread(vectors.rows(), SAMPLE));
    let (Some(key), false) = (keys.first(), rows.is_empty()) else { return Plan::Plain };
    let sample = Sample { exact: exact_cost(vectors, key, &rows), vectors, keys, rows };
    let costs = Plan::ALL.map(|plan| (plan, sample.cost(plan)));
    costs.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(Plan::Plain, |(plan, _)| plan)
}

/// Seconds to compute the exact value of a pair.
fn exact_cost(vectors: &Vectors, key: &Descriptor, rows: &[&Descriptor]) -> f64 {
    let few = &rows[..rows.len().min(EXACT)];
    let exact = || DenseKey::new(key, vectors.instructions).values(few, vectors.selection.metric);
    time(exact).1.as_secs_f64() / few.len() as f64
}

struct Sample<'a> {
    vectors: &'a Vectors<'a>,
    keys: Vec<&'a Descriptor>,
    rows: Vec<&'a Descriptor>,
    /// Seconds to compute the exact value of a pair.
    exact: f64,
}

impl Sample<'_> {
    /// Seconds that the whole join would take on one thread.
    fn cost(&self, plan: Plan) -> f64 {
        let Vectors { selection, instructions, .. } = *self.vectors;
        let (all_keys, all_rows) = (self.vectors.keys.len() as f64, self.vectors.rows().len() as f64);
        let code = match (plan.code(), selection.predicate) {
            (None, _) => return all_keys * all_rows * self.exact,
            // Upper bounds alone say nothing about the closeness of the k-th.
            (Some(Code::Norms | Code::Channels), Predicate::Knn(_)) => return f64::INFINITY,
            (Some(code), _) => code,
        };
        let norms = self.rows.iter().chain(&self.keys).map(|vector| vector.squared_norm().sqrt());
        let closeness = Closeness::new(selection.metric, code, norms);
        let (rows, coding) = time(|| CodedRows::new(&self.rows, 0..self.rows.len(), code));
        let mut keys = CodedKeys::default();
        keys.set(&self.keys, 0..self.keys.len(), code, &closeness);
        let mut passing = 0;
        let limit = match selection.predicate {
            Predicate::Range(limit) => closeness.needed(limit),
            Predicate::Knn(_) => f32::INFINITY,
        };
        let ((), looking) = time(|| {
            look(&keys, &rows, &closeness, instructions, |_, bounds| {
                passing += bounds.upper[..self.keys.len()].iter().filter(|upper| **upper >= limit).count();
            });
        });
        let left = match selection.predicate {
            Predicate::Knn(k) => (most(k) as f64 / all_rows).min(1.0),
            Predicate::Range(_) => passing as f64 / (self.keys.len() * self.rows.len()) as f64,
        };
        let coding = coding.as_secs_f64() * all_rows / self.rows.len() as f64;
        let looking = looking.as_secs_f64() * all_keys * all_rows / (KEYS * self.rows.len()) as f64;
        coding + looking + all_keys * all_rows * left * self.exact
    }
}

/// At most `n` of `all`, spread evenly.
fn spread<'a>(all: &[&'a Descriptor], n: usize) -> Vec<&'a Descriptor> {
    all.iter().step_by((all.len() / n).max(1)).take(n).copied().collect()
}

fn time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let result = work();
    (result, begun.elapsed())
}
