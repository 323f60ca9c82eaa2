//! Further names: other paths to a picture or folder already listed.

use serde::Serialize;

/// Another path to a picture or to a folder of pictures. Nothing is lost: the file is read once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FurtherName {
    /// Path inside the dataset, like a picture's name.
    pub file: String,
    /// The name under which it is listed; empty for the dataset's own folder.
    pub same_as: String,
    pub by: ReachedBy,
}

/// Why two paths lead to the same file or folder.
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
