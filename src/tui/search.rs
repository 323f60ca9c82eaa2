//! A key and what is similar to it.

use super::jobs::{DescribedKey, Request, SearchAnswer};
use super::set::KeyPicture;
use super::settings::Settings;
use super::world::World;
use crate::dataset::ContentHash;
use crate::join::Neighbour;
use crate::join::export::IDENTICAL;

pub struct Search {
    pub key: KeyPicture,
    pub settings: Settings,
    pub request: Request<SearchAnswer>,
}

impl Search {
    /// The key as it was looked at, if it was.
    pub fn described(&self, world: &World) -> Option<DescribedKey> {
        let answer = self.request.answer()?;
        let crops = world.sets[self.settings.dataset].matrix.crops;
        Some(DescribedKey { crops, descriptor: answer.key.clone(), content: answer.content })
    }

    /// What the key's file holds, if that is known.
    pub fn content(&self) -> Option<ContentHash> {
        self.request.answer()?.content
    }

    /// What is said of how alike a result is: its value, after the metric's `name`, if it isn't the same to the byte.
    pub fn likeness(&self, result: &Neighbour, name: &str) -> String {
        match result.row.is_identical(self.content()) {
            true => IDENTICAL.to_owned(),
            false => format!("{name} {}", self.settings.metric.format(result.value)),
        }
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::descriptor::{Descriptor, FeatureMatrix, Row};
    use crate::join::{DescriptorKind, Engine, Metric, Ranking};

    #[test]
    fn a_result_that_is_the_same_to_the_byte_is_told_as_such_before_any_value() {
        let row = |name: &str, content| {
            Row::new(name, None, Descriptor::from_dense(&[1.0]).unwrap()).with_content(ContentHash([content; 32]))
        };
        let matrix: FeatureMatrix = [row("copy", 1), row("other", 2)].into_iter().collect();
        let key = Arc::new(Descriptor::from_dense(&[1.0]).unwrap());
        let by = (DescriptorKind::Full, Metric::Cosine);
        let ranking = Arc::new(Ranking::new(&Engine::default(), &key, &matrix, None, by));
        let picture = KeyPicture { path: "key".into(), stamp: None, id: None, name: "key".into() };
        let mut search = Search { key: picture, settings: Settings::new(0, 0), request: Request::new(0) };
        for (content, told) in [(Some(ContentHash([1; 32])), "identical"), (None, "cos 1.000")] {
            let (key, ranking) = (key.clone(), ranking.clone());
            search.request.take(Ok(SearchAnswer { key, content, ranking, took: Duration::ZERO }));
            let likeness: Vec<_> = search.results().iter().map(|result| search.likeness(result, "cos")).collect();
            assert_eq!(likeness, [told, "cos 1.000"]);
        }
    }
}
