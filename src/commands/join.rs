//! `simages join`: for every picture of one dataset, the similar pictures of another, or of the same.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use super::html::{HtmlArgs, HtmlOutput};
use super::joined_sets::{JoinedSets, JoinedSetsArgs};
use super::on::{On, OnOptions};
use super::options::GlobalOptions;
use super::pair_output::{Output, OutputArgs};
use super::run::Run;
use super::teller::{Count, Teller};
use crate::cancel::Cancel;
use crate::cpu_time::core_seconds;
use crate::error::{Error, Result};
use crate::grid::{self, Named, Work};
use crate::home::UserFolder;
use crate::join::export::{JoinOnPage, LonelyKeyWriter, NewFile, PairWriter};
use crate::join::{Approximation, Engine, Group, How, KeptJoin, MeasuredRecall, SetJoin, With};
use crate::signals::cancel_on_signal;
use crate::text::{count, thousands};

/// Join two datasets: for every picture, find the similar ones
///
/// Every picture of KEYS is a key. For each key in turn, the most similar pictures of DATASET are written, best first.
/// Pictures that are not indexed yet are indexed first. Results are written as they are found, so they may be of any
/// size.
///
/// Instead of a dataset, a features.simages can be given: its descriptors are read as they are needed, however many,
/// and nothing is indexed or written. Its pictures need not exist, so --html can't be used.
///
/// Give the same dataset twice for a self-join. A picture is never its own result, even if links or several datasets
/// lead to it. With --knn, each picture has its own K nearest; with --range, each pair is written once, under the name
/// that sorts first.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct JoinArgs {
    #[command(flatten)]
    joined: JoinedSetsArgs,

    #[command(flatten)]
    output: OutputArgs,

    /// Write the keys without results instead of pairs (an anti-join); with --range
    #[arg(long, requires = "range", conflicts_with = "html")]
    without: bool,

    #[command(flatten)]
    html: HtmlArgs,

    /// Find at least this share of the K nearest, such as 0.99, in less time: with best, a tenth for large sets
    ///
    /// Candidates are found with rmac, then compared exactly; the recall is measured on a sample and reported. With
    /// other descriptors the exact join is as fast, and is used instead.
    #[arg(long, value_name = "SHARE", value_parser = share, conflicts_with_all = ["range", "without", "on"])]
    recall: Option<f64>,

    #[command(flatten)]
    on: OnOptions,
}

/// The folder in the cache where long joins are kept.
const JOINS: &str = "joins";

/// A share of all, without none and all.
fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share: &f64| *share > 0.0 && *share < 1.0);
    share.ok_or_else(|| "a recall lies between 0 and 1, such as 0.99".to_owned())
}

#[derive(Debug)]
pub struct Join {
    joined: JoinedSets,
    /// Whether to write the keys without results.
    without: bool,
    output: Output,
    html: Option<HtmlOutput>,
    /// The recall to aim for; None: an exact join.
    recall: Option<f64>,
    /// Where to compute; None: in this process.
    on: Option<On>,
    engine: Engine,
}

impl JoinArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<Join> {
        let force = self.output.force;
        let (html, output) = (self.html.resolve(force)?, self.output.resolve(self.without)?);
        match (&html, &output.path) {
            (None, None) if force => return Err(Error::Input("--force needs --output or --html".into())),
            (Some(html), Some(path)) if html.path == *path => {
                return Err(Error::Input("--output and --html name the same file".into()));
            }
            _ => {}
        }
        let joined = self.joined.resolve(options)?;
        html.as_ref().map_or(Ok(()), |_| joined.need_pictures("--html"))?;
        Ok(Join {
            joined,
            output,
            html,
            recall: self.recall,
            without: self.without,
            on: self.on.resolve()?,
            engine: options.engine()?,
        })
    }
}

impl Run for Join {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let cancel = Cancel::default();
        cancel_on_signal(cancel.clone());
        if let Some(output) = &self.output.path {
            // Check this before indexing.
            NewFile::can_be_made(output)?;
        }
        self.html.as_ref().map_or(Ok(()), HtmlOutput::check)?;
        let join = self.joined.set_join(&cancel)?;

