//! `simages duplicates`: groups of near-duplicates, what is kept of each, and the paths of what may go.

use std::io::BufWriter;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use parking_lot::Mutex;

use super::datasets::{known, named};
use super::html::{ForceArgs, HtmlArgs, HtmlOutput};
use super::indexed::source;
use super::options::{GlobalOptions, cache, data};
use super::output::{print, say};
use super::run::Run;
use super::teller::{Count, Teller};
use super::words::one_of;
use crate::cancel::Cancel;
use crate::dataset::{self, Dataset, Skipped, why_not};
use crate::duplicates::{
    Collection, CollectionSource, GroupFormat, GroupPlan, KeepRule, KeepRules, PlanSettings, SimilarPairs,
    VerdictsFile, Witnesses, floor, on_page, start, to_marks, write,
};
use crate::error::{Error, Result};
use crate::index::indexer::ToIndex;
use crate::index::quick::{QuickLook, quick};
use crate::join::{DescriptorKind, Engine, Kind, Metric, Predicate};
use crate::marks::{CheckedMarks, Separator, check, joined};
use crate::page::HtmlPage;
use crate::progress::Due;
use crate::shown::ShownOn;
use crate::signals::cancel_on_signal;
use crate::text::{bytes, count, printable, thousands};
use crate::vgg16::{Network, NetworkOptions};

