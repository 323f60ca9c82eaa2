//! The input of the screens.

use std::path::{Path, PathBuf};

use super::settings::Settings;
use crate::dataset::Dataset;
use crate::join::Engine;
use crate::join::export::PairFormat;
use crate::marks::Separator;
use crate::preferences::Choices;
use crate::terminal::TerminalChoices;
use crate::vgg16::NetworkOptions;

/// The input of the screens.
pub struct Screens {
    /// At least one.
    pub datasets: Vec<Dataset>,
    /// The folder for descriptors and thumbnails.
    pub cache: PathBuf,
    /// The folder for the user's verdicts.
    pub data: PathBuf,
    pub network: NetworkOptions,
    /// The initial settings: later entries win.
    pub choices: Vec<Choices>,
    /// The file that settings are saved in.
    pub last_settings: Option<PathBuf>,
    /// A picture whose results are opened at once, or a file of pairs.
    pub opened: Option<PathBuf>,
    /// How joins and searches are computed.
    pub engine: Engine,
    /// What the user asked for about the terminal.
    pub terminal: TerminalChoices,
    /// The separator after each marked path printed at the end.
    pub separator: Separator,
}

impl Screens {
    /// The folder of the saved settings, where marks are kept too if the screens are cut off.
    pub fn state(&self) -> Option<&Path> {
        self.last_settings.as_deref().and_then(Path::parent)
    }

    /// The initial settings. A file of pairs and two datasets are taken for a join of the first with the second.
    pub fn begin(&self) -> Settings {
        let are_pairs = self.opened.as_deref().is_some_and(|path| PairFormat::by_extension(path).is_ok());
        let dataset = if are_pairs && self.datasets.len() > 1 { 1 } else { 0 };
        self.choices.iter().fold(Settings::new(0, dataset), Settings::with)
    }
}
