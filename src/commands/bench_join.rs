//! `simages bench-join`: the join engine as a server for `benches/join.py`, which measures it alternately with its
//! peers.
//!
//! Reads commands, one per line, and answers each with one line of JSON: `load FILE` (a features.npz), `open FOLDER` (a
//! dataset's descriptors, or a features.simages on its own), `save FOLDER N` (saves the first N rows as a dataset),
//! `generate N` (makes rows like those loaded), `make FOLDER N` (writes such rows as `features.simages`, without
//! holding them), `query METRIC KIND PARAMETER ROW [DESCRIPTOR]`, `join METRIC KIND PARAMETER [DESCRIPTOR]` (a
//! self-join), `first N` (keeps only the first N rows), `memory`. A join also takes `until=0.01`, the share of its
//! pairs after which it ends; it answers with the share done, and the least and the most time that it predicted after
//! the first tenth.

use std::io::{BufRead, stdin};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use serde_json::{Value, json};

use super::made_rows;
use super::options::GlobalOptions;
use super::output::print;
use super::run::Run;
use crate::cancel::Cancel;
use crate::dataset::{Dataset, is_descriptor_file};
use crate::descriptor::{CHANNELS, DESCRIPTOR_LEN, Descriptor, FeatureMatrix, Row};
use crate::error::{Error, Result};
use crate::index::alone::open_alone;
use crate::index::store::Store;
use crate::join::{DescriptorKind, Engine, JoinedFiles, Kind, Metric, Predicate, SetJoin, With, query};
use crate::parallel;
use crate::progress::{PaceMeter, Progress};
use crate::storage::npz;
use crate::vgg16::{Network, NetworkOptions};

/// Answer lines on stdin with joins and their times
#[derive(Debug, Args)]
pub struct BenchJoinArgs {}

pub struct BenchJoin {
    engine: Engine,
}

impl BenchJoinArgs {
    pub fn resolve(self, options: &GlobalOptions) -> Result<BenchJoin> {
        Ok(BenchJoin { engine: options.engine()? })
    }
}

