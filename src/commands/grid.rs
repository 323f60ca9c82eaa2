//! `simages grid`: plans, tasks and merging, for schedulers that `--on` doesn't support.

use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};

use super::datasets::known;
use super::index::{IndexedArgs, ToIndexAll};
use super::joined_sets::{JoinedSets, JoinedSetsArgs};
use super::on::MANY;
use super::options::{GlobalOptions, cache};
use super::output::{print, say};
use super::pair_output::{Output, OutputArgs};
use super::run::Run;
use super::teller::{Count, Teller};
use crate::cancel::Cancel;
use crate::dataset::Dataset;
use crate::error::{Error, Result};
use crate::grid::{self, PlanFolder, Work};
use crate::index::indexer::ToIndex;
use crate::join::Engine;
use crate::join::export::PairWriter;
use crate::signals::cancel_on_signal;
use crate::text::count;
use crate::vgg16::{Network, NetworkOptions};

/// How many parts an error names.
const NAMED: usize = 20;

/// Compute in tasks that any scheduler can start
///
/// With --on, join and index do all of this on one machine, Slurm, Ballista or Spark. These are the single steps, for
/// other schedulers or a closer look: make a plan, start its tasks anywhere, merge their parts.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct GridArgs {
    #[command(subcommand)]
    step: GridStep,
}

#[derive(Debug, Subcommand)]
enum GridStep {
    /// Plan a join, and write the pieces that its tasks read
    Plan(PlanArgs),
    /// Plan the computation of a dataset's missing descriptors
    PlanIndex(PlanIndexArgs),
    /// Run tasks, each of which makes a part; complete parts are left alone
    Task(TaskArgs),
    /// Merge all parts into the result
    Merge(MergeArgs),
}

#[derive(Debug, Args)]
struct PlanArgs {
    /// The folder for the tasks' files, at the same path on all machines
    #[arg(long, value_name = "DIR")]
    shared: PathBuf,

    /// Pictures per block; each pair of blocks is a task [default: enough for 136 tasks, at most 65,536]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    block: Option<u32>,

    #[command(flatten)]
    joined: JoinedSetsArgs,
}

#[derive(Debug, Args)]
struct PlanIndexArgs {
    /// The folder for the tasks' files, at the same path on all machines
    #[arg(long, value_name = "DIR")]
    shared: PathBuf,

    #[command(flatten)]
    indexed: IndexedArgs,
}

#[derive(Debug, Args)]
struct TaskArgs {
    /// The plan's folder
    #[arg(value_name = "PLAN")]
    folder: PathBuf,

    /// Task numbers
    #[arg(required = true)]
    tasks: Vec<usize>,
}

#[derive(Debug, Args)]
struct MergeArgs {
    /// The plan's folder
    #[arg(value_name = "PLAN")]
    folder: PathBuf,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug)]
pub struct GridCommand {
    step: Resolved,
    engine: Engine,
    network: NetworkOptions,
    known: Vec<Dataset>,
    cache: PathBuf,
}

#[derive(Debug)]
enum Resolved {
    PlanJoin(JoinedSets, PathBuf, Option<usize>),
    PlanIndex(ToIndexAll, PathBuf),
    Task(TaskArgs),
    Merge(PathBuf, Output),
}

impl GridArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<GridCommand> {
        let step = match self.step {
            GridStep::Plan(args) => {
                Resolved::PlanJoin(args.joined.resolve(options)?, args.shared, args.block.map(|block| block as usize))
            }
            GridStep::PlanIndex(args) => Resolved::PlanIndex(args.indexed.resolve(options)?, args.shared),
            GridStep::Task(args) => Resolved::Task(args),
            GridStep::Merge(args) => Resolved::Merge(args.folder, args.output.resolve(false)?),
        };
        let (engine, network) = (options.engine()?, options.network()?);
        Ok(GridCommand { step, engine, network, known: known(options)?, cache: cache() })
    }
}

