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
    /// Number of datasets that are fully indexed, or failed.
    through: usize,
}

impl Growth {
    /// Of these datasets, by now.
    pub fn of(sets: &[usize], world: &World) -> Growth {
        Growth { looked_at: Growth::is_looked_at(sets, world), ..Growth::at_a_glance(sets, world) }
    }

    /// Whether so much more is known by now that it should be asked anew: other files, a dataset that is through, or half as much
    /// again.
    pub fn has_passed(&self, sets: &[usize], world: &World) -> bool {
        let now = Growth::at_a_glance(sets, world);
        now.files != self.files
            || now.through > self.through
            || 2 * now.indexed >= 3 * self.indexed && now.indexed > self.indexed
            || !self.looked_at && Growth::is_looked_at(sets, world)
    }

    fn at_a_glance(sets: &[usize], world: &World) -> Growth {
        let sets = || sets.iter().map(|set| &world.sets[*set]);
        let ended = |set: &Set| matches!(set.state, SetState::Complete | SetState::Failed(_));
        Growth {
            files: sets().map(|set| set.changes).collect(),
            indexed: sets().map(|set| set.matrix.len()).sum(),
            looked_at: false,
            through: sets().filter(|set| ended(set)).count(),
        }
    }

    fn is_looked_at(sets: &[usize], world: &World) -> bool {
        sets.iter().all(|set| world.sets[*set].matrix.rows().iter().all(|row| row.was_looked_at()))
    }
}
