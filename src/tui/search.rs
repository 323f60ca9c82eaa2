//! Keys and the pictures similar to them.

use super::jobs::{DescribedKey, Request, SearchAnswer};
use super::key_pictures::KeyPictures;
use super::set::KeyPicture;
use super::settings::Settings;
use crate::dataset::ContentHash;
use crate::join::Neighbour;
use crate::join::export::IDENTICAL;

pub struct Search {
    pub keys: KeyPictures,
    pub settings: Settings,
    pub request: Request<SearchAnswer>,
}

/// Keys with their descriptors.
pub type DescribedKeys = Vec<(KeyPicture, DescribedKey)>;

impl Search {
    /// The keys with their descriptors, if known.
    pub fn described(&self) -> DescribedKeys {
        let Some(answer) = self.request.answer() else { return Vec::new() };
        let keys = self.keys.all().map(|(key, _)| key.clone());
        keys.zip(answer.like.iter().chain(&answer.unlike).cloned()).collect()
    }

    /// The key that a result is nearest to.
    pub fn nearest(&self, result: &Neighbour) -> &KeyPicture {
        self.keys.like.get(result.nearest).unwrap_or(self.keys.first())
    }

    /// The content hashes of the keys for, where known.
    pub fn contents(&self) -> Vec<Option<ContentHash>> {
        let described = self.request.answer().map_or(&[][..], |answer| &answer.like);
        described.iter().map(|key| key.content).collect()
    }

    /// A result's similarity in words: its value after the metric's `name`, or that it is byte-identical to the only
    /// key.
    pub fn likeness(&self, result: &Neighbour, name: &str) -> String {
        let content = self.contents().first().copied().flatten().filter(|_| self.keys.only().is_some());
        match result.row.is_identical(content) {
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
    use crate::descriptor::{Crops, Descriptor, FeatureMatrix, Row};
    use crate::join::{DescriptorKind, Engine, Metric, Ranking};

    #[test]
    fn a_result_that_is_the_same_to_the_byte_is_told_as_such_before_any_value() {
        let row = |name: &str, content| {
            Row::new(name, None, Descriptor::from_dense(&[1.0]).unwrap()).with_content(ContentHash([content; 32]))
        };
        let matrix: FeatureMatrix = [row("copy", 1), row("other", 2)].into_iter().collect();
        let descriptor = Arc::new(Descriptor::from_dense(&[1.0]).unwrap());
        let by = (DescriptorKind::Full, Metric::Cosine);
        let ranking = Arc::new(Ranking::new(&Engine::default(), &descriptor, &matrix, None, by));
        let picture =
            |name: &str| KeyPicture { path: name.into(), stamp: None, id: None, name: name.into(), part: None };
        let mut search =
            Search { keys: picture("key").into(), settings: Settings::new(0, 0), request: Request::new(0) };
        let answer = |content| {
            let key = DescribedKey { crops: Crops::Whole, descriptor: descriptor.clone(), content };
            Ok(SearchAnswer { like: vec![key], unlike: vec![], ranking: ranking.clone(), took: Duration::ZERO })
        };
        let told = |search: &Search| -> Vec<String> {
            search.results().iter().map(|result| search.likeness(result, "cos")).collect()
        };
        for (content, expected) in [(Some(ContentHash([1; 32])), "identical"), (None, "cos 1.000")] {
            search.request.take(answer(content));
            assert_eq!(told(&search), [expected, "cos 1.000"]);
        }
        // With several keys, even a copy of one of them shows its value.
        search.request.take(answer(Some(ContentHash([1; 32]))));
        search.keys = search.keys.and(picture("another"));
        assert_eq!(told(&search), ["cos 1.000", "cos 1.000"]);
    }
}
