//! A descriptor in 1.5 KB: how strong each channel is in three bands of the picture.
//!
//! With n_g(x) the norm of x within group g (a channel in a band), <x, y> <= sum n_g(x) n_g(y) by Cauchy and Schwarz.
//! The norms are rounded up, so what is computed from them is still a bound: it tells which pictures need not be
//! looked at closely.

use crate::vgg16::DESCRIPTOR_LEN;

const CHANNELS: usize = 512;
/// Rows 0 and 1, 2 to 4, 5 and 6 of the 7 x 7 positions: together in a descriptor, and about equally large. On real
/// descriptors three bands leave 40 % of the pictures to look at for a kNN query, whole channels 73 %; four quadrants
/// would leave 31 %, but take 0.5 KB more.
const BANDS: [std::ops::Range<usize>; 3] = [0..14, 14..35, 35..49];
/// Index at which each band ends.
pub const ENDS: [usize; 3] = [BANDS[0].end * CHANNELS, BANDS[1].end * CHANNELS, BANDS[2].end * CHANNELS];
/// Bytes: `[3, 512]`.
pub const LEN: usize = ENDS.len() * CHANNELS;
/// Largest code: two products of two codes fit into 16 bits, signed.
pub const MAX_CODE: u8 = 127;

/// Norms of the groups, rounded up to multiples of `step`: `[3, 512]`, in steps.
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

    pub fn is_sound(&self) -> bool {
        self.codes.iter().all(|c| *c <= MAX_CODE)
    }
}

/// Codes and step of a descriptor with these entries: index and value.
pub fn codes(entries: impl Iterator<Item = (usize, f32)>) -> (Vec<u8>, f64) {
    const { assert!(ENDS[2] == DESCRIPTOR_LEN) };
    let mut squares = vec![0f64; LEN];
    for (index, value) in entries {
        let band = usize::from(index >= ENDS[0]) + usize::from(index >= ENDS[1]);
        squares[band * CHANNELS + index % CHANNELS] += f64::from(value) * f64::from(value);
    }
    let largest = squares.iter().fold(0f64, |a, b| a.max(*b)).sqrt();
    // A hair more than needed: rounding may not make a norm smaller than it is.
    let step = largest / f64::from(MAX_CODE) * (1.0 + 1e-12);
    let per_step = if step > 0.0 { step.recip() } else { 0.0 };
    let code = |square: &f64| {
        let exact = square.sqrt() * per_step;
        // Rounded up; where no instruction does that, `ceil` is a call.
        let below = exact as u8;
        (below + u8::from(f64::from(below) < exact)).min(MAX_CODE)
    };
    (squares.iter().map(code).collect(), step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Descriptor;
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
