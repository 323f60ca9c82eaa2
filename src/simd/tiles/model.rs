//! What the processor's instructions compute, in plain loops, so that all else can be tested where it lacks them.

use super::{LANES, Matrices, Multiply, OUTPUTS, Pairs, Product, ROWS};

#[derive(Clone, Copy)]
pub struct Model;

/// Parts of inputs and of weights, in the order of the products.
const PRODUCTS: [(usize, usize); 3] = [(1, 0), (0, 0), (0, 1)];

impl Matrices for Model {
    type Ready = Model;

    fn ready(self) -> Model {
        self
    }
}

impl Multiply for Model {
    fn multiply(&self, product: Product, sums: &mut [[f32; OUTPUTS]; ROWS]) {
        product.check();
        let Product { inputs, lower, first, steps, weights } = product;
        *sums = [[0.0; OUTPUTS]; ROWS];
        for (offset, weights) in steps.offsets.iter().zip(weights) {
            let first = first + offset / size_of::<Pairs>();
            for (i, j) in PRODUCTS {
                for (half, weights) in weights.0[j].iter().enumerate() {
                    for (row, sums) in sums.iter_mut().enumerate() {
                        let inputs = &inputs[first + i * lower + row];
                        let sums = sums[half * LANES..].first_chunk_mut().expect("two halves");
                        *sums = tdpbf16ps(*sums, inputs, weights);
                    }
                }
            }
        }
    }
}

/// A row of the instruction's result (Intel's *Software Developer's Manual*, TDPBF16PS). Subnormal values are zero, in
/// its inputs as in its results.
fn tdpbf16ps(sums: [f32; LANES], row: &Pairs, matrix: &[Pairs; LANES]) -> [f32; LANES] {
    let (mut even, mut odd) = ([0.0; LANES], [0.0; LANES]);
    for (a, b) in row.0.iter().zip(matrix) {
        for lane in 0..LANES {
            even[lane] = flushed(lower(*a).mul_add(lower(b.0[lane]), even[lane]));
            odd[lane] = flushed(upper(*a).mul_add(upper(b.0[lane]), odd[lane]));
        }
    }
    std::array::from_fn(|lane| flushed(flushed(sums[lane]) + flushed(even[lane] + odd[lane])))
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
