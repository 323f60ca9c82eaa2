//! The user's preferences: the settings last used on the screens, and the configuration file. Options win over the
//! configuration, which wins over the last settings.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::join::{DescriptorKind, Kind, Metric, Predicate};
use crate::whole_file::{self, WholeFile};

/// The settings that the screens start with; None where nothing is set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Choices {
    pub metric: Option<Metric>,
    pub descriptor: Option<DescriptorKind>,
    pub kind: Option<Kind>,
    pub k: Option<usize>,
    /// Under this metric and descriptor, or else under those set before.
    pub range: Option<f64>,
}

impl Choices {
    /// The reference system's settings: descriptor full, cosine, the 10 nearest.
    pub fn reference() -> Choices {
        Choices {
            metric: Some(Metric::Cosine),
            descriptor: Some(DescriptorKind::Full),
            kind: Some(Kind::Knn),
            k: Some(10),
            range: None,
        }
    }
}

/// The configuration file, `config.toml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// The datasets directory.
    pub datasets: Option<PathBuf>,
    /// What to exclude, as lines of a .gitignore.
    #[serde(default)]
    pub exclude: Vec<String>,
    #[serde(default)]
    pub screens: ChoicesText,
}

/// [`Choices`] as text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ChoicesText {
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    descriptor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    predicate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    knn: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<f64>,
}

fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(whole_file::read(path)?).map_err(|_| io::Error::other("not UTF-8 text"))
}

impl Config {
    /// Reads the configuration; an absent file is an empty configuration.
    pub fn read(path: &Path) -> Result<Config> {
        let text = match read_text(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Config::default()),
            Err(error) => return Err(Error::io(path)(error)),
        };
        let wrong = |why: String| Error::Input(format!("{}: {why}", crate::shown::path(path)));
        let config: Config = toml::from_str(&text).map_err(|error| {
            let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            wrong(format!("line {line}: {}", error.message().replace(['`', '\n'], " ").trim()))
        })?;
        config.screens.choices().map_err(|error| wrong(error.to_string()))?;
        Ok(config)
    }

    pub fn choices(&self) -> Choices {
        self.screens.choices().unwrap_or_default()
    }
}

impl ChoicesText {
    fn choices(&self) -> Result<Choices> {
        let unknown = |what: &str, name: &str, names: Vec<&str>| {
            Error::Input(format!("{what} = \"{name}\": use {}", names.join(", ")))
        };
        let metric = self.metric.as_deref().map(|name| {
            let found = Metric::ALL.into_iter().find(|metric| metric.name() == name);
            found.ok_or_else(|| unknown("metric", name, Metric::ALL.map(Metric::name).to_vec()))
        });
        let descriptor = self.descriptor.as_deref().map(|name| {
            let found = DescriptorKind::ALL.into_iter().find(|kind| kind.name() == name);
            found.ok_or_else(|| unknown("descriptor", name, DescriptorKind::ALL.map(DescriptorKind::name).to_vec()))
        });
        let (metric, descriptor) = (metric.transpose()?, descriptor.transpose()?);
        let kind = match self.predicate.as_deref() {
            None => None,
            Some("knn") => Some(Kind::Knn),
            Some("range") => Some(Kind::Range),
            Some(name) => return Err(unknown("predicate", name, vec!["knn", "range"])),
        };
        let parsed = |kind: Kind, text: String| kind.parse(&text, metric.unwrap_or_default());
        let k = self.knn.map(|k| parsed(Kind::Knn, k.to_string())).transpose()?;
        let range = self.range.map(|range| parsed(Kind::Range, range.to_string())).transpose()?;
        let kind = kind.or(if range.is_some() { Some(Kind::Range) } else { k.map(|_| Kind::Knn) });
        Ok(Choices {
            metric,
            descriptor,
            kind,
            k: k.and_then(|k| if let Predicate::Knn(k) = k { Some(k) } else { None }),
            range: range.and_then(|range| if let Predicate::Range(range) = range { Some(range) } else { None }),
        })
    }
}

impl Choices {
    /// The settings last used; empty if unknown.
    pub fn last(path: &Path) -> Choices {
        let text = read_text(path).unwrap_or_default();
        let read = toml::from_str::<ChoicesText>(&text).map_err(|error| Error::Input(error.to_string()));
        read.and_then(|text| text.choices()).unwrap_or_default()
    }

    /// Saves them for the next start.
    pub fn remember(&self, path: &Path) -> std::io::Result<()> {
        let text = ChoicesText {
            metric: self.metric.map(|metric| metric.name().to_owned()),
            descriptor: self.descriptor.map(|descriptor| descriptor.name().to_owned()),
            predicate: self.kind.map(|kind| if kind == Kind::Knn { "knn" } else { "range" }.to_owned()),
            knn: self.k,
            range: self.range,
        };
        let text = toml::to_string(&text).map_err(std::io::Error::other)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = WholeFile::create(path, ".settings.")?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.replace_soon()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Config> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        std::fs::write(&path, text).unwrap();
        Config::read(&path)
    }

    #[test]
    fn a_configuration_says_what_it_means_or_what_is_wrong() {
        assert_eq!(Config::read(Path::new("/nowhere/config.toml")).unwrap(), Config::default());
        let config = read("exclude = [\"raw/\"]\n[screens]\ndescriptor = \"best\"\nrange = 0.6\n").unwrap();
        assert_eq!(config.exclude, ["raw/"]);
        let Choices { descriptor, kind, range, .. } = config.choices();
        assert_eq!((descriptor, kind, range), (Some(DescriptorKind::Regions), Some(Kind::Range), Some(0.6)));
        for (text, said) in [
            ("colour = 1", "colour"),
            ("[screens]\nmetric = \"dot\"", "use cosine, euclidean"),
            ("[screens]\nrange = 2.0", "range"),
            ("[screens]\nknn = 0", "k"),
            ("[screens]\npredicate = \"all\"", "knn, range"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains("config.toml") && message.contains(said), "{message}");
        }
    }

    #[test]
    fn the_last_time_is_remembered_and_a_damaged_file_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/settings.toml");
        let choices = Choices {
            metric: Some(Metric::Euclidean),
            descriptor: Some(DescriptorKind::Full),
            kind: Some(Kind::Range),
            k: Some(7),
            range: Some(1500.0),
        };
        choices.remember(&path).unwrap();
        assert_eq!(Choices::last(&path), choices);
        std::fs::write(&path, "metric = 7").unwrap();
        assert_eq!(Choices::last(&path), Choices::default());
        assert_eq!(Choices::last(Path::new("/nowhere")), Choices::default());
    }
}
