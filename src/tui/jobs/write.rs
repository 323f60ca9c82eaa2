//! Files written off the screen's thread: never over something, and there whole or not at all.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::join::export::{Format, NewFile};
use crate::join::{Metric, Neighbour};
use crate::text::count;

/// A file that isn't there yet.
pub fn new_file(path: &Path) -> Result<NewFile> {
    NewFile::create(path, false).map_err(|error| match error {
        Error::Io { ref source, .. } if source.kind() == ErrorKind::AlreadyExists => {
            Error::Input(format!("{error}; take another name"))
        }
        other => other,
    })
}

/// Writes results, with their ranks, to a file that isn't there yet. Returns what was done, in words.
pub fn results(path: &Path, results: &[(usize, Neighbour)], metric: Metric) -> Result<String> {
    let mut file = new_file(path)?;
    let ranked: Vec<_> = results.iter().map(|(rank, n)| (*rank, n)).collect();
    Format::of(path).write(&ranked, metric, &mut file).map_err(Error::io(path))?;
    file.keep()?;
    Ok(format!("{} written to {}", count(ranked.len(), "result"), path.display()))
}

/// Writes paths, their bytes as they are, one a line, to a file that isn't there yet.
pub fn paths(path: &Path, paths: &[PathBuf]) -> Result<String> {
    let mut file = new_file(path)?;
    let mut line = |p: &PathBuf| file.write_all(p.as_os_str().as_encoded_bytes()).and_then(|()| file.write_all(b"\n"));
    paths.iter().try_for_each(&mut line).map_err(Error::io(path))?;
    file.keep()?;
    Ok(format!("{} written to {}", count(paths.len(), "path"), path.display()))
}
