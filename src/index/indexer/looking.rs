//! Looks at files whose rows were written by an older version or another program: each is decoded once, without the
//! network.

use std::collections::HashMap;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::run::{IndexRun, ToIndex};
use crate::cancel::Cancel;
use crate::dataset::{FileLook, ImageFile, Stamp, decode};
use crate::descriptor::{FeatureMatrix, Row};
use crate::error::{Result, UnlessLimited};
use crate::index::in_turn::look_at_all;
use crate::progress::Progress;
use crate::vgg16::Network;

/// The interval between saves; a cancel or kill loses the looks since then.
const KEPT_EVERY: Duration = Duration::from_mins(1);
/// The most that saving may take, as a fraction (1/n) of the time.
const KEEPING_PART: u32 = 20;

type SeenFiles = HashMap<String, (ImageFile, FileLook)>;

/// Looks at the files of all valid rows that lack some facts, and stores the results. Returns all rows if there was
/// anything to look at.
pub fn look(
    what: &ToIndex,
    network: &Network,
    cancel: &Cancel,
    report: &mut dyn FnMut(Progress),
) -> Result<Option<FeatureMatrix>> {
    let mut ignored = |_| ();
    let mut run = IndexRun::new(what, network, cancel, &mut ignored)?;
    let (existing, model) = run.load()?;
    let sorted = run.sort_out(&existing, &model);
    let unknown = |image: &&ImageFile| sorted.valid.get(&image.name).is_some_and(|row| !row.was_looked_at());
    let images: Vec<ImageFile> = run.scan.images.iter().filter(unknown).cloned().collect();
    drop((existing, sorted));
    if images.is_empty() {
        return Ok(None);
    }
    look_at_files(&mut run, &images, report)?;
    let (existing, model) = run.load()?;
    Ok(Some(run.sort_out(&existing, &model).valid))
}

/// Looks at the files of `images`, on the network's number of threads, and saves the results now and then.
fn look_at_files(run: &mut IndexRun, images: &[ImageFile], report: &mut dyn FnMut(Progress)) -> Result<()> {
    let options = run.network.options();
    let stop = Cancel::default();
    thread::scope(|scope| {
        let cancel = run.cancel;
        let look = |image| seen(image, cancel);
        let looked = look_at_all(scope, images, options.threads.get(), options, &stop, look)?;
        let outcome = (|| {
            let mut progress = Progress::images(0, images.len());
            let mut looks = SeenFiles::new();
            let (mut kept, mut keeping) = (Instant::now(), Duration::ZERO);
            report(progress);
            for (image, look) in &looked {
                run.cancel.check()?;
                progress.done += 1;
                report(progress);
                if let Some(look) = look? {
                    looks.insert(image.name.clone(), (image.clone(), look));
                }
                if kept.elapsed() > KEPT_EVERY.max(keeping * KEEPING_PART) {
                    let began = Instant::now();
                    keep(run, &mut looks, false)?;
                    (kept, keeping) = (Instant::now(), began.elapsed());
                }
            }
            keep(run, &mut looks, true)?;
            tracing::info!(images = images.len(), "looked at");
            Ok(())
        })();
        stop.cancel();
        drop(looked);
        outcome
    })
}

/// A picture and the look at its file; None if that can't be decoded, or changes meanwhile.
fn seen<'a>(image: &'a ImageFile, cancel: &Cancel) -> (&'a ImageFile, Result<Option<FileLook>>) {
    let is_unchanged = || image.path.metadata().is_ok_and(|now| Stamp::of(&now) == image.stamp());
    (image, decode::look(&image.path, cancel).unless_limited().map(|look| look.filter(|_| is_unchanged())))
}

/// Adds looks, if any, to the rows that are stored by now: in both files at the end, in `features.simages` before.
fn keep(run: &mut IndexRun, looks: &mut SeenFiles, end: bool) -> Result<()> {
    if looks.is_empty() {
        return Ok(());
    }
    let lock = if end { Some(run.lock()?) } else { run.store.try_lock()? };
    // Another process is writing: try again the next time.
    let Some(_lock) = lock else { return Ok(()) };
    let (existing, model) = run.load()?;
    let mut sorted = run.sort_out(&existing, &model);
    let with_look = |row: &Arc<Row>| {
        let (image, look) = looks.get(&row.name)?;
        (row.stamp == Some(image.stamp())).then(|| Arc::new(row.found_in(image).with_look(look)))
    };
    let rows: Vec<_> = sorted.valid.rows().iter().filter_map(with_look).collect();
    sorted.add(rows);
    looks.clear();
    match end {
        true => run.save(sorted, &[], &model).map(|_| ()),
        false => run.store.prepare(&sorted.all_known(), &model),
    }
}
