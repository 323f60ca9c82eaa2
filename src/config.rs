//! Settings, resolved. In: [`Cli`], the arguments as typed. Out: a [`Task`] with all it needs to run. What fails here
//! is a bad argument.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use clap_complete::Shell;
use etcetera::BaseStrategy;

use crate::cli::{BenchArgs, Cli, Command, Common, EvalArgs, JoinArgs, QueryArgs, Similar};
use crate::dataset::{self, Dataset, Labels, names};
use crate::descriptor::Crops;
use crate::error::{Error, Result};
use crate::join::export::{NewFile, PairFormat, ResultFormat};
use crate::join::{DescriptorKind, Engine, Kind, Metric, Plan, Predicate};
use crate::simd::Instructions;
use crate::vgg16;

/// The datasets directory, if none is given.
const DATASETS: &str = "./datasets";
/// k, if neither k nor a range is given.
const KNN: &str = "10";
/// What to do about no dataset.
const REMEDY: &str = "give folders of pictures (simages ~/Photos) or --datasets DIR";

/// How pictures are sent to the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Protocol {
    /// The best that the terminal answers to.
    #[default]
    Auto,
    Kitty,
    Sixel,
    Iterm2,
    /// Coloured half characters: works everywhere.
    Halfblocks,
}

/// What to do.
#[derive(Debug)]
pub enum Task {
    Screens(Screens),
    Index(Index),
    Query(Query),
    Join(Join),
    Eval(Eval),
    Doctor(Doctor),
    Completions(Shell),
    Man,
    Bench(Bench),
    BenchJoin(BenchJoin),
}

/// The screens' settings.
#[derive(Clone, Debug)]
pub struct Screens {
    /// At least one, names distinct.
    pub datasets: Vec<Dataset>,
    /// The user's cache folder for SIMages; it need not exist.
    pub cache: PathBuf,
    /// How descriptors are computed.
    pub network: vgg16::Options,
    /// How joins are computed.
    pub engine: Engine,
    /// How pictures are shown.
    pub protocol: Protocol,
}

/// Settings of `simages index`.
#[derive(Clone, Debug)]
pub struct Index {
    /// Those to index, in this order.
    pub datasets: Vec<Dataset>,
    /// The user's cache folder for SIMages; it need not exist.
    pub cache: PathBuf,
    /// How descriptors are computed.
    pub network: vgg16::Options,
    /// Of which crops; None: as before.
    pub crops: Option<Crops>,
    /// Report on stdout as JSON lines.
    pub json: bool,
}

/// Settings of `simages query`.
#[derive(Clone, Debug)]
pub struct Query {
    /// The key as typed.
    pub key: PathBuf,
    /// Where the key may lie besides the current folder.
    pub key_folders: Vec<PathBuf>,
    /// The dataset that is searched.
    pub dataset: Dataset,
    /// By which descriptor.
    pub descriptor: DescriptorKind,
    /// What similar means.
    pub metric: Metric,
    /// Which neighbours are results.
    pub predicate: Predicate,
    /// How results are written.
    pub format: ResultFormat,
    /// The user's cache folder for SIMages; it need not exist.
    pub cache: PathBuf,
    /// How descriptors are computed.
    pub network: vgg16::Options,
    /// How joins are computed.
    pub engine: Engine,
}

/// Settings of `simages join`.
#[derive(Clone, Debug)]
pub struct Join {
    /// Every picture of it is a key.
    pub keys: Dataset,
    /// What they are joined with; None: themselves.
    pub with: Option<Dataset>,
    /// By which descriptor.
    pub descriptor: DescriptorKind,
    /// What similar means.
    pub metric: Metric,
    /// Which neighbours are results.
    pub predicate: Predicate,
    /// How results are written.
    pub format: PairFormat,
    /// Where to; None: stdout.
    pub output: Option<PathBuf>,
    /// Whether the output may replace a file.
    pub force: bool,
    /// The user's cache folder for SIMages; it need not exist.
    pub cache: PathBuf,
    /// How descriptors are computed.
    pub network: vgg16::Options,
    /// How joins are computed.
    pub engine: Engine,
}

/// Settings of `simages eval`.
#[derive(Clone, Debug)]
pub struct Eval {
    /// Every picture of it is a key once.
    pub dataset: Dataset,
    /// Which pictures belong together; None: what fits.
    pub labels: Option<Labels>,
    /// Descriptors that are measured.
    pub descriptors: Vec<DescriptorKind>,
    /// Metrics that are measured.
    pub metrics: Vec<Metric>,
    /// Print one JSON object.
    pub json: bool,
    /// The user's cache folder for SIMages; it need not exist.
    pub cache: PathBuf,
    /// How descriptors are computed.
    pub network: vgg16::Options,
    /// How joins are computed.
    pub engine: Engine,
}