        let name = self.joined.name();
        // Records on the same terminal show the progress.
        let records_are_seen = self.writes_records() && self.output.path.is_none() && io::stdout().is_terminal();
        let mut teller = if records_are_seen { Teller::silent(&name) } else { Teller::new(&name, Count::Percent) };
        let most = self.html.as_ref().map_or(0, |html| html.limits.pictures);
        let mut page = JoinOnPage::new(self.joined.roots(), &join.files, join.metric, most);
        let written = self.write(&join, &cancel, &mut teller, &mut page);
        teller.clear();
        match written {
            Ok(written) => {
                let (results, keys) = (count(written as usize, "result"), count(join.keys.len(), "key"));
                let what = if self.without {
                    format!("{} of {keys} without a result", thousands(written as usize))
                } else {
                    format!("{results} of {keys}")
                };
                teller.line(&format!("{what} in {:.1} s", teller.elapsed().as_secs_f64()));
                if let Some(html) = &self.html {
                    html.write(self.joined.page(page, written, join.keys.len()), &cancel)?;
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(error @ Error::Cancelled) => Err(error).context(match &self.output.path {
                _ if let Some(on) = &self.on => on.kept(&name),
                Some(output) => format!("{name}: cancelled; {} is not written", crate::shown::path(output)),
                None => format!("{name}: cancelled; results are incomplete"),
            }),
            Err(error) => Err(error.into()),
        }
    }
}

impl Join {
    /// Whether to write records: not if only a page was asked for.
    fn writes_records(&self) -> bool {
        self.html.is_none() || !self.output.is_by_default
    }

    /// Streams all results to their destination and returns how many there are. Only the current keys' results and
    /// those on the page are in memory.
    fn write(&self, join: &SetJoin, cancel: &Cancel, teller: &mut Teller, page: &mut JoinOnPage) -> Result<u64> {
        if !self.writes_records() {
            let mut found = 0;
            self.groups(join, cancel, teller, &mut |group| {
                found += group.neighbours.len() as u64;
                page.take(&group);
                Ok(())
            })?;
            return Ok(found);
        }
        let (mut to, place) = (self.output.open()?, self.output.place());
        let (finished, written) = if self.without {
            let writer = LonelyKeyWriter::new(self.output.format, self.joined.is_self_join(), &mut to);
            let mut writer = writer.map_err(Error::io(place))?.expect("other formats are refused earlier");
            self.groups(join, cancel, teller, &mut |group| writer.take(&group).map_err(Error::io(place)))?;
            let written = writer.written();
            (writer.finish(), written)
        } else {
            let mut writer =
                PairWriter::new(self.output.format, Some(join.descriptor), &mut to).map_err(Error::io(place))?;
            self.groups(join, cancel, teller, &mut |group| {
                if self.html.is_some() {
                    page.take(&group);
                }
                writer.take(&group).map_err(Error::io(place))
            })?;
            let written = writer.written();
            (writer.finish(), written)
        };
        finished.map_err(Error::io(place))?;
        to.keep(cancel)?;
        Ok(written)
    }

    /// How to approximate the neighbours, if that was asked for; reports it on stderr.
    fn approximation(&self, join: &SetJoin, cancel: &Cancel, teller: &mut Teller) -> Result<Option<Approximation>> {
        let Some(recall) = self.recall else { return Ok(None) };
        let found = join.approximation(&self.engine, recall, cancel)?;
        teller.line(&match &found {
            Some(Approximation { candidates, by, recall: recall @ MeasuredRecall { keys, found, of } }) => format!(
                "approximate: {candidates} candidates a picture by {by}; recall {:.3} ({found} of the {of} nearest of {})",
                recall.share(),
                count(*keys, "sample picture"),
            ),
            None => "recall 1: an exact join is as fast here".to_owned(),
        });
        Ok(found)
    }

