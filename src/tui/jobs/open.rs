//! A file that the user names: is it there, and is it one of a dataset's pictures, or pairs?

use std::path::{Path, PathBuf};

use super::complete::expanded_path;
use super::dropped::undropped;
use crate::dataset::{Dataset, meant, why_not};
use crate::error::{Error, Result};
use crate::limits::Limit;

/// The picture at `typed`, to be taken as key: where a scan finds it if it lies in one of these datasets, so that it is
/// known as the picture it is; else with links resolved.
pub fn open(typed: &Path, datasets: &[Dataset]) -> Result<PathBuf> {
    let typed = match typed.to_str() {
        Some(text) => expanded_path(text),
        None => typed.to_owned(),
    };
    let typed = undropped(typed);
    let refused = |error| match Limit::of(&error) {
        Some(limit) => Error::Limit(limit),
        None => Error::Input(format!("{}: {}", crate::shown::path(&typed), why_not(&typed, &error))),
    };
    let path = meant(&typed).map_err(refused)?;
    let found = path.canonicalize().map_err(refused)?;
    if !found.is_file() {
        return Err(Error::Input(format!(
            "{}: not a file; a key is one picture, and pairs are a .csv, .jsonl or .parquet file",
            crate::shown::path(&path)
        )));
    }
    Ok(datasets.iter().find_map(|dataset| dataset.place_of(&path)).unwrap_or(found))
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_picture_below_a_linked_folder_is_the_one_that_a_scan_finds() {
        let place = tempfile::tempdir().unwrap();
        let (root, elsewhere) = (place.path().join("set"), place.path().join("elsewhere"));
        std::fs::create_dir(&root).unwrap();
        std::fs::create_dir(&elsewhere).unwrap();
        std::fs::write(elsewhere.join("b.jpg"), "").unwrap();
        symlink(&elsewhere, root.join("link")).unwrap();
        let dataset = Dataset::open(&root).unwrap();
        let opened = open(&root.join("link/b.jpg"), std::slice::from_ref(&dataset)).unwrap();
        assert_eq!(dataset.name_of(&opened).as_deref(), Some("link/b.jpg"));
        let opened = open(&elsewhere.join("b.jpg"), std::slice::from_ref(&dataset)).unwrap();
        assert_eq!(opened, elsewhere.canonicalize().unwrap().join("b.jpg"));
        let message = open(&root, &[dataset]).unwrap_err().to_string();
        assert!(message.contains("not a file"), "{message}");
    }
}
