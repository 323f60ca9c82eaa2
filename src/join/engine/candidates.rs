//! The pictures that may be among a key's neighbours, for all that is known.

use crate::join::Predicate;

/// A key's candidates so far.
#[derive(Debug)]
pub struct Candidates {
    /// How many neighbours are asked for; None: all that are close enough.
    k: Option<usize>,
    /// Whoever is not even this close is none. Grows as closer ones are found.
    threshold: f32,
    found: Vec<Candidate>,
    /// Candidates at which those that were overtaken are dropped.
    full: usize,
}

/// A row, and between what its closeness lies.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    pub row: u32,
    pub upper: f32,
    lower: f32,
}

impl Candidate {
    /// A row that nothing is known of.
    pub fn unknown(row: usize) -> Candidate {
        Candidate { row: row as u32, upper: f32::INFINITY, lower: f32::NEG_INFINITY }
    }
}

impl Candidates {
    /// None yet; `threshold` is that of a range.
    pub fn new(predicate: Predicate, threshold: f32) -> Candidates {
        let (k, threshold) = match predicate {
            Predicate::Knn(k) => (Some(k), f32::NEG_INFINITY),
            Predicate::Range(_) => (None, threshold),
        };
        Candidates { k, threshold, found: Vec::new(), full: k.map_or(usize::MAX, most) }
    }

    /// Candidates there is room for.
    pub fn room(&self) -> usize {
        self.found.capacity()
    }

    /// Notes a row whose closeness lies between these; returns the threshold.
    pub fn push(&mut self, row: usize, lower: f32, upper: f32) -> f32 {
        if upper >= self.threshold {
            self.found.push(Candidate { row: row as u32, upper, lower });
            if self.found.len() >= self.full {
                self.drop_overtaken();
                self.full = self.full.max(self.found.len() * 2);
            }
        }
        self.threshold
    }

    fn drop_overtaken(&mut self) {
        let Some(k) = self.k.filter(|k| *k <= self.found.len()) else { return };
        let (_, kth, _) = self.found.select_nth_unstable_by(k - 1, |a, b| b.lower.total_cmp(&a.lower));
        self.threshold = self.threshold.max(kth.lower);
        let threshold = self.threshold;
        self.found.retain(|c| c.upper >= threshold);
    }

    /// All that are left, those that may be closest first.
    pub fn into_sorted(mut self) -> Vec<Candidate> {
        self.drop_overtaken();
        self.found.sort_unstable_by(|a, b| b.upper.total_cmp(&a.upper));
        self.found
    }
}

/// Candidates for `k` neighbours to keep at most, unless more are as good as equal.
pub fn most(k: usize) -> usize {
    k.saturating_mul(3).saturating_add(32)
}
