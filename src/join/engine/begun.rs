//! A join that an earlier run has begun.

use std::fmt::Debug;
use std::io::{self, Read, Write};

/// What an earlier run of the same join has kept, and where this one keeps how far it is.
///
/// A join goes through its keys in batches, and a batch's results are final. A kNN join of a set with itself has a single
/// batch: it keeps the lists of candidates, after all keys were compared with some more rows.
pub trait Begun: Debug + Sync {
    /// The keys whose results are known: the first ones. The join begins after them.
    fn keys(&self) -> usize;

    /// The rows that all keys were compared with: the first ones.
    fn rows(&self) -> usize;

    /// The lists after those.
    fn lists(&self) -> io::Result<Box<dyn Read + '_>>;

    /// Whether it is time to keep lists again.
    fn is_due(&self) -> bool;

    /// Keeps the lists after the first `rows` rows, which `write` writes. Not more than a report is made of failure.
    fn keep_lists(&self, rows: usize, write: &dyn Fn(&mut dyn Write) -> io::Result<()>);
}
