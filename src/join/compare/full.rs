//! All 25,088 values: content and layout both count.

use super::comparison::UsualRange;
use super::vectors::{VectorKind, by_position};
use crate::descriptor::{Descriptor, POSITIONS};
use crate::join::metric::Lengths;

#[derive(Clone, Copy)]
pub struct Full;

impl VectorKind for Full {
    fn vectors(self, full: Vec<&Descriptor>) -> Vec<&Descriptor> {
        full
    }

    /// The full descriptor has its own values at each position.
    fn vector_heat(self, of: &Descriptor, with: &Descriptor) -> [f64; POSITIONS] {
        let (of, with) = (of.to_dense(), with.to_dense());
        by_position(|here| of[here.clone()].iter().zip(&with[here]).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum())
    }

    /// Random pairs have 0.03 to 0.26.
    const USUAL_RANGE: UsualRange = UsualRange { alike: 0.6, duplicates: 0.8 };

    const LENGTHS: Lengths = Lengths::Any;
}
