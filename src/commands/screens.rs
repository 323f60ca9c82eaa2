//! Without a command: the screens.

use std::path::PathBuf;
use std::process::ExitCode;

use super::datasets::given_or_known;
use super::options::{GlobalOptions, cache, data};
use super::run::Run;
use crate::error::Result;
use crate::marks::Separator;
use crate::tui::{self, Screens};
use crate::vgg16::NetworkOptions;

/// The screens over these folders; without any, over the datasets directory. `print0`: a NUL follows each path printed.
pub fn resolve(folders: &[PathBuf], print0: bool, options: &GlobalOptions) -> Result<Screens> {
    Ok(Screens {
        datasets: given_or_known(options, folders)?,
        cache: cache()?,
        data: data()?,
        network: NetworkOptions { in_background: true, ..options.network()? },
        engine: options.engine()?,
        protocol: options.protocol,
        separator: if print0 { Separator::Null } else { Separator::Line },
    })
}

impl Run for Screens {
    fn run(self: Box<Self>) -> anyhow::Result<ExitCode> {
        tui::run(*self).map(|()| ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use clap::Args;

    use super::*;
    use crate::commands::tests::{Place, parsed};

    #[derive(Args)]
    struct Folders {
        folders: Vec<PathBuf>,
    }

    fn names(typed: &[&str]) -> Result<Vec<String>> {
        let (Folders { folders }, options) = parsed(typed);
        let screens = resolve(&folders, false, &options)?;
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
    fn a_directory_that_does_not_exist_is_named() {
        let message = names(&["--datasets", "/nowhere/at/all"]).unwrap_err().to_string();
        assert!(message.contains("/nowhere/at/all"), "{message}");
        let message = names(&["/nowhere/at/all"]).unwrap_err().to_string();
        assert!(message.contains("/nowhere/at/all: no such folder"), "{message}");
    }
}
