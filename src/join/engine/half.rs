//! Which pairs are looked at, and how many at a time.

use std::ops::Range;

use crate::join::Predicate;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Each key and each row.
    Both,
    /// As above, but row i is key i, and no neighbour of its own.
    NotItself,
    /// Row i is key i; rows after the key. What is found is the row's neighbour too.
    Shared,
    /// Row i is key i; rows after the key.
    Once,
}

impl Half {
    /// Of rows that are the keys (`itself`), or others: what needs no room to share what is found.
    pub fn of(itself: bool, predicate: Predicate) -> Half {
        match predicate {
            _ if !itself => Half::Both,
            Predicate::Range(_) => Half::Once,
            Predicate::Knn(_) => Half::NotItself,
        }
    }

    /// The first row that keys from `key` on are compared with.
    pub fn begin(self, key: usize) -> usize {
        if matches!(self, Half::Shared | Half::Once) { key } else { 0 }
    }

    pub fn compares(self, key: usize, row: usize) -> bool {
        match self {
            Half::Both => true,
            Half::NotItself => row != key,
            Half::Shared | Half::Once => row > key,
        }
    }

    /// Pairs of these keys and rows that are looked at.
    pub fn work(self, keys: &Range<usize>, rows: Range<usize>) -> u64 {
        keys.len() as u64 * rows.end.saturating_sub(rows.start.max(self.begin(keys.start))) as u64
    }
}

/// `range` in parts of `len`, the last one perhaps shorter.
pub fn parts(range: Range<usize>, len: usize) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range.step_by(len).map(move |begin| begin..(begin + len).min(end))
}
