//! A dataset's descriptors, for commands that need all of them. Missing ones are computed first, with progress on
//! stderr.

use std::cell::RefCell;
use std::io::{IsTerminal, stderr};
use std::time::Duration;

use anyhow::{Context, bail};

use super::output::say;
use super::teller::{Count, Teller};
use crate::cancel::Cancel;
use crate::dataset::{Dataset, FurtherName, ImageFile, Scan, Skipped};
use crate::descriptor::FeatureMatrix;
use crate::duplicates::{Collection, CollectionSource};
use crate::error::Error;
use crate::index::alone::open_alone;
use crate::index::indexer::{self, Event, Summary, ToIndex};
use crate::progress::Progress;
use crate::text::{count, printable};
use crate::vgg16::Network;

/// An indexed dataset.
pub struct Indexed {
    pub matrix: FeatureMatrix,
    /// Its pictures, indexed or not.
    pub images: Vec<ImageFile>,
    /// Files and folders that could not be read.
    pub skipped: Vec<Skipped>,
    /// Files that aren't pictures and folders that were left out, in words.
    pub passed_over: Vec<String>,
}

/// Indexes a dataset. An error unless it has a picture that can be read. Without pictures, only opens its descriptors.
pub fn indexed(what: &ToIndex, network: &Network, cancel: &Cancel, lines: Lines) -> anyhow::Result<Indexed> {
    if what.dataset.has_no_pictures() {
        let matrix = open_alone(&what.dataset.root, network)?;
        return Ok(Indexed { matrix, images: Vec::new(), skipped: Vec::new(), passed_over: Vec::new() });
    }
    let indexed = indexed_or_empty(what, network, cancel, lines)?;
    let root = crate::shown::path(&what.dataset.root);
    match (indexed.matrix.len(), indexed.skipped.len()) {
        (0, 0) => bail!("{root}: no pictures in this folder"),
        (0, skipped) => {
            let skipped = count(skipped, "picture");
            bail!("{root}: {skipped}, none of which can be read; simages index says why")
        }
        _ => Ok(indexed),
    }
}

/// A dataset as a source of a collection.
pub struct IndexedSource {
    pub source: CollectionSource,
    pub skipped: Vec<Skipped>,
    pub passed_over: Vec<String>,
}

/// A dataset as a source of a collection: indexed, and looked at where an older version of the program indexed it. It
/// may be empty, but not if it had pictures before.
pub fn source(what: &ToIndex, network: &Network, cancel: &Cancel) -> anyhow::Result<IndexedSource> {
    let Indexed { mut matrix, images, skipped, passed_over } = indexed_or_empty(what, network, cancel, Lines::All)?;
    let dataset = what.dataset;
    if matrix.rows().iter().any(|row| !row.was_looked_at()) {
        let mut teller = Teller::new(&dataset.name, Count::Each);
        let looked = indexer::look(what, network, cancel, &mut |progress| teller.looking(progress));
        teller.clear();
        matrix = looked?.unwrap_or(matrix);
    }
    let (name, root) = (dataset.name.clone(), dataset.root.clone());
    let source = CollectionSource { name, root, matrix, images: images.into() };
    Ok(IndexedSource { source, skipped, passed_over })
}

/// All of these as one set. An error unless it has a picture that can be read.
pub fn collection<'a>(
    datasets: &'a [Dataset],
    to_index: impl Fn(&'a Dataset) -> ToIndex<'a>,
    network: &Network,
    cancel: &Cancel,
) -> anyhow::Result<Collection> {
    let sources = datasets.iter().map(|dataset| Ok(source(&to_index(dataset), network, cancel)?.source));
    let collection = Collection::new(sources.collect::<anyhow::Result<_>>()?)?;
    if collection.is_empty() {
        bail!("{}: no pictures that can be read", roots(datasets));
    }
    Ok(collection)
}

/// `/photos, /scans`
pub fn roots(datasets: &[Dataset]) -> String {
    datasets.iter().map(|dataset| crate::shown::path(&dataset.root)).collect::<Vec<_>>().join(", ")
}

fn indexed_or_empty(what: &ToIndex, network: &Network, cancel: &Cancel, lines: Lines) -> anyhow::Result<Indexed> {
    let dataset = what.dataset;
    let mut teller = IndexTeller::new(&dataset.name, lines);
    let indexed = indexer::index(what, network, cancel, &mut |event| teller.event(event));
    teller.clear();
    let (matrix, summary) = match indexed {
        Err(error @ Error::Cancelled) => return Err(error).context(teller.kept(&dataset.name)),
        other => other?,
    };
    let root = crate::shown::path(&dataset.root);
    let unreadable = summary.skipped.len() - Skipped::films(&summary.skipped);
    let skipped = count(unreadable, "picture");
    match (matrix.len(), unreadable) {
        (0, 0) if summary.absent > 0 => {
            bail!("{root}: every picture is absent ({}); is a drive not mounted?", count(summary.absent, "picture"))
        }
        (0, _) | (_, 0) => {}
        // Those were listed one by one.
        _ if lines == Lines::All => {}
        _ => say(&format!("note: {skipped} of {} skipped; simages index says why", dataset.name)),
    }
    let mut passed_over: Vec<String> = teller.scan.others_in_words().into_iter().collect();
    let left_out: usize = teller.scan.left_out.iter().map(|left_out| left_out.folders + left_out.pictures).sum();
    if left_out > 0 {
        passed_over.push(format!("{} left out", count(left_out, "folder or picture")));
    }
    Ok(Indexed { matrix, images: teller.scan.images, skipped: summary.skipped, passed_over })
}

