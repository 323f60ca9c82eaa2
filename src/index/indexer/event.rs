//! Events during indexing, and the final summary.

use crate::dataset::{Scan, ScanProgress, Skipped};
use crate::descriptor::FeatureMatrix;
use crate::progress::Progress;

/// An event during indexing.
#[derive(Debug)]
pub enum Event {
    /// Reading the folder takes a while.
    Scanning(ScanProgress),
    /// The folder was read.
    Scanned(Scan),
    /// Valid descriptors so far: at first the stored ones, then more with each batch.
    Indexed { matrix: FeatureMatrix, progress: Progress },
    /// A picture can't be read.
    Skipped(Skipped),
    /// Another process is indexing this dataset; its saved results are taken over.
    Waiting,
    /// Something the user should know, such as a damaged file that was set aside.
    Notice(String),
}

/// The summary.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Pictures found.
    pub images: usize,
    /// Pictures that now have a descriptor.
    pub indexed: usize,
    /// Pictures computed in this run.
    pub computed: usize,
    /// Absent pictures, whose descriptors are kept.
    pub absent: usize,
    pub skipped: Vec<Skipped>,
}
