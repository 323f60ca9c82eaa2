//! The vectors of a join: two sets, or one set joined with itself.

use crate::descriptor::Descriptor;
use crate::join::engine::candidate::Candidate;
use crate::join::engine::merge::exact::DenseKey;
use crate::join::engine::merge::{Nearest, refine};
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

    /// The norms of all vectors.
    pub fn norms(&self) -> impl Iterator<Item = f64> {
        self.keys.iter().chain(self.rows.iter().flatten()).map(|vector| vector.squared_norm().sqrt())
    }

    /// Computes a key's results from its candidates, which come in order of descending upper bounds: those that are
    /// among the nearest together with hits `elsewhere` of the given values. `needed` is the closeness a row needs to
    /// be as good as a value.
    pub fn exact(&self, needed: impl Fn(f64) -> f32) -> impl FnMut(usize, Vec<Candidate>, &[f64]) -> Vec<Hit> {
        let mut dense = DenseKey::new(&Descriptor::default(), self.instructions);
        move |key, candidates, elsewhere| {
            if candidates.is_empty() {
                return Vec::new();
            }
            dense.set(self.keys[key]);
            let hits = match self.selection.predicate {
                Predicate::Knn(k) => {
                    let nearest = Nearest::new(self.selection.metric, k, elsewhere);
                    nearest.among(&candidates, &dense, self.rows(), &needed)
                }
                Predicate::Range(_) => {
                    let chosen = candidates.iter().map(|c| c.row).collect();
                    refine(&dense, self.rows(), chosen, self.selection)
                }
            };
            self.selection.results(hits)
        }
    }
}
