//! Hashes of files whose rows an older version wrote, or another program: each file is read once.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::run::{IndexRun, ToIndex};
use crate::cancel::Cancel;
use crate::dataset::{ContentHash, ImageFile, Stamp, hash_file};
use crate::descriptor::Row;
use crate::error::Result;
use crate::index::in_turn::look_at_all;
use crate::progress::Progress;
use crate::vgg16::Network;

/// Between two times that hashes are kept; a cancel or kill loses those since.
const KEPT_EVERY: Duration = Duration::from_mins(1);
/// Keeping them takes at most this part of the time.
const KEEPING_PART: u32 = 20;

type Hashes = HashMap<String, (ImageFile, ContentHash)>;

/// Hashes the files of all valid rows that don't say what theirs holds, and stores that. Returns how many it were.
pub fn hash(what: &ToIndex, network: &Network, cancel: &Cancel, report: &mut dyn FnMut(Progress)) -> Result<usize> {
    let mut ignored = |_| ();
    let mut run = IndexRun::new(what, network, cancel, &mut ignored)?;
    let (existing, model) = run.load()?;
    let sorted = run.sort_out(&existing, &model);
    let unknown = |image: &&ImageFile| sorted.valid.get(&image.name).is_some_and(|row| row.content().is_none());
    let images: Vec<ImageFile> = run.scan.images.iter().filter(unknown).cloned().collect();
    drop((existing, sorted));
    if images.is_empty() {
        return Ok(0);
    }
    let hashed = hash_all(&mut run, &images, report)?;
    tracing::info!(hashed, "hashed");
    Ok(hashed)
}

/// Hashes the files of `images`, on the network's number of threads, and keeps the hashes now and then.
fn hash_all(run: &mut IndexRun, images: &[ImageFile], report: &mut dyn FnMut(Progress)) -> Result<usize> {
    let options = run.network.options();
    let stop = Cancel::default();
    thread::scope(|scope| {
        let hashed = look_at_all(scope, images, options.threads.get(), options, &stop, hashed);
        let outcome = (|| {
            let mut progress = Progress::images(0, images.len());
            let (mut hashes, mut count) = (Hashes::new(), 0);
            let (mut kept, mut keeping) = (Instant::now(), Duration::ZERO);
            report(progress);
            for (image, hash) in &hashed {
                run.cancel.check()?;
                progress.done += 1;
                report(progress);
                if let Some(hash) = hash {
                    hashes.insert(image.name.clone(), (image.clone(), hash));
                    count += 1;
                }
                if kept.elapsed() > KEPT_EVERY.max(keeping * KEEPING_PART) {
                    let began = Instant::now();
                    keep(run, &mut hashes, false)?;
                    (kept, keeping) = (Instant::now(), began.elapsed());
                }
            }
            keep(run, &mut hashes, true)?;
            Ok(count)
        })();
        stop.cancel();
        drop(hashed);
        outcome
    })
}

/// A picture, and the hash of its file: None if that can't be read, or changes meanwhile.
fn hashed(image: &ImageFile) -> (&ImageFile, Option<ContentHash>) {
    let is_unchanged = || image.path.metadata().is_ok_and(|now| Stamp::of(&now) == image.stamp());
    (image, hash_file(&image.path).ok().filter(|_| is_unchanged()))
}

/// Adds hashes, if there are some, to the rows that are stored by now; in the end to both files, before to `features.simages`.
fn keep(run: &mut IndexRun, hashes: &mut Hashes, end: bool) -> Result<()> {
    if hashes.is_empty() {
        return Ok(());
    }
    let lock = if end { Some(run.lock()?) } else { run.store.try_lock()? };
    // Somebody else writes: the next time then.
    let Some(_lock) = lock else { return Ok(()) };
    let (existing, model) = run.load()?;
    let mut sorted = run.sort_out(&existing, &model);
    let with_hash = |row: &Arc<Row>| {
        let (image, hash) = hashes.get(&row.name)?;
        (row.stamp == Some(image.stamp())).then(|| Arc::new(row.found_in(image).with_content(*hash)))
    };
    let rows: Vec<_> = sorted.valid.rows().iter().filter_map(with_hash).collect();
    sorted.add(rows);
    hashes.clear();
    match end {
        true => run.save(sorted, &[], &model).map(|_| ()),
        false => run.store.prepare(&sorted.all_known(), &model),
    }
}