/// How many further names are listed.
const FURTHER_NAMES: usize = 20;

/// Reports the indexing of one dataset.
pub struct IndexTeller {
    teller: Teller,
    lines: Lines,
    /// The scan.
    pub scan: Scan,
    /// The number with a descriptor.
    indexed: usize,
    /// Reported at the end, sorted by name.
    skipped: RefCell<Vec<Skipped>>,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// Progress (where there is no bar), skipped pictures and notices.
    All,
    /// Notices only.
    Notices,
}

impl IndexTeller {
    pub fn new(name: &str, lines: Lines) -> IndexTeller {
        IndexTeller {
            teller: Teller::new(name, Count::Each),
            lines,
            scan: Scan::default(),
            indexed: 0,
            skipped: RefCell::default(),
        }
    }

    pub fn event(&mut self, event: Event) {
        match event {
            Event::Scanning(progress) if self.lines == Lines::All || stderr().is_terminal() => {
                self.teller.scanning(progress.pictures);
            }
            Event::Scanning(_) => {}
            Event::Scanned(scan) => {
                self.teller.scanned();
                if self.lines == Lines::All {
                    self.further_names(&scan.further_names);
                }
                self.scan = scan;
            }
            Event::Indexed { matrix, progress } => {
                self.indexed = matrix.len();
                self.progress(progress);
            }
            // Counted at the end.
            Event::Skipped(skipped) if skipped.is_film() => {}
            // Threads reach them in any order.
            Event::Skipped(skipped) if self.lines == Lines::All => self.skipped.borrow_mut().push(skipped),
            Event::Skipped(_) => {}
            Event::Waiting => self.teller.line("another process is indexing it; waiting"),
            Event::Notice(text) => self.teller.line(&printable(&text)),
        }
    }

    /// These are no loss, and there may be many.
    fn further_names(&self, all: &[FurtherName]) {
        for further in all.iter().take(FURTHER_NAMES) {
            let (file, what) = (printable(&further.file), printable(&further.what()));
            self.teller.line(&format!("{file} is {what}"));
        }
        if all.len() > FURTHER_NAMES {
            let more = count(all.len() - FURTHER_NAMES, "further name");
            self.teller.line(&format!("and {more} (index --json lists all)"));
        }
    }

    /// Prints a line at the start, one when the speed is known, then one now and then.
    fn progress(&mut self, progress: Progress) {
        let Progress { done, of, .. } = progress;
        if of == 0 || (self.lines != Lines::All && !stderr().is_terminal()) {
            return;
        }
        if done == 0 {
            self.teller.begin();
            if !stderr().is_terminal() {
                let (images, indexed) = (self.scan.images.len(), self.indexed);
                return self.teller.line(&format!("{}, {indexed} indexed, {of} to index", count(images, "picture")));
            }
        }
        self.teller.progress(progress, |pace| format!("{done} of {of}, {pace}"));
    }

    /// How many files were looked at, of those with nothing but a descriptor so far.
    pub fn looking(&mut self, progress: Progress) {
        if progress.done == 0 {
            self.teller.begin();
        } else {
            self.teller.looking(progress);
        }
    }

    /// Clears the bar, and lists the skipped pictures.
    pub fn clear(&self) {
        self.teller.clear();
        let mut skipped = self.skipped.take();
        skipped.sort_by(|a, b| a.file.cmp(&b.file));
        for Skipped { file, error, .. } in &skipped {
            self.teller.line(&format!("skipped {}: {}", printable(file), printable(error)));
        }
    }

    /// The final line: `animals: 144 pictures, 144 indexed (144 computed) in 81.2 s, 1.8 pictures/s`.
    pub fn done(&self, summary: &Summary, took: Duration) {
        self.clear();
        let Summary { images, indexed, computed, absent, skipped } = summary;
        let mut text = format!("{}, {indexed} indexed ({computed} computed", count(*images, "picture"));
        let films = Skipped::films(skipped);
        if skipped.len() > films {
            text += &format!(", {} skipped", skipped.len() - films);
        }
        if films > 0 {
            text += &format!(", {}", count(films, "video"));
        }
        if *absent > 0 {
            text += &format!(", {absent} absent");
        }
        text += &format!(") in {:.1} s", took.as_secs_f64());
        // A few of many: most of the time went to storing them.
        if let Some(rate) = rate(summary, took).filter(|rate| *rate >= 0.1) {
            text += &format!(", {rate:.1} pictures/s");
        }
        self.teller.line(&text);
    }

    /// What remains of cancelled work.
    pub fn kept(&self, dataset: &str) -> String {
        self.clear();
        format!("{dataset}: cancelled; {} of {} are kept", self.indexed, self.scan.images.len())
    }
}

/// Pictures computed per second; None if there were none.
pub fn rate(summary: &Summary, took: Duration) -> Option<f64> {
    (summary.computed > 0).then(|| summary.computed as f64 / took.as_secs_f64().max(1e-3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_rate_only_where_something_was_computed() {
        let mut summary = Summary { images: 9, indexed: 9, computed: 0, absent: 0, skipped: Vec::new() };
        assert_eq!(rate(&summary, Duration::from_secs(2)), None);
        summary.computed = 9;
        assert_eq!(rate(&summary, Duration::from_secs(2)), Some(4.5));
    }
}
