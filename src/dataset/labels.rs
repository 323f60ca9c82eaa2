//! Which class each picture is of: by its folder, by its name, or by a file that says so.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// Where classes come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Labels {
    /// The folder that a picture lies in.
    Folder,
    /// The file's name up to the first `_`.
    Prefix,
    /// A CSV file with a header and two columns: a picture's path inside the dataset, and its class. Read already.
    File(PathBuf, BTreeMap<String, String>),
}

impl Labels {
    /// As typed; a file may be called `./folder`. One that can't be read is an error.
    pub fn named(text: &str) -> Result<Labels> {
        Ok(match text {
            "folder" => Labels::Folder,
            "prefix" => Labels::Prefix,
            file => Labels::File(file.into(), read(file.as_ref())?),
        })
    }

    /// What suits pictures with these names: their folders, if they lie in more than one.
    pub fn fitting<'a>(names: impl IntoIterator<Item = &'a str>) -> Labels {
        let mut folders = names.into_iter().map(folder);
        let first = folders.next();
        if folders.any(|folder| Some(folder) != first) { Labels::Folder } else { Labels::Prefix }
    }

    /// The class of the picture `name`; None where a file doesn't say.
    pub fn label(&self, name: &str) -> Option<String> {
        match self {
            Labels::Folder => Some(folder(name).to_owned()),
            Labels::Prefix => Some(prefix(name).to_owned()),
            Labels::File(_, classes) => classes.get(name).cloned(),
        }
    }
}

impl std::fmt::Display for Labels {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Labels::Folder => f.write_str("folder"),
            Labels::Prefix => f.write_str("prefix"),
            Labels::File(path, _) => path.display().fmt(f),
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

fn read(path: &Path) -> Result<BTreeMap<String, String>> {
    let file = File::open(path).map_err(Error::io(path))?;
    let mut csv = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(file);
    let mut classes = BTreeMap::new();
    for record in csv.records() {
        let record = record.map_err(|e| Error::Input(format!("{}: {e}", path.display())))?;
        let (Some(name), Some(class), 2) = (record.get(0), record.get(1), record.len()) else {
            let line = record.position().map_or(0, csv::Position::line);
            let path = path.display();
            return Err(Error::Input(format!("{path}, line {line}: two columns are expected, a file and its class")));
        };
        classes.insert(name.to_owned(), class.to_owned());
    }
    Ok(classes)
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

    #[test]
    fn a_file_says_what_it_knows_and_a_bad_line_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("labels.csv");
        std::fs::write(&path, "file,class\na.jpg,x\n\"b, c.jpg\",y\n").unwrap();
        let labels = || Labels::named(path.to_str().unwrap());
        let classes = ["a.jpg", "b, c.jpg", "d.jpg"].map(|name| labels().unwrap().label(name));
        assert_eq!(classes, [Some("x".into()), Some("y".into()), None]);
        std::fs::write(&path, "file,class\na.jpg,x\nb.jpg\n").unwrap();
        let error = labels().unwrap_err().to_string();
        assert!(error.contains("labels.csv, line 3"), "{error}");
        assert!(Labels::named("/nowhere.csv").unwrap_err().to_string().contains("/nowhere.csv"));
    }
}