/// Find near-duplicates, and say which may go
///
/// All FOLDERs are one set. Pictures that are like one of them are a group; of each group one is kept, by rules, and the others
/// are marked where something tells that they are copies of it: the same bytes, another size, format or orientation, fewer bytes, no
/// colours. Another shot of the same thing, as of a burst, stays unmarked. No picture is ever deleted or moved.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct DuplicatesArgs {
    /// Names of datasets, or folders
    #[arg(required = true, value_name = "FOLDER")]
    folders: Vec<PathBuf>,

    /// Cosine similarity from which two pictures are alike, 0 to 1 [default: measured, by descriptor: best 0.6, full 0.65, others 0.92]
    #[arg(long, value_name = "R", allow_hyphen_values = true)]
    range: Option<String>,

    /// By which descriptor
    #[arg(long, help = format!("By which descriptor: {}", DescriptorKind::all_in_words()))]
    #[arg(value_parser = one_of(DescriptorKind::ALL.map(|kind| (kind.name(), kind))))]
    #[arg(default_value = DescriptorKind::Regions.name(), hide_possible_values = true)]
    descriptor: DescriptorKind,

    /// What is kept of a group: pixels, lossless, colours, bytes, oldest, newest, shortest-path, or in:DIR; may be given several times
    ///
    /// Rules count in their order, each where those before leave several; then pixels, lossless,
    /// colours, bytes (a tenth more or less is the same), oldest, shortest-path.
    /// What lies in the DIR of in:DIR is never marked.
    #[arg(long, value_name = "RULE", value_parser = rule)]
    keep: Vec<KeepRule>,

    /// By the small hash alone, without the network: what is cropped isn't found
    #[arg(long, conflicts_with_all = ["range", "descriptor"])]
    quick: bool,

    /// Two pictures in one folder are no duplicates, unless they are the same to the byte: for bursts
    #[arg(long)]
    across_folders: bool,

    /// How groups are written: table, json, csv, paths (of what may go, one a line), or pairs (CSV of all that are alike)
    #[arg(long, value_parser = one_of(GroupFormat::ALL.map(|f| (f.name(), f))))]
    #[arg(default_value = "table", hide_possible_values = true)]
    format: GroupFormat,

    /// With --format paths: a NUL after each path, for xargs -0
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
    match std::path::absolute(&folder).and_then(|path| path.canonicalize()) {
        Ok(folder) if folder.is_dir() => Ok(KeepRule::In(folder)),
        Ok(_) => Err(format!("{}: not a folder", crate::shown::path(&folder))),
        Err(error) => Err(format!("{}: {}", crate::shown::path(&folder), why_not(&folder, &error))),
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
                    "{range}: pairs are looked for from {least} on by {name}; below, hardly any is a copy"
                )));
            }
            Some(Predicate::Range(range)) => range,
            _ => start(self.descriptor),
        };
        if self.print0 && self.format != GroupFormat::Paths {
            return Err(Error::Input("--print0 goes with --format paths".into()));
        }
        let known = known(options)?;
        let datasets = self.folders.iter().map(|typed| named(options, typed, &known)).collect::<Result<Vec<_>>>()?;
        let datasets = dataset::distinct(datasets);
        Ok(FindDuplicates {
            known: [known, datasets.clone()].concat(),
            datasets,
            witnesses: if self.quick { Witnesses::Hash } else { Witnesses::Both(self.descriptor) },
            settings: PlanSettings { range, rules: KeepRules::new(self.keep), across_folders: self.across_folders },
            format: self.format,
            separator: if self.print0 { Separator::Null } else { Separator::Line },
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
        let collection = Collection::new(sources.collect::<anyhow::Result<_>>()?)?;
        let mut teller = Teller::new("near-duplicates", Count::Percent);
        let mut tell = |progress| teller.share(progress);
        let similar = SimilarPairs::among(&collection, self.witnesses, self.from(), self.engine, &cancel, &mut tell);
        let similar = similar.context("near-duplicates")?;
        teller.clear();
        let looking = Mutex::new(Teller::new("near-duplicates, a closer look", Count::Percent));
        let due = Mutex::new(Due::new());
        let tell = |progress| {
            if due.lock().is_now() {
                looking.lock().looking(progress);
            }
        };
        let plan = GroupPlan::complete(&collection, &similar, &verdicts, &self.settings, &cancel, &tell);
        looking.lock().clear();
        let plan = plan.context("near-duplicates")?;
        self.tell(&collection, &similar, &plan);
        if let Some(html) = &self.html {
            html.write(self.page(&collection, &plan), &cancel)?;
        }
        match self.format {
            GroupFormat::Paths => self.print_paths(&collection, &plan),
            _ => {
                write(&collection, &similar, &plan, self.format, &mut BufWriter::new(ShownOn::stdout()))
                    .map_err(Error::io("stdout"))?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl FindDuplicates {
    /// From which value on pairs are asked for: groups are made of those within the range.
    fn from(&self) -> f64 {
        match (self.format, self.witnesses) {
            (GroupFormat::Pairs, Witnesses::Both(descriptor)) => floor(descriptor),
            _ => self.settings.range,
        }
    }

    /// A dataset's pictures, indexed first where that is not done yet.
    fn source(&self, dataset: &Dataset, network: &Network, cancel: &Cancel) -> anyhow::Result<CollectionSource> {
        if self.witnesses == Witnesses::Hash {
            return self.looked_at(dataset, cancel);
        }
        let what = ToIndex::new(dataset, &self.known, &self.cache);
        Ok(source(&what, network, cancel)?.source)
    }

    /// A dataset's pictures without the network.
    fn looked_at(&self, dataset: &Dataset, cancel: &Cancel) -> anyhow::Result<CollectionSource> {
        let mut teller = Teller::new(&dataset.name, Count::Each);
        let looked = quick(dataset, &self.cache, &self.network, cancel, &mut |progress| teller.looking(progress));
        teller.clear();
        let QuickLook { matrix, scan, skipped } = looked.context(dataset.name.clone())?;
        let films = Skipped::films(&skipped);
        if films > 0 {
            teller.line(&format!("passed over {}", count(films, "film")));
        }
        for Skipped { file, error } in skipped.iter().filter(|skipped| !skipped.is_film()) {
            teller.line(&format!("skipped {}: {}", printable(file), printable(error)));
        }
        Ok(CollectionSource {
            name: dataset.name.clone(),
            root: dataset.root.clone(),
            matrix,
            images: scan.images.into(),
        })
    }

    /// What was found, in a line or two.
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
                "note: too many pairs: only those from {:.3} on were kept; give a larger --range",
                similar.floor
            ));
        }
        if collection.unseen() > 0 {
            let unseen = count(collection.unseen(), "picture");
            say(&format!("note: {unseen} can't be decoded now, so nothing but the descriptor tells of them"));
        }
    }

    fn page(&self, collection: &Collection, plan: &GroupPlan) -> HtmlPage {
        let folders: Vec<_> = self.datasets.iter().map(|dataset| crate::shown::path(&dataset.root)).collect();
        let PlanSettings { range, rules, across_folders } = &self.settings;
        let witnesses = match self.witnesses {
            Witnesses::Hash => "the small hash alone".to_owned(),
            Witnesses::Both(descriptor) => format!("{} from {range} on, and the small hash", descriptor.name()),
        };
        let marked = format!("{}, {}", count(plan.to_mark, "picture"), bytes(plan.bytes));
        let mut facts = vec![
            ("folders", folders.join(", ")),
            ("found by", witnesses),
            ("values", "cosine similarity to the kept one, or bits of the small hash that differ (of 255)".to_owned()),
            ("kept", rules.names()),
            ("groups", format!("{} in {}", thousands(plan.groups.len()), count(collection.len(), "picture"))),
            ("marked", marked),
        ];
        if *across_folders {
            facts.push(("within a folder", "only what is the same to the byte".to_owned()));
        }
        HtmlPage {
            title: "Near-duplicates".to_owned(),
            facts,
            sections: vec![on_page(collection, plan)],
            ..HtmlPage::default()
        }
    }

    /// Looks at each file that may go, and at the one that is kept, once more.
    fn print_paths(&self, collection: &Collection, plan: &GroupPlan) -> anyhow::Result<ExitCode> {
        let CheckedMarks { paths, left_out } = check(&to_marks(collection, plan));
        for (path, why) in &left_out {
            say(&format!("left out: {} {}", printable(&crate::shown::path(path)), printable(why)));
        }
        print(&joined(&paths, self.separator)?).map_err(Error::io("stdout"))?;
        if paths.is_empty() && !left_out.is_empty() {
            bail!("all of them changed meanwhile: run it again");
        }
        Ok(ExitCode::SUCCESS)
    }
}

