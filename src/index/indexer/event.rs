//! What is told while indexing, and at its end.

use crate::dataset::{Scan, ScanProgress, Skipped};
use crate::descriptor::FeatureMatrix;
use crate::progress::Progress;

/// What happens while indexing.
#[derive(Debug)]
pub enum Event {
    /// Reading the folder takes a while.
    Scanning(ScanProgress),
    /// The folder was read.
    Scanned(Scan),
    /// Valid descriptors so far: those stored at first, then more with each batch.
    Indexed { matrix: FeatureMatrix, progress: Progress },
    /// A picture can't be read.
    Skipped(Skipped),
    /// Another process is indexing this dataset; what it has saved is taken over.
    Waiting,
    /// Something the user should know, such as a damaged file that was kept aside.
    Notice(String),
}

/// What was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Pictures found.
    pub images: usize,
    /// Those with a descriptor now.
    pub indexed: usize,
    /// Those computed this time.
    pub computed: usize,
    /// Pictures of before that are not there; what was computed of them is kept.
    pub absent: usize,
    pub skipped: Vec<Skipped>,
}
