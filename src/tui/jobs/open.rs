//! Opens a file that the user names: does it exist, and is it a dataset's picture, a file of pairs, or a list of marks?

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::dropped::undropped;
use crate::dataset::{Dataset, FileId, PicturePart, formats, meant, part_of, why_not};
use crate::error::{Error, Result};
use crate::home::expanded_path;
use crate::limits::Limit;
use crate::marks::{ListRecords, MarkRecord};

/// The extension of lists of marked pictures.
const LIST: &str = "txt";
/// A longer list isn't ours: it would have more than half a million paths.
const MOST_BYTES: u64 = 64 << 20;

/// A file that the user named.
#[derive(Debug)]
pub enum OpenedFile {
    /// Or pairs: the name tells.
    Picture(OpenedPicture),
    List(ReadList),
}

/// A list of marked pictures, as `W` writes it.
#[derive(Debug)]
pub struct ReadList {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    pub marks: Vec<(PathBuf, MarkRecord)>,
}

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

/// The file at `typed`; or the part of a picture given as `picture#x,y,width,height`.
pub fn open(typed: &Path, datasets: &[Dataset], records: Option<&ListRecords>) -> Result<OpenedFile> {
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
        return Err(Error::Input(format!("not a file, but a folder or a device: {}", crate::shown::path(&path))));
    }
    let is_named_so = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(LIST));
    if is_named_so || !formats::is_picture(&path) && found.metadata().is_ok_and(|file| file.len() <= MOST_BYTES) {
        let mut bytes = Vec::new();
        File::open(&found).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut bytes)).map_err(refused)?;
        match records.and_then(|records| records.of(&bytes)) {
            Some(marks) => return Ok(OpenedFile::List(ReadList { path, bytes, marks })),
            None if is_named_so => return Err(Error::Input("nothing is known of this list; has it changed?".into())),
            None => {}
        }
    }
    let path = datasets.iter().find_map(|dataset| dataset.place_of(&path)).unwrap_or(found);
    Ok(OpenedFile::Picture(OpenedPicture { id: FileId::at(&path), path, part }))
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
        let picture = |typed: &Path| match open(typed, std::slice::from_ref(&dataset), None).unwrap() {
            OpenedFile::Picture(picture) => picture,
            OpenedFile::List(list) => panic!("{list:?}"),
        };
        let opened = picture(&root.join("link/b.jpg"));
        assert_eq!(dataset.name_of(&opened.path).as_deref(), Some("link/b.jpg"));
        let typed = elsewhere.join("b.jpg#1,2,30,40");
        let opened = picture(&typed);
        assert_eq!(opened.path, elsewhere.canonicalize().unwrap().join("b.jpg"));
        assert_eq!(opened.part, Some(PicturePart { x: 1, y: 2, width: 30, height: 40 }));
        std::fs::write(&typed, "").unwrap();
        assert_eq!(picture(&typed).part, None, "a file that is called so");
        let message = open(&root, std::slice::from_ref(&dataset), None).unwrap_err().to_string();
        assert!(message.contains("not a file"), "{message}");
    }
}
