//! A key and what is similar to it.

use std::sync::Arc;

use super::jobs::{Request, SearchAnswer};
use super::set::KeyPicture;
use super::settings::Settings;
use super::world::World;
use crate::descriptor::{Crops, Descriptor};
use crate::join::Neighbour;

pub struct Search {
    pub key: KeyPicture,
    pub settings: Settings,
    pub request: Request<SearchAnswer>,
}

impl Search {
    /// The key's descriptor, if it is known, and of which crops it is.
    pub fn described(&self, world: &World) -> Option<(Crops, Arc<Descriptor>)> {
        let answer = self.request.answer()?;
        Some((world.sets[self.settings.dataset].matrix.crops, answer.key.clone()))
    }

    /// The results, best first.
    pub fn results(&self) -> &[Neighbour] {
        let answer = self.request.answer();
        match (answer, answer.and_then(|a| self.settings.predicate(Some(&a.ranking)))) {
            (Some(answer), Some(predicate)) => answer.ranking.results(predicate),
            _ => &[],
        }
    }
}