/// Settings of `simages doctor`.
#[derive(Clone, Debug)]
pub struct Doctor {
    /// The datasets found, perhaps none; or why the directory can't be read.
    pub datasets: std::result::Result<Vec<Dataset>, String>,
    /// The datasets directory.
    pub directory: PathBuf,
    /// The user's cache folder for SIMages; it need not exist.
    pub cache: PathBuf,
    /// How descriptors are computed.
    pub network: vgg16::Options,
    /// How pictures would be shown.
    pub protocol: Protocol,
}

/// Settings of `simages bench-join`.
#[derive(Debug)]
pub struct BenchJoin {
    pub engine: Engine,
}

/// Settings of `simages bench`.
#[derive(Clone, Debug)]
pub struct Bench {
    /// Pictures at a time.
    pub batch: NonZero<usize>,
    /// How often they are computed.
    pub runs: NonZero<usize>,
    /// How descriptors are computed.
    pub network: vgg16::Options,
}

/// Turns what was typed into what is to be done.
pub fn resolve(cli: Cli) -> Result<Task> {
    let Cli { common, folders, command } = cli;
    if command.is_some() && !folders.is_empty() {
        let folder = folders[0].display();
        return Err(Error::Input(format!(
            "{folder}: folders stand after the command (a folder called index: ./index)"
        )));
    }
    Ok(match command {
        None => Task::Screens(Screens {
            datasets: for_screens(&common, &folders)?,
            cache: cache()?,
            network: network(&common, true)?,
            engine: engine(&common)?,
            protocol: common.protocol,
        }),
        Some(Command::Index(args)) => Task::Index(Index {
            datasets: for_index(&common, &args.names)?,
            cache: cache()?,
            network: network(&common, false)?,
            crops: args.crops,
            json: args.json,
        }),
        Some(Command::Query(args)) => Task::Query(query(common, args)?),
        Some(Command::Join(args)) => Task::Join(join(common, args)?),
        Some(Command::Eval(args)) => Task::Eval(eval(common, args)?),
        Some(Command::Doctor) => Task::Doctor(Doctor {
            datasets: known(&common).map_err(|e| e.to_string()),
            directory: directory(&common),
            cache: cache()?,
            network: network(&common, false)?,
            protocol: common.protocol,
        }),
        Some(Command::Completions { shell }) => Task::Completions(shell),
        Some(Command::Man) => Task::Man,
        Some(Command::BenchJoin) => Task::BenchJoin(BenchJoin { engine: engine(&common)? }),
        Some(Command::Bench(BenchArgs { batch, runs })) => {
            Task::Bench(Bench { batch, runs, network: network(&common, false)? })
        }
    })
}

fn query(common: Common, args: QueryArgs) -> Result<Query> {
    let predicate = predicate(&args.similar)?;
    let dataset = named(&args.dataset, &known(&common)?)?;
    Ok(Query {
        key: args.key,
        key_folders: vec![dataset.root.clone(), directory(&common)],
        dataset,
        descriptor: args.similar.descriptor,
        metric: args.similar.metric,
        predicate,
        format: args.format,
        cache: cache()?,
        network: network(&common, false)?,
        engine: engine(&common)?,
    })
}

fn join(common: Common, args: JoinArgs) -> Result<Join> {
    let predicate = predicate(&args.similar)?;
    let format = match (args.format, &args.output) {
        (Some(PairFormat::Parquet), None) => {
            return Err(Error::Input("parquet is written to a file, not to stdout: give --output FILE".into()));
        }
        (Some(format), _) => format,
        (None, Some(output)) => {
            PairFormat::by_extension(output).map_err(|e| Error::Input(format!("{e}, or --format says it")))?
        }
        (None, None) => PairFormat::Csv,
    };
    if let Some(output) = &args.output {
        NewFile::allowed(output, args.force).map_err(|e| match e {
            Error::Io { .. } => Error::Input(format!("{e}; --force replaces it")),
            other => other,
        })?;
    }
    let known = known(&common)?;
    let mut datasets = dataset::distinct(vec![named(&args.keys, &known)?, named(&args.dataset, &known)?]).into_iter();
    Ok(Join {
        keys: datasets.next().expect("two were made distinct, so one is left"),
        with: datasets.next(),
        descriptor: args.similar.descriptor,
        metric: args.similar.metric,
        predicate,
        format,
        output: args.output,
        force: args.force,
        cache: cache()?,
        network: network(&common, false)?,
        engine: engine(&common)?,
    })
}

