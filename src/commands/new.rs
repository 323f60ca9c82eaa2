//! `simages new`: which pictures of a card are not in an archive yet.

use std::io::BufWriter;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::datasets::{known, named};
use super::html::{ForceArgs, HtmlArgs, HtmlOutput};
use super::indexed::{IndexedSource, source};
use super::last_check;
use super::options::{GlobalOptions, cache, data};
use super::output::{path_separator, print, say};
use super::run::Run;
use super::teller::{Count, SharedTeller, Teller};
use super::words::one_of;
use crate::archive::{CardCheck, CardFormat, CardRanges, StandingKind, on_page, to_marks, write};
use crate::cancel::Cancel;
use crate::dataset::{self, Dataset};
use crate::duplicates::{Collection, VerdictsFile};
use crate::error::{Error, Result};
use crate::index::indexer::ToIndex;
use crate::join::{DescriptorKind, Engine, Kind, Metric, Predicate};
use crate::marks::{Separator, check, joined};
use crate::page::HtmlPage;
use crate::shown::ShownOn;
use crate::signals::cancel_on_signal;
use crate::text::{count, printable, thousands};
use crate::vgg16::{Network, NetworkOptions};

/// Is it in my archive? Find a card's pictures that aren't there yet
///
/// Compares each picture of CARD with those of all ARCHIVEs. It is there if an archive has a byte-identical file, or a
/// copy with at least as many pixels; smaller if the archive's copy is worse; unsure if the archive has something
/// similar but no evidence of a copy, such as the next picture of a burst; else new. Nothing is written to CARD: its
/// descriptors go to the cache.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct NewArgs {
    /// The folder or dataset to check
    #[arg(value_name = "CARD")]
    card: PathBuf,

    /// The archives to search: names of datasets, or folders
    #[arg(required = true, value_name = "ARCHIVE")]
    archives: Vec<PathBuf>,

    /// The cosine similarity below which a picture is new [default: measured for each descriptor: best 0.6]; and
    /// optionally a second one, from which it counts as there without other evidence [default: never]
    #[arg(long, value_name = "R", num_args = 1..=2, allow_hyphen_values = true)]
    range: Vec<String>,

    /// By which descriptor
    #[arg(long, help = format!("The descriptor to compare: {}", DescriptorKind::all_in_words()))]
    #[arg(value_parser = one_of(DescriptorKind::ALL.map(|kind| (kind.name(), kind))))]
    #[arg(default_value = DescriptorKind::Regions.name(), hide_possible_values = true)]
    descriptor: DescriptorKind,

    /// The output format: table, json, csv, or paths (one per line)
    #[arg(long, value_parser = one_of(CardFormat::ALL.map(|f| (f.name(), f))))]
    #[arg(default_value = "table", hide_possible_values = true)]
    format: CardFormat,

    /// Write only these: new, unsure, smaller, there, or unreadable; separate several with commas [default: all; with
    /// --format paths: new]
    #[arg(long, value_name = "WHICH", value_delimiter = ',')]
    #[arg(value_parser = one_of(StandingKind::ALL.map(|kind| (kind.name(), kind))), hide_possible_values = true)]
    only: Vec<StandingKind>,

    /// With --format paths: print a NUL after each path, for xargs -0
    #[arg(long)]
    print0: bool,

    #[command(flatten)]
    html: HtmlArgs,

    #[command(flatten)]
    force: ForceArgs,
}

#[derive(Debug)]
pub struct FindNew {
    card: Dataset,
    archives: Vec<Dataset>,
    known: Vec<Dataset>,
    ranges: CardRanges,
    descriptor: DescriptorKind,
    format: CardFormat,
    only: Vec<StandingKind>,
    separator: Separator,
    html: Option<HtmlOutput>,
    verdicts: VerdictsFile,
    cache: PathBuf,
    network: NetworkOptions,
    engine: Engine,
}

