//! float32 values as three parts in bfloat16, in the layout that the products take.

use bytemuck::{Pod, Zeroable};

/// Rows of inputs that are multiplied together.
pub const ROWS: usize = 32;
/// Outputs that are computed together.
pub const OUTPUTS: usize = 32;
/// Channels in a step.
pub const CHANNELS: usize = 32;
/// Rows of a register, and pairs of bfloat16 in one of them.
pub const LANES: usize = 16;

/// The parts of a value, the largest first.
const PARTS: usize = 3;

/// 32 rows of inputs in 32 channels: a matrix for each part. A pair holds the channels `i` (in the lower half) and
/// `16 + i`.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
pub struct InputParts(pub [[[u32; LANES]; ROWS]; PARTS]);

/// Weights of 32 channels and 32 outputs: a matrix for each part and 16 outputs, with a row for each pair of channels.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
pub struct WeightParts(pub [[[[u32; LANES]; LANES]; OUTPUTS / LANES]; PARTS]);

/// The parts of two values, in pairs.
#[inline(always)]
pub fn pack(lower: f32, upper: f32) -> [u32; PARTS] {
    let (lower, upper) = (split(lower), split(upper));
    std::array::from_fn(|part| lower[part].to_bits() >> 16 | upper[part].to_bits() & UPPER)
}

const UPPER: u32 = 0xffff_0000;

/// `value` as the exact sum of three values in bfloat16. (The last bits of values below 2^-110 are lost.)
#[inline(always)]
fn split(value: f32) -> [f32; PARTS] {
    let high = rounded(value);
    let rest = value - high;
    let middle = rounded(rest);
    [high, middle, rest - middle]
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
        fn three_parts_are_the_value(value in any::<f32>()) {
            prop_assume!(value.abs() > 1e-30 && value.abs() < 1e38);
            let parts = split(value);
            prop_assert_eq!(parts.iter().sum::<f32>(), value);
            prop_assert!(parts.iter().all(|part| part.to_bits() & !UPPER == 0), "{parts:?}");
            prop_assert!(parts[1].abs() <= value.abs() / 256.0 && parts[2].abs() <= value.abs() / 65536.0);
        }
    }
}