fn eval(common: Common, args: EvalArgs) -> Result<Eval> {
    Ok(Eval {
        dataset: named(&args.dataset, &known(&common)?)?,
        labels: args.labels.as_deref().map(Labels::named).transpose()?,
        descriptors: args.descriptor.of(&DescriptorKind::ALL),
        metrics: args.metric.of(&Metric::ALL),
        json: args.json,
        cache: cache()?,
        network: network(&common, false)?,
        engine: engine(&common)?,
    })
}

fn predicate(similar: &Similar) -> Result<Predicate> {
    match (&similar.knn, &similar.range) {
        (_, Some(range)) => Kind::Range.parse(range, similar.metric),
        (knn, None) => Kind::Knn.parse(knn.as_deref().unwrap_or(KNN), similar.metric),
    }
}

/// The folders given; with none, or with a datasets directory given as well, those in the directory.
fn for_screens(common: &Common, folders: &[PathBuf]) -> Result<Vec<Dataset>> {
    let mut datasets = folders.iter().map(|f| folder(f)).collect::<Result<Vec<_>>>()?;
    if folders.is_empty() || is_given(&common.datasets) {
        datasets.extend(known(common)?);
    }
    if datasets.is_empty() { Err(none(common)) } else { Ok(dataset::distinct(datasets)) }
}

fn for_index(common: &Common, names: &[PathBuf]) -> Result<Vec<Dataset>> {
    if names.is_empty() {
        return for_screens(common, &[]);
    }
    let known = known(common)?;
    let datasets = names.iter().map(|name| named(name, &known)).collect::<Result<Vec<_>>>()?;
    Ok(dataset::distinct(datasets))
}

/// The datasets in the datasets directory; none if the default one doesn't exist.
fn known(common: &Common) -> Result<Vec<Dataset>> {
    let directory = directory(common);
    if !is_given(&common.datasets) && !directory.exists() {
        return Ok(Vec::new());
    }
    Ok(dataset::distinct(dataset::in_directory(&directory)?))
}

/// The dataset called `typed`, or in the folder `typed`.
fn named(typed: &Path, known: &[Dataset]) -> Result<Dataset> {
    let name = names::text(typed.as_os_str());
    let is_path = name.contains(['/', MAIN_SEPARATOR]);
    // Datasets of the same name are called by their folders' names too: `2024/spain`.
    match known.iter().find(|d| d.name == name) {
        Some(dataset) if !is_path || !typed.exists() => Ok(dataset.clone()),
        _ if typed.exists() => Dataset::open(typed),
        _ => {
            let names: Vec<_> = known.iter().map(|d| d.name.as_str()).collect();
            let known = match names.len() {
                0 => "there are no others: give a folder of pictures".into(),
                _ => format!("known are {}; or give a folder of pictures", names.join(", ")),
            };
            Err(Error::Input(format!("{name}: no such dataset or folder; {known}")))
        }
    }
}

fn folder(path: &Path) -> Result<Dataset> {
    if path.exists() {
        return Dataset::open(path);
    }
    let typed = path.display();
    Err(Error::Input(format!("{typed}: no such folder or command (simages --help lists the commands)")))
}

fn none(common: &Common) -> Error {
    let directory = directory(common);
    let why = if directory.exists() { "holds no folders and no pictures" } else { "does not exist" };
    Error::Input(format!("no datasets: {} {why}; {REMEDY}", directory.display()))
}

fn directory(common: &Common) -> PathBuf {
    given(common.datasets.clone()).unwrap_or_else(|| DATASETS.into())
}

/// A variable that is set to nothing counts as not set.
fn given(value: Option<OsString>) -> Option<PathBuf> {
    value.filter(|v| !v.is_empty()).map(PathBuf::from)
}

fn is_given(value: &Option<OsString>) -> bool {
    value.as_ref().is_some_and(|v| !v.is_empty())
}

fn network(common: &Common, in_background: bool) -> Result<vgg16::Options> {
    let cpu = common.cpu.as_deref().filter(|name| !name.is_empty());
    let default = vgg16::Options::default();
    Ok(vgg16::Options {
        weights: given(common.weights.clone()),
        instructions: cpu.map(instructions).transpose()?,
        threads: common.threads.unwrap_or(default.threads),
        in_background,
    })
}

fn engine(common: &Common) -> Result<Engine> {
    let default = Engine::default();
    let plan = common.plan.as_deref().filter(|name| !name.is_empty()).map(|name| {
        let names = Plan::ALL.map(Plan::name).join(", ");
        Plan::named(name).ok_or_else(|| Error::Input(format!("SIMAGES_PLAN: there is no {name}; there is {names}")))
    });
    let instructions = network(common, false)?.instructions.unwrap_or(default.instructions);
    Ok(Engine { instructions, plan: plan.transpose()?, ..default })
}

