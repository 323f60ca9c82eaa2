//! The live count: how many pictures pass a range while the user chooses it.

use std::sync::Arc;

use super::jobs::Searched;
use super::key_pictures::KeyPictures;
use super::settings::Settings;
use crate::join::{DescriptorKind, Metric, Ranking};

/// The ranking of the current keys.
#[derive(Default)]
pub struct Live {
    wanted: Option<Wanted>,
    generation: u64,
    pub ranking: Option<Arc<Ranking>>,
}

/// What a ranking depends on.
#[derive(Clone, PartialEq)]
pub struct Wanted {
    keys: KeyPictures,
    dataset: usize,
    by: (DescriptorKind, Metric),
    expand: bool,
    fold: bool,
    /// Rows of the dataset.
    rows: usize,
}

impl Wanted {
    pub fn new(keys: &KeyPictures, settings: &Settings, rows: usize) -> Wanted {
        let by = (settings.descriptor, settings.metric);
        let (expand, fold) = (settings.expand, settings.fold);
        Wanted { keys: keys.clone(), dataset: settings.dataset, by, expand, fold, rows }
    }

    /// Whether it is the same, except that the dataset may have grown.
    fn is_more_of(&self, before: &Wanted) -> bool {
        *self == Wanted { rows: self.rows, ..before.clone() }
    }
}

impl Live {
    /// Whether this ranking must be requested: it differs from the last one.
    pub fn lacks(&mut self, wanted: &Wanted) -> bool {
        if self.wanted.as_ref() == Some(wanted) {
            return false;
        }
        if !self.wanted.as_ref().is_some_and(|before| wanted.is_more_of(before)) {
            self.ranking = None;
        }
        true
    }

    /// Records a request under this number.
    pub fn ask(&mut self, wanted: Wanted, generation: u64) {
        (self.wanted, self.generation) = (Some(wanted), generation);
    }

    /// It can't be requested yet.
    pub fn ask_later(&mut self) {
        self.wanted = None;
    }

    pub fn is(&self, generation: u64) -> bool {
        self.generation == generation
    }

    pub fn take(&mut self, searched: Searched) {
        self.ranking = searched.outcome.ok().map(|answer| answer.ranking);
    }
}
