//! Files written off the screen's thread: never over something, and there whole or not at all.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::join::export::{NewFile, ResultFormat};
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
    let format = ResultFormat::by_extension(path)?;
    let mut file = new_file(path)?;
    let ranked: Vec<_> = results.iter().map(|(rank, n)| (*rank, n)).collect();
    format.write(&ranked, metric, None, &mut file).map_err(Error::io(path))?;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::descriptor::{Descriptor, Row};

    #[test]
    fn results_are_written_as_the_name_says_and_not_at_all_where_it_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let row = Arc::new(Row::new("duck.jpg", None, Descriptor::default()));
        let found = [(1, Neighbour { row, value: 0.5 })];
        for name in ["results", "results.xlsx", "results.parquet"] {
            let message = results(&folder.path().join(name), &found, Metric::Cosine).unwrap_err().to_string();
            assert!(message.contains("which format is meant? the name ends in .csv, .json or .txt"), "{message}");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let path = folder.path().join("results.JSON");
        assert!(results(&path, &found, Metric::Cosine).unwrap().starts_with("1 result written to "));
        assert_eq!(std::fs::read_to_string(path).unwrap(), "[{\"rank\":1,\"file\":\"duck.jpg\",\"value\":0.5}]\n");
    }
}
