//! Intel's AMX: registers that hold matrices of 16 rows of 64 bytes (*tiles*), and products of these in bfloat16, summed
//! in float32.
//!
//! bfloat16 has 8 significant bits. As the sum of two such values, its *parts*, a float32 value keeps 16 of its 24. A
//! product takes three products of parts; that of the two lower ones is smaller than what is lost.

#[cfg_attr(not(target_arch = "x86_64"), path = "absent.rs")]
mod amx;
#[cfg(test)]
mod model;
mod parts;
#[cfg(test)]
mod tests;

pub use amx::Tiles;
#[cfg(test)]
pub use model::Model;
pub use parts::{CHANNELS, LANES, OUTPUTS, PARTS, Pairs, ROWS, Weights, pack};

/// A unit that multiplies matrices of parts.
pub trait Matrices: Copy + Send + Sync + 'static {
    /// The unit, ready for use on one thread.
    type Ready: Multiply;

    fn ready(self) -> Self::Ready;
}

/// Products of matrices of parts.
pub trait Multiply {
    /// Sums of 32 rows by 32 outputs, over all steps.
    fn multiply(&self, product: Product, sums: &mut [[f32; OUTPUTS]; ROWS]);
}

/// `Σ_step Σ_c inputs[first + step.. + 32][c] * weights[step][c][k]`.
#[derive(Clone, Copy)]
pub struct Product<'a> {
    /// The upper parts, and `lower` rows further on the lower parts.
    pub inputs: &'a [Pairs],
    pub lower: usize,
    /// The first of the 32 rows, without a step's offset.
    pub first: usize,
    pub steps: &'a Steps,
    /// For each step.
    pub weights: &'a [Weights],
}

impl Product<'_> {
    /// Checks the lengths, on which memory safety depends.
    fn check(&self) {
        let Product { inputs, lower, first, steps, weights } = *self;
        assert!(steps.offsets.len() == weights.len(), "{} weights", weights.len());
        let end = [first, steps.most, lower, ROWS].into_iter().try_fold(0_usize, usize::checked_add);
        assert!(end.is_some_and(|end| end <= inputs.len()), "{} rows of inputs", inputs.len());
    }
}

/// Where each step's inputs are.
pub struct Steps {
    /// In bytes.
    offsets: Vec<usize>,
    /// The largest, in rows.
    most: usize,
}

impl Steps {
    /// `rows`: how many rows after the first one.
    pub fn new(rows: impl IntoIterator<Item = usize>) -> Steps {
        let rows: Vec<usize> = rows.into_iter().collect();
        let most = rows.iter().copied().max().unwrap_or_default();
        let bytes = |rows: usize| rows.checked_mul(size_of::<Pairs>()).expect("rows in memory");
        Steps { offsets: rows.into_iter().map(bytes).collect(), most }
    }
}
