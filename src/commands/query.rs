//! `simages query`: the pictures of a dataset that are similar to a key.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;

use super::datasets::{known, named_or_stored, needs_pictures};
use super::html::{ForceArgs, HtmlArgs, HtmlOutput};
use super::indexed::{Indexed, Lines, indexed};
use super::keys::{KnownKey, MissingKey, TypedKeys};
use super::options::{GlobalOptions, cache};
use super::output::{path_separator, print, say};
use super::preview::{Preview, PreviewArgs};
use super::run::Run;
use super::similar::Similar;
use super::words::one_of;
use crate::cancel::Cancel;
use crate::dataset::Dataset;
use crate::descriptor::FeatureMatrix;
use crate::error::{Error, Result};
use crate::index::indexer::ToIndex;
use crate::join::export::{PictureFiles, ResultFormat, ResultKey, results_on_page};
use crate::join::{DescriptorKind, Engine, Metric, Neighbour, Predicate, Ranking, SoughtKeys, query};
use crate::marks::{Separator, joined};
use crate::page::{HtmlPage, PageGroup, PageSection};
use crate::signals::cancel_on_signal;
use crate::text::{count, thousands};
use crate::vgg16::{Network, NetworkOptions};

/// Most pictures named in place of a key that doesn't exist.
const SUGGESTED: usize = 3;

/// Find the pictures similar to one or several keys
///
/// Prints the pictures of DATASET that are most similar to the picture KEY, best first. Pictures that are not indexed
/// yet are indexed first. A key in DATASET, by whatever path, is not among its own results.
///
/// With several keys, a picture's value is the mean of its values to the keys for, minus a quarter of the mean of its
/// values to the keys against. A range applies to this combined value.
///
/// Instead of a dataset, a features.simages can be given: its descriptors are read as they are needed, however many,
/// and nothing is indexed. KEY is then a picture, or the name of one of its rows. Its pictures need not exist, so
/// --preview and --html can't be used.
///
/// A part of a picture is compared as if it were a whole picture. The picture it was cut from can be a result.
#[derive(Debug, Args)]
#[command(after_long_help = HELP, override_usage = "simages query [OPTIONS] [KEY] <DATASET>")]
pub struct QueryArgs {
    /// KEY is a picture: a path, or a file in DATASET or in the datasets directory. 'a.jpg#x,y,w,h' is a part of a.jpg,
    /// in pixels of the upright picture. KEY may be left out if --like gives a key. DATASET is a dataset's name, or a
    /// folder
    #[arg(required = true, num_args = 1..=2, value_names = ["KEY", "DATASET"])]
    typed: Vec<PathBuf>,

    /// Another key that results should be like; may be given several times
    #[arg(long, value_name = "KEY")]
    like: Vec<PathBuf>,

    /// A key that results should be unlike; may be given several times
    #[arg(long, value_name = "KEY")]
    unlike: Vec<PathBuf>,

    #[command(flatten)]
    similar: Similar,

    /// Expand the query: search a second time with some of the five nearest as additional keys, namely those that have
    /// the key among their own five nearest and are nearly as similar as the first. This finds more of the same kind.
    /// Values are still those to the key, so they are not in order
    #[arg(long, conflicts_with_all = ["range", "like", "unlike"])]
    expand: bool,

    /// The output format: table, json, csv, or paths (absolute, one per line)
    #[arg(long, value_parser = one_of(FORMATS), default_value = "table", hide_possible_values = true)]
    #[arg(conflicts_with = "preview")]
    format: QueryFormat,

    /// With --format paths: print a NUL after each path, for xargs -0
    #[arg(long)]
    print0: bool,

    #[command(flatten)]
    preview: PreviewArgs,

    #[command(flatten)]
    html: HtmlArgs,

