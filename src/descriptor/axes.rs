//! The axes along which regions are compared.
//!
//! Channels are correlated: most pictures contain the same few kinds of patterns, which make up most of what two
//! regions share. The axes are the eigenvectors of the channels' correlations in 14,000 regions of 1,000 photographs,
//! strongest first. A region's vector is decomposed along them; a fifth of the mean of all regions is subtracted, and
//! the strongest axes are reduced, by up to a quarter: a tenth of full whitening. `benches/region_axes.py` has the
//! formula, and made the file.

use std::sync::LazyLock;

use pulp::NullaryFnOnce;

use super::geometry::CHANNELS;
use super::region::REGIONS;
use crate::simd::{Instructions, Integers, Kernel, WithInstructions};

/// Float32, `[513, 512]`: the vector to subtract; then, for each channel, its component along each axis.
static FILE: &[u8] = include_bytes!("../../weights/regions.npy");

static AXES: LazyLock<Axes> = LazyLock::new(|| {
    let file = npyz::NpyFile::new(FILE).expect("it is an npy file");
    assert_eq!(file.shape(), [CHANNELS as u64 + 1, CHANNELS as u64]);
    let values: Vec<f32> = file.into_vec().expect("of float32 values");
    let (rows, _) = values.as_chunks();
    Axes { shared: rows[0], parts: rows[1..].to_vec() }
});

/// The vector of a region: `[512]`.
pub type Vector = [f32; CHANNELS];

pub struct Axes {
    shared: Vector,
    /// For each channel: `[512 channels, 512 axes]`.
    parts: Vec<Vector>,
}

impl Axes {
    pub fn get() -> &'static Axes {
        &AXES
    }

    /// The components along the axes of the vectors of a picture's regions, each of length 1. Bit-identical with any
    /// instruction set: each sum adds float32 products channel by channel.
    pub fn along(&self, units: &[Vector; REGIONS]) -> Vec<Vector> {
        Instructions::fastest().with(Along(self, units))
    }

    /// Maps components along the axes back to channels: the matrix of [`Axes::along`] times that vector.
    pub fn of_channels(&self, along: &[f64; CHANNELS]) -> Vec<f64> {
        self.parts.iter().map(|parts| parts.iter().zip(along).map(|(part, x)| f64::from(*part) * x).sum()).collect()
    }

    /// The vector that is subtracted from the channels.
    pub fn shared(&self) -> &Vector {
        &self.shared
    }
}

struct Along<'a>(&'a Axes, &'a [Vector; REGIONS]);

impl WithInstructions for Along<'_> {
    type Output = Vec<Vector>;
    fn call<K: Kernel, I: Integers>(self, floats: K, _: I) -> Vec<Vector> {
        floats.run(self)
    }
}

impl NullaryFnOnce for Along<'_> {
    type Output = Vec<Vector>;

    #[inline(always)]
    fn call(self) -> Vec<Vector> {
        let Along(axes, units) = self;
        let mut all = vec![[0.0; CHANNELS]; REGIONS];
        for (channel, parts) in axes.parts.iter().enumerate() {
            for (sums, unit) in all.iter_mut().zip(units) {
                let x = unit[channel] - axes.shared[channel];
                for (sum, part) in sums.iter_mut().zip(parts) {
                    *sum += x * part;
                }
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_at_right_angles_and_the_strongest_is_made_the_weakest() {
        let axes = Axes::get();
        let column = |k: usize| axes.parts.iter().map(move |parts| f64::from(parts[k]));
        let dot = |j, k| column(j).zip(column(k)).map(|(a, b)| a * b).sum::<f64>();
        let lengths: Vec<f64> = (0..CHANNELS).map(|k| dot(k, k).sqrt()).collect();
        assert!(lengths.is_sorted_by(|a, b| a - 1e-6 < *b), "{lengths:?}");
        assert!((0.7..0.8).contains(&lengths[0]) && (lengths[CHANNELS - 1] - 1.0).abs() < 1e-6, "{lengths:?}");
        for (j, k) in [(0, 1), (3, 77), (200, 511)] {
            assert!(dot(j, k).abs() < 1e-6, "{j} and {k}: {}", dot(j, k));
        }
        let shared = axes.shared.iter().map(|x| x * x).sum::<f32>().sqrt();
        assert!((0.05..0.2).contains(&shared), "{shared}");
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let mut units = [[0.0; CHANNELS]; REGIONS];
        units.as_flattened_mut().iter_mut().enumerate().for_each(|(i, x)| *x = ((i * 7919) % 1000) as f32 / 2e4);
        let all = Instructions::available().into_iter().map(|instructions| {
            let along = instructions.with(Along(Axes::get(), &units));
            along.as_flattened().iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        });
        let all: Vec<_> = all.collect();
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
    }
}
