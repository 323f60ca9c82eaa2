//! Two sets of vectors, or one with itself.

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

    /// Norms of all of them.
    pub fn norms(&self) -> impl Iterator<Item = f64> {
        self.keys.iter().chain(self.rows.iter().flatten()).map(|vector| vector.squared_norm().sqrt())
    }

    /// A key's results of its candidates, which come with the closest first, as far as they are among the nearest beside hits
    /// `elsewhere` of these values. `needed` says how close a row must be to be as good as a value.
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
