//! A `features.simages` opened on its own, without `features.npz` and pictures: read-only, of any size.

use std::path::Path;

use crate::descriptor::FeatureMatrix;
use crate::error::{Error, Result};
use crate::limits::Limit;
use crate::mapped::Mapped;
use crate::storage::sparse;
use crate::vgg16::Network;

/// The rows of the file at `path`. Descriptors are read and checked when they are first used; after computing with
/// them, [`FeatureMatrix::check_whole`] names a damaged one.
///
/// # Errors
/// [`Error::Features`] if it can't be used: damaged, or computed with other weights than `network`'s.
pub fn open_alone(path: &Path, network: &Network) -> Result<FeatureMatrix> {
    let unusable = |reason: &str| Error::Features { path: path.to_owned(), reason: reason.to_owned() };
    let found = sparse::open_large(path).filter(|sparse| sparse.whole);
    // Memory, or the number of files, may be what is missing.
    if let (None, Some(limit)) = (&found, Mapped::open(path).err().as_ref().and_then(Limit::of)) {
        return Err(Error::Limit(limit));
    }
    let found = found.ok_or_else(|| unusable("not a file of descriptors, or damaged; simages index makes it anew"))?;
    let crops = network.weights()?.crops_of(&found.model);
    let crops = crops.ok_or_else(|| unusable("was computed with other weights; see --weights"))?;
    Ok(found.matrix.with_crops(crops))
}
