//! One dataset: its pictures, and the file of its descriptors.

use std::path::Path;

use super::report::DoctorReport;
use crate::cancel::Cancel;
use crate::commands::teller::{Count, Teller};
use crate::dataset::{Dataset, ImageFile, Scan};
use crate::descriptor::{Crops, FeatureMatrix};
use crate::index::indexer::{self, Event, ToIndex};
use crate::index::store::{Store, is_writable};
use crate::progress::Due;
use crate::storage::{Prepared, Stored};
use crate::text::{bytes, count};
use crate::vgg16::Network;

/// Further names that are told one by one.
const FURTHER_NAMES: usize = 20;

/// Whether files can be made in `folder`, or the folder itself.
pub fn can_be_written(folder: &Path) -> bool {
    folder.ancestors().find(|f| f.exists()).is_some_and(is_writable)
}

pub fn inspect(dataset: &Dataset, cache: &Path, network: &Network, report: &mut DoctorReport) -> crate::Result<()> {
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
    match store.load() {
        Err(error) => report.broken("", format!("damaged: {error}; simages index keeps it aside and computes anew")),
        Ok(None) => report.row("", "not indexed"),
        Ok(Some(stored)) => {
            let valid = valid(dataset, cache, network)?;
            report.row("", coverage(&scan.images, &stored, &valid));
            if let Some(text) = absent(&dataset.root, &scan.images, &stored, store.bytes()) {
                report.row("", text);
            }
            report.row("", model(&stored, network));
            report.row(
                "",
                match stored.prepared {
                    Prepared::Current => "opened at once, from features.simages beside it",
                    Prepared::Older => "opened at once, from features.simages beside it, which another version wrote; simages index brings it up to date",
                    Prepared::No => {
                        "read as a whole: features.simages is missing or of another time; simages index makes it"
                    }
                },
            );
        }
    }
    Ok(())
}

/// What is listed under another name, and what isn't looked at: no failures.
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

/// The descriptors that are valid now.
fn valid(dataset: &Dataset, cache: &Path, network: &Network) -> crate::Result<FeatureMatrix> {
    let mut valid = FeatureMatrix::default();
    // Wrong weights are told in their own section.
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

/// What is kept of pictures that are not there, if there are any; all that is stored takes so many bytes.
fn absent(root: &Path, images: &[ImageFile], stored: &Stored, stored_bytes: u64) -> Option<String> {
    let is_absent = |name: &str| ImageFile::named(images, name).is_none() && !root.join(name).exists();
    let absent = stored.matrix.rows().iter().filter(|row| is_absent(&row.name)).count();
    let size = bytes(stored_bytes * absent as u64 / stored.matrix.len().max(1) as u64);
    let pictures = count(absent, "picture");
    let text = || format!("{pictures} not there, of which about {size} are kept; simages index --prune drops them");
    (absent > 0).then(text)
}

fn model(stored: &Stored, network: &Network) -> &'static str {
    let Some(model) = &stored.model else {
        return "written by another program; simages index checks three of its rows";
    };
    let Ok(weights) = network.weights() else { return "whether these weights computed it can't be told" };
    match weights.crops_of(model) {
        Some(Crops::Whole) => "computed with these weights",
        Some(Crops::Five) => "computed with these weights, of five crops of each picture",
        None => "computed with other weights; simages index keeps it aside and computes anew",
    }
}
