//! Opens a file that the user names: does it exist, and is it a dataset's picture, or a file of pairs?

use std::path::{Path, PathBuf};

use super::dropped::undropped;
use crate::dataset::{Dataset, FileId, PicturePart, meant, part_of, why_not};
use crate::error::{Error, Result};
use crate::home::expanded_path;
use crate::limits::Limit;

/// A picture that the user named as key.
#[derive(Debug)]
pub struct OpenedPicture {
    /// The path by which a scan lists it, if it is in a dataset, so that both count as the same picture; else with
    /// links resolved.
    pub path: PathBuf,
    /// The part of the picture that is the key.
    pub part: Option<PicturePart>,
    pub id: Option<FileId>,
}

/// The picture at `typed`, or the part of it given as `picture#x,y,width,height`.
pub fn open(typed: &Path, datasets: &[Dataset]) -> Result<OpenedPicture> {
    let typed = match typed.to_str() {
        Some(text) => expanded_path(text),
        None => typed.to_owned(),
    };
    let typed = undropped(typed);
    let refused = |error| match Limit::of(&error) {
        Some(limit) => Error::Limit(limit),
        None => Error::Input(format!("{}: {}", crate::shown::path(&typed), why_not(&typed, &error))),
    };
    let (path, part) = part_of(&typed, meant).map_err(refused)?;
    let found = path.canonicalize().map_err(refused)?;
    if !found.is_file() {
        return Err(Error::Input(format!(
            "{}: not a file; a key is a picture, pairs are a .csv, .jsonl or .parquet file",
            crate::shown::path(&path)
        )));
    }
    let path = datasets.iter().find_map(|dataset| dataset.place_of(&path)).unwrap_or(found);
    Ok(OpenedPicture { id: FileId::at(&path), path, part })
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
        assert_eq!(dataset.name_of(&opened.path).as_deref(), Some("link/b.jpg"));
        let typed = elsewhere.join("b.jpg#1,2,30,40");
        let opened = open(&typed, std::slice::from_ref(&dataset)).unwrap();
        assert_eq!(opened.path, elsewhere.canonicalize().unwrap().join("b.jpg"));
        assert_eq!(opened.part, Some(PicturePart { x: 1, y: 2, width: 30, height: 40 }));
        std::fs::write(&typed, "").unwrap();
        assert_eq!(open(&typed, std::slice::from_ref(&dataset)).unwrap().part, None, "a file that is called so");
        let message = open(&root, &[dataset]).unwrap_err().to_string();
        assert!(message.contains("not a file"), "{message}");
    }
}
