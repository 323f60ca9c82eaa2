//! How much is indexed of some datasets. When it grows, earlier results are requested again.

use super::set::{Set, SetState};
use super::world::World;

/// A snapshot of how much was known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Growth {
    /// How often each dataset's files have changed.
    files: Vec<u64>,
    indexed: usize,
    /// Whether every indexed picture was also looked at.
    looked_at: bool,
    /// Number of datasets that are fully indexed, or failed.
    through: usize,
}

impl Growth {
    /// The current state of these datasets.
    pub fn of(sets: &[usize], world: &World) -> Growth {
        Growth { looked_at: Growth::is_looked_at(sets, world), ..Growth::at_a_glance(sets, world) }
    }

    /// Whether enough has changed to ask again: other files, another dataset done, half as much again, or all indexed
    /// pictures looked at by now.
    pub fn has_passed(&self, sets: &[usize], world: &World) -> bool {
        let now = Growth::at_a_glance(sets, world);
        now.files != self.files
            || now.through > self.through
            || now.is_much_more_than(self)
            || !self.looked_at && Growth::is_looked_at(sets, world)
    }

    /// The same for work that looks at pictures which aren't indexed yet. While it is under way, it is only begun again
    /// if another dataset is done, with half as much again: its rows may just have been opened, and without them, all
    /// its pictures would be looked at.
    pub fn has_passed_work(&self, is_under_way: bool, sets: &[usize], world: &World) -> bool {
        if !is_under_way {
            return self.has_passed(sets, world);
        }
        let now = Growth::at_a_glance(sets, world);
        now.through > self.through && now.is_much_more_than(self)
    }

    fn is_much_more_than(&self, before: &Growth) -> bool {
        2 * self.indexed >= 3 * before.indexed && self.indexed > before.indexed
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
