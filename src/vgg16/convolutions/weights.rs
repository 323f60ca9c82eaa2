//! Weights in the layout of the products.

use super::floats::Floats;
use super::transform::{self, Transform};
use crate::limits::Limit;
use crate::parallel;

/// Weights per channel and output.
const TAPS: usize = 9;

/// `[outputs][channels][3][3]` transformed: for each panel of `width` outputs float32 `[EDGE * EDGE][channels][width]`,
/// computed in float64.
pub fn transformed<T, const TILE: usize, const EDGE: usize>(
    transform: T,
    weights: &[f32],
    channels: usize,
    width: usize,
) -> Result<Vec<Floats>, Limit>
where
    T: Transform<TILE, EDGE>,
{
    let panels: Vec<_> = weights.chunks_exact(width * channels * TAPS).collect();
    parallel::try_map_each(&panels, |from| panel(transform, from, channels, width))
}

/// `[width][channels][3][3]` to `[EDGE * EDGE][channels][width]`.
fn panel<T, const TILE: usize, const EDGE: usize>(
    transform: T,
    from: &[f32],
    channels: usize,
    width: usize,
) -> Result<Floats, Limit>
where
    T: Transform<TILE, EDGE>,
{
    let points = EDGE * EDGE;
    let mut panel = Floats::zeroed(points * channels * width)?;
    let mut transformed = vec![0.0; points * width];
    for channel in 0..channels {
        for output in 0..width {
            let from = &from[(output * channels + channel) * TAPS..][..TAPS];
            let mut g = [[0.0; 3]; 3];
            for (to, from) in g.as_flattened_mut().iter_mut().zip(from) {
                *to = f64::from(*from);
            }
            for (point, value) in transform::weights(transform, g).as_flattened().iter().enumerate() {
                transformed[point * width + output] = *value as f32;
            }
        }
        for (point, values) in transformed.chunks_exact(width).enumerate() {
            panel[(point * channels + channel) * width..][..width].copy_from_slice(values);
        }
    }
    Ok(panel)
}
