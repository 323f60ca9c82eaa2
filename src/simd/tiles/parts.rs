//! float32 values as two parts in bfloat16, in the layout that the products take.

use bytemuck::{Pod, Zeroable};

/// Rows of inputs that are multiplied together.
pub const ROWS: usize = 32;
/// Outputs that are computed together.
pub const OUTPUTS: usize = 32;
/// Channels in a step.
pub const CHANNELS: usize = 2 * LANES;
/// Rows of a register, and pairs of bfloat16 in one of its rows.
pub const LANES: usize = 16;

/// The parts of a value, the upper first.
pub const PARTS: usize = 2;

/// A row of inputs in 32 channels: one part. A pair holds the channels `i` (in the lower half) and `16 + i`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C, align(64))]
pub struct Pairs(pub [u32; LANES]);

/// Weights of 32 channels and 32 outputs: a matrix for each part and 16 outputs, with a row for each pair of channels.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
pub struct Weights(pub [[[Pairs; LANES]; OUTPUTS / LANES]; PARTS]);

/// The parts of two values, in pairs.
#[inline(always)]
pub fn pack(one: f32, other: f32) -> [u32; PARTS] {
    let (one, other) = (split(one), split(other));
    std::array::from_fn(|part| one[part].to_bits() >> 16 | other[part].to_bits() & UPPER)
}

const UPPER: u32 = 0xffff_0000;

/// `value` as the sum of two values in bfloat16, to 2^-17 of it.
#[inline(always)]
fn split(value: f32) -> [f32; PARTS] {
    let upper = rounded(value);
    [upper, rounded(value - upper)]
}

/// To bfloat16, half away from zero.
#[inline(always)]
fn rounded(value: f32) -> f32 {
    f32::from_bits(value.to_bits().wrapping_add(1 << 15) & UPPER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn two_parts_are_the_value_to_17_bits(value in any::<f32>()) {
            prop_assume!(value.abs() > 1e-30 && value.abs() < 1e38);
            let parts = split(value);
            let off = parts.iter().map(|part| f64::from(*part)).sum::<f64>() - f64::from(value);
            prop_assert!(off.abs() <= f64::from(value.abs()) / 131_072.0, "{parts:?} of {value}");
            prop_assert!(parts.iter().all(|part| part.to_bits() & !UPPER == 0), "{parts:?}");
        }
    }
}
