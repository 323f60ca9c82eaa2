//! `simages index`: brings datasets' descriptors up to date.

use std::io::{IsTerminal, stderr, stdin};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use serde::Serialize;

use super::datasets::{known, named_or_known};
use super::indexed::{IndexTeller, Lines, rate};
use super::on::{On, OnOptions};
use super::options::{GlobalOptions, cache};
use super::output::{ask, print, say};
use super::run::Run;
use super::teller::{Count, Teller};
use super::words::one_of;
use crate::cancel::Cancel;
use crate::dataset::{Dataset, FurtherName, LeftOut, Scan, Skipped};
use crate::descriptor::Crops;
use crate::error::{Error, Result};
use crate::grid::{self, PlanFolder, ToCompute, Work};
use crate::index::indexer::{self, MissingRows, Summary, ToIndex};
use crate::signals::cancel_on_signal;
use crate::simd::Instructions;
use crate::text::count;
use crate::vgg16::{Network, NetworkOptions};

/// Compute missing descriptors
///
/// Brings each dataset's features.npz up to date by computing the descriptors of new and changed pictures. The file is
/// in the dataset's folder, or in ~/.cache/simages if that folder is read-only. Indexing can be stopped at any time
/// (Ctrl-C); everything computed so far is kept.
///
/// A picture is recognised by its content: one that was moved, renamed, touched or copied is not computed again. The
/// descriptors of absent pictures are kept until --prune.
///
/// Pictures that can't be read are skipped and listed; that is not an error. Videos with a picture's file extension are
/// counted, and named in the log. Progress goes to stderr.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct IndexArgs {
    #[command(flatten)]
    indexed: IndexedArgs,

    /// Drop the descriptors of absent pictures. They are kept otherwise, in case a drive is not mounted. Asks first on
    /// a terminal
    #[arg(long)]
    prune: bool,

    /// Print one JSON object per dataset to stdout, each on a line
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    on: OnOptions,
}

/// What to index.
#[derive(Debug, Args)]
pub struct IndexedArgs {
    /// Names of datasets, or folders [default: all in the datasets directory]
    #[arg(value_name = "DATASET")]
    names: Vec<PathBuf>,

    /// What to describe of each picture: 1 (the whole picture), or 5 (the mean of five crops: corners and centre),
    /// which finds more in most photographs but takes five times as long [default: what the dataset was indexed with,
    /// else 1]
    #[arg(long, value_name = "1|5", value_parser = one_of(CROPS))]
    #[arg(hide_possible_values = true)]
    crops: Option<Crops>,
}

const CROPS: [(&str, Crops); 2] = [("1", Crops::Whole), ("5", Crops::Five)];

#[derive(Debug)]
pub struct Index {
    what: ToIndexAll,
    prune: bool,
    json: bool,
    network: NetworkOptions,
    /// Where to compute; None: in this process.
    on: Option<On>,
}

/// Datasets to index.
#[derive(Debug)]
pub struct ToIndexAll {
    /// In this order.
    pub datasets: Vec<Dataset>,
    /// These, and other datasets that pictures may have been moved from.
    siblings: Vec<Dataset>,
    /// The crops to describe; None: as before.
    crops: Option<Crops>,
    cache: PathBuf,
}

impl IndexArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<Index> {
        Ok(Index {
            what: self.indexed.resolve(options)?,
            prune: self.prune,
            json: self.json,
            network: options.network()?,
            on: self.on.resolve()?,
        })
    }
}

impl IndexedArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<ToIndexAll> {
        let datasets = named_or_known(options, &self.names)?;
        let siblings = [&datasets[..], &known(options)?].concat();
        Ok(ToIndexAll { datasets, siblings, crops: self.crops, cache: cache() })
    }
}

impl ToIndexAll {
    fn what<'a>(&'a self, dataset: &'a Dataset) -> ToIndex<'a> {
        ToIndex { crops: self.crops, ..ToIndex::new(dataset, &self.siblings, &self.cache) }
    }

