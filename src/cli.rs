//! The command line as it is typed. In: the arguments and two environment variables. Out: [`Cli`], which
//! [`crate::config`] turns into settings.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;

use crate::config::Protocol;
use crate::descriptor::Crops;
use crate::join::export::{PairFormat, ResultFormat};
use crate::join::{DescriptorKind, Metric};

/// Join sets of images by similarity, in the terminal.
///
/// A picture is the key; SIMages finds the pictures of a dataset that are like it: the k nearest, or all within a range.
/// Each picture is described by 25,088 numbers of the neural network VGG-16, once, kept in the dataset's features.npz.
///
/// Without a command the screens open: choose a key on the first one, see what is like it on the second. The commands
/// do the same for scripts.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, override_usage = USAGE, after_long_help = TOP)]
pub struct Cli {
    /// Folders of pictures; each is a dataset [default: the folders in the datasets directory]
    ///
    /// Pictures are found in subfolders too. Folders given here replace the datasets directory, unless that one is
    /// given as well. A folder that is called like a command is given as ./index.
    #[arg(value_name = "FOLDER")]
    pub folders: Vec<PathBuf>,

    #[command(flatten)]
    pub common: Common,

    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of all commands")]
pub struct Common {
    /// The datasets directory: every folder in it is a dataset [default: ./datasets]
    #[arg(long, global = true, value_name = "DIR", env = "SIMAGES_DATASETS", hide_env_values = true)]
    pub datasets: Option<OsString>,

    /// VGG-16 weights, a safetensors file with torchvision's names [default: those in the program]
    #[arg(long, global = true, value_name = "FILE", env = "SIMAGES_WEIGHTS", hide_env_values = true)]
    pub weights: Option<OsString>,

    /// Threads that compute descriptors [default: as many as the processors run at a time]
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<NonZero<usize>>,

    /// The instruction set to compute with; see SIMAGES_CPU
    #[arg(long, global = true, hide = true, value_name = "NAME", env = "SIMAGES_CPU")]
    pub cpu: Option<String>,

    /// The way that set joins are computed; see SIMAGES_PLAN
    #[arg(long, global = true, hide = true, value_name = "NAME", env = "SIMAGES_PLAN")]
    pub plan: Option<String>,

    /// Append what happens to this file
    #[arg(long, global = true, value_name = "FILE", env = "SIMAGES_LOG", hide_env_values = true)]
    pub log: Option<PathBuf>,

    /// How the screens show pictures: auto, kitty, sixel, iterm2 or halfblocks
    #[arg(long, global = true, value_enum, default_value_t = Protocol::Auto, hide_possible_values = true)]
    pub protocol: Protocol,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compute the descriptors that are missing
    ///
    /// Reads each dataset's pictures and brings its features.npz up to date: new and changed pictures are computed, no
    /// others. The file lies in the dataset's folder; in ~/.cache/simages where that is read-only. It can be stopped at
    /// any time (Ctrl-C): what was computed is kept.
    ///
    /// Pictures that can't be read are skipped and listed; that is no failure. Progress goes to stderr.
    #[command(after_long_help = INDEX)]
    Index(IndexArgs),

    /// Find the pictures that are like a key
    ///
    /// Prints the pictures of DATASET that are most similar to the picture KEY, best first. Pictures that are not
    /// indexed yet are indexed first. A key that lies in the dataset is no result of its own.
    #[command(after_long_help = QUERY)]
    Query(QueryArgs),

    /// Join two datasets: for every picture, those that are like it
    ///
    /// Every picture of KEYS is a key; written are the pictures of DATASET that are most similar to it, key by key, best
    /// first. Pictures that are not indexed yet are indexed first. The result is written as it is found, however large.
    ///
    /// The same dataset twice is a self-join. A picture is never its own result. With --knn each picture has its own K
    /// nearest; with --range each pair is written once, under the name that sorts first.
    #[command(after_long_help = JOIN)]
    Join(JoinArgs),

    /// Measure how good results are, where it is known what belongs together
    ///
    /// Every picture of DATASET is a key once; the others are ranked by how similar they are, and those of its class are
    /// the ones that should come first. Prints means over all keys, with 95 % intervals: mAP (mean average precision),
    /// P@1 and P@10 (the share of the first one and ten that are of the class) and R-precision, by each descriptor and
    /// metric; and the mAP of each class.
    #[command(after_long_help = EVAL)]
    Eval(EvalArgs),

