//! What is excluded from a scan, and why.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::text::count;

/// Folders and pictures excluded for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The name of the system's folders, a glob, or the path of a `.simagesignore` inside the dataset.
    pub name: String,
    pub by: LeftOutBy,
    /// Not counting their contents.
    pub folders: usize,
    pub pictures: usize,
}

/// The source of an exclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum LeftOutBy {
    #[serde(rename = "system")]
    System,
    #[serde(rename = "--exclude")]
    Exclude,
    #[serde(rename = ".simagesignore")]
    IgnoreFile,
}

impl LeftOut {
    /// The rule or folder: `@eaDir`, `--exclude *.tif`, `sub/.simagesignore`
    pub fn title(&self) -> String {
        match self.by {
            LeftOutBy::Exclude => format!("--exclude {}", self.name),
            LeftOutBy::System | LeftOutBy::IgnoreFile => self.name.clone(),
        }
    }

    /// `system folder, skipped (3 folders)`
    pub fn what(&self) -> String {
        let counts = [(self.folders, "folder"), (self.pictures, "picture")];
        let counts: Vec<_> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| count(*n, what)).collect();
        let counts = counts.join(", ");
        match self.by {
            LeftOutBy::System => format!("system folder, skipped ({counts})"),
            LeftOutBy::Exclude | LeftOutBy::IgnoreFile => format!("left out ({counts})"),
        }
    }
}

/// Counts exclusions by reason.
#[derive(Default)]
pub struct LeftOutCounts(BTreeMap<(LeftOutBy, String), (usize, usize)>);

impl LeftOutCounts {
    pub fn add(&mut self, by: LeftOutBy, name: &str, is_folder: bool) {
        let (folders, pictures) = self.0.entry((by, name.to_owned())).or_default();
        *(if is_folder { folders } else { pictures }) += 1;
    }

    /// Sorted by source, then by name.
    pub fn into_all(self) -> Vec<LeftOut> {
        let left_out = |((by, name), (folders, pictures))| LeftOut { name, by, folders, pictures };
        self.0.into_iter().map(left_out).collect()
    }
}
