//! Which datasets are meant: named in the datasets directory, or given as folders.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

use super::options::GlobalOptions;
use crate::dataset::{self, Dataset, NO_SUCH_FILE, meant, names, why_not};
use crate::error::{Error, Result};
use crate::limits::Limit;
use crate::shown::as_seen;

/// The remedy where there is no dataset.
const REMEDY: &str = "give folders of pictures (simages ~/Photos) or --datasets DIR";

/// The datasets in the datasets directory; none if the default directory doesn't exist.
pub fn known(options: &GlobalOptions) -> Result<Vec<Dataset>> {
    let directory = options.directory();
    if !options.is_directory_given() && !directory.exists() {
        return Ok(Vec::new());
    }
    let exclude = options.exclude()?;
    let datasets = dataset::in_directory(&directory)?.into_iter();
    Ok(dataset::distinct(datasets.map(|dataset| dataset.without(&exclude)).collect()))
}

/// The folders given. Without any, or if the directory is given as well, those in the datasets directory. At least one,
/// with distinct names.
pub fn given_or_known(options: &GlobalOptions, folders: &[PathBuf]) -> Result<Vec<Dataset>> {
    let mut datasets = folders.iter().map(|f| folder(options, f)).collect::<Result<Vec<_>>>()?;
    if folders.is_empty() || options.is_directory_given() {
        datasets.extend(known(options)?);
    }
    if datasets.is_empty() { Err(none(options)) } else { Ok(dataset::distinct(datasets)) }
}

/// The datasets with these names or in these folders; all known datasets if none is given.
pub fn named_or_known(options: &GlobalOptions, typed: &[PathBuf]) -> Result<Vec<Dataset>> {
    if typed.is_empty() {
        return given_or_known(options, &[]);
    }
    let known = known(options)?;
    let datasets = typed.iter().map(|typed| named(options, typed, &known)).collect::<Result<Vec<_>>>()?;
    Ok(dataset::distinct(datasets))
}

/// The dataset called `typed`, or in the folder `typed`.
pub fn named(options: &GlobalOptions, typed: &Path, known: &[Dataset]) -> Result<Dataset> {
    let name = names::text(typed.as_os_str());
    let found = meant(typed).unwrap_or_else(|_| typed.to_owned());
    let typed = &*found;
    let is_path = name.contains(['/', MAIN_SEPARATOR]);
    // Datasets of the same name are also known by their parent folders: `2024/spain`.
    match known.iter().find(|d| as_seen(&d.name) == as_seen(&name)) {
        Some(dataset) if !is_path || !typed.exists() => Ok(dataset.clone()),
        _ if typed.exists() => open(options, typed),
        // Another name of a known dataset.
        _ if !is_path && options.directory().join(typed).is_dir() => open(options, &options.directory().join(typed)),
        _ if let Some(why) = wrong_with(options, typed) => Err(why),
        _ => {
            let names: Vec<_> = known.iter().map(|d| d.name.as_str()).collect();
            let known = match names.len() {
                0 => "give a folder of pictures".into(),
                _ => format!("known datasets are {}; or give a folder of pictures", names.join(", ")),
            };
            Err(Error::Input(format!("{name}: no such dataset or folder; {known}")))
        }
    }
}

/// The same; or the descriptors in the file `typed`, without pictures.
pub fn named_or_stored(options: &GlobalOptions, typed: &Path, known: &[Dataset]) -> Result<Dataset> {
    match meant(typed) {
        Ok(file) if dataset::is_descriptor_file(&file) => Dataset::of_descriptors(&file),
        _ => named(options, typed, known),
    }
}

/// An error for an option that needs pictures.
pub fn needs_pictures(option: &str, dataset: &Dataset) -> Error {
    Error::Input(format!("{option} needs pictures; {} holds only descriptors", crate::shown::path(&dataset.root)))
}

/// What is wrong with the folder `typed`, or the dataset of that name, if it exists.
fn wrong_with(options: &GlobalOptions, typed: &Path) -> Option<Error> {
    [typed.to_owned(), options.directory().join(typed)].iter().find_map(|place| {
        let error = place.metadata().err()?;
        match (Limit::of(&error), why_not(place, &error)) {
            (Some(limit), _) => Some(Error::Limit(limit)),
            (None, why) => (why != NO_SUCH_FILE).then(|| Error::Input(format!("{}: {why}", crate::shown::path(typed)))),
        }
    })
}

fn open(options: &GlobalOptions, path: &Path) -> Result<Dataset> {
    Ok(Dataset::open(path)?.without(&options.exclude()?))
}

fn folder(options: &GlobalOptions, path: &Path) -> Result<Dataset> {
    let error = match meant(path) {
        Ok(path) => return open(options, &path),
        Err(error) => error,
    };
    let typed = crate::shown::path(path);
    Err(match (Limit::of(&error), why_not(path, &error)) {
        (Some(limit), _) => Error::Limit(limit),
        (None, why) if why == NO_SUCH_FILE => {
            Error::Input(format!("{typed}: no such folder, picture or command (simages --help lists the commands)"))
        }
        (None, why) => Error::Input(format!("{typed}: {why}")),
    })
}

fn none(options: &GlobalOptions) -> Error {
    let directory = options.directory();
    let why = if directory.exists() { "holds no folders and no pictures" } else { "does not exist" };
    Error::Input(format!("no datasets: {} {why}; {REMEDY}", crate::shown::path(&directory)))
}
