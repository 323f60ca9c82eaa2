//! `simages doctor`: what works here and what doesn't. Only looks, and writes nothing.

mod dataset;
mod report;
mod terminal;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use dataset::{can_be_written, inspect};
use report::DoctorReport;

use super::datasets::{known, named_or_known};
use super::options::{GlobalOptions, cache, config_file};
use super::output::print;
use super::run::Run;
use crate::dataset::{Dataset, broken_links};
use crate::error::Result;
use crate::simd::Instructions;
use crate::terminal::TerminalChoices;
use crate::vgg16::{Network, NetworkOptions};

/// Report what works here and what doesn't
///
/// Looks at the configuration, the terminal, the processor, the weights, the cache folder and every dataset, and writes
/// nothing. For datasets named on the command line, it also reads every descriptor, to find damage. Include its output
/// in bug reports.
#[derive(Debug, Args)]
#[command(after_long_help = "Exit codes:\n  0  all is well\n  1  something is broken; the output says what")]
pub struct DoctorArgs {
    /// Datasets, or folders of pictures, to look at [default: those in the datasets directory]
    #[arg(value_name = "DATASET")]
    folders: Vec<PathBuf>,
}

#[derive(Debug)]
pub struct Doctor {
    /// What is wrong with the configuration, if anything.
    config: Result<()>,
    /// The datasets found, if any; or why the directory can't be read.
    datasets: Result<Vec<Dataset>>,
    /// Whether they were named.
    closely: bool,
    /// The datasets directory.
    directory: PathBuf,
    cache: PathBuf,
    network: NetworkOptions,
    /// What the user asked for about the terminal.
    terminal: TerminalChoices,
}

impl DoctorArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<Doctor> {
        let datasets = if self.folders.is_empty() { known(options) } else { named_or_known(options, &self.folders) };
        Ok(Doctor {
            config: options.exclude().map(drop),
            datasets,
            closely: !self.folders.is_empty(),
            directory: options.directory(),
            cache: cache(),
            network: options.network()?,
            terminal: options.terminal(),
        })
    }
}

impl Run for Doctor {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let network = Network::new(self.network.clone());
        let mut report = DoctorReport::default();
        let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
        writeln!(report.text, "simages {}, {os} {arch}", env!("CARGO_PKG_VERSION"))?;
        report.section("Configuration");
        self.inspect_config(&mut report);
        report.section("Terminal");
        terminal::terminal(self.terminal, &mut report);
        report.section("Processor");
        report.row("instructions", self.instructions());
        report.row("threads", self.network.threads);
        report.section("Weights");
        inspect_weights(&network, &mut report);
        report.section("Cache");
        inspect_cache(&self.cache, &mut report);
        report.section("Datasets");
        self.inspect_datasets(&network, &mut report);
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
}

impl Doctor {
    /// The instruction sets we have kernels for, the one in use first.
    fn instructions(&self) -> String {
        let (asked, chosen): (Vec<_>, Vec<_>) =
            Instructions::available().into_iter().partition(|i| i.is_only_if_asked());
        let names = |sets: Vec<Instructions>| sets.iter().map(|i| i.name()).collect::<Vec<_>>().join(", ");
        let asked = if asked.is_empty() { String::new() } else { format!("; SIMAGES_CPU={}", names(asked)) };
        match self.network.instructions {
            None => names(chosen) + &asked,
            Some(forced) => format!("{}, as SIMAGES_CPU says (here: {}{asked})", forced.name(), names(chosen)),
        }
    }

    fn inspect_config(&self, report: &mut DoctorReport) {
        match (config_file(), &self.config) {
            (_, Err(error)) => report.broken("file", error),
            (Some(file), Ok(())) => {
                let there = if file.exists() { "" } else { ", which doesn't exist: defaults" };
                report.row("file", format!("{}{there}", crate::shown::path(&file)));
            }
            (None, Ok(())) => report.row("file", "none: there is no home folder"),
        }
    }

    fn inspect_datasets(&self, network: &Network, report: &mut DoctorReport) {
        report.row("directory", crate::shown::path(&self.directory));
        for (name, target) in broken_links(&self.directory) {
            report.row("", format!("{name} is a broken link to {target}; is a drive not mounted?"));
        }
        match &self.datasets {
            Ok(datasets) if datasets.is_empty() => {
                report.row("found", "none; give folders of pictures or --datasets DIR")
            }
            Ok(datasets) => datasets.iter().for_each(|dataset| {
                report.text.push('\n');
                if let Err(error) = inspect(dataset, &self.cache, network, self.closely, report) {
                    report.broken(&dataset.name, error);
                }
            }),
            Err(error) => report.broken("found", error),
        }
    }
}

fn inspect_weights(network: &Network, report: &mut DoctorReport) {
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

fn inspect_cache(cache: &Path, report: &mut DoctorReport) {
    report.row("folder", crate::shown::path(cache));
    match (cache.exists(), can_be_written(cache)) {
        (true, true) => report.row("state", "can be written"),
        (false, true) => report.row("state", "doesn't exist yet, can be created"),
        (_, false) => report.broken(
            "state",
            "can't be written: nothing is stored for read-only folders, and long joins start again; \
             XDG_CACHE_HOME names another place",
        ),
    }
}
