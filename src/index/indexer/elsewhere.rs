//! Indexing in parts, on other machines: lists the pictures to compute, computes their rows, and merges those into the
//! dataset's files.

use std::sync::Arc;
use std::thread;

use super::run::{IndexRun, ToIndex};
use crate::cancel::Cancel;
use crate::dataset::{Dataset, ImageFile, Scan};
use crate::descriptor::{Crops, FeatureMatrix, Row};
use crate::error::Result;
use crate::index::decoding::look_at;
use crate::index::in_turn::look_at_all;
use crate::index::known::KnownFiles;
use crate::vgg16::Network;

use super::computing::{Fresh, ahead};

/// The pictures that a dataset's index lacks.
pub struct MissingRows {
    pub images: Vec<ImageFile>,
    pub crops: Crops,
    /// Identifies the network that descriptors are computed with.
    pub model: String,
}

/// The pictures without a descriptor, except moved ones.
pub fn missing(what: &ToIndex, network: &Network, cancel: &Cancel) -> Result<MissingRows> {
    let mut ignored = |_| ();
    let mut run = IndexRun::new(what, network, cancel, &mut ignored)?;
    let (existing, model) = run.load()?;
    let mut sorted = run.sort_out(&existing, &model);
    run.take_moved(&mut sorted);
    Ok(MissingRows { images: run.missing(&sorted.valid), crops: run.crops, model })
}

/// The rows of these pictures, sorted by name, without unreadable ones. Stores nothing.
pub fn describe_all(images: &[ImageFile], crops: Crops, network: &Network, cancel: &Cancel) -> Result<Vec<Arc<Row>>> {
    let Some(first) = images.first() else { return Ok(Vec::new()) };
    let folder = first.path.parent().unwrap_or(&first.path).to_owned();
    let dataset = Dataset { name: String::new(), root: folder, exclude: Default::default(), is_only_read: true };
    let mut ignored = |_| ();
    let what = ToIndex { crops: Some(crops), ..ToIndex::new(&dataset, &[], &dataset.root) };
    let scan = Scan { images: images.to_vec(), ..Scan::default() };
    let mut run = IndexRun::of(&what, scan, network, cancel, &mut ignored);
    run.crops = crops;
    let (known, preprocessing) = (KnownFiles::new([].iter()), network.weights()?.preprocessing);
    let stop = Cancel::default();
    let mut matrix = FeatureMatrix::default();
    thread::scope(|scope| {
        let look = |image| look_at(image, &known, (crops, preprocessing), cancel);
        let looked = look_at_all(scope, images, ahead() / crops.count(), network.options(), &stop, look)?;
        let mut fresh = Fresh::default();
        let outcome = (|| {
            while let Some((_, new)) = run.next_some(&looked, &mut fresh)? {
                matrix.extend(run.describe_some(new, &mut fresh)?.into_iter().map(Arc::new));
            }
            Ok(())
        })();
        stop.cancel();
        drop(looked);
        outcome
    })?;
    Ok(matrix.rows().to_vec())
}

/// Stores rows computed elsewhere, if their pictures are unchanged. Returns how many.
pub fn take_rows(what: &ToIndex, rows: Vec<Arc<Row>>, network: &Network, cancel: &Cancel) -> Result<usize> {
    let mut ignored = |_| ();
    let mut run = IndexRun::new(what, network, cancel, &mut ignored)?;
    let _lock = run.lock()?;
    let (existing, model) = run.load()?;
    let (mut sorted, _) = run.adopt(existing, &model)?;
    run.take_moved(&mut sorted);
    let missing = run.missing(&sorted.valid);
    let found = |row: &Arc<Row>| {
        let image = ImageFile::named(&missing, &row.name).filter(|image| row.stamp == Some(image.stamp()))?;
        Some(Arc::new(row.found_in(image)))
    };
    let taken: Vec<_> = rows.iter().filter_map(found).collect();
    let count = taken.len();
    if count > 0 {
        sorted.add(taken);
        sorted.keep_unread(&run.scan.images);
        sorted.drop_moved();
        run.save(sorted, &[], &model)?;
    }
    Ok(count)
}