impl Run for GridCommand {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let GridCommand { step, engine, network, known, cache } = *self;
        if matches!(step, Resolved::Task(_)) {
            grid::schedulers::end_with_driver();
        }
        let cancel = Cancel::default();
        cancel_on_signal(cancel.clone());
        match step {
            Resolved::PlanJoin(joined, shared, block) => {
                let join = joined.set_join(&cancel)?;
                let block = block.unwrap_or_else(|| grid::block(join.keys.len(), MANY));
                let mut teller = Teller::new("planning", Count::Percent);
                let folder = joined.plan(&join, &shared, block, &engine, &cancel, &mut teller);
                teller.clear();
                planned(&folder?)?;
            }
            Resolved::PlanIndex(index, shared) => {
                let network = Network::new(network);
                for dataset in &index.datasets {
                    let each = |pictures| grid::each(pictures, MANY);
                    match index.plan(dataset, &shared, &each, &network, &cancel)? {
                        Some(folder) => planned(&folder)?,
                        None => say(&format!("{}: nothing to compute", dataset.name)),
                    }
                }
            }
            Resolved::Task(TaskArgs { folder, tasks }) => {
                let folder = PlanFolder::open(&folder)?;
                tasks.iter().try_for_each(|task| grid::run_task(&folder, *task, &engine, &network, &cancel))?;
            }
            Resolved::Merge(plan, output) => {
                let folder = PlanFolder::open(&plan)?;
                folder.manifest.check_inputs()?;
                complete(&folder)?;
                match &folder.manifest.work {
                    Work::Join(join) => merge_join(&folder, join, &output, &cancel)?,
                    Work::Index(index) => {
                        let dataset = grid::dataset(index)?;
                        let what = ToIndex { crops: Some(index.crops()?), ..ToIndex::new(&dataset, &known, &cache) };
                        let rows = grid::merge_index(&folder, index, &what, &Network::new(network), &cancel)?;
                        say(&format!("{}: {} stored", dataset.name, count(rows, "new descriptor")));
                    }
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints the plan's folder on stdout, for scripts, and the next step on stderr.
fn planned(folder: &PlanFolder) -> anyhow::Result<()> {
    let (waves, path) = (folder.manifest.waves(), crate::shown::path(&folder.folder));
    let tasks = waves.iter().map(Vec::len).sum();
    say(&format!(
        "{} in {} (waves.txt lists them): simages grid task {path} N...; then simages grid merge {path}",
        count(tasks, "task"),
        count(waves.len(), "wave")
    ));
    print(format!("{}\n", folder.folder.display()).as_bytes())?;
    Ok(())
}

/// If parts are missing or unusable, returns an error that names them and the command that makes them.
fn complete(folder: &PlanFolder) -> anyhow::Result<()> {
    let missing = grid::missing(folder);
    if missing.is_empty() {
        return Ok(());
    }
    for part in missing.iter().take(NAMED) {
        say(&format!("task {}: {}", part.task, part.why));
    }
    let numbers: Vec<_> = missing.iter().take(NAMED).map(|part| part.task.to_string()).collect();
    let more = if missing.len() > NAMED { " ..." } else { "" };
    let path = crate::shown::path(&folder.folder);
    let (parts, all) = (count(missing.len(), "part"), folder.manifest.waves().iter().map(Vec::len).sum::<usize>());
    let remedy = format!("simages grid task {path} {}{more} makes them", numbers.join(" "));
    bail!("{path}: {parts} of {all} can't be used; {remedy}")
}

fn merge_join(folder: &PlanFolder, join: &grid::JoinPlan, output: &Output, cancel: &Cancel) -> anyhow::Result<()> {
    let rows = grid::names(folder, join)?;
    let keys = rows.sides().keys.len();
    let mut teller = match output.path.is_none() && io::stdout().is_terminal() {
        true => Teller::silent("merging"),
        false => Teller::new("merging", Count::Percent),
    };
    let mut tell = |progress| teller.progress(progress, |pace| pace.to_owned());
    let place = output.place();
    let mut to = output.open()?;
    let mut writer = PairWriter::new(output.format, Some(join.descriptor()?), &mut to).map_err(Error::io(place))?;
    let take = &mut |group| writer.take(&group).map_err(Error::io(place));
    grid::groups(folder, join, rows.sides(), cancel, &mut tell, take)?;
    let written = writer.written();
    writer.finish().map_err(Error::io(place))?;
    to.keep(cancel)?;
    teller.clear();
    say(&format!("{} of {}", count(written as usize, "result"), count(keys, "key")));
    Ok(())
}

const HELP: &str = "\
Examples:
  PLAN=$(simages grid plan --shared /shared/grid ~/Photos ~/Photos --knn 10)
  while read -r wave; do
    printf '%s\\n' $wave | xargs -P 3 -n 1 simages grid task \"$PLAN\"
  done <\"$PLAN/waves.txt\"
  simages grid merge \"$PLAN\" --output pairs.parquet

A task reads the plan and some pieces in the shared folder, and writes one part there, completely or not at all. It may be \
started on any machine, any number of times. The tasks on one line of waves.txt may run in any order. Those on the next line run \
faster if the lines before are done, but are correct in any case.

A part, piece or plan that is missing, damaged or from another plan is reported, and never used.

Exit codes:
  0    done
  1    failed; the message names the file; for merge: parts are missing
  2    bad arguments
  130  cancelled; finished parts are kept";
