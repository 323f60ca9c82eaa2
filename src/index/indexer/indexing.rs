//! Indexes a dataset: from the stored rows to the final ones.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::computing::Computed;
use super::event::{Event, Summary};
use super::existing::Existing;
use super::gone::gone;
use super::run::{IndexRun, ToIndex};
use super::sorted::Sorted;
use crate::cancel::Cancel;
use crate::dataset::{Scan, Stamp};
use crate::descriptor::{FeatureMatrix, Row};
use crate::error::{Error, Result};
use crate::index::lock::Lock;
use crate::progress::Progress;
use crate::storage::Stored;
use crate::vgg16::Network;

/// The interval between checks on another process that is indexing the same dataset.
const WAIT: Duration = Duration::from_millis(300);

/// Indexes a dataset, and returns its descriptors. When cancelled, saves what was computed and returns
/// [`Error::Cancelled`].
pub fn index(
    what: &ToIndex,
    network: &Network,
    cancel: &Cancel,
    report: &mut dyn FnMut(Event),
) -> Result<(FeatureMatrix, Summary)> {
    IndexRun::new(what, network, cancel, report)?.index()
}

/// The same, given a fresh scan.
pub fn index_scanned(
    what: &ToIndex,
    scan: Scan,
    network: &Network,
    cancel: &Cancel,
    report: &mut dyn FnMut(Event),
) -> Result<(FeatureMatrix, Summary)> {
    IndexRun::of(what, scan, network, cancel, report).index()
}

/// Reports the pictures of a dataset and those with a valid descriptor, without computing or writing anything. Returns
/// the summary if there is nothing to do.
pub fn survey(
    what: &ToIndex,
    network: &Network,
    cancel: &Cancel,
    report: &mut dyn FnMut(Event),
) -> Result<Option<Summary>> {
    let mut run = IndexRun::new(what, network, cancel, report)?;
    let (existing, model) = run.load()?;
    let mut sorted = run.sort_out(&existing, &model);
    run.take_moved(&mut sorted);
    let missing = run.missing(&sorted.valid).len();
    run.indexed(&sorted.valid, Progress::images(0, missing));
    let complete = missing == 0 && sorted.is_stored && existing.is_current();
    Ok(complete.then(|| run.summary(&sorted, 0)))
}

/// Brings `features.npz` up to date with the rows appended to `features.simages` since this scan, without computing
/// anything. If another process is writing, leaves it to that one.
pub fn update_npz(what: &ToIndex, scan: Scan, network: &Network, cancel: &Cancel) -> Result<()> {
    let mut ignored = |_| ();
    let mut run = IndexRun::of(what, scan, network, cancel, &mut ignored);
    let Some(_lock) = run.store.try_lock()? else { return Ok(()) };
    let (existing, model) = run.load()?;
    if existing.model() != Some(&model) {
        return Ok(());
    }
    let mut sorted = run.sort_out(&existing, &model);
    run.take_moved(&mut sorted);
    sorted.keep_unread(&run.scan.images);
    sorted.drop_moved();
    if sorted.is_stored {
        return Ok(());
    }
    run.save(sorted, &[], &model).map(drop)
}

/// Drops the descriptors of absent pictures, but not of pictures that are excluded for now or can't be examined.
/// Returns how many were dropped.
pub fn prune(what: &ToIndex, network: &Network, cancel: &Cancel) -> Result<usize> {
    let mut ignored = |_| ();
    let mut run = IndexRun::new(what, network, cancel, &mut ignored)?;
    let _lock = run.lock()?;
    let (existing, model) = run.load()?;
    let mut sorted = run.sort_out(&existing, &model);
    run.take_moved(&mut sorted);
    let before = sorted.absent.len();
    sorted.absent.retain(|row| run.has_file(&row.name) || run.is_out_of_reach(&row.name));
    let dropped = before - sorted.absent.len();
    if dropped > 0 {
        run.save(sorted, &[], &model)?;
    }
    Ok(dropped)
}

