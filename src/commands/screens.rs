//! The screens, which open without a command.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::datasets::given_or_known;
use super::last_check;
use super::options::{GlobalOptions, cache, data, last_settings};
use super::run::Run;
use super::words::one_of;
use crate::dataset::{Dataset, PicturePart, formats, meant, part_of};
use crate::duplicates::VerdictsFile;
use crate::error::{Error, Result};
use crate::join::export::PairFormat;
use crate::join::{DescriptorKind, Kind, Metric, Predicate};
use crate::marks::Separator;
use crate::preferences::Choices;
use crate::tui::{self, Screens};
use crate::vgg16::NetworkOptions;

/// The settings that the screens start with.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Options of the screens")]
pub struct ScreenChoices {
    /// Start with the reference system's settings: descriptor full, cosine, the 10 nearest
    #[arg(long, conflicts_with_all = ["descriptor", "metric", "knn", "range"])]
    as_reference: bool,

    /// Start with this descriptor
    #[arg(long, value_parser = one_of(DescriptorKind::ALL.map(|kind| (kind.name(), kind))), hide_possible_values = true)]
    #[arg(help = format!("Start with this descriptor: {}", DescriptorKind::all_in_words()))]
    descriptor: Option<DescriptorKind>,

    /// Start with this metric: cosine or euclidean
    #[arg(long, value_parser = one_of(Metric::ALL.map(|metric| (metric.name(), metric))), hide_possible_values = true)]
    metric: Option<Metric>,

    /// Start with the K nearest pictures
    #[arg(long, value_name = "K", conflicts_with = "range", allow_hyphen_values = true)]
    knn: Option<String>,

    /// Start with all pictures at least as similar as R
    #[arg(long, value_name = "R", allow_hyphen_values = true)]
    range: Option<String>,
}

impl ScreenChoices {
    pub fn is_empty(&self) -> bool {
        !self.as_reference
            && self.descriptor.is_none()
            && self.metric.is_none()
            && self.knn.is_none()
            && self.range.is_none()
    }

    /// `before`: the metric that a range belongs to, if none is given.
    fn choices(&self, before: Option<Metric>) -> Result<Choices> {
        if self.as_reference {
            return Ok(Choices::reference());
        }
        let metric = self.metric.or(before).unwrap_or_default();
        let mut choices = Choices { metric: self.metric, descriptor: self.descriptor, ..Choices::default() };
        let asked = match (&self.knn, &self.range) {
            (Some(knn), _) => Some((Kind::Knn, knn)),
            (None, range) => range.as_ref().map(|range| (Kind::Range, range)),
        };
        if let Some((kind, text)) = asked {
            choices.kind = Some(kind);
            match kind.parse(text, metric)? {
                Predicate::Knn(k) => choices.k = Some(k),
                Predicate::Range(range) => choices.range = Some(range),
            }
        }
        Ok(choices)
    }
}

/// The screens over these folders; if none is given, over the datasets directory, or over the current folder if it
/// holds pictures. A picture before the folders is the first key; a file of pairs is opened. `print0`: print a NUL
/// after each path.
pub fn resolve(typed: &[PathBuf], asked: &ScreenChoices, print0: bool, options: &GlobalOptions) -> Result<Screens> {
    let first = typed.first().and_then(|first| part_of(first, meant).ok());
    let is_opened = |first: &PathBuf| formats::is_picture(first) || PairFormat::by_extension(first).is_ok();
    let (opened, folders) = match first.as_ref().filter(|(first, _)| first.is_file() && is_opened(first)) {
        Some(first) => (Some(first), &typed[1..]),
        None => (None, typed),
    };
    let opened_file = opened.map(|(file, _)| file);
    let last_settings = last_settings();
    let last = last_settings.as_deref().map(Choices::last).unwrap_or_default();
    let config = options.config()?.choices();
    let asked = asked.choices(config.metric.or(last.metric))?;
    Ok(Screens {
        datasets: datasets(opened_file, folders, options)?,
        cache: cache(),
        data: data(),
        network: NetworkOptions { in_background: true, ..options.network()? },
        choices: vec![last, config, asked],
        last_settings,
        opened: opened.map(absolute).transpose()?,
        engine: options.engine()?,
        terminal: options.terminal(),
        separator: if print0 { Separator::Null } else { Separator::Line },
    })
}

