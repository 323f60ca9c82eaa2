//! A join that an earlier run has begun.

use std::fmt::Debug;
use std::io::{self, Read, Write};
use std::ops::Range;

/// What an earlier run of the same join has kept, and where this one keeps how far it is.
///
/// A join goes through its keys in batches, whose results are final. In a batch, all keys are compared with some rows
/// after others; then their lists of candidates can be kept.
pub trait EarlierRun: Debug + Sync {
    /// The keys whose results are known: the first ones. The join begins after them.
    fn keys(&self) -> usize;

    /// What the kept lists are of, if there are any.
    fn stage(&self) -> Option<BatchStage>;

    /// The lists themselves.
    fn lists(&self) -> io::Result<Box<dyn Read + '_>>;

    /// Whether it is time to keep lists again.
    fn is_due(&self) -> bool;

    /// Keeps the lists that `write` writes. If that fails, the join goes on all the same.
    fn keep_lists(&self, stage: &BatchStage, write: &dyn Fn(&mut dyn Write) -> io::Result<()>);
}

/// How far a batch is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchStage {
    /// The batch.
    pub keys: Range<usize>,
    /// The keys were compared with the first ones of all rows, up to this one.
    pub rows: usize,
    /// Which pairs of these keys and rows were compared, and whose lists they are in.
    pub pairing: u64,
    /// Rows at a time: the next ones begin at a multiple of it.
    pub strip: usize,
}