impl NewArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<FindNew> {
        let separator = path_separator(self.print0, self.format == CardFormat::Paths)?;
        let ranges = self.ranges()?;
        let known = known(options)?;
        let card = named(options, &self.card, &known)?.only_read();
        let archives = self.archives.iter().map(|typed| named(options, typed, &known)).collect::<Result<Vec<_>>>()?;
        if let Some(same) = archives.iter().find(|archive| archive.root == card.root) {
            let root = crate::shown::path(&same.root);
            return Err(Error::Input(format!("{root} is the card itself: give the folders to search")));
        }
        // An archive inside the card is only read as well.
        let inside =
            |archive: Dataset| if archive.root.starts_with(&card.root) { archive.only_read() } else { archive };
        let archives: Vec<Dataset> = archives.into_iter().map(inside).collect();
        let datasets = dataset::distinct([vec![card], archives].concat());
        let mut only: Vec<_> = StandingKind::ALL.into_iter().filter(|kind| self.only.contains(kind)).collect();
        if only.is_empty() {
            only = match self.format {
                CardFormat::Paths => vec![StandingKind::New],
                _ => StandingKind::ALL.to_vec(),
            };
        }
        Ok(FindNew {
            known: [known, datasets.clone()].concat(),
            card: datasets[0].clone(),
            archives: datasets[1..].to_vec(),
            ranges,
            descriptor: self.descriptor,
            format: self.format,
            only,
            separator,
            html: self.html.resolve(self.force.force)?,
            verdicts: VerdictsFile::new(&data()),
            cache: cache(),
            network: options.network()?,
            engine: options.engine()?,
        })
    }

    fn ranges(&self) -> Result<CardRanges> {
        let remedy = "--range R, or --range R R2, must come after the folders";
        if let Some(text) = self.range.iter().find(|text| text.parse::<f64>().is_err()) {
            return Err(Error::Input(format!("{text}: not a range; {remedy}")));
        }
        let parsed = |text: &String| match Kind::Range.parse(text, Metric::Cosine)? {
            Predicate::Range(range) => Ok(range),
            Predicate::Knn(_) => Err(Error::Input(format!("{text}: not a range"))),
        };
        let given = self.range.iter().map(parsed).collect::<Result<Vec<f64>>>()?;
        let usual = CardRanges::of(self.descriptor);
        match given[..] {
            [alike, same] if same < alike => {
                Err(Error::Input(format!("--range {alike} {same}: the second must not be below the first")))
            }
            [alike, same] => Ok(CardRanges { alike, same: Some(same) }),
            [alike] => Ok(CardRanges { alike, same: None }),
            _ => Ok(usual),
        }
    }
}

