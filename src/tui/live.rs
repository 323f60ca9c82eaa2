//! The live count: how many pictures a range lets pass, while it is being chosen.

use std::path::PathBuf;
use std::sync::Arc;

use super::app::App;
use super::msg::Task;
use super::search::KeySource;
use crate::join::{DescriptorKind, Metric, Ranking};

/// What is counted live while a range is chosen: the ranking of the key that would be used now.
#[derive(Default)]
pub struct Live {
    wanted: Option<LiveKey>,
    pub generation: u64,
    pub ranking: Option<Arc<Ranking>>,
}

/// Key, dataset, descriptor, metric and whether results are folded, and number of rows that were asked for.
type LiveKey = (PathBuf, usize, (DescriptorKind, Metric, bool), usize);

impl App {
    /// Asks for the ranking that the live count needs, if it is another one than before. Only keys that are indexed
    /// count: the network doesn't run for a glance.
    pub(super) fn ask_live(&mut self) -> Option<Task> {
        if self.joined.is_some() {
            // There is no key.
            return None;
        }
        let (key, settings) = match (self.trail.last(), self.focus) {
            (Some(results), Some(_)) => (results.key.clone(), results.edited.clone()?),
            (Some(_), None) => return None,
            (None, _) => (self.key_select.selected_key(self)?, self.settings.clone()),
        };
        let set = &self.sets[settings.dataset];
        let wanted = (
            key.path.clone(),
            settings.dataset,
            (settings.descriptor, settings.metric, settings.fold),
            set.matrix.len(),
        );
        if self.live.wanted.as_ref() == Some(&wanted) {
            return None;
        }
        let grown = |w: &LiveKey| (&w.0, w.1, w.2) == (&wanted.0, wanted.1, wanted.2);
        if !self.live.wanted.as_ref().is_some_and(grown) {
            self.live.ranking = None;
        }
        if matches!(self.key_source(&key, set.matrix.crops), KeySource::File(_)) {
            // Asked again when it is indexed.
            self.live.wanted = None;
            return None;
        }
        self.live.wanted = Some(wanted);
        let job = self.job(&key, &settings);
        self.live.generation = job.generation;
        Some(Task::Count(job))
    }
}
