//! What the screens are run with.

use std::path::PathBuf;

use super::settings::Settings;
use crate::dataset::Dataset;
use crate::join::Engine;
use crate::join::export::PairFormat;
use crate::marks::Separator;
use crate::preferences::Choices;
use crate::terminal::TerminalChoices;
use crate::vgg16::NetworkOptions;

/// What the screens are run with.
pub struct Screens {
    /// At least one.
    pub datasets: Vec<Dataset>,
    /// The folder that descriptors and thumbnails are kept in.
    pub cache: PathBuf,
    /// The folder that what the user said is kept in.
    pub data: PathBuf,
    pub network: NetworkOptions,
    /// What the settings begin with: later ones go before earlier ones.
    pub choices: Vec<Choices>,
    /// Where the settings are kept for the next time.
    pub last_settings: Option<PathBuf>,
    /// A picture whose results are opened at once, or a file of pairs.
    pub opened: Option<PathBuf>,
    /// What joins and searches are computed with.
    pub engine: Engine,
    /// What is wanted of the terminal.
    pub terminal: TerminalChoices,
    /// What follows each path of a marked picture that is printed at the end.
    pub separator: Separator,
}

impl Screens {
    /// The settings that they begin with. A file of pairs with two datasets is taken to be of the first one with the second.
    pub fn begin(&self) -> Settings {
        let are_pairs = self.opened.as_deref().is_some_and(|path| PairFormat::by_extension(path).is_ok());
        let dataset = if are_pairs && self.datasets.len() > 1 { 1 } else { 0 };
        self.choices.iter().fold(Settings::new(0, dataset), Settings::with)
    }
}