fn instructions(name: &str) -> Result<Instructions> {
    Instructions::named(name).ok_or_else(|| {
        let here: Vec<_> = Instructions::available().iter().map(|i| i.name()).collect();
        Error::Input(format!("SIMAGES_CPU: there is no {name} on this processor; there is {}", here.join(", ")))
    })
}

/// `$XDG_CACHE_HOME/simages`, or `~/.cache/simages`.
fn cache() -> Result<PathBuf> {
    let base = etcetera::choose_base_strategy();
    let base = base.map_err(|_| Error::Input("there is no home folder for the cache; set HOME".into()))?;
    Ok(base.cache_dir().join("simages"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    /// A datasets directory with animals and garden, and a folder beside it.
    fn place() -> tempfile::TempDir {
        let place = tempfile::tempdir().unwrap();
        for folder in ["datasets/animals", "datasets/garden", "photos"] {
            std::fs::create_dir_all(place.path().join(folder)).unwrap();
        }
        place
    }

    fn resolved(arguments: &[&str]) -> Result<Task> {
        resolve(Cli::try_parse_from([&["simages"], arguments].concat()).unwrap())
    }

    fn names(task: Result<Task>) -> Vec<String> {
        let datasets = match task.unwrap() {
            Task::Screens(screens) => screens.datasets,
            Task::Index(index) => index.datasets,
            other => panic!("{other:?}"),
        };
        datasets.into_iter().map(|d| d.name).collect()
    }

    #[test]
    fn folders_replace_the_default_directory_and_join_a_given_one() {
        let place = place();
        let directory = place.path().join("datasets").display().to_string();
        let photos = place.path().join("photos").display().to_string();
        assert_eq!(names(resolved(&["--datasets", &directory])), ["animals", "garden"]);
        assert_eq!(names(resolved(&["--datasets", &directory, &photos])), ["photos", "animals", "garden"]);
        assert_eq!(names(resolved(&[&photos, "--datasets="])), ["photos"]);
    }

    #[test]
    fn index_takes_names_and_folders_or_all() {
        let place = place();
        let directory = place.path().join("datasets").display().to_string();
        let photos = place.path().join("photos").display().to_string();
        let index = |names: &[&str]| resolved(&[&["index", "--datasets", &directory], names].concat());
        assert_eq!(names(index(&[])), ["animals", "garden"]);
        assert_eq!(names(index(&["garden", &photos, "garden"])), ["garden", "photos"]);
        let message = index(&["gardens"]).unwrap_err().to_string();
        assert!(message.contains("gardens: no such dataset") && message.contains("animals, garden"), "{message}");
    }

    #[test]
    fn without_a_predicate_the_ten_nearest_are_asked_for() {
        let place = place();
        let animals = place.path().join("datasets/animals").display().to_string();
        let query = |more: &[&str]| match resolved(&[&["query", "a.jpg", &animals], more].concat()) {
            Ok(Task::Query(query)) => query.predicate,
            other => panic!("{other:?}"),
        };
        assert_eq!(query(&[]), Predicate::Knn(10));
        assert_eq!(query(&["--knn", "3"]), Predicate::Knn(3));
        assert_eq!(query(&["--range", "0.5"]), Predicate::Range(0.5));
    }

    #[test]
    fn a_dataset_given_twice_is_joined_with_itself() {
        let place = place();
        let at = |name: &str| place.path().join("datasets").join(name).display().to_string();
        let join =
            |dataset: &str, more: &[&str]| match resolved(&[&["join", &at("animals"), &at(dataset)], more].concat())
                .unwrap()
            {
                Task::Join(join) => (join.with.map(|d| d.name), join.format),
                other => panic!("{other:?}"),
            };
        assert_eq!(join("garden", &[]), (Some("garden".into()), PairFormat::Csv));
        assert_eq!(join("../datasets/animals/", &["--output", "new.jsonl"]), (None, PairFormat::Jsonl));
        assert_eq!(join("animals", &["--output", "new.txt", "--format", "csv"]), (None, PairFormat::Csv));
    }

    #[test]
    fn a_directory_that_does_not_exist_is_named() {
        let message = resolved(&["--datasets", "/nowhere/at/all"]).unwrap_err().to_string();
        assert!(message.contains("/nowhere/at/all"), "{message}");
        let message = resolved(&["/nowhere/at/all"]).unwrap_err().to_string();
        assert!(message.contains("/nowhere/at/all: no such folder"), "{message}");
    }
}