impl Run for FindNew {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let cancel = Cancel::default();
        cancel_on_signal(cancel.clone());
        self.html.as_ref().map_or(Ok(()), HtmlOutput::check)?;
        let verdicts = self.verdicts.read()?;
        let network = Network::new(self.network.clone());
        let source = |dataset| {
            let what = ToIndex::new(dataset, &self.known, &self.cache);
            source(&what, &network, &cancel)
        };
        // The archive first: files that are byte-identical there need not be computed again.
        let mut sources = Vec::new();
        for archive in &self.archives {
            let IndexedSource { source, skipped, .. } = source(archive)?;
            if source.images.is_empty() {
                say(&format!("note: there are no pictures in {}", crate::shown::path(&archive.root)));
            }
            if !skipped.is_empty() {
                let skipped = count(skipped.len(), "picture");
                say(&format!(
                    "note: {skipped} of {} can't be read: copies of them on the card are listed as new",
                    archive.name
                ));
            }
            sources.push(source);
        }
        let IndexedSource { source: card, skipped: unreadable, passed_over } = source(&self.card)?;
        sources.insert(0, card);
        let collection = Collection::new(sources)?;
        let comparing = &self.card.name;
        let mut teller = Teller::new(comparing, Count::Percent);
        let looking = SharedTeller::new(&format!("{comparing}, a closer look"), Count::Percent);
        let found = CardCheck::find(
            &collection,
            self.descriptor,
            (self.ranges, &verdicts),
            self.engine,
            &cancel,
            &mut |progress| teller.share(progress),
            &|progress| looking.looking(progress),
        );
        teller.clear();
        looking.clear();
        let found = CardCheck { unreadable, ..found.context(comparing.clone())? };
        self.tell(&found);
        if !passed_over.is_empty() {
            let name = printable(&self.card.name);
            say(&format!("note: skipped {} of {name}", printable(&passed_over.join(", and "))));
        }
        if let Some(html) = &self.html {
            html.write(self.page(&collection, &found), &cancel)?;
        }
        match self.format {
            CardFormat::Paths => self.print_paths(&collection, &found, &cancel),
            format => {
                write(&collection, &found, &self.only, format, &mut BufWriter::new(ShownOn::stdout()))
                    .map_err(Error::io("stdout"))?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl FindNew {
    /// `160 not there; 31 unsure`
    fn counted(found: &CardCheck) -> String {
        let counted = |kind: &StandingKind| format!("{} {}", thousands(found.count(*kind)), kind.text());
        let is_said = |kind: &StandingKind| *kind != StandingKind::Unreadable || !found.unreadable.is_empty();
        let parts: Vec<_> = StandingKind::ALL.iter().filter(|kind| is_said(kind)).map(counted).collect();
        parts.join("; ")
    }

    /// `card: 160 not there, 31 unsure, 5 there, but smaller, 104 there`
    fn tell(&self, found: &CardCheck) {
        say(&format!("{}: {}", printable(&self.card.name), FindNew::counted(found)));
        if found.own > 0 {
            let own = count(found.own, "file");
            say(&format!("note: {own} of the archive are the card's own files, which don't count"));
        }
    }

    fn page(&self, collection: &Collection, found: &CardCheck) -> HtmlPage {
        let archives: Vec<_> = self.archives.iter().map(|archive| crate::shown::path(&archive.root)).collect();
        let CardRanges { alike, same } = self.ranges;
        let same = same.map_or_else(String::new, |same| format!("; there at {same} or more"));
        HtmlPage {
            title: format!("{}: is it in the archive?", self.card.name),
            facts: vec![
                ("card", crate::shown::path(&self.card.root)),
                ("archive", archives.join(", ")),
                ("descriptor", self.descriptor.name().to_owned()),
                ("values", format!("cosine similarity to the best match; new below {alike}{same}")),
                ("found", FindNew::counted(found)),
            ],
            sections: on_page(collection, found, &self.only),
            ..HtmlPage::default()
        }
    }

    /// Checks each file once more, and its match in the archive if it is there.
    fn print_paths(&self, collection: &Collection, found: &CardCheck, cancel: &Cancel) -> anyhow::Result<ExitCode> {
        for kind in &self.only {
            let marks = to_marks(collection, found, *kind);
            let mut checked = last_check::told(cancel, &self.verdicts, |checking| check(&marks, checking));
            cancel.check()?;
            if *kind == StandingKind::Unreadable {
                // What isn't a picture's file, such as a folder, has no path to write.
                checked.paths = found.unreadable.iter().filter_map(|skipped| skipped.path.clone()).collect();
            }
            checked.doubts().for_each(|doubt| say(&doubt));
            print(&joined(&checked.paths, self.separator)?)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

const HELP: &str = "\
Examples:
  simages new /media/card ~/Photos
  simages new /media/card ~/Photos ~/Scans --format csv > card.csv
  simages new /media/card/DCIM ~/Photos --format paths --print0 | xargs -0 -r cp -p --backup=numbered -t ~/Photos/2026
  simages new ~/Downloads ~/Photos --only unsure,smaller
  simages new /media/card ~/Photos --html card.html

A picture is one of:
  new         nothing in the archive is similar
  unsure      something is similar, but there is no evidence of a copy; most similar first:
              perhaps another shot of the same scene, or an edited picture
  smaller     there, but worse: fewer pixels, more compression, a lossy format, no colours,
              cropped, or without its date
  there       byte-identical, or a copy with at least as many pixels
  unreadable  can't be read, so it may be there or not

Byte-identical files are there, even if they can't be decoded. Files that are both in the archive and on the card, because \
one folder is inside the other or links to it, don't count. Nor do pairs declared with simages not-duplicates.

Before paths are written, each file and its match in the archive are checked once more; files that have \
changed are left out.

JSON: an array of pictures:
  {\"standing\":\"smaller\",\"why\":\"fewer pixels there\",\"path\":\"/card/a.jpg\",
   \"match\":\"/photos/a.jpg\",\"value\":0.98,\"distance\":2,\"width\":4000,...,\"match_facts\":{\"width\":800,...}}
  value is the cosine similarity to the match, distance the number of differing bits of the small hashes (of 255); both are left \
  out if the files are identical. A new picture's match is the most similar one. CSV has the same fields as columns.

Exit codes:
  0    done, also if nothing is new
  1    failed; the message names the file
  2    bad arguments
  130  cancelled; everything indexed so far is kept";