    /// Writes a plan for the dataset's missing descriptors to the shared folder; None if none is missing. `each`
    /// returns the pictures per task, given the total.
    pub fn plan(
        &self,
        dataset: &Dataset,
        shared: &Path,
        each: &dyn Fn(usize) -> usize,
        network: &Network,
        cancel: &Cancel,
    ) -> Result<Option<PlanFolder>> {
        let MissingRows { images, crops, model } = indexer::missing(&self.what(dataset), network, cancel)?;
        if images.is_empty() {
            return Ok(None);
        }
        let instructions = network.options().instructions.unwrap_or_else(Instructions::fastest).class();
        let what = ToCompute { dataset, images: &images, crops, model, instructions };
        grid::plan_index(&what, shared, each(images.len())).map(Some)
    }

    /// Computes a dataset's missing descriptors elsewhere and stores them; returns how many.
    fn compute_on(&self, dataset: &Dataset, on: &On, network: &Network, cancel: &Cancel) -> Result<usize> {
        let each = |pictures| on.block.unwrap_or_else(|| grid::each(pictures, on.tasks)).min(grid::MOST_PICTURES);
        let Some(folder) = self.plan(dataset, &on.shared, &each, network, cancel)? else {
            return Ok(0);
        };
        let mut teller = Teller::new(&dataset.name, Count::Each);
        let driven = super::on::drive(&folder, on, cancel, &mut teller);
        teller.clear();
        driven?;
        let Work::Index(plan) = &folder.manifest.work else { unreachable!("indexing was planned") };
        grid::merge_index(&folder, plan, &self.what(dataset), network, cancel)
    }
}

/// A dataset's line of `--json`.
#[derive(Serialize)]
struct IndexedDataset<'a> {
    dataset: &'a str,
    images: usize,
    indexed: usize,
    computed: usize,
    absent: usize,
    pruned: usize,
    skipped: Vec<&'a Skipped>,
    films: usize,
    further_names: &'a [FurtherName],
    left_out: &'a [LeftOut],
    seconds: f64,
    images_per_second: Option<f64>,
}

impl Run for Index {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let cancel = Cancel::default();
        cancel_on_signal(cancel.clone());
        let network = Network::new(self.network.clone());
        // Report wrong weights before scanning folders.
        network.weights()?;
        let mut code = ExitCode::SUCCESS;
        for dataset in &self.what.datasets {
            let began = Instant::now();
            // By the time this process looks, the workers' results are stored.
            let elsewhere = self.on.as_ref().map(|on| self.what.compute_on(dataset, on, &network, &cancel)).transpose();
            let mut teller = IndexTeller::new(&dataset.name, Lines::All);
            let report = &mut |event| teller.event(event);
            let what = self.what.what(dataset);
            let indexed = elsewhere.and_then(|elsewhere| {
                let (matrix, mut summary) = indexer::index(&what, &network, &cancel, report)?;
                summary.computed += elsewhere.unwrap_or(0);
                Ok((matrix, summary))
            });
            let took = began.elapsed();
            match indexed {
                Ok((matrix, mut summary)) => {
                    // Rows written by an older version or by another program.
                    if matrix.rows().iter().any(|row| !row.was_looked_at()) {
                        drop(matrix);
                        indexer::look(&what, &network, &cancel, &mut |progress| teller.looking(progress))?;
                    }
                    teller.done(&summary, took);
                    let mut pruned = 0;
                    let wanted = self.prune && summary.absent > 0;
                    match if wanted { is_to_be_pruned(&dataset.name, &summary) } else { Ok(false) } {
                        Ok(true) => {
                            cancel.check()?;
                            pruned = indexer::prune(&what, &network, &cancel)?;
                            summary.absent -= pruned;
                            say(&format!("{}: {} dropped", dataset.name, count(pruned, "absent picture")));
                        }
                        Ok(false) => {}
                        Err(error) => {
                            say(&format!("error: {error}"));
                            code = ExitCode::FAILURE;
                        }
                    }
                    if self.json {
                        print(&record(dataset, &summary, pruned, &teller.scan, took)?)?;
                    }
                }
                Err(error @ Error::Cancelled) => {
                    teller.clear();
                    return Err(error).context(match &self.on {
                        Some(on) => on.kept(&dataset.name),
                        None => teller.kept(&dataset.name),
                    });
                }
                Err(error) => {
                    // The other datasets can still be indexed.
                    teller.clear();
                    say(&format!("error: {}: {error}", dataset.name));
                    code = ExitCode::FAILURE;
                }
            }
        }
        Ok(code)
    }
}

