//! Who is joined with whom, and what is known of the results beforehand.

use super::block::CodedSides;
use super::selection::Selection;

/// Two sides of a join; each sorted by name.
#[derive(Debug)]
pub enum Sides<'a, T> {
    /// Keys with the rows of another set.
    Apart { keys: &'a [T], rows: &'a [T] },
    /// A self-join: each with all others; with a range each pair once, by the key that comes first.
    Itself(&'a [T]),
    /// Two parts of a set, one behind the other, for kNN: each key with the rows of the part that it isn't in. The second
    /// part begins at `second`.
    Halves { all: &'a [T], second: usize },
}

/// A join as the engine computes it.
#[derive(Debug)]
pub struct EngineJoin<'a, T> {
    pub sides: Sides<'a, T>,
    pub selection: Selection,
    /// For each key values, best first, that as many rows are at least as good as which others have found and which aren't
    /// joined here: with kNN only what is among the k best beside them is found, and with less work. Empty: none is known
    /// of any key.
    pub elsewhere: &'a [Vec<f64>],
    /// Codes that were made beforehand of a first look, if any were.
    pub coded: CodedSides,
}

impl<T> Clone for Sides<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

// Whatever T is: it is borrowed.
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

    /// Where the second half begins, if there are halves.
    pub fn second_half(&self) -> Option<usize> {
        match self {
            Sides::Halves { second, .. } => Some(*second),
            Sides::Apart { .. } | Sides::Itself(_) => None,
        }
    }
}
