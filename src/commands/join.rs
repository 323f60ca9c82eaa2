//! `simages join`: for every picture of a dataset, the pictures of another one, or of itself, that are like it.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::datasets::{known, named};
use super::indexed::{Lines, indexed};
use super::on::{On, OnOptions};
use super::options::{GlobalOptions, cache};
use super::output::say;
use super::pair_output::{Output, OutputArgs};
use super::run::Run;
use super::similar::Similar;
use super::teller::{Count, Teller};
use crate::cancel::Cancel;
use crate::cpu_time::core_seconds;
use crate::dataset::{self, Dataset};
use crate::error::{Error, Result};
use crate::grid::{self, Making, Named, PlanFolder, Work};
use crate::index::indexer::ToIndex;
use crate::index::store::Store;
use crate::join::export::{LonelyKeyWriter, NewFile, PairWriter};
use crate::join::{DescriptorKind, Engine, Group, JoinedFiles, Metric, Predicate, SetJoin, With};
use crate::signals::cancel_on_signal;
use crate::text::count;
use crate::vgg16::{Network, NetworkOptions};

/// Join two datasets: for every picture, those that are like it
///
/// Every picture of KEYS is a key; written are the pictures of DATASET that are most similar to it, key by key, best first.
/// Pictures that are not indexed yet are indexed first. The result is written as it is found, however large.
///
/// The same dataset twice is a self-join. A picture is never its own result, whatever links lead to it and
/// whichever datasets it is in. With --knn each picture has its own K nearest;
/// with --range each pair is written once, under the name that sorts first.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct JoinArgs {
    #[command(flatten)]
    joined: JoinedSetsArgs,

    #[command(flatten)]
    output: OutputArgs,

    /// Write the keys that have no such picture, instead of pairs (an anti-join); with --range
    #[arg(long, requires = "range")]
    without: bool,

    #[command(flatten)]
    on: OnOptions,
}

/// What is joined.
#[derive(Debug, Args)]
pub struct JoinedSetsArgs {
    /// The name of the keys' dataset, or a folder
    keys: PathBuf,

    /// The name of the dataset they are joined with, or a folder; KEYS again for a self-join
    dataset: PathBuf,

    #[command(flatten)]
    similar: Similar,
}

#[derive(Debug)]
pub struct Join {
    joined: JoinedSets,
    /// Whether the keys without results are written.
    without: bool,
    output: Output,
    /// Who computes; None: this process.
    on: Option<On>,
    engine: Engine,
}

/// What is joined, with all that is needed to index it first.
#[derive(Debug)]
pub struct JoinedSets {
    /// Every picture of it is a key.
    keys: Dataset,
    /// What they are joined with; None: themselves.
    with: Option<Dataset>,
    /// Datasets that their pictures may have been in before.
    known: Vec<Dataset>,
    descriptor: DescriptorKind,
    metric: Metric,
    predicate: Predicate,
    cache: PathBuf,
    network: NetworkOptions,
}

impl JoinArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<Join> {
        Ok(Join {
            joined: self.joined.resolve(options)?,
            output: self.output.resolve(self.without)?,
            without: self.without,
            on: self.on.resolve()?,
            engine: options.engine()?,
        })
    }
}

impl JoinedSetsArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<JoinedSets> {
        let predicate = self.similar.predicate()?;
        let known = known(options)?;
        let datasets =
            dataset::distinct(vec![named(options, &self.keys, &known)?, named(options, &self.dataset, &known)?]);
        let datasets_given = datasets.clone();
        let mut datasets = datasets.into_iter();
        Ok(JoinedSets {
            keys: datasets.next().expect("two were made distinct, so one is left"),
            with: datasets.next(),
            known: [known, datasets_given].concat(),
            descriptor: self.similar.descriptor(),
            metric: self.similar.metric,
            predicate,
            cache: cache()?,
            network: options.network()?,
        })
    }
}

impl Run for Join {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let cancel = Cancel::default();
        cancel_on_signal(cancel.clone());
        if let Some(output) = &self.output.path {
            // Told at once, not after indexing.
            NewFile::can_be_made(output)?;
        }
        let join = self.joined.set_join(&cancel)?;

