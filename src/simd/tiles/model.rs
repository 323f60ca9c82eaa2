//! The results of the processor's instructions, in plain loops, so that all else can be tested without them.

use super::{InputParts, LANES, Matrices, MultiplyParts, OUTPUTS, WeightParts, check};

#[derive(Clone, Copy)]
pub struct Model;

/// Parts of inputs and of weights, in the order of the products.
const PRODUCTS: [(usize, usize); 6] = [(0, 2), (0, 0), (0, 1), (1, 1), (1, 0), (2, 0)];

impl Matrices for Model {
    type Ready = Model;

    fn ready(self) -> Model {
        self
    }
}

impl MultiplyParts for Model {
    fn multiply(&self, inputs: &[InputParts], weights: &[WeightParts], rows: usize, sums: &mut [f32], stride: usize) {
        check(inputs, weights, rows, sums, stride);
        for row in 0..rows.next_multiple_of(LANES) {
            for output in 0..OUTPUTS {
                let mut sum = 0.0;
                for (inputs, weights) in inputs.iter().zip(weights) {
                    for (i, j) in PRODUCTS {
                        let weights = &weights.0[j][output / LANES];
                        let column = std::array::from_fn(|pair| weights[pair][output % LANES]);
                        sum = tdpbf16ps(sum, &inputs.0[i][row], &column);
                    }
                }
                sums[row * stride + output] = sum;
            }
        }
    }
}

/// An element of the instruction's result (Intel's *Software Developer's Manual*, TDPBF16PS): values too small for a
/// float32 with all its bits are zero, for inputs as for results.
fn tdpbf16ps(sum: f32, row: &[u32; LANES], column: &[u32; LANES]) -> f32 {
    let (mut even, mut odd) = (0.0, 0.0);
    for (a, b) in row.iter().zip(column) {
        even = flushed(lower(*a).mul_add(lower(*b), even));
        odd = flushed(upper(*a).mul_add(upper(*b), odd));
    }
    flushed(flushed(sum) + flushed(even + odd))
}

fn lower(pair: u32) -> f32 {
    flushed(f32::from_bits(pair << 16))
}

fn upper(pair: u32) -> f32 {
    flushed(f32::from_bits(pair & 0xffff_0000))
}

fn flushed(value: f32) -> f32 {
    if value.is_subnormal() { 0.0_f32.copysign(value) } else { value }
}
