//! Ways to the same answer, of which one is the fastest.

use std::time::{Duration, Instant};

use super::closeness::Closeness;
use super::codes::Code;
use super::exact::DenseKey;
use super::filter::{CodedKeys, CodedRows};
use super::{Engine, candidates};
use crate::descriptor::{Descriptor, FeatureMatrix};
use crate::join::{Metric, Predicate};
use crate::simd::KEYS;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Every pair exactly.
    Plain,
    /// A bound from channel norms first.
    Norms,
    /// Rounded values first.
    Values,
}

impl Plan {
    pub const ALL: [Plan; 3] = [Plan::Plain, Plan::Norms, Plan::Values];

    pub fn name(self) -> &'static str {
        match self {
            Plan::Plain => "plain",
            Plan::Norms => "norms",
            Plan::Values => "values",
        }
    }

    pub fn named(name: &str) -> Option<Plan> {
        Plan::ALL.into_iter().find(|plan| plan.name() == name)
    }

    /// Codes that the plan looks at first.
    pub fn code(self) -> Option<Code> {
        match self {
            Plan::Plain => None,
            Plan::Norms => Some(Code::Norms),
            Plan::Values => Some(Code::Values),
        }
    }
}

/// Rows of a sample.
const SAMPLE: usize = 512;
/// Pairs of a sample that are computed exactly.
const EXACT: usize = 32;

/// The plan that a sample says is the cheapest: costs grow with the number of pairs.
pub fn choose(
    engine: &Engine,
    keys: &FeatureMatrix,
    rows: &FeatureMatrix,
    metric: Metric,
    predicate: Predicate,
) -> Plan {
    let (some_keys, some_rows) = (spread(keys, KEYS), spread(rows, SAMPLE));
    let (Some(key), false) = (some_keys.rows().first(), some_rows.is_empty()) else { return Plan::Plain };
    let pairs = keys.len() as f64 * rows.len() as f64;
    let few: Vec<&Descriptor> = some_rows.rows().iter().take(EXACT).map(|r| &r.descriptor).collect();
    let exact = time(|| DenseKey::new(&key.descriptor, engine.instructions).values(&few, metric)).1;
    let exact = exact.as_secs_f64() / few.len() as f64;

    let cost = |plan: Plan| {
        let code = match (plan.code(), predicate) {
            (None, _) => return pairs * exact,
            // Upper bounds alone say nothing about how close the k-th is.
            (Some(Code::Norms), Predicate::Knn(_)) => return f64::INFINITY,
            (Some(code), _) => code,
        };
        let norms = some_rows.rows().iter().chain(some_keys.rows()).map(|r| r.descriptor.squared_norm().sqrt());
        let closeness = Closeness::new(metric, code, norms);
        let (coded, coding) = time(|| CodedRows::new(&some_rows, 0..some_rows.len(), code));
        let mut panel = CodedKeys::new();
        panel.fill(some_keys.rows(), code, &closeness);
        let mut passing = 0;
        let limit = match predicate {
            Predicate::Range(limit) => closeness.of_limit(limit),
            Predicate::Knn(_) => f32::INFINITY,
        };
        let ((), looking) = time(|| {
            panel.look(&coded, &closeness, engine.instructions, |_, bounds| {
                passing += bounds.upper[..some_keys.len()].iter().filter(|upper| **upper >= limit).count();
            });
        });
        let left = match predicate {
            Predicate::Knn(k) => (candidates::most(k) as f64 / rows.len() as f64).min(1.0),
            Predicate::Range(_) => passing as f64 / (some_keys.len() * some_rows.len()) as f64,
        };
        let coding = coding.as_secs_f64() * rows.len() as f64 / some_rows.len() as f64;
        let looking = looking.as_secs_f64() * pairs / (KEYS * some_rows.len()) as f64;
        coding + looking + pairs * left * exact
    };
    let costs = Plan::ALL.map(|plan| (plan, cost(plan)));
    costs.into_iter().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(Plan::Plain, |(plan, _)| plan)
}

fn spread(matrix: &FeatureMatrix, n: usize) -> FeatureMatrix {
    matrix.rows().iter().step_by((matrix.len() / n).max(1)).take(n).cloned().collect()
}

fn time<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let result = work();
    (result, begun.elapsed())
}