    #[command(flatten)]
    force: ForceArgs,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QueryFormat {
    Results(ResultFormat),
    Paths,
}

const FORMATS: [(&str, QueryFormat); 4] = [
    ("table", QueryFormat::Results(ResultFormat::Table)),
    ("json", QueryFormat::Results(ResultFormat::Json)),
    ("csv", QueryFormat::Results(ResultFormat::Csv)),
    ("paths", QueryFormat::Paths),
];

#[derive(Debug)]
pub struct Query {
    keys: TypedKeys,
    /// The dataset to search.
    dataset: Dataset,
    /// Datasets that pictures may have been moved from.
    known: Vec<Dataset>,
    descriptor: DescriptorKind,
    metric: Metric,
    predicate: Predicate,
    expand: bool,
    format: QueryFormat,
    separator: Separator,
    /// None: write results in the format above.
    preview: Option<Preview>,
    html: Option<HtmlOutput>,
    cache: PathBuf,
    network: NetworkOptions,
    engine: Engine,
}

impl QueryArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<Query> {
        let predicate = self.similar.predicate()?;
        let known = known(options)?;
        let (key, dataset) = match &self.typed[..] {
            [key, dataset] => (Some(key.clone()), dataset),
            [dataset] if !self.like.is_empty() => (None, dataset),
            _ => {
                let wanted = "a key and a dataset: KEY DATASET, or --like KEY DATASET";
                return Err(Error::Input(format!("expected {wanted}")));
            }
        };
        let dataset = named_or_stored(options, dataset, &known)?;
        let (preview, html) = (self.preview.resolve(options)?, self.html.resolve(self.force.force)?);
        if dataset.has_no_pictures() && (preview.is_some() || html.is_some()) {
            return Err(needs_pictures(if html.is_some() { "--html" } else { "--preview" }, &dataset));
        }
        let separator = path_separator(self.print0, self.format == QueryFormat::Paths)?;
        if self.format == QueryFormat::Paths && dataset.has_no_pictures() {
            return Err(needs_pictures("--format paths", &dataset));
        }
        let folders = [Some(&dataset).filter(|dataset| !dataset.has_no_pictures()).map(|dataset| dataset.root.clone())];
        let folders = folders.into_iter().flatten().chain([options.directory()]).collect();
        Ok(Query {
            keys: TypedKeys { like: key.into_iter().chain(self.like).collect(), unlike: self.unlike, folders },
            dataset,
            known,
            descriptor: self.similar.descriptor(),
            metric: self.similar.metric,
            predicate,
            expand: self.expand,
            format: self.format,
            separator,
            preview,
            html,
            cache: cache(),
            network: options.network()?,
            engine: options.engine()?,
        })
    }
}

impl Run for Query {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let cancel = Cancel::default();
        cancel_on_signal(cancel.clone());
        self.html.as_ref().map_or(Ok(()), HtmlOutput::check)?;
        let has_pictures = !self.dataset.has_no_pictures();
        let keys = match has_pictures {
            true => self.keys.open().map_err(|error| self.with_suggestion(error, &cancel))?,
            false => Vec::new(),
        };
        let network = Network::new(self.network.clone());
        let what = ToIndex::new(&self.dataset, &self.known, &self.cache);
        let Indexed { matrix, images, .. } = indexed(&what, &network, &cancel, Lines::Notices)?;
        let (stored, keys) = if has_pictures { (Vec::new(), keys) } else { self.keys.among(&matrix)? };
        let keys = keys.into_iter().map(|key| key.known(&self.dataset, &images, &matrix, &network, &cancel));
        let keys = stored.into_iter().chain(keys.collect::<Result<Vec<_>>>()?);
        let (like, unlike): (Vec<_>, Vec<_>) = keys.partition(|key| key.is_for);

