//! A picture's file in a dataset, or the reason for skipping it.

use std::path::PathBuf;

use super::file_id::{FileId, Sameness};
use super::stamp::Stamp;
use super::unreadable::A_FILM;

/// A picture's file in a dataset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFile {
    /// Path inside the dataset, `/` between folders. Bytes that aren't UTF-8 appear as `\xNN`.
    pub name: String,
    pub path: PathBuf,
    /// Identifies the file, by whatever path.
    pub id: FileId,
    /// In bytes.
    pub size: u64,
    /// Time of the last modification, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Time of the last change of any kind. No program can set it, unlike `mtime_ns`. 0 where the system has none.
    pub ctime_ns: i64,
}

/// A skipped picture, and the reason.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Skipped {
    /// As displayed, in its dataset.
    pub file: String,
    /// Of the picture's file; None for folders and the like. Two files may be displayed alike.
    #[serde(skip)]
    pub path: Option<PathBuf>,
    pub error: String,
}

impl Skipped {
    pub fn picture(image: &ImageFile, error: String) -> Skipped {
        Skipped { file: image.name.clone(), path: Some(image.path.clone()), error }
    }

    /// Whether it is a video. Those are only counted, as there may be many, and no picture is lost.
    pub fn is_film(&self) -> bool {
        self.error.starts_with(A_FILM)
    }

    pub fn films(skipped: &[Skipped]) -> usize {
        skipped.iter().filter(|skipped| skipped.is_film()).count()
    }
}

impl ImageFile {
    /// The one called `name` among `images`, which are sorted by name.
    pub fn named<'a>(images: &'a [ImageFile], name: &str) -> Option<&'a ImageFile> {
        let at = images.binary_search_by(|image| image.name.as_str().cmp(name)).ok()?;
        Some(&images[at])
    }

    /// Changes when the file does.
    pub fn stamp(&self) -> Stamp {
        Stamp { size: self.size, mtime_ns: self.mtime_ns }
    }

    /// Whether `other` is the same file.
    pub fn compare(&self, other: &ImageFile) -> Sameness {
        self.id.compare(self.stamp(), &other.id, other.stamp())
    }
}
