//! `simages clusters`: the kinds of pictures that one or several datasets hold.

use std::io::BufWriter;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use super::datasets::{known, named};
use super::html::{ForceArgs, HtmlArgs, HtmlOutput};
use super::indexed::{collection, roots};
use super::labelled;
use super::options::{GlobalOptions, cache};
use super::output::{path_separator, print, say};
use super::run::Run;
use super::teller::{Count, Teller};
use super::words::one_of;
use crate::cancel::Cancel;
use crate::clusters::{ClusterFormat, ClusterGround, Clustering, adjusted_rand_index, on_page, write};
use crate::dataset::{self, Dataset, Labels};
use crate::error::{Error, Result};
use crate::index::indexer::ToIndex;
use crate::join::Engine;
use crate::marks::{Separator, joined};
use crate::page::HtmlPage;
use crate::shown::ShownOn;
use crate::signals::cancel_on_signal;
use crate::text::{count, thousands};
use crate::vgg16::{Network, NetworkOptions};

/// Sort pictures into clusters of similar ones
///
/// The number of clusters need not be given. Each cluster is represented by its most central picture. The same pictures
/// always give the same clusters.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct ClustersArgs {
    /// Names of datasets, or folders; clustered together as one set
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,

    /// Resolution: a larger number gives more and smaller clusters
    #[arg(long, value_name = "R", default_value = "1", value_parser = resolution)]
    resolution: f64,

    /// Write only cluster N; the largest is 1
    #[arg(long, value_name = "N")]
    only: Option<NonZero<usize>>,

    /// The output format: table (a line per cluster), json, csv (a line per picture), or paths (of the pictures, one
    /// per line)
    #[arg(long, value_parser = one_of(ClusterFormat::ALL.map(|format| (format.name(), format))))]
    #[arg(default_value = "table", hide_possible_values = true)]
    format: ClusterFormat,

    /// With --format paths: print a NUL after each path, for xargs -0
    #[arg(long)]
    print0: bool,

    /// Instead of clusters, print how well they agree with classes (adjusted Rand index). A picture's class is its
    /// folder (folder), its name up to the first _ (prefix), or given by a CSV file with the header file,class
    #[arg(long, value_name = "folder|prefix|FILE", conflicts_with_all = ["only", "format", "html"])]
    labels: Option<String>,

    #[command(flatten)]
    html: HtmlArgs,

    #[command(flatten)]
    force: ForceArgs,
}

fn resolution(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.001..=1000.0).contains(number));
    number.ok_or_else(|| "expected a number from 0.001 to 1000".to_owned())
}

#[derive(Debug)]
pub struct FindClusters {
    datasets: Vec<Dataset>,
    known: Vec<Dataset>,
    resolution: f64,
    only: Option<NonZero<usize>>,
    format: ClusterFormat,
    separator: Separator,
    labels: Option<Labels>,
    html: Option<HtmlOutput>,
    cache: PathBuf,
    network: NetworkOptions,
    engine: Engine,
}

impl ClustersArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<FindClusters> {
        let separator = path_separator(self.print0, self.format == ClusterFormat::Paths)?;
        let known = known(options)?;
        let datasets = self.folders.iter().map(|typed| named(options, typed, &known)).collect::<Result<Vec<_>>>()?;
        let datasets = dataset::distinct(datasets);
        let labels = self.labels.as_deref().map(Labels::named).transpose()?;
        if labels.is_some() && datasets.len() > 1 {
            return Err(Error::Input("--labels works with a single folder".into()));
        }
        Ok(FindClusters {
            known: [known, datasets.clone()].concat(),
            datasets,
            resolution: self.resolution,
            only: self.only,
            format: self.format,
            separator,
            labels,
            html: self.html.resolve(self.force.force)?,
            cache: cache(),
            network: options.network()?,
            engine: options.engine()?,
        })
    }
}

