//! `simages duplicates`: finds groups of near-duplicates, keeps one of each, and prints the paths of those that may go.

use std::io::BufWriter;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use super::datasets::{known, named};
use super::html::{ForceArgs, HtmlArgs, HtmlOutput};
use super::indexed::source;
use super::last_check;
use super::options::{GlobalOptions, cache, data};
use super::output::{path_separator, print, say};
use super::run::Run;
use super::teller::{Count, SharedTeller, Teller};
use super::words::one_of;
use crate::cancel::Cancel;
use crate::dataset::{self, Dataset, Skipped};
use crate::duplicates::{
    Collection, CollectionSource, GroupFormat, GroupPlan, KeepRule, KeepRules, PlanSettings, SimilarPairs,
    VerdictsFile, Witnesses, floor, on_page, start, to_marks, write,
};
use crate::error::{Error, Result};
use crate::home::expanded_path;
use crate::index::indexer::ToIndex;
use crate::index::quick::{QuickLook, quick};
use crate::join::{DescriptorKind, Engine, Kind, Metric, Predicate};
use crate::marks::{Separator, check, joined};
use crate::page::HtmlPage;
use crate::shown::ShownOn;
use crate::signals::cancel_on_signal;
use crate::text::{bytes, count, printable, thousands};
use crate::vgg16::{Network, NetworkOptions};

/// Find near-duplicates, and which of them may go
///
/// All FOLDERs form one set, and similar pictures form groups. Rules decide which picture of a group is kept. Another
/// is marked if there is evidence that it is a copy of the kept one: the same bytes, another size, format or
/// orientation, fewer bytes, no colours. Another shot of the same scene, as in a burst, is not marked. No picture is
/// ever deleted or moved.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct DuplicatesArgs {
    /// Names of datasets, or folders
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,

    /// The cosine similarity that makes two pictures near-duplicates, 0 to 1 [default: measured for each descriptor:
    /// best 0.6, full 0.65, others 0.92]
    #[arg(long, value_name = "R", allow_hyphen_values = true)]
    range: Option<String>,

    /// By which descriptor
    #[arg(long, help = format!("The descriptor to compare: {}", DescriptorKind::all_in_words()))]
    #[arg(value_parser = one_of(DescriptorKind::ALL.map(|kind| (kind.name(), kind))))]
    #[arg(default_value = DescriptorKind::Regions.name(), hide_possible_values = true)]
    descriptor: DescriptorKind,

    /// Which picture of a group to keep: pixels, lossless, colours, bytes, outside-dcim, oldest, newest, shortest-path,
    /// or in:FOLDER; may be given several times
    ///
    /// Rules apply in the order given, each where the rules before it leave a tie; then come pixels, lossless, colours,
    /// bytes (sizes within a tenth count as equal), outside-dcim (not in a camera's folder DCIM), oldest,
    /// shortest-path, and at last the first by name. Pictures in the FOLDER of in:FOLDER are never marked.
    #[arg(long, value_name = "RULE", value_parser = rule)]
    keep: Vec<KeepRule>,

    /// Compare by the small hash only, without the network; doesn't find cropped copies
    #[arg(long, conflicts_with_all = ["range", "descriptor"])]
    quick: bool,

    /// Pictures in the same folder are not duplicates unless they are byte-identical; for bursts
    #[arg(long)]
    across_folders: bool,

    /// The output format: table, json, csv, paths (of pictures that may go, one per line), or pairs (CSV of all similar
    /// pairs)
    #[arg(long, value_parser = one_of(GroupFormat::ALL.map(|f| (f.name(), f))))]
    #[arg(default_value = "table", hide_possible_values = true)]
    format: GroupFormat,

    /// With --format paths: print a NUL after each path, for xargs -0
    #[arg(long)]
    print0: bool,

    #[command(flatten)]
    html: HtmlArgs,

    #[command(flatten)]
    force: ForceArgs,
}

fn rule(text: &str) -> Result<KeepRule, String> {
    let parsed = KeepRule::parse(text).map_err(|error| error.to_string())?;
    let KeepRule::In(folder) = parsed else { return Ok(parsed) };
    // The shell doesn't expand ~ inside a word.
    let folder = folder.to_str().map_or_else(|| folder.clone(), expanded_path);
    match dataset::resolved_folder(&folder).map_err(|error| error.to_string())? {
        root if root.is_dir() => Ok(KeepRule::In(root)),
        _ => Err(format!("{}: not a folder", crate::shown::path(&folder))),
    }
}

#[derive(Debug)]
pub struct FindDuplicates {
    datasets: Vec<Dataset>,
    known: Vec<Dataset>,
    witnesses: Witnesses,
    settings: PlanSettings,
    format: GroupFormat,
    separator: Separator,
    html: Option<HtmlOutput>,
    verdicts: VerdictsFile,
    cache: PathBuf,
    network: NetworkOptions,
    engine: Engine,
}