/// The absolute path of the file to open, and the part of the picture meant.
fn absolute((file, part): &(PathBuf, Option<PicturePart>)) -> Result<PathBuf> {
    let mut path = std::path::absolute(file).map_err(Error::io(file))?.into_os_string();
    if let Some(part) = part {
        path.push(format!("#{part}"));
    }
    Ok(path.into())
}

/// The datasets given or known; else the folder of the file to open, or the current folder if it directly holds
/// pictures.
fn datasets(opened: Option<&PathBuf>, folders: &[PathBuf], options: &GlobalOptions) -> Result<Vec<Dataset>> {
    let none = match given_or_known(options, folders) {
        Err(error) if folders.is_empty() && !options.is_directory_given() => error,
        found => return found,
    };
    let here = match opened.and_then(|opened| opened.parent()) {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => PathBuf::from("."),
    };
    let dataset = Dataset::open(&here)?.without(&options.exclude()?);
    let has_pictures = opened.is_some() || formats::lie_in(&dataset.root);
    if has_pictures { Ok(vec![dataset]) } else { Err(none) }
}

impl Run for Screens {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        let verdicts = VerdictsFile::new(&self.data);
        let left = tui::run(*self)?;
        let checked = last_check::told(&left.cancel, &verdicts, |checking| left.checked(checking));
        left.print(&checked)?;
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::commands::tests::{Place, parsed};

    #[derive(Args)]
    struct Folders {
        folders: Vec<PathBuf>,
    }

    fn names(typed: &[&str]) -> Result<Vec<String>> {
        let (Folders { folders }, options) = parsed(typed);
        let screens = resolve(&folders, &ScreenChoices::default(), false, &options)?;
        Ok(screens.datasets.into_iter().map(|d| d.name).collect())
    }

    #[test]
    fn folders_replace_the_default_directory_and_join_a_given_one() {
        let place = Place::new();
        let (directory, photos) = (place.at("datasets"), place.at("photos"));
        assert_eq!(names(&["--datasets", &directory]).unwrap(), ["animals", "garden"]);
        assert_eq!(names(&["--datasets", &directory, &photos]).unwrap(), ["photos", "animals", "garden"]);
        assert_eq!(names(&[&photos, "--datasets="]).unwrap(), ["photos"]);
    }

    #[test]
    fn a_picture_before_the_folders_is_the_key_and_options_go_before_what_is_configured() {
        let place = Place::new();
        let (directory, photos) = (place.at("datasets"), place.at("photos"));
        let key = format!("{photos}/key.jpg");
        std::fs::write(&key, "").unwrap();
        let screens = |typed: &[&str], choices: ScreenChoices| {
            let (Folders { folders }, options) = parsed(typed);
            resolve(&folders, &choices, false, &options).unwrap()
        };
        let opened = screens(&[&key, &directory], ScreenChoices::default());
        assert_eq!(opened.opened.as_deref(), Some(Path::new(&key)));
        assert_eq!(opened.datasets.len(), 1);
        let range = ScreenChoices { range: Some("0.7".into()), ..ScreenChoices::default() };
        let asked = *screens(&[&photos], range).choices.last().unwrap();
        assert_eq!((asked.kind, asked.range, asked.k), (Some(Kind::Range), Some(0.7), None));
        let (_, options) = parsed::<Folders>(&[]);
        let wrong = ScreenChoices { knn: Some("0".into()), ..ScreenChoices::default() };
        assert!(resolve(&[photos.into()], &wrong, false, &options).is_err());
    }

    #[test]
    fn a_directory_that_does_not_exist_is_named() {
        let message = names(&["--datasets", "/nowhere/at/all"]).unwrap_err().to_string();
        assert!(message.contains("/nowhere/at/all"), "{message}");
        let message = names(&["/nowhere/at/all"]).unwrap_err().to_string();
        assert!(message.contains("/nowhere/at/all: no such folder"), "{message}");
    }
}
