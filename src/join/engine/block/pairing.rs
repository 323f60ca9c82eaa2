//! Selects the pairs of keys and rows to compare.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// Each key with each row.
    All,
    /// Row i is key i: each key with all rows but itself.
    Others,
    /// Row i is key i: each key with the rows after it, so that each pair is compared once.
    Once,
    /// Row i is key i: each key before this row with each row from it on, so that each pair across two halves is
    /// compared once.
    Across(usize),
    /// Row i is key i: each key with the rows of the other half. The second half begins at this row.
    Opposite(usize),
}

impl Pairing {
    /// Tells one pairing from another.
    pub fn number(self) -> u64 {
        match self {
            Pairing::All => 0,
            Pairing::Others => 1,
            Pairing::Once => 2,
            Pairing::Across(second) => 3 + 2 * second as u64,
            Pairing::Opposite(second) => 4 + 2 * second as u64,
        }
    }

    /// Those of `keys` that are compared with any rows.
    pub fn looking(self, keys: Range<usize>) -> Range<usize> {
        match self {
            Pairing::Across(second) => keys.start.min(second)..keys.end.min(second),
            _ => keys,
        }
    }

    /// The first row that keys from `key` on are compared with.
    pub fn first_row(self, key: usize) -> usize {
        match self {
            Pairing::Once => key,
            Pairing::Across(second) => second,
            Pairing::All | Pairing::Others | Pairing::Opposite(_) => 0,
        }
    }

    pub fn contain(self, key: usize, row: usize) -> bool {
        match self {
            Pairing::All => true,
            Pairing::Others => row != key,
            Pairing::Once => row > key,
            Pairing::Across(second) => key < second && second <= row,
            Pairing::Opposite(second) => (key < second) != (row < second),
        }
    }

    /// The number of comparisons made for these keys and rows, including unneeded ones.
    pub fn count(self, keys: &Range<usize>, rows: &Range<usize>) -> u64 {
        keys.len() as u64 * rows.end.saturating_sub(rows.start.max(self.first_row(keys.start))) as u64
    }
}

/// Whether `range` contains `some`.
pub fn covers(range: &Range<usize>, some: &Range<usize>) -> bool {
    range.start <= some.start && some.end <= range.end
}

/// Splits `range` into parts of `len`; the last may be shorter.
pub fn parts(range: Range<usize>, len: usize) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range.step_by(len).map(move |begin| begin..(begin + len).min(end))
}
