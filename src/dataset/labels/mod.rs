//! The class of each picture: by its folder, by its name, or from a file.
//!
//! Input: names of pictures. Output: their classes. A file is first read ([`LabelsFile::read`]), then its names are
//! matched with the pictures of a dataset ([`LabelsFile::fit`]).

mod file;
mod fit;

pub use file::{Label, LabelsFile};
pub use fit::{Misfit, MisfitReason};

use crate::error::Result;

/// Where classes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Labels {
    /// The picture's folder.
    Folder,
    /// The file's name up to the first `_`.
    Prefix,
    /// A CSV file, already read.
    File(LabelsFile),
}

impl Labels {
    /// Parses the option; to name a file called `folder`, write `./folder`. A file that can't be read is an error.
    pub fn named(text: &str) -> Result<Labels> {
        Ok(match text {
            "folder" => Labels::Folder,
            "prefix" => Labels::Prefix,
            file => Labels::File(LabelsFile::read(file.as_ref())?),
        })
    }

    /// The choice that suits these names: folders, if there is more than one.
    pub fn fitting<'a>(names: impl IntoIterator<Item = &'a str>) -> Labels {
        let mut folders = names.into_iter().map(folder);
        let first = folders.next();
        if folders.any(|folder| Some(folder) != first) { Labels::Folder } else { Labels::Prefix }
    }

    /// The class of the picture `name`; None if a file doesn't give one.
    pub fn label(&self, name: &str) -> Option<String> {
        match self {
            Labels::Folder => Some(folder(name).to_owned()),
            Labels::Prefix => Some(prefix(name).to_owned()),
            Labels::File(file) => file.class(name).map(str::to_owned),
        }
    }
}

impl std::fmt::Display for Labels {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Labels::Folder => f.write_str("folder"),
            Labels::Prefix => f.write_str("prefix"),
            Labels::File(file) => crate::shown::path(&file.path).fmt(f),
        }
    }
}

fn folder(name: &str) -> &str {
    name.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

fn prefix(name: &str) -> &str {
    let file = name.rsplit_once('/').map_or(name, |(_, file)| file);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    stem.split_once('_').map_or(stem, |(prefix, _)| prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_or_prefixes_whatever_tells_pictures_apart() {
        let names = ["birds/a_1.jpg", "birds/sea/b.jpg", "top.jpg"];
        assert_eq!(Labels::fitting(names), Labels::Folder);
        let of = |labels: Labels| names.map(|name| labels.label(name).unwrap());
        assert_eq!(of(Labels::Folder), ["birds", "birds/sea", "."]);
        let names = ["birds_duck_2.jpg", "fish_cod.jpg", "other.jpg"];
        assert_eq!(Labels::fitting(names), Labels::Prefix);
        assert_eq!(names.map(|name| Labels::Prefix.label(name).unwrap()), ["birds", "fish", "other"]);
    }
}
