//! A key's candidates so far, from any blocks: those that may be results, given the bounds of all.

use std::io::{self, ErrorKind, Read, Write};

use bytemuck::{cast_slice, cast_slice_mut};

use crate::join::engine::candidate::Bounded;
use crate::join::predicate::Predicate;

/// The candidates of one key. The final list depends on which candidates were added, not on their order.
#[derive(Clone, Debug)]
pub struct Shortlist<C> {
    /// The number of neighbours asked for; None: all that are close enough.
    k: Option<usize>,
    /// Rows less close than this aren't results. Rises as closer ones are found.
    threshold: f32,
    kept: Vec<C>,
    /// The closeness of rows that others have found, which are not in this list.
    elsewhere: Vec<f32>,
    /// The number of candidates at which overtaken ones are dropped.
    full: usize,
}

impl<C: Bounded> Shortlist<C> {
    /// An empty list. A result must be at least as close as `needed`, and among the nearest together with rows of
    /// closeness `elsewhere`.
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

    /// The closeness a row needs to be added.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// The number of candidates that memory is allocated for.
    pub fn room(&self) -> usize {
        self.kept.capacity()
    }

    /// Adds candidates of new rows: those of a block, or the rest of another list.
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

    /// The remaining candidates, by descending upper bound, then by row.
    pub fn into_sorted(mut self) -> Vec<C> {
        self.drop_overtaken();
        self.kept.sort_unstable_by(|a, b| b.upper().total_cmp(&a.upper()).then(a.row().cmp(&b.row())));
        self.kept
    }

    /// Writes the candidates.
    pub fn write(&mut self, to: &mut dyn Write) -> io::Result<()> {
        self.drop_overtaken();
        to.write_all(&(self.kept.len() as u32).to_le_bytes())?;
        to.write_all(cast_slice(&self.kept))
    }

    /// Adds candidates as they were written. They must be of `rows` rows.
    pub fn read(&mut self, from: &mut dyn Read, rows: usize) -> io::Result<()> {
        let mut len = [0; 4];
        from.read_exact(&mut len)?;
        let len = u32::from_le_bytes(len) as usize;
        let mut kept = vec![C::zeroed(); Some(len).filter(|len| *len <= rows).ok_or(ErrorKind::InvalidData)?];
        from.read_exact(cast_slice_mut(&mut kept))?;
        if kept.iter().any(|one| one.row() as usize >= rows) {
            return Err(ErrorKind::InvalidData.into());
        }
        self.extend(kept);
        Ok(())
    }

    /// The k-th best lower bound is a threshold: a row that can't reach it has k rows before it. The k rows behind it
    /// are never dropped, so the threshold is that of all candidates ever added.
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

/// The most candidates to keep for `k` neighbours, unless more are equally good.
pub fn most(k: usize) -> usize {
    k.saturating_mul(3).saturating_add(32)
}
