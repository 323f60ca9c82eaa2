//! `simages query`: the pictures of a dataset that are like a key.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use super::datasets::{known, named};
use super::html::{ForceArgs, HtmlArgs, HtmlOutput};
use super::indexed::{Indexed, Lines, indexed};
use super::options::{GlobalOptions, cache};
use super::output::{print, say};
use super::preview::{Preview, PreviewArgs};
use super::run::Run;
use super::similar::Similar;
use super::words::one_of;
use crate::cancel::Cancel;
use crate::dataset::{Dataset, FileId, NO_SUCH_FILE, Stamp, meant, why_not};
use crate::descriptor::{Descriptor, FeatureMatrix};
use crate::error::Result;
use crate::index::indexer::{ReadKey, ToIndex};
use crate::join::export::{PictureFiles, ResultFormat, results_on_page};
use crate::join::{DescriptorKind, Engine, Metric, Neighbour, Predicate, Ranking, query};
use crate::limits::Limit;
use crate::page::{HtmlPage, PageGroup, PagePicture, PageSection};
use crate::signals::cancel_on_signal;
use crate::text::{count, thousands};
use crate::vgg16::{Network, NetworkOptions};

/// Find the pictures that are like a key
///
/// Prints the pictures of DATASET that are most similar to the picture KEY, best first. Pictures that are not indexed yet
/// are indexed first. A key that is one of DATASET, by whatever path, is no result of its own.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct QueryArgs {
    /// A picture: a path, or a file in DATASET or in the datasets directory
    key: PathBuf,

    /// The name of a dataset, or a folder
    dataset: PathBuf,

    #[command(flatten)]
    similar: Similar,

    /// Expand: rank by a second pass. Of the five nearest those that have the key among their own five nearest, and are nearly as
    /// similar as the first, become further keys. It finds more of the same kind. Values are those to the key, so they are
    /// not in order
    #[arg(long, conflicts_with = "range")]
    expand: bool,

    /// How results are written: table, json or csv
    #[arg(long, value_parser = one_of(FORMATS), default_value = "table", hide_possible_values = true)]
    #[arg(conflicts_with = "preview")]
    format: ResultFormat,

    #[command(flatten)]
    preview: PreviewArgs,

    #[command(flatten)]
    html: HtmlArgs,

    #[command(flatten)]
    force: ForceArgs,
}

const FORMATS: [(&str, ResultFormat); 3] =
    [("table", ResultFormat::Table), ("json", ResultFormat::Json), ("csv", ResultFormat::Csv)];

