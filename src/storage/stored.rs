//! What is found in a dataset's files.

use crate::descriptor::FeatureMatrix;

/// What a `features.npz` holds.
#[derive(Debug, PartialEq)]
pub struct Stored {
    pub matrix: FeatureMatrix,
    /// None in files we didn't write.
    pub model: Option<String>,
    /// Whether `features.simages` holds the same, so that it need not be made.
    pub prepared: bool,
}