impl Run for BenchJoin {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let mut matrix = FeatureMatrix::default();
        for line in stdin().lock().lines() {
            let line = line?;
            let answer = answer(&self.engine, &line, &mut matrix).map_err(|error| anyhow!("{line}: {error}"))?;
            print(format!("{answer}\n").as_bytes())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn answer(engine: &Engine, line: &str, matrix: &mut FeatureMatrix) -> anyhow::Result<Value> {
    let words: Vec<_> = line.split_whitespace().collect();
    let begun = Instant::now();
    let mut answer = match words[..] {
        ["load", file] => {
            *matrix = npz::read(Path::new(file))?.matrix;
            json!({"rows": matrix.len()})
        }
        ["open", folder] => {
            *matrix = FeatureMatrix::default();
            let begun = Instant::now();
            let file = Path::new(folder);
            let at_once = if is_descriptor_file(file) {
                *matrix = open_alone(file, &Network::new(NetworkOptions::default()))?;
                true
            } else {
                let stored = store(folder)?.load()?.context("nothing is stored there")?;
                *matrix = stored.matrix;
                stored.prepared.at_once()
            };
            let seconds = begun.elapsed().as_secs_f64();
            json!({"seconds": seconds, "rows": matrix.len(), "at_once": at_once})
        }
        ["save", folder, n] => {
            let some: FeatureMatrix = matrix.rows().iter().take(n.parse()?).cloned().collect();
            store(folder)?.save(&some, "some model")?;
            json!({"rows": some.len()})
        }
        ["memory"] => {
            // In KiB: resident memory now, and at its peak.
            let status = std::fs::read_to_string("/proc/self/status")?;
            let field = |name: &str| -> Option<u64> {
                let line = status.lines().find(|line| line.starts_with(name))?;
                line.split_whitespace().nth(1)?.parse().ok()
            };
            json!({"now": field("VmRSS:"), "most": field("VmHWM:"), "files": field("RssFile:"), "own": field("RssAnon:")})
        }
        ["generate", n] => {
            *matrix = generated(matrix, n.parse()?);
            json!({"rows": matrix.len()})
        }
        ["first", n] => {
            *matrix = matrix.rows().iter().take(n.parse()?).cloned().collect();
            json!({"rows": matrix.len()})
        }
        ["make", folder, n] => {
            std::fs::create_dir_all(folder)?;
            made_rows::write(matrix, &store(folder)?, n.parse()?)?;
            json!({"rows": n.parse::<usize>()?})
        }
        ["query", metric, kind, parameter, row, ref named @ ..] => {
            let (metric, predicate) = asked(metric, kind, parameter)?;
            let key = matrix.rows().get(row.parse::<usize>()?).context("no such row")?.clone();
            let found =
                query(engine, &key.descriptor, matrix, Some(&key.name), (descriptor_named(named)?, metric), predicate)?;
            let rows: Vec<_> = found.iter().map(|n| matrix.position(&n.row.name)).collect();
            let seconds = begun.elapsed().as_secs_f64();
            json!({"seconds": seconds, "rows": rows, "values": found.iter().map(|n| n.value).collect::<Vec<_>>()})
        }
        ["join", metric, kind, parameter, ref named @ ..] => {
            let (metric, predicate) = asked(metric, kind, parameter)?;
            let (until, named): (Vec<&str>, Vec<&str>) = named.iter().partition(|word| word.starts_with("until="));
            let until: f64 = until.first().map_or(Ok(2.0), |word| word["until=".len()..].parse::<f64>())?;
            let (keys, descriptor) = (matrix.clone(), descriptor_named(&named)?);
            let join =
                SetJoin { keys, with: With::Themselves, files: JoinedFiles::default(), descriptor, metric, predicate };
            // The order and every bit count.
            let (mut results, mut digest) = (0, 0u64);
            let (cancel, mut part, mut predicted) = (Cancel::default(), 0.0, [f64::INFINITY, 0.0]);
            let mut meter = PaceMeter::default();
            let mut progress = |progress: Progress| {
                part = progress.part();
                if let Some(pace) = meter.pace(progress, begun.elapsed()).filter(|_| part >= 0.1) {
                    let all = (begun.elapsed() + pace.left).as_secs_f64();
                    predicted = [predicted[0].min(all), predicted[1].max(all)];
                }
                if part >= until {
                    cancel.cancel();
                }
            };
            let ended = join.run(*engine, &cancel, &mut progress, &mut |group| {
                for neighbour in &group.neighbours {
                    results += 1;
                    digest = digest.rotate_left(7).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ neighbour.value.to_bits();
                }
                Ok(())
            });
            match ended {
                Err(Error::Cancelled) => json!({"part": part}),
                other => {
                    other?;
                    json!({"results": results, "digest": format!("{digest:016x}"), "predicted": predicted})
                }
            }
        }
        _ => bail!("unknown command"),
    };
    if answer["seconds"].is_null() {
        answer["seconds"] = json!(begun.elapsed().as_secs_f64());
    }
    Ok(answer)
}

fn store(folder: &str) -> anyhow::Result<Store> {
    let dataset = Dataset::open(Path::new(folder))?;
    Ok(Store::new(&dataset, Path::new(folder)))
}

fn asked(metric: &str, kind: &str, parameter: &str) -> anyhow::Result<(Metric, Predicate)> {
    let metric = Metric::ALL.into_iter().find(|m| m.name() == metric).context("no such metric")?;
    let kind = Kind::ALL.into_iter().find(|k| k.name().eq_ignore_ascii_case(kind)).context("no such predicate")?;
    Ok((metric, kind.parse(parameter, metric)?))
}

fn descriptor_named(named: &[&str]) -> anyhow::Result<DescriptorKind> {
    let name = named.first().copied().unwrap_or_default();
    let descriptor = DescriptorKind::ALL.into_iter().find(|kind| kind.name() == name);
    descriptor.or(named.is_empty().then_some(DescriptorKind::Full)).context("no such descriptor")
}

/// `n` rows with the statistics of real ones. Each takes its values from three real rows, channel by channel. That
/// keeps the number of non-zero values, their sizes, and how they go together within a channel.
fn generated(real: &FeatureMatrix, n: usize) -> FeatureMatrix {
    let row = |i: usize| {
        let mut random = fastrand::Rng::with_seed(i as u64);
        let parents = [0; 3].map(|_| real.rows()[random.usize(..real.len())].descriptor.to_dense());
        let chosen: Vec<usize> = (0..CHANNELS).map(|_| random.usize(..parents.len())).collect();
        let dense: Vec<f32> = (0..DESCRIPTOR_LEN).map(|at| parents[chosen[at % CHANNELS]][at]).collect();
        let descriptor = Descriptor::from_dense(&dense).expect("as finite as its parents");
        Row::new(format!("{i:09}"), None, descriptor)
    };
    parallel::map(n, row).into_iter().collect()
}
