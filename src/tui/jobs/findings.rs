//! The results of a join of whole datasets, as the screen shows them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::descriptor::Row;
use crate::error::Result;
use crate::join::{
    BestPairs, Edge, Engine, Group, ImportedPairs, Metric, Neighbour, Pair, Predicate, SetJoin, Star, With, read_pairs,
    stars,
};
use crate::progress::Progress;

/// The most results kept for the screen: 32 MB.
const KEPT: usize = 1_000_000;

/// The results, best first.
#[derive(Debug)]
pub enum Findings {
    Pairs(Vec<Pair>),
    /// Near-duplicates: the results of a range self-join.
    Groups(Vec<Group>),
}

/// The results, and how many there were.
#[derive(Clone, Debug)]
pub struct JoinAnswer {
    pub found: Arc<Findings>,
    /// The number of all results, which may be more than were kept.
    pub results: u64,
    /// Whether some results were not kept.
    pub cut: bool,
    /// Whether each group needs a row of its own.
    pub in_rows: bool,
    pub took: Duration,
    /// The origin of pairs read from a file.
    pub file: Option<PairsFile>,
}

/// Facts about a file of pairs.
#[derive(Clone, Copy, Debug)]
pub struct PairsFile {
    /// The metric that orders its pairs.
    pub metric: Metric,
    /// Results that name a picture of neither dataset.
    pub unknown: u64,
}

impl Findings {
    /// The number of pairs or groups.
    pub fn len(&self) -> usize {
        match self {
            Findings::Pairs(pairs) => pairs.len(),
            Findings::Groups(groups) => groups.len(),
        }
    }

    /// Whether each group needs a row of its own: some have more than two pictures.
    fn in_rows(&self) -> bool {
        matches!(self, Findings::Groups(groups) if groups.iter().any(|group| group.neighbours.len() > 1))
    }

    /// A pair or group: the key (or centre), and the pictures similar to it.
    pub fn get(&self, at: usize) -> Option<(&Arc<Row>, &[Neighbour])> {
        match self {
            Findings::Pairs(pairs) => pairs.get(at).map(|pair| (&pair.key, std::slice::from_ref(&pair.neighbour))),
            Findings::Groups(groups) => groups.get(at).map(|group| (&group.key, &group.neighbours[..])),
        }
    }
}

impl JoinAnswer {
    /// Joins, on rayon's threads.
    pub fn find(
        join: &SetJoin,
        engine: Engine,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<JoinAnswer> {
        let begun = Instant::now();
        let mut best = BestPairs::new(join, KEPT);
        join.run(engine, cancel, progress, &mut |group| {
            best.take(&group);
            Ok(())
        })?;
        let (results, pairs) = (best.taken(), best.into_pairs());
        let found = match (&join.with, join.predicate) {
            (With::Themselves, Predicate::Range(_)) => Findings::Groups(groups(&pairs, join.metric)),
            _ => Findings::Pairs(pairs),
        };
        let (cut, in_rows) = (results > KEPT as u64, found.in_rows());
        Ok(JoinAnswer { found: Arc::new(found), results, cut, in_rows, took: begun.elapsed(), file: None })
    }

    /// Reads the pairs that a join of the same datasets has written to a file.
    pub fn read(
        path: &Path,
        join: &SetJoin,
        cancel: &Cancel,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<JoinAnswer> {
        let begun = Instant::now();
        let ImportedPairs { pairs, metric, results, unknown } = read_pairs(path, join, KEPT, cancel, progress)?;
        let (found, cut) = (Findings::Pairs(pairs).into(), results > KEPT as u64);
        let file = Some(PairsFile { metric, unknown });
        Ok(JoinAnswer { found, results, cut, in_rows: false, took: begun.elapsed(), file })
    }
}

/// The stars in the results of a range self-join, ordered by best value, then size, then name. The key of each is its
/// centre.
fn groups(pairs: &[Pair], metric: Metric) -> Vec<Group> {
    let mut rows: Vec<_> = pairs.iter().flat_map(|p| [&p.key, &p.neighbour.row]).cloned().collect();
    rows.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    rows.dedup_by(|a, b| a.name == b.name);
    let at = |row: &Row| rows.binary_search_by(|r| r.name.cmp(&row.name)).expect("all of them are there") as u32;
    let numbered = |pair: &Pair| {
        let (a, b) = (at(&pair.key), at(&pair.neighbour.row));
        ((a.min(b), a.max(b)), pair.neighbour.value)
    };
    let values: HashMap<(u32, u32), f64> = pairs.iter().map(numbered).collect();
    let closeness = |value: f64| if metric.compare(1.0, 0.0).is_lt() { value } else { -value };
    let edges: Vec<Edge> = values.iter().map(|(pair, value)| (*pair, closeness(*value))).collect();
    let group = |star: Star| {
        let neighbour = |other: &u32| {
            let pair = (star.centre.min(*other), star.centre.max(*other));
            Neighbour::new(rows[*other as usize].clone(), values[&pair])
        };
        Group { key: rows[star.centre as usize].clone(), neighbours: star.others.iter().map(neighbour).collect() }
    };
    let mut groups: Vec<_> = stars(&edges).into_iter().map(group).collect();
    groups.sort_by(|a, b| {
        let value = metric.compare(a.neighbours[0].value, b.neighbours[0].value);
        let size = b.neighbours.len().cmp(&a.neighbours.len());
        value.then(size).then_with(|| a.key.name.cmp(&b.key.name))
    });
    groups
}
