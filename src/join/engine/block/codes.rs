//! Descriptors as small integers, for a first look at all pairs.
//!
//! Two ways ([`Code`]): the values, rounded to 127 steps, whose products are close to the true ones, within an error
//! that is known for each picture; or norms of channels in bands, from the descriptor's sketch, whose products are an upper
//! bound, and a quarter of the work. Codes come in groups of four, because instructions multiply four at a time: of a
//! channel at four neighbouring positions, which are zero together often (77 % of the groups are zero, 63 % if zeros fell
//! independently).

use crate::descriptor::Descriptor;
use crate::descriptor::sketch::rounded_up;
use crate::descriptor::{BANDS, CHANNELS, POSITIONS, SIDE};
use crate::simd::{KEYS, Quads};

/// Groups whose codes of a panel's keys stay in the first-level cache: 26 KB.
pub const BLOCK: usize = 104;
/// Two products of two codes fit into 16 bits, signed.
const LARGEST: u8 = 127;
/// Bands of a sketch of which one is made: pairs of descriptors are told apart by less than a query.
const MERGED: usize = 2;
const NORMS: usize = BANDS.div_ceil(MERGED) * CHANNELS;
/// The positions as one walks them, turning back at the end of each row: four in sequence are neighbours.
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

/// What the integers stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Values,
    Norms,
}

impl Code {
    /// Groups of a descriptor.
    const fn groups(self) -> usize {
        match self {
            Code::Values => POSITIONS.div_ceil(4) * CHANNELS,
            Code::Norms => NORMS / 4,
        }
    }

    const fn blocks(self) -> usize {
        self.groups().div_ceil(BLOCK)
    }
}

/// A descriptor's code: groups that are not zero, in order, and how good it is.
pub struct CodedVector {
    groups: Vec<u16>,
    quads: Vec<[u8; 4]>,
    pub scale: Scale,
}

/// From sums of products of codes to cosines. With a the code's vector and x the descriptor, x / |x| differs from
/// `unit` * a by at most `error`, in the Euclidean norm.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scale {
    pub unit: f32,
    pub error: f32,
    /// |x|.
    pub norm: f64,
}

impl CodedVector {
    pub fn new(descriptor: &Descriptor, code: Code) -> CodedVector {
        match code {
            Code::Values => CodedVector::values(descriptor),
            Code::Norms => CodedVector::norms(descriptor),
        }
    }