    /// Tell what works here and what doesn't
    ///
    /// Looks at the terminal, the processor, the weights, the cache folder and every dataset, and writes nothing.
    /// Put what it prints into a bug report.
    #[command(after_long_help = "Exit codes:\n  0  all is well\n  1  something is broken, and it says what")]
    Doctor,

    /// Print completions for a shell
    #[command(after_long_help = COMPLETIONS)]
    Completions {
        #[arg(value_enum)]
        shell: Shell,
    },

    /// Print the manual page
    #[command(after_long_help = "Examples:\n  simages man > ~/.local/share/man/man1/simages.1")]
    Man,

    /// Print how many milliseconds a picture takes
    ///
    /// The median of some runs of the network alone, on pictures in memory. For comparing, not for users.
    #[command(hide = true)]
    Bench(BenchArgs),

    /// Answer lines from stdin by joins, and how long they took
    #[command(hide = true)]
    BenchJoin,
}

#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Pictures at a time
    #[arg(long, value_name = "N", default_value = "8")]
    pub batch: NonZero<usize>,

    /// How often they are computed, once more to warm up
    #[arg(long, value_name = "N", default_value = "5")]
    pub runs: NonZero<usize>,
}

#[derive(Debug, Args)]
pub struct IndexArgs {
    /// Names of datasets, or folders [default: all in the datasets directory]
    #[arg(value_name = "DATASET")]
    pub names: Vec<PathBuf>,

    /// What of each picture is described: 1 (all of it), or the mean of 5 crops (corners and centre), which finds more in
    /// most photographs and takes five times as long [default: what was chosen before, else 1]
    #[arg(long, value_name = "1|5", value_parser = one_of(CROPS))]
    #[arg(hide_possible_values = true)]
    pub crops: Option<Crops>,

    /// Print one JSON object per dataset, a line each, to stdout
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct QueryArgs {
    /// A picture: a path, or a file in DATASET or in the datasets directory
    pub key: PathBuf,

    /// The name of a dataset, or a folder
    pub dataset: PathBuf,

    #[command(flatten)]
    pub similar: Similar,

    /// How results are written: table, json or csv
    #[arg(long, value_parser = one_of(FORMATS), default_value = "table", hide_possible_values = true)]
    pub format: ResultFormat,
}

#[derive(Debug, Args)]
pub struct JoinArgs {
    /// The name of the keys' dataset, or a folder
    pub keys: PathBuf,

    /// The name of the dataset they are joined with, or a folder; KEYS again for a self-join
    pub dataset: PathBuf,

    #[command(flatten)]
    pub similar: Similar,

    /// How results are written: csv, jsonl or parquet [default: by FILE's extension, else csv]
    #[arg(long, value_parser = one_of(PairFormat::ALL.map(|f| (f.name(), f))), hide_possible_values = true)]
    pub format: Option<PairFormat>,

    /// Write to FILE, which appears when it is complete [default: stdout]
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Replace FILE if it is there already
    #[arg(long, requires = "output")]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct EvalArgs {
    /// The name of a dataset, or a folder
    pub dataset: PathBuf,

    /// What a picture's class is: folder (that it lies in), prefix (its name up to the first _), or a CSV file of names
    /// and classes [default: folder, if there is more than one]
    #[arg(long, value_name = "folder|prefix|FILE")]
    pub labels: Option<String>,

    /// Measure this descriptor only: full, gap, gem, mac, rmac, best [default: all]
    #[arg(long, value_parser = all_or_one(DescriptorKind::ALL.map(|p| (p.name(), p))), default_value = ALL)]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub descriptor: Choice<DescriptorKind>,

    /// Measure this metric only: cosine or euclidean [default: all]
    #[arg(long, value_parser = all_or_one(Metric::ALL.map(|m| (m.name(), m))), default_value = ALL)]
    #[arg(hide_possible_values = true, hide_default_value = true)]
    pub metric: Choice<Metric>,

    /// Print one JSON object to stdout
    #[arg(long)]
    pub json: bool,
}

/// Which pictures are results.
#[derive(Debug, Args)]
pub struct Similar {
    /// By which descriptor: full (what is where), or what there is, wherever it stands: best (regions that match; finds the
    /// most), or pooled: gap, gem, mac, rmac
    #[arg(long, value_parser = one_of(DescriptorKind::ALL.map(|p| (p.name(), p))), default_value = DescriptorKind::default().name())]
    #[arg(hide_possible_values = true)]
    pub descriptor: DescriptorKind,