const HELP: &str = "\
Examples:
  simages duplicates ~/Photos
  simages duplicates ~/Photos ~/Backup --keep pixels --keep in:~/Photos --format csv > groups.csv
  simages duplicates ~/Photos --across-folders --format paths --print0 | xargs -0 trash
  simages duplicates ~/Photos --quick
  simages duplicates ~/Photos --html duplicates.html

Two witnesses find pairs: the descriptor, from --range on, and a small perceptual hash in eight orientations, which finds \
what is scaled, recompressed, grey, turned, mirrored or in a frame, and doesn't follow the range.

In a group:
  keep   the one that the rules keep, and the rule that decided
  mark   a copy of it, and what tells so: identical, smaller, larger, other format, cropped, turned/mirrored, \
         grey, recompressed
  leave  one that may be no copy, and why: perhaps another shot (or an edited one), taken at another time, has a \
         date (EXIF; the kept one has none), holds more (an animation, pages, layers), has colours, shows more, \
         kept one has a frame, not like the kept one, protected

JSON: an array of groups, each an array of pictures, the kept one first:
  {\"action\":\"mark\",\"why\":\"smaller\",\"path\":\"/p/small.jpg\",\"value\":0.91,\"distance\":2,\"width\":800,...}
  value is the cosine similarity to the kept one, distance the bits of the small hashes that differ (of 255).

CSV has the same as columns, and the number of the group. With --format pairs: key,file,value,distance,identical of all \
pairs that were found, also below --range. With --format paths each file, and the one that is kept for \
it, is looked at once more: what has changed since is left out.

What you said are no duplicates (n on the screens) is in no group.

Exit codes:
  0    done, also if there are none
  1    it failed, and the message names the file
  2    bad arguments
  130  cancelled; what was indexed is kept";
