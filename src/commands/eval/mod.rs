//! `simages eval`: measures the quality of a dataset's results for each descriptor and metric, given classes.

mod examples;
mod report;

use std::io::Write;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use examples::{Examples, Measuring, page};
use report::{Report, measured};

use super::datasets::{known, named};
use super::html::{ForceArgs, HtmlArgs, HtmlOutput};
use super::indexed::{Indexed, Lines, indexed};
use super::labelled;
use super::options::{GlobalOptions, cache};
use super::output::{print, say};
use super::run::Run;
use super::teller::{Count, Teller};
use super::words::{ALL, Choice, all_or_one};
use crate::cancel::Cancel;
use crate::dataset::{Dataset, Labels};
use crate::descriptor::FeatureMatrix;
use crate::error::Result;
use crate::index::indexer::ToIndex;
use crate::join::export::PictureFiles;
use crate::join::{AskedBy, DescriptorKind, Engine, Metric, PerKey, leave_one_out};
use crate::signals::cancel_on_signal;
use crate::text::{count, thousands};
use crate::vgg16::{Network, NetworkOptions};

/// Measure the quality of results, given which pictures belong together
///
/// Uses every picture of DATASET as a key, ranks the others by similarity, and checks whether those of the key's class
/// come first. Prints means over all keys, with 95 % intervals: mAP (mean average precision), P@1 and P@10 (the share
/// of the first one and ten that are of the class) and R-precision, for each descriptor and metric; and the mAP of each
/// class.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct EvalArgs {
    /// The name of a dataset, or a folder
    dataset: PathBuf,

    /// A picture's class: its folder (folder), its name up to the first _ (prefix), or given by a CSV file with the
    /// header file,class and a line per picture [default: folder, if there is more than one]
    #[arg(long, value_name = "folder|prefix|FILE")]
    labels: Option<String>,

    /// Measure only this descriptor: full, gap, gem, mac, rmac, best [default: all]
    #[arg(long, value_parser = all_or_one(DescriptorKind::ALL.map(|kind| (kind.name(), kind))), default_value = ALL)]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    descriptor: Choice<DescriptorKind>,

    /// Measure only this metric: cosine or euclidean [default: all]
    #[arg(long, value_parser = all_or_one(Metric::ALL.map(|metric| (metric.name(), metric))), default_value = ALL)]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    metric: Choice<Metric>,

    /// Expand: search a second time with the first results as additional keys, like query --expand
    #[arg(long, conflicts_with = "keys")]
    expand: bool,

    /// Query with N keys at a time: each picture and others of its class, drawn at random, like query --like. None of
    /// the N is ranked
    #[arg(long, value_name = "N", default_value = "1", hide_default_value = true)]
    keys: NonZero<usize>,

    /// Print one JSON object to stdout
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    html: HtmlArgs,

    #[command(flatten)]
    force: ForceArgs,
}

#[derive(Debug)]
pub struct Eval {
    /// The dataset, each of whose pictures is a key once.
    dataset: Dataset,
    /// Datasets that pictures may have been moved from.
    known: Vec<Dataset>,
    /// Which pictures belong together; None: choose what fits.
    labels: Option<Labels>,
    descriptors: Vec<DescriptorKind>,
    metrics: Vec<Metric>,
    asked_by: AskedBy,
    json: bool,
    html: Option<HtmlOutput>,
    cache: PathBuf,
    network: NetworkOptions,
    engine: Engine,
}

impl EvalArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<Eval> {
        let known = known(options)?;
        Ok(Eval {
            dataset: named(options, &self.dataset, &known)?,
            known,
            labels: self.labels.as_deref().map(Labels::named).transpose()?,
            descriptors: self.descriptor.among(&DescriptorKind::ALL),
            metrics: self.metric.among(&Metric::ALL),
            asked_by: match (self.expand, self.keys.get()) {
                (true, _) => AskedBy::Expanded,
                (false, 1) => AskedBy::One,
                (false, keys) => AskedBy::Several(keys),
            },
            json: self.json,
            html: self.html.resolve(self.force.force)?,
            cache: cache(),
            network: options.network()?,
            engine: options.engine()?,
        })
    }
}

impl Run for Eval {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let cancel = Cancel::default();
        cancel_on_signal(cancel.clone());
        self.html.as_ref().map_or(Ok(()), HtmlOutput::check)?;
        let mut labels = self.labels.clone();
        if let Some(Labels::File(file)) = &mut labels {
            *file = labelled::fitted(file, &self.dataset, &cancel)?;
        }
        let network = Network::new(self.network.clone());
        let what = ToIndex::new(&self.dataset, &self.known, &self.cache);
        let Indexed { matrix, images, skipped, .. } = indexed(&what, &network, &cancel, Lines::Notices)?;
        if let Some(Labels::File(file)) = &labels {
            labelled::check_indexed(file, &matrix, &skipped)?;
        }
        let names = || matrix.rows().iter().map(|row| row.name.as_str());
        let labels = labels.unwrap_or_else(|| Labels::fitting(names()));
        let classes: Vec<Option<String>> = names().map(|name| labels.label(name)).collect();
        let unlabelled = classes.iter().filter(|class| class.is_none()).count();
        if unlabelled > 0 {
            let pictures = count(matrix.len(), "picture");
            say(&format!(
                "note: {} of {pictures} without a class: never a key, and relevant to none",
                thousands(unlabelled)
            ));
        }
        let (of, known) = labelled::numbered(&classes);