impl IndexRun<'_> {
    fn index(mut self) -> Result<(FeatureMatrix, Summary)> {
        let stamps = self.store.stamps();
        let (mut existing, mut model) = self.load()?;
        let mut sorted = self.sort_out(&existing, &model);
        let mut computed = Computed::default();
        if sorted.is_stored && self.missing(&sorted.valid).is_empty() {
            self.indexed(&sorted.valid, Progress::default());
            if !existing.is_current() {
                self.prepare(&mut sorted, &model, stamps);
            }
        } else {
            let lock = self.lock()?;
            // The previous holder of the lock has saved more; now that we hold it, unusable files may be set aside.
            (existing, model) = self.load()?;
            (sorted, existing) = self.adopt(existing, &model)?;
            self.take_moved(&mut sorted);
            let found = self.appended_before(&sorted, &existing);
            let outcome = self.compute(&mut sorted, &existing, &model, &mut computed);
            let had_room = self.store.without_room().is_some();
            sorted.keep_unread(&self.scan.images);
            sorted.drop_moved();
            sorted.drop_further(self.scan.further_names.iter().map(|further| further.file.as_str()));
            if let Some(found) = found {
                let absent = sorted.absent.iter().filter(|row| is_new(row, &existing)).cloned();
                let rows: Vec<_> = found.into_iter().chain(computed.rest.iter().cloned()).chain(absent).collect();
                match self.store.append(&rows) {
                    Err(Error::NoRoom { .. }) if self.go_to_cache() => {
                        sorted = self.save(sorted, &[], &model)?;
                    }
                    appended => appended?,
                }
            } else if !sorted.is_stored {
                sorted = self.save(sorted, &computed.rest, &model)?;
                if outcome.is_ok() {
                    self.take_stored(&mut sorted.valid, &model, computed.progress);
                }
            }
            if had_room && matches!(outcome, Err(Error::NoRoom { .. })) {
                // What was computed is kept; the rest is stored in the cache too.
                if self.store.without_room().is_some() && self.go_to_cache() {
                    self.save(sorted, &[], &model)?;
                }
                drop(lock);
                return self.index();
            }
            self.tell_gone(&sorted);
            outcome?;
        }
        let summary = self.summary(&sorted, computed.count);
        tracing::info!(indexed = summary.indexed, summary.computed, skipped = summary.skipped.len(), "indexed");
        Ok((sorted.valid, summary))
    }

    /// If rows are only appended: rows of moved or recognized pictures, which are in no file yet.
    fn appended_before(&self, sorted: &Sorted, existing: &Existing) -> Option<Vec<Arc<Row>>> {
        let valid = sorted.valid.rows().iter();
        self.only_takes_rows(existing).then(|| valid.filter(|row| is_new(row, existing)).cloned().collect())
    }

    /// Whether to append rows only, without rewriting anything.
    pub fn only_takes_rows(&self, existing: &Existing) -> bool {
        self.only_appends && existing.takes_rows()
    }

    /// Reports absent pictures, once.
    fn tell_gone(&mut self, sorted: &Sorted) {
        // A picture that was excluded since, or is now a further name of another file, isn't absent.
        let away: Vec<_> = sorted.gone.iter().filter(|name| !self.has_file(name)).cloned().collect();
        if let Some(text) = gone(&away, self.scan.images.iter().map(|image| image.name.as_str())) {
            tracing::warn!("{text}");
            self.tell(Event::Notice(text));
        }
    }

    /// Makes the next opening fast, and derives what this version needs from older rows. If that fails, or another
    /// process is writing, or has written since the rows were loaded, leaves everything as it is. `stamps`: of the
    /// files before.
    fn prepare(&mut self, sorted: &mut Sorted, model: &str, stamps: [Option<Stamp>; 2]) {
        let Ok(Some(_lock)) = self.store.try_lock() else { return };
        if self.store.stamps() != stamps {
            return;
        }
        tracing::info!("features.simages is written anew");
        match self.store.prepare(&sorted.all(), model) {
            Ok(()) => self.take_stored(&mut sorted.valid, model, Progress::default()),
            Err(error) => tracing::warn!(%error, "features.simages is not brought up to date"),
        }
    }

    /// Reloads the rows from the file just written, with all derived data, so that it isn't computed again. Call with
    /// the lock held: another process may write other rows.
    fn take_stored(&mut self, valid: &mut FeatureMatrix, model: &str, progress: Progress) {
        let is_ours = |stored: &Stored| stored.prepared.takes_rows() && stored.model.as_deref() == Some(model);
        let Some(Stored { matrix, .. }) = self.store.load().ok().flatten().filter(is_ours) else { return };
        let same = |row: &Arc<Row>| matrix.get(&row.name).filter(|stored| stored.stamp == row.stamp).cloned();
        let rows: FeatureMatrix = valid.rows().iter().map(|row| same(row).unwrap_or_else(|| row.clone())).collect();
        *valid = rows.with_crops(self.crops);
        self.indexed(valid, progress);
    }

    /// Stores all rows; `rest` are in no file yet. Returns the rows, which are fewer if `features.simages` was cut
    /// short while in use. Then the rows that are left in it, those in `features.npz`, and those computed since are
    /// stored.
    pub fn save(&mut self, mut sorted: Sorted, rest: &[Arc<Row>], model: &str) -> Result<Sorted> {
        if let Some(kept) = self.store.keep_if_foreign()? {
            let file = self.store.path();
            let text = format!(
                "{}: holds data from other programs; kept as {}",
                crate::shown::path(&file),
                crate::shown::path(&kept)
            );
            tracing::warn!("{text}");
            self.tell(Event::Notice(text));
        }
        match self.store.save(&sorted.all(), model) {
            Ok(()) => {}
            Err(Error::Torn { .. }) => {
                tracing::warn!("features.simages was cut short: made anew");
                let mut whole = self.sort_out(&Existing::load(&self.store)?, model);
                whole.add(sorted.valid.rows().iter().filter(|row| row.descriptor.file().is_none()).cloned());
                self.store.save(&whole.all(), model)?;
                sorted = whole;
            }
            Err(Error::NoRoom { .. }) if self.go_to_cache() => {
                let _lock = self.lock()?;
                self.store.save(&sorted.all(), model)?;
            }
            Err(other) => {
                // The missing rows may fit where a whole new file doesn't.
                let _ = self.store.append(rest);
                return Err(other);
            }
        }
        sorted.is_stored = true;
        Ok(sorted)
    }

    /// Waits until no other process is writing; meanwhile shows what that one has saved.
    pub fn lock(&mut self) -> Result<Lock> {
        let mut seen = None;
        loop {
            self.cancel.check()?;
            match self.store.try_lock() {
                Ok(Some(lock)) => return Ok(lock),
                Ok(None) => {}
                Err(Error::NoRoom { .. }) if self.go_to_cache() => continue,
                Err(other) => return Err(other),
            }
            if seen.is_none() {
                tracing::info!("another process is writing");
                self.tell(Event::Waiting);
            }
            let stamps = self.store.stamps();
            if seen != Some(stamps) {
                seen = Some(stamps);
                let (existing, model) = self.load()?;
                let valid = self.sort_out(&existing, &model).valid;
                let progress = Progress::images(0, self.missing(&valid).len());
                self.indexed(&valid, progress);
            }
            thread::sleep(WAIT);
        }
    }
}

/// Whether a row differs from the stored one.
fn is_new(row: &Arc<Row>, existing: &Existing) -> bool {
    let stored = existing.rows().and_then(|stored| stored.matrix.get(&row.name));
    stored.is_none_or(|stored| !Arc::ptr_eq(stored, row))
}