    /// Calls `take` with each key's group, wherever it was computed.
    fn groups(
        &self,
        join: &SetJoin,
        cancel: &Cancel,
        teller: &mut Teller,
        take: &mut dyn FnMut(Group) -> Result<()>,
    ) -> Result<()> {
        let Some(on) = &self.on else {
            let began = core_seconds();
            let approximation = self.approximation(join, cancel, teller)?;
            let joins = UserFolder::CACHE.path().map(|cache| cache.join(JOINS));
            let kept = joins.filter(|_| self.recall.is_none()).and_then(|joins| join.kept(&joins));
            if kept.as_ref().is_some_and(KeptJoin::has_begun) {
                teller.line("continues where an earlier run stopped");
            }
            let how = match (approximation, &kept) {
                (Some(approximation), _) => How::Nearly(approximation),
                (None, Some(kept)) => How::Kept(kept),
                (None, None) => How::Exactly,
            };
            let done = join.run_by(how, self.engine, cancel, &mut |progress| teller.share(progress), take);
            match kept {
                Some(kept) if done.is_ok() => kept.delete(),
                Some(kept) if kept.end() => teller.line("what was found is kept: the same command continues there"),
                _ => {}
            }
            done?;
            tracing::info!(join = format!("{:.3}", core_seconds() - began), "joined; core-seconds");
            return Ok(());
        };
        let block = on.block.unwrap_or_else(|| grid::block(join.keys.len(), on.tasks));
        let folder = self.joined.plan(join, &on.shared, block, &self.engine, cancel, teller)?;
        super::on::drive(&folder, on, cancel, teller)?;
        let Work::Join(plan) = &folder.manifest.work else { unreachable!("a join was planned") };
        let keys = join.keys.rows();
        let others = match &join.with {
            With::Dataset(others) => others.rows(),
            With::Themselves => keys,
        };
        grid::groups(&folder, plan, Named { keys, others }, cancel, &mut |_| (), take)
    }
}

const HELP: &str = "\
Examples:
  simages join animals garden > pairs.csv
  simages join animals garden --knn 3 --output pairs.parquet
  simages join ~/Photos ~/Photos --range 0.6 --descriptor best --output pairs.jsonl
  simages join animals animals --metric euclidean --range 1500
  simages join animals garden --knn 3 --html pairs.html
  simages join ~/Scans ~/Photos --range 0.6 --descriptor best --without
  simages join archive archive --recall 0.99 --output pairs.parquet
  simages join features.simages features.simages --range 0.9 --output pairs.csv
  simages join archive archive --output pairs.parquet --on processes:4
  simages join archive archive --output pairs.parquet --on slurm --shared /shared/grid

CSV, with a header:
  key,rank,file,value
  birds_duck.jpg,1,birds_drake.jpg,0.4123456789012345

JSON Lines, one line per pair:
  {\"key\":\"birds_duck.jpg\",\"rank\":1,\"file\":\"birds_drake.jpg\",\"value\":0.4123456789012345,\"descriptor\":\"best\"}
  Byte-identical files also have \"identical\":true.

Parquet, Snappy, with --output only:
  key string, rank int64, file string, value double

--without writes the keys that have no picture within the range: key in CSV, {\"key\":\"...\"} in JSON Lines. To find the new \
pictures of a folder, or those with only smaller copies, use simages new.

Records are sorted by key, then by rank, which starts at 1 for each key; a key without results has no record. Values are written in \
full precision. Progress and a summary go to stderr.

With --html, but neither --output nor --format, only the page is written: each key beside its results, in the \
order of the records.

A long join that was interrupted continues where it stopped when the same command is given again. Until it is done, its results are kept in \
~/.cache/simages/joins; results that aren't used again are deleted after 30 days.

FILE appears when complete. Until then, records go to a file without a name, or to a hidden one with \
--force or where files must have names. It is removed if the join is cancelled or fails. Pictures and \
datasets' own files are never replaced, not even with --force.

Exit codes:
  0    done, also if nothing is within the range
  1    failed; the message names the file
  2    bad arguments: an unknown dataset, k = 0, a range beyond the metric's bounds, FILE exists
  130  cancelled; everything indexed so far is kept, FILE is not written";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::tests::{Place, parsed};
    use crate::join::export::PairFormat;

    #[test]
    fn a_dataset_given_twice_is_joined_with_itself() {
        let place = Place::new();
        let join = |dataset: &str, more: &[&str]| {
            let datasets = [place.at("datasets/animals"), place.at(&format!("datasets/{dataset}"))];
            let arguments = [&[&datasets[0][..], &datasets[1][..]], more].concat();
            let (args, options) = parsed::<JoinArgs>(&arguments);
            let join = args.resolve(&options).unwrap();
            (join.joined.name(), join.output.format)
        };
        assert_eq!(join("garden", &[]), ("animals ⋈ garden".into(), PairFormat::Csv));
        assert_eq!(
            join("../datasets/animals/", &["--output", "new.jsonl"]),
            ("animals ⋈ animals".into(), PairFormat::Jsonl)
        );
        assert_eq!(
            join("animals", &["--output", "new.txt", "--format", "csv"]),
            ("animals ⋈ animals".into(), PairFormat::Csv)
        );
    }
}