        let mut results = Vec::new();
        let mut best: Option<Measuring> = None;
        for descriptor in &self.descriptors {
            for metric in &self.metrics {
                let per_key = self.measure(&matrix, &of, (*descriptor, *metric), &cancel)?;
                if per_key.is_empty() {
                    bail!(
                        "{}: no picture has {} of its class (labels: {labels}); --labels defines the classes",
                        self.dataset.name,
                        match self.asked_by {
                            AskedBy::Several(keys) => format!("{keys} others"),
                            AskedBy::One | AskedBy::Expanded => "another one".to_owned(),
                        }
                    );
                }
                let measured = measured(*descriptor, *metric, &per_key, &of, &known);
                if best.as_ref().is_none_or(|best| best.map < measured.all.map()) {
                    best = Some(Measuring { by: (*descriptor, *metric), map: measured.all.map(), per_key });
                }
                results.push(measured);
            }
        }
        let report = Report {
            dataset: self.dataset.name.clone(),
            pictures: matrix.len(),
            labels: labels.to_string(),
            asked_by: self.asked_by,
            classes: known.len(),
            keys: results.first().map_or(0, |r| r.all.keys),
            results,
        };
        if let (Some(html), Some(best)) = (&self.html, &best) {
            let files = PictureFiles { root: &self.dataset.root, images: &images };
            let examples =
                Examples { engine: &self.engine, matrix: &matrix, classes: &classes, files, asked_by: self.asked_by };
            html.write(page(&report, &self.dataset.root, examples.section(best)), &cancel)?;
        }
        let mut output = Vec::new();
        match self.json {
            true => {
                serde_json::to_writer(&mut output, &report)?;
                writeln!(output)?;
            }
            false => report.write(&mut output)?,
        }
        print(&output)?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Eval {
    fn measure(
        &self,
        matrix: &FeatureMatrix,
        classes: &[Option<usize>],
        by: (DescriptorKind, Metric),
        cancel: &Cancel,
    ) -> Result<PerKey> {
        let name = format!("{} by {}, {}", self.dataset.name, by.0, by.1);
        let mut teller = Teller::new(&name, Count::Percent);
        let tell = &mut |progress| teller.share(progress);
        let per_key = leave_one_out(&self.engine, matrix, classes, by, self.asked_by, cancel, tell);
        teller.clear();
        per_key
    }
}

const HELP: &str = "\
Examples:
  simages eval ~/Birds                    a folder for each class
  simages eval animals --descriptor gap   classes by the names up to the first _
  simages eval ~/Photos --labels labels.csv --metric cosine --json
  simages eval ~/Birds --html birds.html  with results of some keys, from the worst to the best
  simages eval ~/Birds --keys 3           three keys of a class at a time

FILE is CSV in UTF-8, with this header and no other columns: a picture's path, inside the \
dataset or absolute, and its class.
  file,class
  2024/a.jpg,beach
  \"b, c.jpg\",forest
A label that belongs to no picture of the dataset is left out and reported on stderr with its line: the \
file doesn't exist, is elsewhere, or isn't a picture that can be read. It is an error if no label \
is left, or if a picture has two classes. Pictures without a label are counted on stderr; they are \
never keys, and relevant to none.

A picture that is alone in its class is ranked, but never a key; with --keys N, so \
is one with fewer than N others of its class. Intervals are \
bootstrapped over keys. Results are reproducible: the same pictures give the same figures.

JSON:
  {\"dataset\":\"animals\",\"pictures\":142,\"labels\":\"prefix\",\"classes\":13,\"keys\":141,\"results\":[
    {\"descriptor\":\"gap\",\"metric\":\"cosine\",\"keys\":141,\"map\":{\"mean\":0.61,\"low\":0.58,\"high\":0.64},
     \"p_at_1\":{..},\"p_at_10\":{..},\"r_precision\":{..},
     \"per_class\":[{\"class\":\"birds\",\"keys\":40,\"map\":{..},..}]}]}
  --expand adds \"expanded\":true, --keys 3 adds \"keys_at_a_time\":3.

Exit codes:
  0    done
  1    failed: no pictures, no label that fits, or no picture with another one of its class
  2    bad arguments, or a FILE with another header, a wrong line, or two classes for one name
  130  cancelled; everything indexed so far is kept";