impl Run for FindClusters {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let cancel = Cancel::default();
        cancel_on_signal(cancel.clone());
        self.html.as_ref().map_or(Ok(()), HtmlOutput::check)?;
        let mut labels = self.labels.clone();
        if let Some(Labels::File(file)) = &mut labels {
            *file = labelled::fitted(file, &self.datasets[0], &cancel)?;
        }
        let network = Network::new(self.network.clone());
        let to_index = |dataset| ToIndex::new(dataset, &self.known, &self.cache);
        let collection = collection(&self.datasets, to_index, &network, &cancel)?;
        let mut teller = Teller::new("clusters", Count::Percent);
        let ground = ClusterGround::new(collection, self.engine, &cancel, &mut |progress| teller.share(progress));
        teller.clear();
        let ground = ground?;
        let clustering = ground.clusters(self.resolution);
        if let Some(labels) = &labels {
            return self.measure(&ground, &clustering, labels);
        }
        let pictures = count(ground.collection().len(), "picture");
        say(&format!("{} of {pictures}", count(clustering.clusters.len(), "cluster")));
        if let Some(only) = self.only.filter(|only| only.get() > clustering.clusters.len()) {
            bail!("--only {only}: there are {}", count(clustering.clusters.len(), "cluster"));
        }
        if let Some(html) = &self.html {
            html.write(self.page(&ground, &clustering), &cancel)?;
        }
        match self.format {
            ClusterFormat::Paths => self.print_paths(&ground, &clustering)?,
            format => {
                let only = self.only.map(NonZero::get);
                write(ground.collection(), &clustering, only, format, &mut BufWriter::new(ShownOn::stdout()))
                    .map_err(Error::io("stdout"))?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl FindClusters {
    /// Compares clusters and classes over the pictures that have a class.
    fn measure(&self, ground: &ClusterGround, clustering: &Clustering, labels: &Labels) -> anyhow::Result<ExitCode> {
        let collection = ground.collection();
        let class = |at: u32| labels.label(&collection.picture(at).row.name);
        let classes: Vec<Option<String>> = (0..collection.len() as u32).map(class).collect();
        let (numbers, known) = labelled::numbered(&classes);
        if known.is_empty() {
            bail!("{labels}: none of the labels belongs to a picture in {}", roots(&self.datasets));
        }
        let unlabelled = numbers.iter().filter(|number| number.is_none()).count();
        if unlabelled > 0 {
            let pictures = count(collection.len(), "picture");
            say(&format!("note: {} of {pictures} without a class: left out", thousands(unlabelled)));
        }
        let labelled = clustering.labels().into_iter().zip(numbers).filter_map(|(of, class)| Some((of, class?)));
        let (clusters, classes): (Vec<_>, Vec<_>) = labelled.unzip();
        let (found, index) = (clustering.clusters.len(), adjusted_rand_index(&clusters, &classes));
        let line = format!("clusters,classes,adjusted_rand_index\n{found},{},{index:.4}\n", known.len());
        print(line.as_bytes())?;
        Ok(ExitCode::SUCCESS)
    }

    fn print_paths(&self, ground: &ClusterGround, clustering: &Clustering) -> anyhow::Result<()> {
        let pictures = clustering.numbered(self.only.map(NonZero::get)).flat_map(|(_, cluster)| &cluster.pictures);
        let paths: Vec<PathBuf> = pictures.map(|at| ground.collection().image(*at).path.clone()).collect();
        print(&joined(&paths, self.separator)?)?;
        Ok(())
    }

    fn page(&self, ground: &ClusterGround, clustering: &Clustering) -> HtmlPage {
        let pictures = count(ground.collection().len(), "picture");
        HtmlPage {
            title: "Clusters".to_owned(),
            facts: vec![
                ("folders", roots(&self.datasets)),
                ("clusters", format!("{} of {pictures}", thousands(clustering.clusters.len()))),
                ("resolution", self.resolution.to_string()),
                ("order", "largest cluster first; in each, the most central picture first".to_owned()),
            ],
            sections: vec![on_page(ground.collection(), clustering)],
            ..HtmlPage::default()
        }
    }
}

const HELP: &str = "\
Examples:
  simages clusters ~/Photos
  simages clusters ~/Photos --resolution 4 --html clusters.html
  simages clusters ~/Photos --format csv > clusters.csv
  simages clusters ~/Photos --only 3 --format paths --print0 | xargs -0 -r cp --backup=numbered -t ~/third
  simages clusters corel1k --labels folder

Table: a line per cluster, the largest first, with its number, its size and its most central picture. JSON and CSV list \
every picture of each cluster, the most central first:
  [{\"cluster\":1,\"pictures\":[\"/photos/beach/4.jpg\",...]},...]
  cluster,size,rank,path
  1,112,1,/photos/beach/4.jpg

Clusters are communities (found by the Leiden algorithm) of the graph that connects each picture with its ten nearest neighbours by \
the descriptor gap. --html shows the 24 most central pictures of each. docs/quality.md compares clusters with classes made by people.

Exit codes:
  0    done
  1    failed; the message names the file
  2    bad arguments
  130  cancelled; everything indexed so far is kept";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::tests::{Place, parsed};

    #[test]
    fn a_resolution_is_a_number_above_0() {
        for text in ["0", "-1", "nan", "inf", "fine", ""] {
            assert!(resolution(text).is_err(), "{text}");
        }
        assert_eq!(resolution("0.5"), Ok(0.5));
    }

    #[test]
    fn labels_measure_one_folder() {
        let place = Place::new();
        let (animals, garden) = (place.at("datasets/animals"), place.at("datasets/garden"));
        let (args, options) = parsed::<ClustersArgs>(&[&animals, &garden, "--labels", "folder"]);
        assert!(args.resolve(&options).unwrap_err().to_string().contains("single folder"));
        let (args, options) = parsed::<ClustersArgs>(&[&animals, "--labels", "folder"]);
        assert_eq!(args.resolve(&options).unwrap().labels, Some(Labels::Folder));
    }
}