impl DuplicatesArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<FindDuplicates> {
        let least = floor(self.descriptor);
        let range = match self.range.as_deref().map(|text| Kind::Range.parse(text, Metric::Cosine)).transpose()? {
            Some(Predicate::Range(range)) if range < least => {
                let name = self.descriptor.name();
                return Err(Error::Input(format!(
                    "{range}: the least for {name} is {least}; below that, hardly any pair is a copy"
                )));
            }
            Some(Predicate::Range(range)) => range,
            _ => start(self.descriptor),
        };
        let separator = path_separator(self.print0, self.format == GroupFormat::Paths)?;
        let known = known(options)?;
        let datasets = self.folders.iter().map(|typed| named(options, typed, &known)).collect::<Result<Vec<_>>>()?;
        let datasets = dataset::distinct(datasets);
        Ok(FindDuplicates {
            known: [known, datasets.clone()].concat(),
            datasets,
            witnesses: if self.quick { Witnesses::Hash } else { Witnesses::Both(self.descriptor) },
            settings: PlanSettings { range, rules: KeepRules::new(self.keep), across_folders: self.across_folders },
            format: self.format,
            separator,
            html: self.html.resolve(self.force.force)?,
            verdicts: VerdictsFile::new(&data()),
            cache: cache(),
            network: options.network()?,
            engine: options.engine()?,
        })
    }
}