#[derive(Debug)]
pub struct Query {
    /// The key as typed.
    key: PathBuf,
    /// Where the key may lie besides the current folder.
    key_folders: Vec<PathBuf>,
    /// The dataset that is searched.
    dataset: Dataset,
    /// Datasets that its pictures may have been in before.
    known: Vec<Dataset>,
    descriptor: DescriptorKind,
    metric: Metric,
    predicate: Predicate,
    expand: bool,
    format: ResultFormat,
    /// None: results are written in that format.
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
        let dataset = named(options, &self.dataset, &known)?;
        Ok(Query {
            key: self.key,
            key_folders: vec![dataset.root.clone(), options.directory()],
            dataset,
            known,
            descriptor: self.similar.descriptor(),
            metric: self.similar.metric,
            predicate,
            expand: self.expand,
            format: self.format,
            preview: self.preview.resolve(options)?,
            html: self.html.resolve(self.force.force)?,
            cache: cache()?,
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
        let key = self.find_key()?;
        // A key that can't be read is said at once, not after indexing.
        let picture = ReadKey::open(&key)?;
        let network = Network::new(self.network.clone());
        let what = ToIndex::new(&self.dataset, &self.known, &self.cache);
        let Indexed { matrix, images, .. } = indexed(&what, &network, &cancel, Lines::Notices)?;

        // The same file, by whatever path; or one that was there when it was indexed.
        let id = FileId::at(&key);
        let same = images.iter().find(|image| id.as_ref() == Some(&image.id)).map(|image| image.name.clone());
        let name = same.or_else(|| {
            let name = self.dataset.name_of(&self.dataset.place_of(&key)?)?;
            // Another file may be shown by the same name, if one of the two isn't UTF-8.
            let content = matrix.get(&name)?.content();
            content.is_none_or(|content| content == picture.content).then_some(name)
        });
        let stored = name.as_deref().and_then(|name| matrix.get(name));
        let descriptor: Descriptor = match stored {
            Some(row) => row.descriptor.clone(),
            None => picture.describe(matrix.crops, &network, &cancel)?,
        };
        let content = stored.and_then(|row| row.content()).unwrap_or(picture.content);
        let others = matrix.len() - usize::from(stored.is_some());
        if let Predicate::Knn(k) = self.predicate
            && k > others
        {
            let pictures = count(others, "picture");
            say(&format!("note: k is {k}, but there is no more to compare with than {pictures}"));
        }
        let by = (self.descriptor, self.metric);
        let found = match self.expand {
            false => query(&self.engine, &descriptor, &matrix, name.as_deref(), by, self.predicate)?,
            true => self.expanded(&descriptor, &matrix, name.as_deref())?,
        };
        let files = PictureFiles { root: &self.dataset.root, images: &images };
        let stamp = key.metadata().ok().map(|metadata| Stamp::of(&metadata));
        let picture = PagePicture::new(std::path::absolute(&key).unwrap_or(key), stamp, "key");
        let group = || results_on_page(picture.clone(), &found, self.metric, Some(content), files);
        if let Some(preview) = &self.preview {
            preview.draw(&group().pictures, &cancel)?;
        } else {
            let results: Vec<_> = (1..).zip(&found).collect();
            let mut output = Vec::new();
            self.format.write(&results, self.metric, Some(content), &mut output)?;
            print(&output)?;
        }
        if let Some(html) = &self.html {
            html.write(self.page(group(), others), &cancel)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Query {
    /// The nearest by a second pass; on stderr, by what.
    fn expanded(&self, key: &Descriptor, matrix: &FeatureMatrix, left_out: Option<&str>) -> Result<Vec<Neighbour>> {
        let ranking = Ranking::expanded(&self.engine, key, matrix, left_out, (self.descriptor, self.metric));
        key.check_whole().and_then(|()| matrix.check_whole())?;
        say(&match ranking.further().unwrap_or(0) {
            0 => "note: not expanded: none of the nearest became a further key".to_owned(),
            further => format!("note: expanded by {}; values are those to the key", count(further, "further key")),
        });
        Ok(ranking.results(self.predicate).to_vec())
    }

    /// `compared`: how many pictures the key was compared with.
    fn page(&self, group: PageGroup, compared: usize) -> HtmlPage {
        let key = &group.pictures[0].path;
        let results = group.pictures.len() - 1;
        let by = if self.expand {
            format!("{}, expanded by first results", self.descriptor.name())
        } else {
            self.descriptor.name().to_owned()
        };
        HtmlPage {
            title: format!("What is like {}", crate::shown::text(key.file_name().unwrap_or_default())),
            facts: vec![
                ("key", crate::shown::path(key)),
                ("dataset", crate::shown::path(&self.dataset.root)),
                ("descriptor", by),
                ("metric", format!("{} ({})", self.metric, self.metric.direction())),
                ("predicate", self.predicate.to_string()),
                ("results", format!("{} of {}", thousands(results), count(compared, "picture"))),
            ],
            of: group.pictures.len(),
            sections: vec![PageSection { groups: vec![group], ..PageSection::default() }],
            ..HtmlPage::default()
        }
    }

    /// The key's file: as typed, else in the dataset, else in the datasets directory.
    fn find_key(&self) -> anyhow::Result<PathBuf> {
        let typed = std::iter::once(self.key.clone());
        let elsewhere = self.key_folders.iter().map(|folder| folder.join(&self.key));
        for place in typed.chain(elsewhere) {
            match meant(&place) {
                Ok(found) => return Ok(found),
                Err(error) => match (Limit::of(&error), why_not(&place, &error)) {
                    (Some(limit), _) => return Err(limit.into()),
                    (None, why) if why == NO_SUCH_FILE => {}
                    // Something is there, and that is what is wrong.
                    (None, why) => bail!("{}: {why}", crate::shown::path(&place)),
                },
            }
        }
        let folders: Vec<_> = self.key_folders.iter().map(crate::shown::path).collect();
        bail!("{}: no such file, neither here nor in {}", crate::shown::path(&self.key), folders.join(" or "))
    }
}

const HELP: &str = "\
Examples:
  simages query birds_duck.jpg animals
  simages query ~/duck.png animals --knn 3 --format json
  simages query birds_duck.jpg animals --descriptor best --expand
  simages query birds_duck.jpg animals --metric euclidean --range 2500 --format csv
  simages query birds_duck.jpg animals --preview
  simages query birds_duck.jpg animals --knn 50 --html duck.html

JSON:
  [{\"rank\":1,\"file\":\"birds_drake.jpg\",\"value\":0.412}]
  A file that is the same to the byte as the key's has \"identical\":true besides.

Only the result goes to stdout; progress and notes go to stderr.

Exit codes:
  0    done, also if nothing is within the range
  1    it failed: the key can't be read, or the dataset holds no pictures
  2    bad arguments: an unknown dataset, k = 0, a range beyond the metric's bounds
  130  cancelled; what was indexed is kept";

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
