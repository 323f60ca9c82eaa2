//! The two sides of a join, and what is known about the results beforehand.

use super::block::CodedSides;
use super::earlier_run::EarlierRun;
use super::selection::Selection;

/// The two sides of a join, each sorted by name.
#[derive(Debug)]
pub enum Sides<'a, T> {
    /// Keys with the rows of another set.
    Apart { keys: &'a [T], rows: &'a [T] },
    /// A self-join: each with all others. With a range, each pair once, under the key that comes first.
    Itself(&'a [T]),
    /// Two parts of a set, one after the other, for kNN: each key with the rows of the other part. The second part
    /// begins at `second`.
    Halves { all: &'a [T], second: usize },
}

/// A join, as the engine computes it.
#[derive(Debug)]
pub struct EngineJoin<'a, T> {
    pub sides: Sides<'a, T>,
    pub selection: Selection,
    /// For each key, values that rows found elsewhere reach, best first; those rows aren't part of this join. With kNN,
    /// only hits among the k best including those are found, which is less work. Empty: nothing is known for any key.
    pub elsewhere: &'a [Vec<f64>],
    /// Precomputed codes for the first look, if any.
    pub coded: CodedSides,
    /// Where the join is kept, if it is.
    pub begun: Option<&'a dyn EarlierRun>,
}

impl<'a, T> EngineJoin<'a, T> {
    /// A join about which nothing is known beforehand.
    pub fn new(sides: Sides<'a, T>, selection: Selection) -> Self {
        EngineJoin { sides, selection, elsewhere: &[], coded: CodedSides::default(), begun: None }
    }
}

impl<T> Clone for Sides<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

// Not derived, because derive would require T: Copy.
impl<T> Copy for Sides<'_, T> {}

impl<'a, T> Sides<'a, T> {
    pub fn keys(&self) -> &'a [T] {
        match self {
            Sides::Apart { keys, .. } => keys,
            Sides::Itself(all) | Sides::Halves { all, .. } => all,
        }
    }

    /// None: the keys.
    pub fn rows(&self) -> Option<&'a [T]> {
        match self {
            Sides::Apart { rows, .. } => Some(rows),
            Sides::Itself(_) | Sides::Halves { .. } => None,
        }
    }

    /// The rows, which may be the keys themselves.
    pub fn all_rows(&self) -> &'a [T] {
        self.rows().unwrap_or(self.keys())
    }

    /// The first row of the second half, if there are halves.
    pub fn second_half(&self) -> Option<usize> {
        match self {
            Sides::Halves { second, .. } => Some(*second),
            Sides::Apart { .. } | Sides::Itself(_) => None,
        }
    }
}