/// Whether to drop the descriptors of absent pictures. On a terminal the user decides. In a script `--prune` decides,
/// unless every picture is absent.
fn is_to_be_pruned(dataset: &str, summary: &Summary) -> Result<bool> {
    let absent = count(summary.absent, "picture");
    if stdin().is_terminal() && stderr().is_terminal() {
        let answer = ask(&format!("{dataset}: drop the descriptors of absent pictures ({absent})? [y/N] "));
        return Ok(answer.is_ok_and(|answer| ["y", "yes"].contains(&answer.to_lowercase().as_str())));
    }
    if summary.indexed == 0 {
        let what = format!("{dataset}: every picture is absent ({absent}), so nothing was dropped");
        return Err(Error::Input(format!("{what}; if no drive is missing, prune on a terminal")));
    }
    Ok(true)
}

fn record(
    dataset: &Dataset,
    summary: &Summary,
    pruned: usize,
    scan: &Scan,
    took: Duration,
) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&IndexedDataset {
        dataset: &dataset.name,
        images: summary.images,
        indexed: summary.indexed,
        computed: summary.computed,
        absent: summary.absent,
        pruned,
        skipped: summary.skipped.iter().filter(|skipped| !skipped.is_film()).collect(),
        films: Skipped::films(&summary.skipped),
        further_names: &scan.further_names,
        left_out: &scan.left_out,
        seconds: thousandths(took.as_secs_f64()),
        images_per_second: rate(summary, took).map(thousandths),
    })?;
    line.push(b'\n');
    Ok(line)
}

fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

const HELP: &str = "\
Examples:
  simages index                  all datasets in ./datasets
  simages index animals garden   two of them
  simages index ~/Photos --json
  simages index ~/Photos --prune

JSON, one line per dataset:
  {\"dataset\":\"animals\",\"images\":144,\"indexed\":143,\"computed\":9,\"absent\":0,\"pruned\":0,
   \"skipped\":[{\"file\":\"bad.jpg\",\"error\":\"the file is empty\"}],\"films\":0,
   \"further_names\":[{\"file\":\"copy.jpg\",\"same_as\":\"duck.jpg\",\"by\":\"link\"}],
   \"left_out\":[{\"name\":\"@eaDir\",\"by\":\"system\",\"folders\":3,\"pictures\":0}],
   \"seconds\":4.9,\"images_per_second\":1.837}
  images_per_second is null if nothing was computed. A file counts as one image, \
  however many paths lead to it; further_names lists the other paths, by link, hard_link, \
  mount, folder_link or folder_mount. left_out lists what was excluded: by \
  system (the system's own folders), --exclude or .simagesignore.

Exit codes:
  0    done, even if pictures were skipped
  1    failed
  2    bad arguments, or an unknown dataset
  130  cancelled; everything computed so far is kept";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::tests::{Place, parsed};

    #[test]
    fn index_takes_names_and_folders_or_all() {
        let place = Place::new();
        let index = |names: &[&str]| {
            let (args, options) = parsed::<IndexArgs>(&[&["--datasets", &place.at("datasets")], names].concat());
            args.resolve(&options).map(|index| index.what.datasets.into_iter().map(|d| d.name).collect::<Vec<_>>())
        };
        assert_eq!(index(&[]).unwrap(), ["animals", "garden"]);
        assert_eq!(index(&["garden", &place.at("photos"), "garden"]).unwrap(), ["garden", "photos"]);
        let message = index(&["gardens"]).unwrap_err().to_string();
        assert!(message.contains("gardens: no such dataset") && message.contains("animals, garden"), "{message}");
    }
}
