//! Intel's AMX: registers that hold matrices of 16 rows of 64 bytes (*tiles*), and products of these in bfloat16,
//! summed in float32.
//!
//! bfloat16 has 8 significant bits, so a float32 value is the sum of three such *parts*. A product of two values is the
//! sum of nine products of parts. Six are computed; the other three are smaller than float32's own rounding.

#[cfg(not(target_arch = "x86_64"))]
mod absent;
#[cfg(target_arch = "x86_64")]
mod amx;
#[cfg(test)]
mod model;
mod parts;
#[cfg(all(test, target_arch = "x86_64"))]
mod tests;

#[cfg(not(target_arch = "x86_64"))]
pub use absent::NoTiles as Tiles;
#[cfg(target_arch = "x86_64")]
pub use amx::Tiles;
#[cfg(test)]
pub use model::Model;
pub use parts::{CHANNELS, InputParts, LANES, OUTPUTS, ROWS, WeightParts, pack};

/// A unit that multiplies matrices of parts.
pub trait Matrices: Copy + Send + Sync + 'static {
    /// The unit, ready for use on one thread.
    type Ready: MultiplyParts;

    fn ready(self) -> Self::Ready;
}

/// Products of matrices of parts.
pub trait MultiplyParts {
    /// `sums[r][k] = Σ_c inputs[r][c] * weights[c][k]`, for the 32 outputs `k` and the first `rows` of 32 rows `r`.
    /// In `sums`, rows are `stride` apart. Rows are computed 16 at a time: those after `rows` get any values.
    fn multiply(&self, inputs: &[InputParts], weights: &[WeightParts], rows: usize, sums: &mut [f32], stride: usize);
}

/// Checks the lengths, on which memory safety depends.
fn check(inputs: &[InputParts], weights: &[WeightParts], rows: usize, sums: &[f32], stride: usize) {
    assert!((1..=ROWS).contains(&rows) && inputs.len() == weights.len(), "{rows} rows");
    let last = (rows.next_multiple_of(LANES) - 1).saturating_mul(stride);
    assert!(sums.len() >= last.saturating_add(OUTPUTS), "{} sums", sums.len());
}
