//! One dataset: its pictures, and its descriptor file.

use std::path::Path;

use super::report::DoctorReport;
use crate::cancel::Cancel;
use crate::commands::teller::{Count, Teller};
use crate::dataset::{Dataset, ImageFile, Scan};
use crate::descriptor::{Crops, FeatureMatrix};
use crate::error::Error;
use crate::index::indexer::{self, Event, ToIndex};
use crate::index::store::{Store, is_writable};
use crate::progress::Due;
use crate::storage::{Prepared, Stored};
use crate::text::{bytes, count};
use crate::vgg16::Network;

/// How many further names are listed.
const FURTHER_NAMES: usize = 20;

/// Whether files can be created in `folder`, or the folder itself.
pub fn can_be_written(folder: &Path) -> bool {
    folder.ancestors().find(|f| f.exists()).is_some_and(is_writable)
}

/// `closely`: also reads all of both files.
pub fn inspect(
    dataset: &Dataset,
    cache: &Path,
    network: &Network,
    closely: bool,
    report: &mut DoctorReport,
) -> crate::Result<()> {
    let (mut due, mut teller) = (Due::new(), Teller::new(&dataset.name, Count::Each));
    let scan = dataset.scan(&Cancel::default(), &mut |progress| {
        if due.is_now() {
            teller.scanning(progress.pictures);
        }
    });
    teller.clear();
    let scan = scan?;
    report.row(
        &dataset.name,
        format!("{} in {}", count(scan.images.len(), "picture"), crate::shown::path(&dataset.root)),
    );
    for skipped in &scan.skipped {
        report.row("", format!("{} can't be read: {}", skipped.file, skipped.error));
    }
    seen_otherwise(&scan, report);
    let store = Store::new(dataset, cache);
    let path = store.existing().unwrap_or(store.path());
    if !store.path().parent().is_some_and(can_be_written) {
        report
            .broken("", format!("{} can't be written, nor can the dataset's folder", crate::shown::path(store.path())));
    }
    let size = path.metadata().map_or("does not exist yet".into(), |m| bytes(m.len()));
    report.row("", format!("{}: {size}", crate::shown::path(&path)));
    if store.is_locked() {
        report.row("", "another process is indexing it right now");
    }
    for odd in store.not_files() {
        let odd = crate::shown::path(&odd);
        report.broken("", format!("{odd}: not a regular file; move it away, and simages index makes another"));
    }
    match store.load() {
        // It may be sound.
        Err(error @ Error::Io { .. }) => report.broken("", error),
        Err(error) => report.broken("", format!("damaged: {error}; simages index sets it aside and makes another")),
        Ok(None) => report.row("", "not indexed"),
        Ok(Some(stored)) => {
            let valid = valid(dataset, cache, network)?;
            report.row("", coverage(&scan.images, &stored, &valid));
            if let Some(text) = absent(&dataset.root, &scan.images, &stored, store.bytes()) {
                report.row("", text);
            }
            report.row("", model(&stored, network));
            let damage = if closely { store.damage() } else { Vec::new() };
            for damage in &damage {
                report.broken("", format!("damaged: {damage}; move it away, and simages index makes another"));
            }
            if closely && damage.is_empty() {
                report.row("", "undamaged: everything matches its checksums");
            }
            report.row(
                "",
                match stored.prepared {
                    Prepared::Current => "opens at once, from features.simages beside it",
                    Prepared::Older => "opens at once, from features.simages beside it, which another version wrote; simages index updates it",
                    Prepared::No if store.lacks_npz() => {
                        "features.npz is missing; simages index writes it from features.simages"
                    }
                    Prepared::No => {
                        "read completely: features.simages is missing or outdated; simages index rebuilds it"
                    }
                },
            );
        }
    }
    Ok(())
}

/// Files listed under another name, and what was excluded: not failures.
fn seen_otherwise(scan: &Scan, report: &mut DoctorReport) {
    for further in scan.further_names.iter().take(FURTHER_NAMES) {
        report.row("", format!("{} is {}", further.file, further.what()));
    }
    if scan.further_names.len() > FURTHER_NAMES {
        let more = count(scan.further_names.len() - FURTHER_NAMES, "further name");
        report.row("", format!("and {more} (index --json lists all)"));
    }
    for left_out in &scan.left_out {
        report.row("", format!("{}: {}", left_out.title(), left_out.what()));
    }
}

/// The descriptors that are still valid.
fn valid(dataset: &Dataset, cache: &Path, network: &Network) -> crate::Result<FeatureMatrix> {
    let mut valid = FeatureMatrix::default();
    // The section on weights reports wrong ones.
    if network.weights().is_ok() {
        let what = ToIndex::new(dataset, &[], cache);
        indexer::survey(&what, network, &Cancel::default(), &mut |event| {
            if let Event::Indexed { matrix, .. } = event {
                valid = matrix;
            }
        })?;
    }
    Ok(valid)
}

fn coverage(images: &[ImageFile], stored: &Stored, valid: &FeatureMatrix) -> String {
    let outdated = images.iter().filter(|i| valid.get(&i.name).is_none());
    let (changed, missing): (Vec<_>, Vec<_>) = outdated.partition(|i| stored.matrix.get(&i.name).is_some());
    format!("{} indexed, {} new or unreadable, {} changed", valid.len(), missing.len(), changed.len())
}

/// The stored descriptors of absent pictures, if any. `stored_bytes`: the whole file.
fn absent(root: &Path, images: &[ImageFile], stored: &Stored, stored_bytes: u64) -> Option<String> {
    let is_absent = |name: &str| ImageFile::named(images, name).is_none() && !root.join(name).exists();
    let absent = stored.matrix.rows().iter().filter(|row| is_absent(&row.name)).count();
    let size = bytes(stored_bytes * absent as u64 / stored.matrix.len().max(1) as u64);
    let pictures = count(absent, "picture");
    let text = || format!("{pictures} absent, with about {size} of descriptors; simages index --prune drops them");
    (absent > 0).then(text)
}

fn model(stored: &Stored, network: &Network) -> &'static str {
    let Some(model) = &stored.model else {
        return "written by another program; simages index checks three of its rows";
    };
    let Ok(weights) = network.weights() else { return "can't tell whether these weights computed it" };
    match weights.crops_of(model) {
        Some(Crops::Whole) => "computed with these weights",
        Some(Crops::Five) => "computed with these weights, from five crops of each picture",
        None => "computed with other weights; simages index sets it aside and computes it again",
    }
}