        let name = self.joined.name();
        // Records that run down the same terminal tell enough.
        let records_are_seen = self.output.path.is_none() && io::stdout().is_terminal();
        let mut teller = if records_are_seen { Teller::silent(&name) } else { Teller::new(&name, Count::Percent) };
        let written = self.write(&join, &cancel, &mut teller);
        teller.clear();
        match written {
            Ok(written) => {
                let (results, keys) = (count(written as usize, "result"), count(join.keys.len(), "key"));
                let what = if self.without { format!("{} without", count(written as usize, "key")) } else { results };
                teller.line(&format!("{what} of {keys} in {:.1} s", teller.elapsed().as_secs_f64()));
                Ok(ExitCode::SUCCESS)
            }
            Err(error @ Error::Cancelled) => Err(error).context(match &self.output.path {
                _ if let Some(on) = &self.on => on.kept(&name),
                Some(output) => format!("{name}: cancelled; {} is not written", crate::shown::path(output)),
                None => format!("{name}: cancelled; not all results were written"),
            }),
            Err(error) => Err(error.into()),
        }
    }
}

impl Join {
    /// Streams all results to where they are wanted, and returns how many there are: no more is in memory than what the keys at
    /// hand have.
    fn write(&self, join: &SetJoin, cancel: &Cancel, teller: &mut Teller) -> Result<u64> {
        let (to, place) = (self.output.open()?, self.output.place());
        let (to, written) = if self.without {
            let writer = LonelyKeyWriter::new(self.output.format, self.joined.with.is_none(), to);
            let mut writer = writer.map_err(Error::io(place))?.expect("others are refused before");
            self.groups(join, cancel, teller, &mut |group| writer.take(&group).map_err(Error::io(place)))?;
            let written = writer.written();
            (writer.finish(), written)
        } else {
            let mut writer = PairWriter::new(self.output.format, to).map_err(Error::io(place))?;
            self.groups(join, cancel, teller, &mut |group| writer.take(&group).map_err(Error::io(place)))?;
            let written = writer.written();
            (writer.finish(), written)
        };
        to.map_err(Error::io(place))?.keep(cancel)?;
        Ok(written)
    }

    /// Calls `take` with each key's group, whoever computes it.
    fn groups(
        &self,
        join: &SetJoin,
        cancel: &Cancel,
        teller: &mut Teller,
        take: &mut dyn FnMut(Group) -> Result<()>,
    ) -> Result<()> {
        let Some(on) = &self.on else {
            let began = core_seconds();
            join.run(self.engine, cancel, &mut |progress| teller.pairs(progress), take)?;
            tracing::info!(join = format!("{:.3}", core_seconds() - began), "joined; core-seconds");
            return Ok(());
        };
        let block = on.block.unwrap_or_else(|| grid::block(join.keys.len(), on.tasks));
        let folder = self.joined.plan(join, &on.shared, block, cancel, teller)?;
        super::on::drive(&folder, on, cancel, teller)?;
        let Work::Join(plan) = &folder.manifest.work else { unreachable!("a join was planned") };
        let keys = join.keys.rows();
        let others = match &join.with {
            With::Dataset(others) => others.rows(),
            With::Themselves => keys,
        };
        grid::groups(&folder, plan, Named { keys, others }, cancel, &mut |_| (), take)
    }
}

impl JoinedSets {
    /// `photos ⋈ scans`
    fn name(&self) -> String {
        format!("{} ⋈ {}", self.keys.name, self.with.as_ref().unwrap_or(&self.keys).name)
    }

    /// What is joined, indexed first where that is not done yet.
    pub fn set_join(&self, cancel: &Cancel) -> anyhow::Result<SetJoin> {
        let network = Network::new(self.network.clone());
        let indexed = |dataset| {
            let what = ToIndex::new(dataset, &self.known, &self.cache);
            indexed(&what, &network, cancel, Lines::All)
        };
        let keys = indexed(&self.keys)?;
        let (with, others) = match &self.with {
            Some(dataset) => {
                let others = indexed(dataset)?;
                (With::Dataset(others.matrix), others.images)
            }
            None => (With::Themselves, Vec::new()),
        };
        let files = JoinedFiles { keys: keys.images.into(), others: others.into() };
        let join = SetJoin {
            keys: keys.matrix,
            with,
            files,
            descriptor: self.descriptor,
            metric: self.metric,
            predicate: self.predicate,
        };
        note_too_large_k(&join);
        note_other_crops(&join);
        Ok(join)
    }

