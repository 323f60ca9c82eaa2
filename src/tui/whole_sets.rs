//! Whole datasets on a screen: the keys' dataset and the one joined with it. When more is known of them, the results
//! are computed again.

use super::growth::Growth;
use super::msg::Task;
use super::set::{KeyPicture, SetState};
use super::settings::Settings;
use super::world::World;
use crate::duplicates::{Collection, CollectionSource};
use crate::text::{count, thousands};

#[derive(Clone, Debug, Default)]
pub struct WholeSets {
    /// Their indices.
    pub sets: Vec<usize>,
    /// How much was known of them when they were requested.
    asked: Growth,
}

impl WholeSets {
    /// The chosen datasets, and tasks.
    pub fn of(settings: &Settings) -> (WholeSets, Vec<Task>) {
        let mut sets = vec![settings.key_dataset];
        if settings.dataset != settings.key_dataset {
            sets.push(settings.dataset);
        }
        let tasks = sets.iter().rev().map(|set| Task::Prefer(*set)).collect();
        (WholeSets { sets, asked: Growth::default() }, tasks)
    }

    /// Whether other settings choose the same datasets.
    pub fn are(&self, settings: &Settings) -> bool {
        WholeSets::of(settings).0.sets == self.sets
    }

    /// Everything indexed of them so far.
    pub fn ask(&mut self, world: &World) -> Vec<CollectionSource> {
        self.asked = Growth::of(&self.sets, world);
        self.sets.iter().map(|set| world.sets[*set].source()).collect()
    }

    /// Whether so much more is known that they should be requested again.
    pub fn have_grown(&self, world: &World) -> bool {
        self.asked.has_passed(&self.sets, world)
    }

    /// The index of a picture in a collection of them.
    pub fn find(&self, collection: &Collection, picture: &KeyPicture, world: &World) -> Option<u32> {
        let names = self.sets.iter().map(|set| world.sets[*set].name_of(picture)).enumerate();
        names.filter_map(|(source, name)| collection.find(source, &name?)).next()
    }

    /// `animals + garden`
    pub fn names(&self, world: &World) -> String {
        self.sets.iter().map(|set| world.sets[*set].dataset.name.as_str()).collect::<Vec<_>>().join(" + ")
    }

    /// How many of their pictures are indexed.
    pub fn indexed(&self, world: &World) -> usize {
        self.sets.iter().map(|set| world.sets[*set].matrix.len()).sum()
    }

    /// `144 pictures`; during indexing `144 of 200 pictures`.
    pub fn told(&self, pictures: usize, world: &World) -> String {
        let sets = self.sets.iter().map(|set| &world.sets[*set]);
        let under_way = sets.filter(|set| !matches!(set.state, SetState::Complete | SetState::Failed(_)));
        match under_way.map(|set| set.images.len().saturating_sub(set.matrix.len())).sum() {
            0 => count(pictures, "picture"),
            missing => format!("{} of {}", thousands(pictures), count(pictures + missing, "picture")),
        }
    }
}
