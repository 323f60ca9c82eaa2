//! Which pairs of keys and rows are looked at.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairing {
    /// Each key with each row.
    All,
    /// Row i is key i: each key with all rows but itself.
    Others,
    /// Row i is key i: each key with the rows after it, so that each pair is looked at once.
    Once,
    /// Row i is key i: each key before this row with each row from it on, so that each pair of two halves is looked at once.
    Across(usize),
    /// Row i is key i: each key with the rows of the half that it isn't in. The second half begins at this row.
    Opposite(usize),
}

impl Pairing {
    /// Those of `keys` that look at rows.
    pub fn looking(self, keys: Range<usize>) -> Range<usize> {
        match self {
            Pairing::Across(second) => keys.start.min(second)..keys.end.min(second),
            _ => keys,
        }
    }

    /// The first row that keys from `key` on are looked at with.
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

    /// How many pairs of these keys and rows are looked at, some of them in vain.
    pub fn count(self, keys: &Range<usize>, rows: &Range<usize>) -> u64 {
        keys.len() as u64 * rows.end.saturating_sub(rows.start.max(self.first_row(keys.start))) as u64
    }
}

/// Whether all of `some` are in `range`.
pub fn covers(range: &Range<usize>, some: &Range<usize>) -> bool {
    range.start <= some.start && some.end <= range.end
}

/// `range` in parts of `len`, the last one perhaps shorter.
pub fn parts(range: Range<usize>, len: usize) -> impl Iterator<Item = Range<usize>> {
    let end = range.end;
    range.step_by(len).map(move |begin| begin..(begin + len).min(end))
}
