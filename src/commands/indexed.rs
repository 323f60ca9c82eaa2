//! A dataset's descriptors for a command that needs them all: what is missing is computed first.

use std::path::Path;

use anyhow::{Context, bail};

use super::progress::{Lines, Teller};
use super::say;
use crate::cancel::Cancel;
use crate::dataset::Dataset;
use crate::descriptor::FeatureMatrix;
use crate::error::Error;
use crate::index::indexer;
use crate::text::count;
use crate::vgg16::Network;

/// Indexes `dataset`, which must have a picture that can be read.
pub fn indexed(
    dataset: &Dataset,
    cache: &Path,
    network: &Network,
    cancel: &Cancel,
    lines: Lines,
) -> anyhow::Result<FeatureMatrix> {
    let mut teller = Teller::new(&dataset.name, lines);
    let indexed = indexer::index(dataset, cache, network, None, cancel, &mut |event| teller.event(event));
    teller.clear();
    let (matrix, summary) = match indexed {
        Err(error @ Error::Cancelled) => return Err(error).context(teller.kept()),
        other => other?,
    };
    let root = dataset.root.display();
    let skipped = count(summary.skipped.len(), "picture");
    match (matrix.len(), summary.skipped.len()) {
        (0, 0) => bail!("{root}: there are no pictures in this folder"),
        (0, _) => bail!("{root}: {skipped}, none of which can be read; simages index tells why"),
        (_, 0) => {}
        // Those were told one by one.
        _ if lines == Lines::All => {}
        _ => say(&format!("note: {skipped} of {} skipped; simages index tells why", dataset.name)),
    }
    Ok(matrix)
}
