//! `simages query`: the pictures of a dataset that are like a key.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;

use super::indexed::indexed;
use super::progress::Lines;
use super::{print, say};
use crate::cancel::Cancel;
use crate::config::Query;
use crate::dataset::decode;
use crate::descriptor::Descriptor;
use crate::index::indexer;
use crate::join::{Predicate, query};
use crate::signals::cancel_on_signal;
use crate::text::count;
use crate::vgg16::Network;

pub fn run(config: Query) -> anyhow::Result<ExitCode> {
    let cancel = Cancel::default();
    cancel_on_signal(cancel.clone());
    let key = find_key(&config)?;
    // A key that can't be read is said at once, not after indexing.
    decode::open(&key)?;
    let network = Network::new(config.network.clone());
    let matrix = indexed(&config.dataset, &config.cache, &network, &cancel, Lines::Notices)?;

    let name = config.dataset.name_of(&key);
    let stored = name.as_deref().and_then(|name| matrix.get(name));
    let descriptor: Descriptor = match stored {
        Some(row) => row.descriptor.clone(),
        None => indexer::describe(&key, matrix.crops, &network, &cancel)?,
    };
    let others = matrix.len() - usize::from(stored.is_some());
    if let Predicate::Knn(k) = config.predicate
        && k > others
    {
        let pictures = count(others, "picture");
        say(&format!("note: k is {k}, but there is no more to compare with than {pictures}"));
    }
    let by = (config.descriptor, config.metric);
    let found = query(&config.engine, &descriptor, &matrix, name.as_deref(), by, config.predicate)?;
    let results: Vec<_> = (1..).zip(&found).collect();
    let mut output = Vec::new();
    config.format.write(&results, config.metric, &mut output)?;
    print(&output)?;
    Ok(ExitCode::SUCCESS)
}

/// The key's file: as typed, else in the dataset, else in the datasets directory.
fn find_key(config: &Query) -> anyhow::Result<PathBuf> {
    let typed = std::iter::once(config.key.clone());
    let elsewhere = config.key_folders.iter().map(|folder| folder.join(&config.key));
    if let Some(found) = typed.chain(elsewhere).find(|path| path.exists()) {
        return Ok(found);
    }
    let folders: Vec<_> = config.key_folders.iter().map(|f| f.display().to_string()).collect();
    bail!("{}: no such file, neither here nor in {}", config.key.display(), folders.join(" or "))
}
