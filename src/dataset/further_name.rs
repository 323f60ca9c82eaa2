//! Further paths to what is listed under another name already.

use serde::Serialize;

/// A further path to a picture, or to a folder of pictures: nothing is lost, it is looked at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FurtherName {
    /// Path inside the dataset, as of a picture.
    pub file: String,
    /// The name that it is listed under; of the dataset's folder itself, empty.
    pub same_as: String,
    pub by: ReachedBy,
}

/// What makes two paths of one file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReachedBy {
    Link,
    HardLink,
    /// It is mounted in two places.
    Mount,
    FolderLink,
    FolderMount,
}

impl FurtherName {
    /// `the same file as a.jpg (link)`
    pub fn what(&self) -> String {
        let name = &self.same_as;
        let folder = match name.is_empty() {
            true => "the dataset's own folder".into(),
            false => format!("the same folder as {name}"),
        };
        match self.by {
            ReachedBy::Link => format!("the same file as {name} (link)"),
            ReachedBy::HardLink => format!("a hard link of {name}"),
            ReachedBy::Mount => format!("the same file as {name} (mounted twice)"),
            ReachedBy::FolderLink => format!("{folder} (link)"),
            ReachedBy::FolderMount => format!("{folder} (mounted twice)"),
        }
    }
}
