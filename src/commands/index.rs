//! `simages index`: brings datasets' descriptors up to date.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::Serialize;

use super::progress::{Lines, Teller, rate};
use super::{print, say};
use crate::cancel::Cancel;
use crate::config::Index;
use crate::dataset::{Dataset, Skipped};
use crate::index::indexer::{self, Summary};
use crate::signals::cancel_on_signal;
use crate::vgg16::Network;

/// A dataset's line of `--json`.
#[derive(Serialize)]
struct Record<'a> {
    dataset: &'a str,
    images: usize,
    indexed: usize,
    computed: usize,
    skipped: &'a [Skipped],
    seconds: f64,
    images_per_second: Option<f64>,
}

pub fn run(config: Index) -> anyhow::Result<ExitCode> {
    let cancel = Cancel::default();
    cancel_on_signal(cancel.clone());
    let network = Network::new(config.network.clone());
    // Wrong weights are said at once, not after a long look at folders.
    network.weights()?;
    let mut code = ExitCode::SUCCESS;
    for dataset in &config.datasets {
        let mut teller = Teller::new(&dataset.name, Lines::All);
        let began = Instant::now();
        let report = &mut |event| teller.event(event);
        let indexed = indexer::index(dataset, &config.cache, &network, config.crops, &cancel, report);
        let took = began.elapsed();
        match indexed {
            Ok((_, summary)) => {
                teller.done(&summary, took);
                if config.json {
                    print(&record(dataset, &summary, took)?)?;
                }
            }
            Err(error @ crate::Error::Cancelled) => return Err(error).context(teller.kept()),
            Err(error) => {
                // The others can be indexed all the same.
                teller.clear();
                say(&format!("error: {}: {error}", dataset.name));
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn record(dataset: &Dataset, summary: &Summary, took: Duration) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&Record {
        dataset: &dataset.name,
        images: summary.images,
        indexed: summary.indexed,
        computed: summary.computed,
        skipped: &summary.skipped,
        seconds: thousandths(took.as_secs_f64()),
        images_per_second: rate(summary, took).map(thousandths),
    })?;
    line.push(b'\n');
    Ok(line)
}

fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