    /// Puts the plan of a join below the shared folder.
    pub fn plan(
        &self,
        join: &SetJoin,
        shared: &Path,
        block: usize,
        cancel: &Cancel,
        teller: &mut Teller,
    ) -> Result<PlanFolder> {
        let network = Network::new(self.network.clone());
        let weights = network.weights()?;
        let model = weights.model(join.keys.crops);
        let others = match &join.with {
            With::Dataset(others) => weights.model(others.crops),
            With::Themselves => model.clone(),
        };
        let datasets = [Some(&self.keys), self.with.as_ref()].into_iter().flatten();
        let inputs = datasets.flat_map(|dataset| Store::new(dataset, &self.cache).files()).collect();
        let making = Making { shared, models: [&model, &others], block, inputs };
        let mut told =
            |progress| teller.progress(progress, |pace| format!("rows are put into the shared folder, {pace}"));
        grid::plan_join(join, making, cancel, &mut told)
    }
}

fn note_other_crops(join: &SetJoin) {
    if join.crops_differ() {
        say("note: one of both was indexed with --crops 5, the other was not: they are less alike than they could be");
    }
}

fn note_too_large_k(join: &SetJoin) {
    let others = match &join.with {
        With::Dataset(dataset) => dataset.len(),
        With::Themselves => join.keys.len() - 1,
    };
    if let Predicate::Knn(k) = join.predicate
        && k > others
    {
        say(&format!("note: k is {k}, but there is no more to join with than {}", count(others, "picture")));
    }
}

const HELP: &str = "\
Examples:
  simages join animals garden > pairs.csv
  simages join animals garden --knn 3 --output pairs.parquet
  simages join ~/Photos ~/Photos --range 0.6 --descriptor best --output pairs.jsonl
  simages join animals animals --metric euclidean --range 1500
  simages join ~/Scans ~/Photos --range 0.6 --descriptor best --without
  simages join archive archive --output pairs.parquet --on processes:4
  simages join archive archive --output pairs.parquet --on slurm --shared /shared/grid

CSV, with a header:
  key,rank,file,value
  birds_duck.jpg,1,birds_drake.jpg,0.4123456789012345

JSON Lines, one line a pair:
  {\"key\":\"birds_duck.jpg\",\"rank\":1,\"file\":\"birds_drake.jpg\",\"value\":0.4123456789012345}
  Files that are the same to the byte have \"identical\":true besides.

Parquet, Snappy, with --output only:
  key string, rank int64, file string, value double

With --without the keys that have no picture within the range: key in CSV, {\"key\":\"...\"} in JSON Lines. What is new of a \
folder, and what is there only smaller, simages new tells better.

Records are sorted by key, then rank, from 1 within each key; a key without results has no record. Values have all \
their digits. Progress and a summary go to stderr.

FILE appears when it is complete: until then the records go to a hidden file beside it, which is removed when the join \
is cancelled or fails. A picture or a dataset's own file is never replaced, not by --force either.

Exit codes:
  0    done, also if nothing is within the range
  1    it failed, and the message names the file
  2    bad arguments: an unknown dataset, k = 0, a range beyond the metric's bounds, FILE there already
  130  cancelled; what was indexed is kept, FILE is not written";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::tests::{Place, parsed};
    use crate::join::export::PairFormat;

    #[test]
    fn a_dataset_given_twice_is_joined_with_itself() {
        let place = Place::new();
        let join = |dataset: &str, more: &[&str]| {
            let datasets = [place.at("datasets/animals"), place.at(&format!("datasets/{dataset}"))];
            let arguments = [&[&datasets[0][..], &datasets[1][..]], more].concat();
            let (args, options) = parsed::<JoinArgs>(&arguments);
            let join = args.resolve(&options).unwrap();
            (join.joined.with.map(|d| d.name), join.output.format)
        };
        assert_eq!(join("garden", &[]), (Some("garden".into()), PairFormat::Csv));
        assert_eq!(join("../datasets/animals/", &["--output", "new.jsonl"]), (None, PairFormat::Jsonl));
        assert_eq!(join("animals", &["--output", "new.txt", "--format", "csv"]), (None, PairFormat::Csv));
    }
}