        let stored = like.iter().chain(&unlike).filter_map(|key| key.name.as_deref());
        let others = matrix.len() - stored.collect::<HashSet<_>>().len();
        if let Predicate::Knn(k) = self.predicate
            && k > others
        {
            let pictures = count(others, "picture");
            say(&format!("note: k is {k}, but there are only {pictures} to compare with"));
        }
        let found = self.found(&like, &unlike, &matrix)?;
        let files = PictureFiles { root: &self.dataset.root, images: &images };
        let pictures: Vec<_> = like.iter().chain(&unlike).map(KnownKey::on_page).collect();
        let keys: Vec<_> = like.into_iter().map(|key| ResultKey { name: key.typed, content: key.content }).collect();
        let contents: Vec<_> = keys.iter().map(|key| key.content).collect();
        let group = || results_on_page(pictures.clone(), &found, self.metric, &contents, files);
        if let Some(preview) = &self.preview {
            preview.draw(&group().pictures, &cancel)?;
        } else {
            print(&match self.format {
                QueryFormat::Paths => {
                    let path = |found: &Neighbour| files.picture(&found.row.name, "").path;
                    joined(&found.iter().map(path).collect::<Vec<_>>(), self.separator)?
                }
                QueryFormat::Results(format) => {
                    let results: Vec<_> = (1..).zip(&found).collect();
                    let mut output = Vec::new();
                    format.write(&results, (self.descriptor, self.metric), &keys, &mut output)?;
                    output
                }
            })?;
        }
        if let Some(html) = &self.html {
            html.write(self.page(group(), pictures.len(), others), &cancel)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Query {
    /// Adds the pictures in the dataset that are called like a key of which there is no file.
    fn with_suggestion(&self, error: anyhow::Error, cancel: &Cancel) -> anyhow::Error {
        let Some(missing) = error.downcast_ref::<MissingKey>() else { return error };
        let Ok(scan) = self.dataset.scan(cancel, &mut |_| ()) else { return error };
        let alike = missing.alike(&scan.images);
        let more = if alike.len() > SUGGESTED { ", or another of that name" } else { "" };
        match alike.get(..alike.len().min(SUGGESTED)) {
            Some(first @ [_, ..]) => anyhow!("{error}; did you mean {}{more}?", first.join(" or ")),
            _ => error,
        }
    }

    fn found(&self, like: &[KnownKey], unlike: &[KnownKey], matrix: &FeatureMatrix) -> Result<Vec<Neighbour>> {
        let by = (self.descriptor, self.metric);
        match (like, unlike) {
            ([key], []) if self.expand => self.expanded(key, matrix, by),
            ([key], []) => query(&self.engine, &key.descriptor, matrix, key.name.as_deref(), by, self.predicate),
            _ => {
                let like_all: Vec<_> = like.iter().map(|key| &key.descriptor).collect();
                let unlike_all: Vec<_> = unlike.iter().map(|key| &key.descriptor).collect();
                let left_out: Vec<_> = like.iter().chain(unlike).filter_map(|key| key.name.as_deref()).collect();
                let keys = SoughtKeys { like: &like_all, unlike: &unlike_all };
                let ranking = Ranking::of_several(&self.engine, keys, matrix, &left_out, by);
                matrix.check_whole().and_then(|()| keys.check_whole())?;
                Ok(ranking.results(self.predicate).to_vec())
            }
        }
    }

    /// The nearest by a second search; the keys it used are named on stderr.
    fn expanded(&self, key: &KnownKey, matrix: &FeatureMatrix, by: (DescriptorKind, Metric)) -> Result<Vec<Neighbour>> {
        let ranking = Ranking::expanded(&self.engine, &key.descriptor, matrix, key.name.as_deref(), by);
        matrix.check_whole().and_then(|()| key.descriptor.check_whole())?;
        say(&match ranking.further().unwrap_or(0) {
            0 => "note: not expanded: none of the nearest qualified as a key".to_owned(),
            further => format!(
                "note: expanded by {} from the first results; values still compare with the key",
                count(further, "key")
            ),
        });
        Ok(ranking.results(self.predicate).to_vec())
    }

    /// A page of `keys` keys and their results. `compared`: the number of pictures compared.
    fn page(&self, group: PageGroup, keys: usize, compared: usize) -> HtmlPage {
        let paths: Vec<_> = group.pictures[..keys].iter().map(|key| crate::shown::path(&key.path)).collect();
        let first = group.pictures[0].path.file_name().unwrap_or_default();
        let more = if keys > 1 { format!(" and {}", count(keys - 1, "more key")) } else { String::new() };
        let results = group.pictures.len() - keys;
        let by = if self.expand { ", expanded by first results" } else { "" };
        HtmlPage {
            title: format!("Similar to {}{more}", crate::shown::text(first)),
            facts: vec![
                (if keys > 1 { "keys" } else { "key" }, paths.join(", ")),
                ("dataset", crate::shown::path(&self.dataset.root)),
                ("descriptor", format!("{}{by}", self.descriptor)),
                ("metric", format!("{} ({})", self.metric, self.metric.direction())),
                ("predicate", self.predicate.to_string()),
                ("results", format!("{} of {}", thousands(results), count(compared, "picture"))),
            ],
            sections: vec![PageSection { groups: vec![group], ..PageSection::default() }],
            ..HtmlPage::default()
        }
    }
}

const HELP: &str = "\
Examples:
  simages query birds_duck.jpg animals
  simages query ~/duck.png animals -k 3 --format json
  simages query birds_duck.jpg animals --descriptor best --expand
  simages query birds_duck.jpg animals --metric euclidean --range 2500 --format csv
  simages query birds_duck.jpg animals --format paths --print0 | xargs -0 -r cp -p --backup=numbered -t ~/ducks
  simages query birds_duck.jpg animals --preview
  simages query birds_duck.jpg animals --knn 50 --html duck.html
  simages query 'birds_duck.jpg#10,20,150,120' animals
  simages query birds_duck.jpg animals/features.simages
  simages query --like birds_duck.jpg --like birds_drake.jpg --unlike fish_pike.jpg animals

JSON:
  [{\"rank\":1,\"file\":\"birds_drake.jpg\",\"value\":0.412,\"descriptor\":\"best\"}]
  A file that is byte-identical to the key's also has \"identical\":true. With several keys for, \
\"nearest\" is the key that the picture is nearest to, as typed; the table and CSV have it too.

Only the result goes to stdout; progress and notes go to stderr.

Exit codes:
  0    done, also if nothing is within the range
  1    failed: a key can't be read or is both for and against, a part is outside its picture,
       or the dataset holds no pictures
  2    bad arguments: an unknown dataset, k = 0, a range beyond the metric's bounds
  130  cancelled; everything indexed so far is kept";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::tests::{Place, parsed};

    #[test]
    fn without_a_predicate_the_ten_nearest_are_asked_for() {
        let place = Place::new();
        let query = |more: &[&str]| {
            let (args, options) = parsed::<QueryArgs>(&[&["a.jpg", &place.at("datasets/animals")], more].concat());
            args.resolve(&options).unwrap().predicate
        };
        assert_eq!(query(&[]), Predicate::Knn(10));
        assert_eq!(query(&["--knn", "3"]), Predicate::Knn(3));
        assert_eq!(query(&["--range", "0.5"]), Predicate::Range(0.5));
    }
}