    /// What similar means: cosine (similarity, larger is more similar) or euclidean (distance, smaller is)
    #[arg(long, value_parser = one_of(Metric::ALL.map(|m| (m.name(), m))), default_value = Metric::default().name())]
    #[arg(hide_possible_values = true)]
    pub metric: Metric,

    /// The K nearest pictures [default: 10, if no range is given]
    #[arg(long, value_name = "K", conflicts_with = "range", allow_hyphen_values = true)]
    pub knn: Option<String>,

    /// All pictures at least as similar (cosine, 0 to 1), or at most as far (euclidean, from 0), as R
    #[arg(long, value_name = "R", allow_hyphen_values = true)]
    pub range: Option<String>,
}

const CROPS: [(&str, Crops); 2] = [("1", Crops::Whole), ("5", Crops::Five)];
const FORMATS: [(&str, ResultFormat); 3] =
    [("table", ResultFormat::Table), ("json", ResultFormat::Json), ("csv", ResultFormat::Csv)];

const ALL: &str = "all";

/// Something, or all there is.
#[derive(Clone, Copy, Debug)]
pub enum Choice<T> {
    All,
    One(T),
}

impl<T: Clone> Choice<T> {
    /// What is chosen, where there is `all`.
    pub fn of(&self, all: &[T]) -> Vec<T> {
        match self {
            Choice::All => all.to_vec(),
            Choice::One(one) => vec![one.clone()],
        }
    }
}

/// Reads one of these words, or "all".
fn all_or_one<T: Copy + Send + Sync + 'static, const N: usize>(
    words: [(&'static str, T); N],
) -> impl TypedValueParser<Value = Choice<T>> {
    one_of(words.map(|(word, value)| (word, Choice::One(value))).into_iter().chain([(ALL, Choice::All)]))
}

/// Reads one of these words as what it stands for.
fn one_of<T: Copy + Send + Sync + 'static>(
    words: impl IntoIterator<Item = (&'static str, T)>,
) -> impl TypedValueParser<Value = T> {
    let words: Vec<_> = words.into_iter().collect();
    PossibleValuesParser::new(words.iter().map(|(word, _)| PossibleValue::new(*word))).map(move |typed| {
        let found = words.iter().find(|(word, _)| *word == typed);
        found.expect("only these words are accepted").1
    })
}

const USAGE: &str = "simages [OPTIONS] [FOLDER]...\n       simages [OPTIONS] COMMAND ...";

const TOP: &str = "\
Examples:
  simages                        the datasets in ./datasets
  simages ~/Photos ~/Scans       these two folders
  simages --datasets ~/Pictures  each folder in ~/Pictures
  simages index ~/Photos         compute descriptors without a screen
  simages query duck.jpg animals --knn 5

On the screens, ? lists the keys and q quits.

Files:
  DATASET/features.npz       descriptors, for numpy too: numpy.load(\"features.npz\")[\"features\"]
  DATASET/features.simages   the same, to be opened at once; made again whenever it is missing or in doubt
  ~/.cache/simages           both, of read-only folders; $XDG_CACHE_HOME/simages if that is set

Environment:
  SIMAGES_DATASETS, SIMAGES_WEIGHTS   as --datasets and --weights, which go before them
  SIMAGES_LOG                         as --log: a file that tells what happened, for reports of defects
  SIMAGES_CPU                         instructions to compute with: avx512, avx2, neon or portable;
                                      without it the fastest that simages doctor lists
  SIMAGES_PLAN                        how joins are computed: plain, norms or values; the results are the
                                      same; without it a sample tells which is the fastest

Exit codes:
  0    done
  1    it failed, and the message names the file
  2    bad arguments, or no dataset
  130  cancelled (Ctrl-C, SIGTERM or SIGHUP); what was computed is kept";

const INDEX: &str = "\
Examples:
  simages index                  all datasets in ./datasets
  simages index animals garden   two of them
  simages index ~/Photos --json

JSON, one line a dataset:
  {\"dataset\":\"animals\",\"images\":144,\"indexed\":143,\"computed\":9,
   \"skipped\":[{\"file\":\"bad.jpg\",\"error\":\"the file is empty\"}],
   \"seconds\":4.9,\"images_per_second\":1.837}
  images_per_second is null when nothing was computed.

Exit codes:
  0    done, skipped pictures or not
  1    it failed
  2    bad arguments, or an unknown dataset
  130  cancelled; what was computed is kept";

const QUERY: &str = "\
Examples:
  simages query birds_duck.jpg animals
  simages query ~/duck.png animals --knn 3 --format json
  simages query birds_duck.jpg animals --metric euclidean --range 2500 --format csv

JSON:
  [{\"rank\":1,\"file\":\"birds_drake.jpg\",\"value\":0.412}]

Only the result goes to stdout; progress and notes go to stderr.

Exit codes:
  0    done, also if nothing is within the range
  1    it failed: the key can't be read, or the dataset holds no pictures
  2    bad arguments: an unknown dataset, k = 0, a range beyond the metric's bounds
  130  cancelled; what was indexed is kept";

const JOIN: &str = "\
Examples:
  simages join animals garden > pairs.csv
  simages join animals garden --knn 3 --output pairs.parquet
  simages join ~/Photos ~/Photos --range 0.9 --output duplicates.jsonl
  simages join animals animals --metric euclidean --range 1500

CSV, with a header:
  key,rank,file,value
  birds_duck.jpg,1,birds_drake.jpg,0.4123456789012345

JSON Lines, one line a pair:
  {\"key\":\"birds_duck.jpg\",\"rank\":1,\"file\":\"birds_drake.jpg\",\"value\":0.4123456789012345}

Parquet, Snappy, with --output only:
  key string, rank int64, file string, value double

Records are sorted by key, then rank, from 1 within each key; a key without results has no record. Values have all
their digits. Progress and a summary go to stderr.

FILE appears when it is complete: until then the records go to a hidden file beside it, which is removed when the join
is cancelled or fails. A picture or a dataset's own file is never replaced, not by --force either.

Exit codes:
  0    done, also if nothing is within the range
  1    it failed, and the message names the file
  2    bad arguments: an unknown dataset, k = 0, a range beyond the metric's bounds, FILE there already
  130  cancelled; what was indexed is kept, FILE is not written";

const EVAL: &str = "\
Examples:
  simages eval ~/Birds                    a folder for each class
  simages eval animals --descriptor gap   by what stands before the first _ in the names
  simages eval ~/Photos --labels labels.csv --metric cosine --json

FILE is CSV with a header: the path of a picture inside the dataset, its class.
  file,class
  2024/a.jpg,beach

A picture that is alone in its class is no key, but one of those that are ranked. Intervals are the bootstrap's, over
keys. Everything is reproducible: the same pictures give the same figures.

JSON:
  {\"dataset\":\"animals\",\"pictures\":142,\"labels\":\"prefix\",\"classes\":13,\"keys\":141,\"results\":[
    {\"descriptor\":\"gap\",\"metric\":\"cosine\",\"keys\":141,\"map\":{\"mean\":0.61,\"low\":0.58,\"high\":0.64},
     \"p_at_1\":{..},\"p_at_10\":{..},\"r_precision\":{..},
     \"per_class\":[{\"class\":\"birds\",\"keys\":40,\"map\":{..},..}]}]}

Exit codes:
  0    done
  1    it failed: no pictures, or none with another one of its class
  2    bad arguments
  130  cancelled; what was indexed is kept";

const COMPLETIONS: &str = "\
Examples:
  simages completions bash > ~/.local/share/bash-completion/completions/simages
  simages completions zsh > ~/.zfunc/_simages
  simages completions fish > ~/.config/fish/completions/simages.fish";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn parsed(arguments: &[&str]) -> Cli {
        Cli::try_parse_from([&["simages"], arguments].concat()).unwrap()
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn folders_and_commands_are_told_apart() {
        assert!(parsed(&["Photos"]).command.is_none());
        assert!(matches!(parsed(&["index"]).command, Some(Command::Index(_))));
        assert_eq!(parsed(&["./index"]).folders, [PathBuf::from("./index")]);
        // After a folder, everything is one.
        assert_eq!(parsed(&["Photos", "index"]).folders.len(), 2);
        // Options may stand on either side of the command.
        for arguments in [["--datasets", "d", "index"], ["index", "--datasets", "d"]] {
            let cli = parsed(&arguments);
            assert!(matches!(cli.command, Some(Command::Index(_))));
            assert_eq!(cli.common.datasets, Some("d".into()));
        }
    }
}
