//! `simages join`: for every picture of a dataset, the pictures of another one, or of itself, that are like it.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use super::indexed::indexed;
use super::joining::Teller;
use super::progress::Lines;
use super::say;
use crate::cancel::Cancel;
use crate::config::Join;
use crate::error::{Error, Result};
use crate::join::export::{NewFile, PairWriter};
use crate::join::{Predicate, SetJoin, With};
use crate::signals::cancel_on_signal;
use crate::text::count;
use crate::vgg16::Network;

pub fn run(config: Join) -> anyhow::Result<ExitCode> {
    let cancel = Cancel::default();
    cancel_on_signal(cancel.clone());
    if let Some(output) = &config.output {
        // Told at once, not after indexing.
        NewFile::can_be_made(output)?;
    }
    let network = Network::new(config.network.clone());
    let matrix = |dataset| indexed(dataset, &config.cache, &network, &cancel, Lines::All);
    let keys = matrix(&config.keys)?;
    let with = match &config.with {
        Some(dataset) => With::Dataset(matrix(dataset)?),
        None => With::Themselves,
    };
    let join =
        SetJoin { keys, with, descriptor: config.descriptor, metric: config.metric, predicate: config.predicate };
    note_too_large_k(&join);
    note_other_crops(&join);

    let name = format!("{} ⋈ {}", config.keys.name, config.with.as_ref().unwrap_or(&config.keys).name);
    // Records that run down the same terminal tell enough.
    let bar = config.output.is_some() || !io::stdout().is_terminal();
    let mut teller = Teller::new(&name, bar);
    let written = match &config.output {
        Some(output) => to_file(&join, &config, output, &cancel, &mut teller),
        None => to_stdout(&join, &config, &cancel, &mut teller),
    };
    teller.clear();
    match written {
        Ok(written) => {
            teller.done(written, join.keys.len());
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ Error::Cancelled) => Err(error).context(match &config.output {
            Some(output) => format!("{name}: cancelled; {} is not written", output.display()),
            None => format!("{name}: cancelled; not all results were written"),
        }),
        Err(error) => Err(error.into()),
    }
}

fn note_other_crops(join: &SetJoin) {
    if join.crops_differ() {
        say("note: one of both was indexed with --crops 5, the other was not: they are less alike than they could be");
    }
}

fn to_file(join: &SetJoin, config: &Join, output: &Path, cancel: &Cancel, teller: &mut Teller) -> Result<u64> {
    let file = NewFile::create(output, config.force)?;
    let (file, written) = write(join, config, file, output, cancel, teller)?;
    // A signal while the last records were written counts.
    cancel.check()?;
    file.keep()?;
    Ok(written)
}

fn to_stdout(join: &SetJoin, config: &Join, cancel: &Cancel, teller: &mut Teller) -> Result<u64> {
    let stdout = BufWriter::with_capacity(1 << 16, io::stdout());
    Ok(write(join, config, stdout, Path::new("stdout"), cancel, teller)?.1)
}

/// Streams the join `to` the place called `path`: no more is in memory than what the keys at hand have.
fn write<W: Write + Send>(
    join: &SetJoin,
    config: &Join,
    to: W,
    path: &Path,
    cancel: &Cancel,
    teller: &mut Teller,
) -> Result<(W, u64)> {
    let mut writer = PairWriter::new(config.format, to).map_err(Error::io(path))?;
    join.run(config.engine, cancel, &mut |progress| teller.progress(progress), &mut |group| {
        writer.take(&group).map_err(Error::io(path))
    })?;
    let written = writer.written();
    Ok((writer.finish().map_err(Error::io(path))?, written))
}

fn note_too_large_k(join: &SetJoin) {
    let others = match &join.with {
        With::Dataset(dataset) => dataset.len(),
        With::Themselves => join.keys.len() - 1,
    };
    if let Predicate::Knn(k) = join.predicate
        && k > others
    {
        say(&format!("note: k is {k}, but there is no more to join with than {}", count(others, "picture")));
    }
}