    fn values(descriptor: &Descriptor) -> CodedVector {
        let largest = descriptor.entries().largest();
        let norm = descriptor.squared_norm().sqrt();
        let step = f64::from(largest) / f64::from(LARGEST);
        let per_step = if largest > 0.0 { f32::from(LARGEST) / largest } else { 0.0 };
        let mut all = [[0u8; 4]; Code::Values.groups()];
        // Several sums: an addition need not wait for the one before.
        let mut residual = [0f64; 4];
        let mut entries = descriptor.entries().iter();
        let mut code = |sum: &mut f64| {
            let (index, value) = entries.next()?;
            let (position, channel) = (PLACES[index / CHANNELS], index % CHANNELS);
            // Values below zero, which no VGG-16 has, are all error.
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

    fn norms(descriptor: &Descriptor) -> CodedVector {
        let sketch = descriptor.sketch();
        let mut squares = [0f64; NORMS];
        for (band, codes) in sketch.bands().iter().enumerate() {
            let merged = &mut squares[band / MERGED * CHANNELS..][..CHANNELS];
            merged.iter_mut().zip(codes).for_each(|(sum, code)| *sum += f64::from(u32::from(*code).pow(2)));
        }
        let mut codes = [0; NORMS];
        let step = rounded_up(&squares, LARGEST, &mut codes) * sketch.step;
        let (groups, quads) = (0..).zip(codes.as_chunks().0).filter(|(_, quad)| **quad != [0; 4]).unzip();
        CodedVector { groups, quads, scale: Scale::new(step, 0.0, descriptor.squared_norm().sqrt()) }
    }
}

/// Puts those of `all` that are not zero, and their places, one after the other, and tells how many there are.
fn not_zero(all: &[[u8; 4]], places: &mut [u16], quads: &mut [[u8; 4]]) -> usize {
    let mut n = 0;
    // Whether one is zero can't be foreseen: a bit for each of 64, and no branch but to the next of these.
    for (part, some) in all.chunks(64).enumerate() {
        let mut left = 0u64;
        for (eight, quads) in some.chunks(8).enumerate() {
            let mut flags = [0u8; 8];
            flags.iter_mut().zip(quads).for_each(|(flag, quad)| *flag = u8::from(*quad != [0; 4]));
            // The lowest bits of eight bytes, side by side.
            let bits = u64::from_le_bytes(flags).wrapping_mul(0x0102_0408_1020_4080) >> 56;
            left |= bits << (8 * eight);
        }
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            (places[n], quads[n]) = ((part * 64 + at) as u16, some[at]);
            n += 1;
            left &= left - 1;
        }
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

/// Rows of a matrix, a block of groups after the other, so that they are read from the first to the last.
pub struct GroupedRows {
    /// Groups that each row has in each block: `[blocks, rows]`.
    counts: Vec<u8>,
    /// Within their block.
    groups: Vec<u8>,
    quads: Vec<[u8; 4]>,
    rows: usize,
}

impl GroupedRows {
    pub fn new(coded: &[CodedVector], code: Code) -> GroupedRows {
        let total = coded.iter().map(|c| c.groups.len()).sum();
        let mut rows = GroupedRows {
            counts: Vec::with_capacity(code.blocks() * coded.len()),
            groups: Vec::with_capacity(total),
            quads: Vec::with_capacity(total),
            rows: coded.len(),
        };
        let mut at = vec![0; coded.len()];
        for block in 0..code.blocks() {
            let end = (block + 1) * BLOCK;
            for (coded, at) in coded.iter().zip(&mut at) {
                let begin = *at;
                *at += coded.groups[begin..].iter().take_while(|g| usize::from(**g) < end).count();
                rows.groups.extend(coded.groups[begin..*at].iter().map(|g| (usize::from(*g) % BLOCK) as u8));
                rows.quads.extend_from_slice(&coded.quads[begin..*at]);
                rows.counts.push((*at - begin) as u8);
            }
        }
        rows
    }

    pub fn len(&self) -> usize {
        self.rows
    }

    /// For each block: the groups that each row has there, and for all rows one after the other their places in the
    /// block and their codes.
    pub fn blocks(&self) -> impl Iterator<Item = (&[u8], &[u8], &[[u8; 4]])> {
        let mut at = 0;
        self.counts.chunks_exact(self.rows.max(1)).map(move |counts| {
            let begin = at;
            at += counts.iter().map(|c| usize::from(*c)).sum::<usize>();
            (counts, &self.groups[begin..at], &self.quads[begin..at])
        })
    }
}

/// Up to [`KEYS`] keys, group by group: `[groups, keys, 4]`, zeros included.
pub struct Panel {
    groups: Vec<Quads>,
}

impl Panel {
    pub fn new(keys: &[CodedVector], code: Code) -> Panel {
        assert!(keys.len() <= KEYS);
        let mut panel = vec![Quads([[0; 4]; KEYS]); code.blocks() * BLOCK];
        for (key, coded) in keys.iter().enumerate() {
            for (group, quad) in coded.groups.iter().zip(&coded.quads) {
                panel[usize::from(*group)].0[key] = *quad;
            }
        }
        Panel { groups: panel }
    }

    /// Of keys that are among rows coded before: `len` from `first` on.
    pub fn among(rows: &GroupedRows, first: usize, len: usize) -> Panel {
        assert!(len <= KEYS);
        let mut panel = Vec::new();
        for (counts, groups, quads) in rows.blocks() {
            let block = panel.len();
            panel.resize(block + BLOCK, Quads([[0; 4]; KEYS]));
            let mut at = counts[..first].iter().map(|c| usize::from(*c)).sum();
            for (key, count) in counts[first..first + len].iter().enumerate() {
                let end = at + usize::from(*count);
                for (group, quad) in groups[at..end].iter().zip(&quads[at..end]) {
                    panel[block + usize::from(*group)].0[key] = *quad;
                }
                at = end;
            }
        }
        Panel { groups: panel }
    }

    pub fn blocks(&self) -> impl Iterator<Item = &[Quads; BLOCK]> {
        self.groups.as_chunks().0.iter()
    }
}
