//! Two sets of vectors, or one with itself.

use crate::descriptor::Descriptor;
use crate::join::engine::candidate::Candidate;
use crate::join::engine::merge::exact::DenseKey;
use crate::join::engine::merge::refine;
use crate::join::engine::selection::{Hit, Selection};
use crate::join::predicate::Predicate;
use crate::simd::Instructions;

/// Vectors in the order of their names.
pub struct Vectors<'a> {
    pub keys: Vec<&'a Descriptor>,
    /// None: the keys.
    pub rows: Option<Vec<&'a Descriptor>>,
    pub selection: Selection,
    pub instructions: Instructions,
}

impl<'a> Vectors<'a> {
    pub fn rows(&self) -> &[&'a Descriptor] {
        self.rows.as_ref().unwrap_or(&self.keys)
    }

    /// Norms of all of them.
    pub fn norms(&self) -> impl Iterator<Item = f64> {
        self.keys.iter().chain(self.rows.iter().flatten()).map(|vector| vector.squared_norm().sqrt())
    }

    /// A key's results of its candidates, which come with the closest first. `needed` says how close a row must be to be as
    /// good as a value.
    pub fn exact(&self, needed: impl Fn(f64) -> f32) -> impl FnMut(usize, Vec<Candidate>) -> Vec<Hit> {
        let mut dense = DenseKey::new(&Descriptor::default(), self.instructions);
        move |key, candidates| {
            if candidates.is_empty() {
                return Vec::new();
            }
            dense.set(self.keys[key]);
            let refined = |candidates: &[Candidate], limit| {
                let chosen = candidates.iter().map(|c| c.row).collect();
                refine(&dense, self.rows(), chosen, self.selection, limit)
            };
            let Predicate::Knn(k) = self.selection.predicate else {
                return self.selection.results(refined(&candidates, None));
            };
            // The most promising ones first: they tell how close the others must be.
            let (first, rest) = candidates.split_at(candidates.len().min(k.saturating_mul(2)));
            let results = self.selection.results(refined(first, None));
            let Some(kth) = self.selection.limit(&results) else { return results };
            let needed = needed(kth);
            let rest = &rest[..rest.partition_point(|c| c.upper >= needed)];
            self.selection.merge(results, refined(rest, Some(kth)))
        }
    }
}
