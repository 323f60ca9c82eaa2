//! What a join of whole sets found, as the screen shows it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cancel::Cancel;
use crate::descriptor::Row;
use crate::error::Result;
use crate::join::{BestPairs, Engine, Group, Neighbour, Pair, Predicate, Progress, SetJoin, With, stars};

/// Results kept for the screen: 32 MB.
const KEPT: usize = 1_000_000;

/// What a join found, best first.
#[derive(Debug)]
pub enum Findings {
    Pairs(Vec<Pair>),
    /// Near-duplicates: the results of a range self-join.
    Groups(Vec<Group>),
}

/// What was found, and how much there was.
#[derive(Clone, Debug)]
pub struct JoinAnswer {
    pub found: Arc<Findings>,
    /// Results in all; more than were kept, perhaps.
    pub results: u64,
    /// Whether some results were not kept.
    pub cut: bool,
    /// Whether each group needs a row of its own.
    pub in_rows: bool,
    pub took: Duration,
}

impl Findings {
    /// Pairs, or groups.
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

    /// A pair or a group: the key (or centre), and what is like it.
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
            (With::Themselves, Predicate::Range(_)) => Findings::Groups(stars(&pairs, join.metric)),
            _ => Findings::Pairs(pairs),
        };
        let (cut, in_rows) = (results > KEPT as u64, found.in_rows());
        Ok(JoinAnswer { found: Arc::new(found), results, cut, in_rows, took: begun.elapsed() })
    }
}
