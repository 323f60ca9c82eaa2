//! The two sides of a join, as given and as indexed.

use std::path::{Path, PathBuf};

use clap::Args;

use super::datasets::{known, named_or_stored, needs_pictures};
use super::indexed::{Lines, indexed};
use super::options::{GlobalOptions, cache};
use super::output::say;
use super::similar::Similar;
use super::teller::Teller;
use crate::cancel::Cancel;
use crate::dataset::{self, Dataset};
use crate::error::Result;
use crate::grid::{self, Making, PlanFolder};
use crate::index::indexer::ToIndex;
use crate::index::store::Store;
use crate::join::export::JoinOnPage;
use crate::join::{DescriptorKind, Engine, JoinedFiles, Metric, Predicate, SetJoin, With};
use crate::page::{HtmlPage, PageSection};
use crate::text::{count, thousands};
use crate::vgg16::{Network, NetworkOptions};

/// The arguments that name the two sides.
#[derive(Debug, Args)]
pub struct JoinedSetsArgs {
    /// The dataset whose pictures are keys: its name, or a folder; or a features.simages, without pictures
    keys: PathBuf,

    /// The dataset to join them with: its name, or a folder; KEYS again for a self-join
    dataset: PathBuf,

    #[command(flatten)]
    similar: Similar,
}

/// The two sides, with everything needed to index them first.
#[derive(Debug)]
pub struct JoinedSets {
    /// The dataset whose pictures are keys.
    keys: Dataset,
    /// The other side; None for a self-join.
    with: Option<Dataset>,
    /// Datasets that pictures may have been moved from.
    known: Vec<Dataset>,
    descriptor: DescriptorKind,
    metric: Metric,
    predicate: Predicate,
    cache: PathBuf,
    network: NetworkOptions,
}

impl JoinedSetsArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<JoinedSets> {
        let predicate = self.similar.predicate()?;
        let known = known(options)?;
        let [keys, dataset] = [&self.keys, &self.dataset].map(|typed| named_or_stored(options, typed, &known));
        let datasets = dataset::distinct(vec![keys?, dataset?]);
        let datasets_given = datasets.clone();
        let mut datasets = datasets.into_iter();
        Ok(JoinedSets {
            keys: datasets.next().expect("two were made distinct, so one is left"),
            with: datasets.next(),
            known: [known, datasets_given].concat(),
            descriptor: self.similar.descriptor(),
            metric: self.similar.metric,
            predicate,
            cache: cache(),
            network: options.network()?,
        })
    }
}

impl JoinedSets {
    /// `photos ⋈ scans`
    pub fn name(&self) -> String {
        format!("{} ⋈ {}", self.keys.name, self.with.as_ref().unwrap_or(&self.keys).name)
    }

    pub fn is_self_join(&self) -> bool {
        self.with.is_none()
    }

    /// An error if `option`, which needs pictures, is used with a side that has none.
    pub fn need_pictures(&self, option: &str) -> Result<()> {
        let without = [Some(&self.keys), self.with.as_ref()].into_iter().flatten().find(|side| side.has_no_pictures());
        without.map_or(Ok(()), |side| Err(needs_pictures(option, side)))
    }

    /// The keys' folder, and the other side's.
    pub fn roots(&self) -> [PathBuf; 2] {
        [&self.keys, self.with.as_ref().unwrap_or(&self.keys)].map(|dataset| dataset.root.clone())
    }

    /// `results`: the total number, on the page or not.
    pub fn page(&self, found: JoinOnPage, results: u64, keys: usize) -> HtmlPage {
        let [of_keys, of_others] = self.roots().map(crate::shown::path);
        let with = if self.with.is_some() { of_others } else { "itself".to_owned() };
        HtmlPage {
            title: self.name(),
            facts: vec![
                ("keys", of_keys),
                ("joined with", with),
                ("descriptor", self.descriptor.name().to_owned()),
                ("metric", format!("{} ({})", self.metric, self.metric.direction())),
                ("predicate", self.predicate.to_string()),
                ("results", format!("{}, of {}", thousands(results as usize), count(keys, "key"))),
            ],
            of: found.of,
            sections: vec![PageSection { groups: found.groups, ..PageSection::default() }],
            ..HtmlPage::default()
        }
    }

    /// The join, after indexing whatever isn't indexed yet.
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

    /// Writes the plan of a join to the shared folder.
    pub fn plan(
        &self,
        join: &SetJoin,
        shared: &Path,
        block: usize,
        engine: &Engine,
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
        let files = |dataset: &Dataset| match dataset.has_no_pictures() {
            true => vec![dataset.root.clone()],
            false => Store::new(dataset, &self.cache).files(),
        };
        let inputs = datasets.flat_map(files).collect();
        let making = Making { shared, models: [&model, &others], block, inputs, engine };
        let mut told =
            |progress| teller.progress(progress, |pace| format!("copying rows to the shared folder, {pace}"));
        grid::plan_join(join, making, cancel, &mut told)
    }
}

fn note_other_crops(join: &SetJoin) {
    if join.crops_differ() {
        say("note: only one of the two was indexed with --crops 5, so similarities come out lower than they could");
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
        say(&format!("note: k is {k}, but there are only {} to join with", count(others, "picture")));
    }
}
