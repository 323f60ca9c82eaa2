//! A sketch of a descriptor in 2.5 KB: the strength of each channel in five bands of the picture.
//!
//! With n_g(x) the norm of x within group g (a channel in a band), <x, y> <= sum n_g(x) n_g(y) by Cauchy-Schwarz. Norms
//! are rounded up, so the bound still holds. It shows which pictures need no closer look.

use super::geometry::{BANDS, CHANNELS, ENDS};

/// Bytes: `[5, 512]`.
pub const LEN: usize = BANDS * CHANNELS;

/// Norms of the groups, rounded up to multiples of `step`: `[5, 512]`, in steps.
#[derive(Clone, Copy, Debug)]
pub struct Sketch<'a> {
    pub codes: &'a [u8],
    pub step: f64,
}

impl<'a> Sketch<'a> {
    /// The codes of each band.
    pub fn bands(&self) -> &'a [[u8; CHANNELS]] {
        self.codes.as_chunks().0
    }
}

/// Codes and step of a descriptor with these entries (index and value).
pub fn codes(entries: impl Iterator<Item = (usize, f32)>) -> (Vec<u8>, f64) {
    let mut squares = vec![0f64; LEN];
    for (index, value) in entries {
        let band: usize = ENDS.iter().map(|end| usize::from(index >= *end)).sum();
        squares[band * CHANNELS + index % CHANNELS] += f64::from(value) * f64::from(value);
    }
    let mut codes = vec![0; LEN];
    let step = rounded_up(&squares, u8::MAX, &mut codes);
    (codes, step)
}

/// The square roots of `squares` in steps, rounded up so that the largest is `most`; returns the size of a step.
pub fn rounded_up(squares: &[f64], most: u8, codes: &mut [u8]) -> f64 {
    let largest = squares.iter().fold(0f64, |a, b| a.max(*b)).sqrt();
    // Slightly more than needed, so that rounding can't make a norm too small.
    let step = largest / f64::from(most) * (1.0 + 1e-12);
    let per_step = if step > 0.0 { step.recip() } else { 0.0 };
    for (code, square) in codes.iter_mut().zip(squares) {
        let exact = square.sqrt() * per_step;
        // Rounds up; without an instruction for it, `ceil` is a call.
        let below = exact as u8;
        *code = (below + u8::from(f64::from(below) < exact)).min(most);
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{DESCRIPTOR_LEN, Descriptor};
    use proptest::prelude::*;

    fn bound(a: Sketch, b: Sketch) -> f64 {
        let sum: i32 = a.codes.iter().zip(b.codes).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
        f64::from(sum) * a.step * b.step
    }

    proptest! {
        #[test]
        fn the_bound_is_never_below_the_inner_product(
            a in prop::collection::vec((0..DESCRIPTOR_LEN, -10.0f32..100.0), 0..200),
            b in prop::collection::vec((0..DESCRIPTOR_LEN, -10.0f32..100.0), 0..200),
        ) {
            let descriptor = |entries: &[(usize, f32)]| {
                let mut dense = vec![0.0; DESCRIPTOR_LEN];
                entries.iter().for_each(|(i, v)| (dense[*i], dense[i % 5 * 512 + 7]) = (*v, v + 1.0));
                Descriptor::from_dense(&dense).unwrap()
            };
            let (a, b) = (descriptor(&a), descriptor(&b));
            prop_assert!(bound(a.sketch(), b.sketch()) >= a.dot(&b));
            prop_assert!(bound(a.sketch(), a.sketch()) >= a.squared_norm());
        }
    }
}
