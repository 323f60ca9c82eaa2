//! How much is known of some datasets: what was found earlier is asked for anew when that grows.

use super::set::{Set, SetState};
use super::world::World;

/// What was known of some datasets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Growth {
    /// How often the files of each have changed.
    files: Vec<u64>,
    indexed: usize,
    /// Whether all that is indexed was looked at.
    looked_at: bool,
    /// Datasets that nothing more is to be found in.
    through: usize,
}

impl Growth {
    /// Of these datasets, by now.
    pub fn of(sets: &[usize], world: &World) -> Growth {
        let sets = || sets.iter().map(|set| &world.sets[*set]);
        let ended = |set: &Set| matches!(set.state, SetState::Complete | SetState::Failed(_));
        Growth {
            files: sets().map(|set| set.changes).collect(),
            indexed: sets().map(|set| set.matrix.len()).sum(),
            looked_at: sets().all(|set| set.matrix.rows().iter().all(|row| row.was_looked_at())),
            through: sets().filter(|set| ended(set)).count(),
        }
    }

    /// Whether so much more is known than `before` that it should be asked anew: other files, a dataset that is through, or half
    /// as much again.
    pub fn is_due_since(&self, before: &Growth) -> bool {
        self.files != before.files
            || self.through > before.through
            || self.looked_at && !before.looked_at
            || 2 * self.indexed >= 3 * before.indexed && self.indexed > before.indexed
    }
}