impl Run for FindDuplicates {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let cancel = Cancel::default();
        cancel_on_signal(cancel.clone());
        self.html.as_ref().map_or(Ok(()), HtmlOutput::check)?;
        let verdicts = self.verdicts.read()?;
        let network = Network::new(self.network.clone());
        let sources = self.datasets.iter().map(|dataset| self.source(dataset, &network, &cancel));
        let sources: Vec<_> = sources.collect::<anyhow::Result<_>>()?;
        if sources.iter().all(|source| source.images.is_empty()) {
            let folders: Vec<_> = self.datasets.iter().map(|dataset| crate::shown::path(&dataset.root)).collect();
            bail!(
                "{}: no pictures in {}",
                folders.join(", "),
                if folders.len() == 1 { "this folder" } else { "these folders" }
            );
        }
        let collection = Collection::new(sources)?.with_real_folders();
        let mut teller = Teller::new("near-duplicates", Count::Percent);
        let mut tell = |progress| teller.share(progress);
        let similar = SimilarPairs::among(&collection, self.witnesses, self.from(), self.engine, &cancel, &mut tell);
        let similar = similar.context("near-duplicates")?;
        teller.clear();
        let looking = SharedTeller::new("near-duplicates, a closer look", Count::Percent);
        let tell = |progress| looking.looking(progress);
        let plan = GroupPlan::complete(&collection, &similar, &verdicts, &self.settings, &cancel, &tell);
        looking.clear();
        let plan = plan.context("near-duplicates")?;
        self.tell(&collection, &similar, &plan);
        if let Some(html) = &self.html {
            html.write(self.page(&collection, &plan), &cancel)?;
        }
        match self.format {
            GroupFormat::Paths => self.print_paths(&collection, &plan, &cancel),
            _ => {
                write(&collection, &similar, &plan, self.format, &mut BufWriter::new(ShownOn::stdout()))
                    .map_err(Error::io("stdout"))?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl FindDuplicates {
    /// The least similarity of the pairs to find; groups are made of the pairs within the range.
    fn from(&self) -> f64 {
        match (self.format, self.witnesses) {
            (GroupFormat::Pairs, Witnesses::Both(descriptor)) => floor(descriptor),
            _ => self.settings.range,
        }
    }

    /// A dataset's pictures, indexed first if necessary.
    fn source(&self, dataset: &Dataset, network: &Network, cancel: &Cancel) -> anyhow::Result<CollectionSource> {
        if self.witnesses == Witnesses::Hash {
            return self.looked_at(dataset, cancel);
        }
        let what = ToIndex::new(dataset, &self.known, &self.cache);
        Ok(source(&what, network, cancel)?.source)
    }

    /// A dataset's pictures, without the network.
    fn looked_at(&self, dataset: &Dataset, cancel: &Cancel) -> anyhow::Result<CollectionSource> {
        let mut teller = Teller::new(&dataset.name, Count::Each);
        let looked = quick(dataset, &self.cache, &self.network, cancel, &mut |progress| teller.looking(progress));
        teller.clear();
        let QuickLook { matrix, scan, skipped } = looked.context(dataset.name.clone())?;
        let films = Skipped::films(&skipped);
        if films > 0 {
            teller.line(&format!("skipped {}", count(films, "video")));
        }
        for Skipped { file, error, .. } in skipped.iter().filter(|skipped| !skipped.is_film()) {
            teller.line(&format!("skipped {}: {}", printable(file), printable(error)));
        }
        Ok(CollectionSource {
            name: dataset.name.clone(),
            root: dataset.root.clone(),
            matrix,
            images: scan.images.into(),
        })
    }

    /// Sums up what was found, in a line or two.
    fn tell(&self, collection: &Collection, similar: &SimilarPairs, plan: &GroupPlan) {
        let (groups, pictures) = (count(plan.groups.len(), "group"), count(collection.len(), "picture"));
        let left: usize = plan.groups.iter().map(|group| group.members.len()).sum::<usize>() - plan.to_mark;
        let left = if left > 0 { format!("; {} left for you to judge", count(left, "picture")) } else { String::new() };
        let marked = count(plan.to_mark, "picture");
        say(&format!(
            "{groups} in {pictures}: {marked} to mark in {}, {}{left}",
            count(plan.groups_to_mark, "group"),
            bytes(plan.bytes)
        ));
        if similar.is_cut && self.settings.range < similar.floor {
            say(&format!(
                "note: too many pairs: only those of {:.3} or more were kept; give a larger --range",
                similar.floor
            ));
        }
        if collection.unseen() > 0 {
            let unseen = count(collection.unseen(), "picture");
            say(&format!("note: {unseen} can't be decoded now, so they are judged by the descriptor alone"));
        }
    }

    fn page(&self, collection: &Collection, plan: &GroupPlan) -> HtmlPage {
        let folders: Vec<_> = self.datasets.iter().map(|dataset| crate::shown::path(&dataset.root)).collect();
        let PlanSettings { range, rules, across_folders } = &self.settings;
        let witnesses = match self.witnesses {
            Witnesses::Hash => "small hash only".to_owned(),
            Witnesses::Both(descriptor) => format!("{} of {range} or more, and the small hash", descriptor.name()),
        };
        let marked = format!("{}, {}", count(plan.to_mark, "picture"), bytes(plan.bytes));
        let mut facts = vec![
            ("folders", folders.join(", ")),
            ("found by", witnesses),
            (
                "values",
                "cosine similarity to the kept picture, or differing bits of the small hash (of 255)".to_owned(),
            ),
            ("keep", rules.names()),
            ("groups", format!("{} in {}", thousands(plan.groups.len()), count(collection.len(), "picture"))),
            ("marked", marked),
        ];
        if *across_folders {
            facts.push(("within a folder", "only byte-identical pictures".to_owned()));
        }
        HtmlPage {
            title: "Near-duplicates".to_owned(),
            facts,
            sections: vec![on_page(collection, plan)],
            ..HtmlPage::default()
        }
    }

    /// Checks each file that may go, and the one kept for it, once more.
    fn print_paths(&self, collection: &Collection, plan: &GroupPlan, cancel: &Cancel) -> anyhow::Result<ExitCode> {
        let checked = last_check::told(cancel, &self.verdicts, |checking| check(&to_marks(collection, plan), checking));
        cancel.check()?;
        checked.doubts().for_each(|doubt| say(&doubt));
        print(&joined(&checked.paths, self.separator)?)?;
        if checked.paths.is_empty() && !checked.left_out.is_empty() {
            bail!("all of them have changed in the meantime: run the command again");
        }
        Ok(ExitCode::SUCCESS)
    }
}

const HELP: &str = "\
Examples:
  simages duplicates ~/Photos
  simages duplicates ~/Photos ~/Backup --keep pixels --keep in:~/Photos --format csv > groups.csv
  simages duplicates ~/Photos --across-folders --format paths --print0 | xargs -0 -r trash
  simages duplicates ~/Photos --quick
  simages duplicates ~/Photos --html duplicates.html

Pairs are found in two ways: by the descriptor, within --range, and by a small perceptual hash in eight orientations. The hash finds \
pictures that were scaled, recompressed, made grey, rotated, mirrored or framed, and ignores the range.

In a group:
  keep   the kept picture, and the rule that decided
  mark   a copy of it, and the evidence: identical, same pixels, smaller, larger, other format,
         cropped, rotated/mirrored, grey, recompressed
  leave  perhaps not a copy, and why: perhaps another shot (or an edited one), taken at another
         time, has a date (EXIF; the kept one has none), holds more (an animation, pages, layers),
         has colours, shows more, same pixels but a larger file, older than the kept one,
         kept one has a frame, kept one isn't sharper, pair with a RAW file, not like the kept
         one, protected

JSON: an array of groups, each an array of pictures, the kept one first:
  {\"action\":\"mark\",\"why\":\"smaller\",\"path\":\"/p/small.jpg\",\"of\":\"/p/large.jpg\",\"value\":0.91,\"distance\":2,...}
  of is the picture that stays in its place: the kept one, or another one of the group that isn't marked. value is the cosine similarity \
to that one, distance the number of bits of the small hashes that differ (of 255).

CSV has the same fields as columns, and the group's number. --format pairs writes key,file,value,distance,identical for all \
pairs found, also those below --range. With --format paths, each file and the one kept for it are checked \
once more; files that have changed are left out.

Pairs that you declared not duplicates (n on the screens) are never marked in favour of each other.

Exit codes:
  0    done, also if there are none
  1    failed; the message names the file
  2    bad arguments
  130  cancelled; everything indexed so far is kept";
