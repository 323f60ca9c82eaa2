//! `simages doctor`: what works here and what doesn't. Looks only; writes nothing.

mod terminal;

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use super::print;
use crate::cancel::Cancel;
use crate::config::Doctor;
use crate::dataset::Dataset;
use crate::descriptor::{Crops, FeatureMatrix};
use crate::index::indexer::{self, Event};
use crate::index::store::{Store, is_writable};
use crate::simd::Instructions;
use crate::storage::{Prepared, Stored};
use crate::text::{bytes, count, printable};
use crate::vgg16::Network;

pub fn run(config: Doctor) -> anyhow::Result<ExitCode> {
    let network = Network::new(config.network.clone());
    let mut report = Report::default();
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    writeln!(report.text, "simages {}, {os} {arch}", env!("CARGO_PKG_VERSION"))?;
    report.section("Terminal");
    terminal::report(config.protocol, &mut report);
    report.section("Processor");
    report.row("instructions", instructions(&config));
    report.row("threads", config.network.threads);
    report.section("Weights");
    weights(&network, &mut report);
    report.section("Cache");
    cache(&config.cache, &mut report);
    report.section("Datasets");
    datasets(&config, &network, &mut report);
    let broken = report.broken;
    let verdict = match broken {
        0 => "All is well.".to_owned(),
        1 => "1 thing is broken: see the line with !".to_owned(),
        n => format!("{n} things are broken: see the lines with !"),
    };
    writeln!(report.text, "\n{verdict}")?;
    print(report.text.as_bytes())?;
    Ok(ExitCode::from(u8::from(broken > 0)))
}

/// What is printed, and how much of it is bad news.
#[derive(Default)]
struct Report {
    text: String,
    broken: usize,
}

impl Report {
    fn section(&mut self, title: &str) {
        self.text += &format!("\n{title}\n");
    }

    fn line(&mut self, line: &str) {
        self.text += &format!("  {line}\n");
    }

    fn row(&mut self, label: &str, value: impl ToString) {
        self.line(&row(label, value));
    }

    fn broken(&mut self, label: &str, what: impl ToString) {
        self.broken += 1;
        self.text += &format!("! {}\n", row(label, what));
    }
}

fn row(label: &str, value: impl ToString) -> String {
    format!("{:<14}  {}", printable(label), printable(&value.to_string()))
}

/// Those we have kernels for, the one in use first.
fn instructions(config: &Doctor) -> String {
    let available: Vec<_> = Instructions::available().iter().map(|i| i.name()).collect();
    match config.network.instructions {
        None => available.join(", "),
        Some(forced) => format!("{}, as SIMAGES_CPU says (here: {})", forced.name(), available.join(", ")),
    }
}

fn weights(network: &Network, report: &mut Report) {
    let weights = match network.weights() {
        Ok(weights) => weights,
        Err(error) => return report.broken("weights", error),
    };
    report.row("origin", &weights.origin);
    report.row("SHA-256", &weights.sha256);
    report.row("preprocessing", weights.preprocessing.name());
    let began = Instant::now();
    match network.vgg16() {
        Ok(vgg16) => {
            let took = began.elapsed().as_secs_f64();
            report.row("network", format!("prepared for {} in {took:.2} s", vgg16.computed_by()));
        }
        Err(error) => report.broken("network", error),
    }
}

fn cache(cache: &Path, report: &mut Report) {
    report.row("folder", cache.display());
    report.row(
        "state",
        match (cache.exists(), can_be_written(cache)) {
            (true, true) => "can be written",
            (false, true) => "does not exist yet, can be made",
            (_, false) => "can't be written; descriptors of read-only folders can't be kept",
        },
    );
}

/// Whether files can be made in `folder`, or the folder itself.
fn can_be_written(folder: &Path) -> bool {
    folder.ancestors().find(|f| f.exists()).is_some_and(is_writable)
}

fn datasets(config: &Doctor, network: &Network, report: &mut Report) {
    report.row("directory", config.directory.display());
    match &config.datasets {
        Ok(datasets) if datasets.is_empty() => report.row("found", "none; give folders of pictures or --datasets DIR"),
        Ok(datasets) => datasets.iter().for_each(|dataset| {
            report.text.push('\n');
            if let Err(error) = inspect(dataset, &config.cache, network, report) {
                report.broken(&dataset.name, error);
            }
        }),
        Err(error) => report.broken("found", error),
    }
}

/// One dataset: its pictures and the file of its descriptors.
fn inspect(dataset: &Dataset, cache: &Path, network: &Network, report: &mut Report) -> crate::Result<()> {
    let scan = dataset.scan(&Cancel::default())?;
    report.row(&dataset.name, format!("{} in {}", count(scan.images.len(), "picture"), dataset.root.display()));
    for skipped in &scan.skipped {
        report.row("", format!("{} can't be read: {}", skipped.file, skipped.error));
    }
    let store = Store::of(dataset, cache);
    let path = store.existing().unwrap_or(store.path());
    if !store.path().parent().is_some_and(can_be_written) {
        report.broken("", format!("{} can't be written, nor can the dataset's folder", store.path().display()));
    }
    let size = path.metadata().map_or("does not exist yet".into(), |m| bytes(m.len()));
    report.row("", format!("{}: {size}", path.display()));
    if store.is_locked() {
        report.row("", "another process is indexing it right now");
    }
    match store.load() {
        Err(error) => report.broken("", format!("damaged: {error}; simages index keeps it aside and computes anew")),
        Ok(None) => report.row("", "not indexed"),
        Ok(Some(stored)) => {
            let valid = valid(dataset, cache, network)?;
            report.row("", coverage(&scan.images, &stored, &valid));
            report.row("", model(&stored, network));
            report.row(
                "",
                match stored.prepared {
                    Prepared::Current => "opened at once, from features.simages beside it",
                    Prepared::Older => "opened at once, from features.simages beside it, which an older version wrote",
                    Prepared::No => {
                        "read as a whole: features.simages is missing or of another time; simages index makes it"
                    }
                },
            );
        }
    }
    Ok(())
}

/// The descriptors that are valid now.
fn valid(dataset: &Dataset, cache: &Path, network: &Network) -> crate::Result<FeatureMatrix> {
    let mut valid = FeatureMatrix::default();
    // Wrong weights are told in their own section.
    if network.weights().is_ok() {
        indexer::survey(dataset, cache, network, &Cancel::default(), &mut |event| {
            if let Event::Indexed { matrix, .. } = event {
                valid = matrix;
            }
        })?;
    }
    Ok(valid)
}

fn coverage(images: &[crate::dataset::ImageFile], stored: &Stored, valid: &FeatureMatrix) -> String {
    let outdated = images.iter().filter(|i| valid.get(&i.name).is_none());
    let (changed, missing): (Vec<_>, Vec<_>) = outdated.partition(|i| stored.matrix.get(&i.name).is_some());
    format!("{} indexed, {} new or unreadable, {} changed", valid.len(), missing.len(), changed.len())
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
