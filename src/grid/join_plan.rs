//! A plan for a join: two sets of rows in blocks, or one set joined with itself, and the query.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::pieces::Piece;
use super::shared_file::SharedFile;
use super::waves::{TaskStep, Waves};
use crate::error::{Error, Result};
use crate::join::{DescriptorKind, Metric, Predicate, Selection};
use crate::whole_file;

/// Computing the values of a key's ten nearest takes about as long as looking at this many pairs.
const PAIRS_OF_VALUES: u64 = 1000;

/// Means none, in the file of twins.
pub const NONE: u32 = u32::MAX;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JoinPlan {
    /// The keys, and the rows they are joined with. A single set is joined with itself.
    pub sets: Vec<RowSet>,
    pub descriptor: String,
    pub metric: String,
    pub asked: Asked,
    /// For each key, the row of the same file as a u32, if the two sides share files.
    pub twins: Option<SharedFile>,
}

/// A set of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowSet {
    /// Identifies the network and the crops that the descriptors were computed with.
    pub model: String,
    pub crops: String,
    /// The class of instructions used to compute them, if known.
    pub instructions: Option<String>,
    pub blocks: Vec<Vec<Piece>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    Knn(usize),
    /// With all digits.
    Range(String),
}

impl JoinPlan {
    pub fn keys(&self) -> &RowSet {
        &self.sets[0]
    }

    /// The rows that the keys are joined with; None: the keys themselves.
    pub fn others(&self) -> Option<&RowSet> {
        self.sets.get(1)
    }

    pub fn descriptor(&self) -> Result<DescriptorKind> {
        let named = DescriptorKind::ALL.into_iter().find(|kind| kind.name() == self.descriptor);
        named.ok_or_else(|| unknown("descriptor", &self.descriptor))
    }

    fn metric(&self) -> Result<Metric> {
        let named = Metric::ALL.into_iter().find(|metric| metric.name() == self.metric);
        named.ok_or_else(|| unknown("metric", &self.metric))
    }

    /// The query.
    pub fn selection(&self) -> Result<Selection> {
        let metric = self.metric()?;
        let predicate = match &self.asked {
            Asked::Knn(k) => Predicate::Knn(*k),
            Asked::Range(text) => Predicate::Range(text.parse().map_err(|_| unknown("range", text))?),
        };
        Ok(Selection { metric, predicate })
    }

    /// The query of the tasks: one neighbour more if a key's twin may be among the nearest.
    pub fn sought(&self) -> Result<Selection> {
        let asked = self.selection()?;
        Ok(match asked.predicate {
            Predicate::Knn(k) if self.twins.is_some() => {
                Selection { predicate: Predicate::Knn(k.saturating_add(1)), ..asked }
            }
            _ => asked,
        })
    }

    pub fn waves(&self) -> Waves {
        let rows = self.others().map(|others| others.blocks.len());
        // Each task reports an unknown kind.
        let bounds_first = self.descriptor().is_ok_and(|kind| kind.comparison().bounds_first());
        Waves::new(self.keys().blocks.len(), rows, matches!(self.asked, Asked::Knn(_)), bounds_first)
    }

    /// For each key, the row of the same file; empty if the plan has no twins.
    pub fn twins(&self, shared: &Path) -> Result<Vec<Option<u32>>> {
        let Some(twins) = &self.twins else { return Ok(Vec::new()) };
        let path = twins.check(shared)?;
        let bytes = whole_file::read(&path).map_err(Error::io(&path))?;
        let (numbers, _) = bytes.as_chunks();
        Ok(numbers.iter().map(|bytes| Some(u32::from_le_bytes(*bytes)).filter(|twin| *twin != NONE)).collect())
    }

    /// The pairs that each task compares; for values, the number of pairs that take as long.
    pub fn pairs(&self) -> Vec<u64> {
        let pairs = |step: TaskStep| match step {
            TaskStep::Pair(pair) => {
                let (keys, rows) = (self.keys().rows(pair.keys), self.others().unwrap_or(self.keys()).rows(pair.rows));
                let all = keys.len() as u64 * rows.len() as u64;
                if self.others().is_none() && pair.keys == pair.rows { all / 2 } else { all }
            }
            TaskStep::Values(block) => self.keys().rows(block).len() as u64 * PAIRS_OF_VALUES,
        };
        self.waves().steps().map(pairs).collect()
    }
}

impl RowSet {
    /// The numbers of a block's rows, counted through the whole set in the order of names.
    pub fn rows(&self, block: usize) -> std::ops::Range<usize> {
        let len = |pieces: &Vec<Piece>| pieces.iter().map(|piece| piece.rows).sum::<usize>();
        let first = self.blocks[..block].iter().map(len).sum();
        first..first + len(&self.blocks[block])
    }
}

fn unknown(what: &str, name: &str) -> Error {
    Error::Input(format!("the plan needs the {what} {name}, which this version of SIMages doesn't support"))
}
