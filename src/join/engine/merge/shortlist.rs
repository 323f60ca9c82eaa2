//! A key's candidates so far, of whatever blocks: those that may be results, for all that is known of all of them.

use crate::join::engine::candidate::Bounded;
use crate::join::predicate::Predicate;

/// Candidates of one key. Which are left in the end depends on which there were, not on their order.
#[derive(Clone, Debug)]
pub struct Shortlist<C> {
    /// How many neighbours are asked for; None: all that are close enough.
    k: Option<usize>,
    /// Whoever is not even this close is no result. Grows as closer ones are found.
    threshold: f32,
    kept: Vec<C>,
    /// How close rows are that others have found, and that are not here.
    elsewhere: Vec<f32>,
    /// Candidates at which those that were overtaken are dropped.
    full: usize,
}

impl<C: Bounded> Shortlist<C> {
    /// Nobody yet; a result must be as close as `needed`, and among the nearest beside rows `elsewhere`, which are so close.
    pub fn new(predicate: Predicate, needed: f32, elsewhere: Vec<f32>) -> Shortlist<C> {
        let k = match predicate {
            Predicate::Knn(k) => Some(k),
            Predicate::Range(_) => None,
        };
        let full = k.map_or(usize::MAX, most);
        let mut list = Shortlist { k, threshold: needed, kept: Vec::new(), elsewhere, full };
        list.drop_overtaken();
        list
    }

    /// How close a row must be to become one.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// Candidates there is room for.
    pub fn room(&self) -> usize {
        self.kept.capacity()
    }

    /// Takes candidates of rows that are not here yet: of a block, or what another list was left with.
    pub fn extend(&mut self, candidates: impl IntoIterator<Item = C>) {
        for candidate in candidates {
            if candidate.upper() >= self.threshold {
                self.kept.push(candidate);
                if self.kept.len() >= self.full {
                    self.drop_overtaken();
                    self.full = self.full.max(self.kept.len() * 2);
                }
            }
        }
    }

    /// All that are left, those that may be closest first, then by row.
    pub fn into_sorted(mut self) -> Vec<C> {
        self.drop_overtaken();
        self.kept.sort_unstable_by(|a, b| b.upper().total_cmp(&a.upper()).then(a.row().cmp(&b.row())));
        self.kept
    }

    /// The k with the best lower bounds stand for a threshold: whoever can't be that close has k before it. Those of the k
    /// that are here are never dropped, so the threshold is that of all candidates there ever were.
    fn drop_overtaken(&mut self) {
        if let Some(k) = self.k.filter(|k| *k <= self.kept.len() + self.elsewhere.len()) {
            let mut lower: Vec<f32> = self.kept.iter().map(C::lower).chain(self.elsewhere.iter().copied()).collect();
            let (_, kth, _) = lower.select_nth_unstable_by(k - 1, |a, b| b.total_cmp(a));
            self.threshold = self.threshold.max(*kth);
        }
        let threshold = self.threshold;
        self.kept.retain(|c| c.upper() >= threshold);
    }
}

/// Candidates for `k` neighbours to keep at most, unless more are as good as equal.
pub fn most(k: usize) -> usize {
    k.saturating_mul(3).saturating_add(32)
}
