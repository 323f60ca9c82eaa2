//! Encodes descriptors as small integers, for a first look at all pairs.
//!
//! There are three [`Code`]s. Values are rounded to 127 steps; their products are close to the exact ones, within an
//! error known for each picture. Norms of channels, in bands or over the whole picture, come from the descriptor's
//! sketch; their products are an upper bound, at a quarter of the work or less. Codes are in groups of four, because
//! instructions multiply four at a time: a channel at four neighbouring positions, which are often zero together (77 %
//! of the groups are zero; independent zeros would give 63 %).

use bytemuck::{Pod, Zeroable};

use crate::descriptor::sketch::rounded_up;
use crate::descriptor::{BANDS, CHANNELS, Descriptor, POSITIONS, SIDE, fetch_sketches};

/// Groups per block: their codes for a panel's keys stay in the first-level cache (26 KB).
pub const BLOCK: usize = 104;
/// The sum of two products of two codes fits into a signed 16-bit integer.
const LARGEST: u8 = 127;
/// Bands of a sketch merged into one for [`Code::Norms`]: pairs need less precision than a query.
const MERGED: usize = 2;
/// The positions along a snake, every other row from right to left: four in sequence are neighbours.
const PLACES: [usize; POSITIONS] = {
    let mut places = [0; POSITIONS];
    let mut position = 0;
    while position < POSITIONS {
        let (row, column) = (position / SIDE, position % SIDE);
        places[position] = if row % 2 == 0 { position } else { row * SIDE + SIDE - 1 - column };
        position += 1;
    }
    places
};

/// The meaning of the integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Values,
    Norms,
    /// Norms of channels over the whole picture.
    Channels,
}

impl Code {
    /// The number of groups of a descriptor.
    const fn groups(self) -> usize {
        match self {
            Code::Values => POSITIONS.div_ceil(4) * CHANNELS,
            Code::Norms => norms(MERGED) / 4,
            Code::Channels => norms(BANDS) / 4,
        }
    }

    pub const fn blocks(self) -> usize {
        self.groups().div_ceil(BLOCK)
    }
}

/// A descriptor's code: the groups that are not zero, in order, and their scale.
pub struct CodedVector {
    pub groups: Vec<u16>,
    pub quads: Vec<[u8; 4]>,
    pub scale: Scale,
}

/// Converts sums of products of codes to cosines. With a the code's vector and x the descriptor, x / |x| differs from
/// `unit` * a by at most `error`, in the Euclidean norm.
#[derive(Clone, Copy, Debug, Default, Pod, Zeroable)]
#[repr(C)]
pub struct Scale {
    pub unit: f32,
    pub error: f32,
    /// |x|.
    pub norm: f64,
}

impl CodedVector {
    pub fn all(descriptors: &[&Descriptor], code: Code) -> Vec<CodedVector> {
        if code != Code::Values {
            fetch_sketches(descriptors);
        }
        descriptors.iter().map(|descriptor| CodedVector::new(descriptor, code)).collect()
    }

    pub fn new(descriptor: &Descriptor, code: Code) -> CodedVector {
        match code {
            Code::Values => CodedVector::values(descriptor),
            Code::Norms => CodedVector::norms(descriptor, MERGED),
            Code::Channels => CodedVector::norms(descriptor, BANDS),
        }
    }

    fn values(descriptor: &Descriptor) -> CodedVector {
        let largest = descriptor.entries().largest();
        let norm = descriptor.squared_norm().sqrt();
        let step = f64::from(largest) / f64::from(LARGEST);
        let per_step = if largest > 0.0 { f32::from(LARGEST) / largest } else { 0.0 };
        let mut all = [[0u8; 4]; Code::Values.groups()];
        // Several sums, so that an addition needn't wait for the one before.
        let mut residual = [0f64; 4];
        let mut entries = descriptor.entries().iter();
        let mut code = |sum: &mut f64| {
            let (index, value) = entries.next()?;
            // No index is out of range, unless another program is overwriting the file.
            let (position, channel) = (*PLACES.get(index / CHANNELS)?, index % CHANNELS);
            // Negative values, which VGG-16 never gives, count entirely as error.
            let quantized = (value * per_step + 0.5).clamp(0.0, f32::from(LARGEST)) as u8;
            all[position / 4 * CHANNELS + channel][position % 4] = quantized;
            let off = f64::from(value) - step * f64::from(quantized);
            *sum += off * off;
            Some(())
        };
        while residual.iter_mut().all(|sum| code(sum).is_some()) {}
        let (mut groups, mut quads) = ([0u16; Code::Values.groups()], [[0u8; 4]; Code::Values.groups()]);
        let n = not_zero(&all, &mut groups, &mut quads);
        let scale = Scale::new(step, residual.iter().sum::<f64>().sqrt(), norm);
        CodedVector { groups: groups[..n].to_vec(), quads: quads[..n].to_vec(), scale }
    }

    /// Of channels in bands, so many of which are merged into one.
    fn norms(descriptor: &Descriptor, merged: usize) -> CodedVector {
        let sketch = descriptor.sketch();
        let mut squares = vec![0f64; norms(merged)];
        for (band, codes) in sketch.bands().iter().enumerate() {
            let sums = &mut squares[band / merged * CHANNELS..][..CHANNELS];
            sums.iter_mut().zip(codes).for_each(|(sum, code)| *sum += f64::from(u32::from(*code).pow(2)));
        }
        let mut codes = vec![0; norms(merged)];
        let step = rounded_up(&squares, LARGEST, &mut codes) * sketch.step;
        let (groups, quads) = (0..).zip(codes.as_chunks().0).filter(|(_, quad)| **quad != [0; 4]).unzip();
        CodedVector { groups, quads, scale: Scale::new(step, 0.0, descriptor.squared_norm().sqrt()) }
    }
}

/// The number of norms if so many bands are merged into one.
const fn norms(merged: usize) -> usize {
    BANDS.div_ceil(merged) * CHANNELS
}

/// Copies the groups of `all` that are not zero, and their indices, to the front of `quads` and `places`, which are as
/// long. Returns how many.
fn not_zero(all: &[[u8; 4]], places: &mut [u16], quads: &mut [[u8; 4]]) -> usize {
    let mut n = 0;
    // No branch per group: whether one is zero can't be predicted. A zero is overwritten by the next group.
    for (group, quad) in all.iter().enumerate() {
        (places[n], quads[n]) = (group as u16, *quad);
        n += usize::from(*quad != [0; 4]);
    }
    n
}

impl Scale {
    fn new(step: f64, residual: f64, norm: f64) -> Scale {
        if norm == 0.0 {
            return Scale::default();
        }
        Scale { unit: (step / norm) as f32, error: (residual / norm) as f32, norm }
    }
}
