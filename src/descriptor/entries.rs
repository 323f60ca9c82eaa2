//! The non-zero values of a descriptor with their positions, 32 bits per entry.
//!
//! The upper 5 bits are the distance from the previous entry. The lower 27 are a float32 without its sign and without
//! the upper four bits of its exponent, which are the same for all values of a picture: values are positive, and all
//! but one in two thousand lie within fifteen powers of two. The exceptions are stored separately, in full. If two
//! values are further apart than 5 bits can express, zeros stand between them; they don't change any sum.

use super::geometry::DESCRIPTOR_LEN;

const MANTISSA_BITS: u32 = 23;
const VALUE_BITS: u32 = 27;
/// The lower bits of an entry, read as a float32. It is zero, or below 2^-111; with an exponent of zero, it is instead
/// the number of a separate value, from 1 on.
const VALUE: u32 = (1 << VALUE_BITS) - 1;
const FARTHEST: usize = (1 << (u32::BITS - VALUE_BITS)) - 1;
/// The smallest float32 that is not subnormal.
const SMALLEST: u32 = 1 << MANTISSA_BITS;
/// The largest shift: with it, values reach the largest float32.
pub const LARGEST_SHIFT: u16 = 254 - 15;
/// Values encoded together.
const RUN: usize = FARTHEST + 1;

/// Entries as stored.
#[derive(Clone, Copy)]
pub struct Entries<'a> {
    words: &'a [u32],
    /// Values that don't fit 27 bits.
    others: &'a [f32],
    scale: f64,
}

impl<'a> Entries<'a> {
    /// Values are multiplied by 2 to the power of `shift`, at most [`LARGEST_SHIFT`].
    pub fn new(words: &'a [u32], others: &'a [f32], shift: u16) -> Entries<'a> {
        let scale = f64::from_bits((1023 + u64::from(shift.min(LARGEST_SHIFT))) << 52);
        Entries { words, others, scale }
    }

    /// `[n]`, for [`distance`], [`Entries::value`] and [`Entries::unscaled`].
    pub fn words(&self) -> &'a [u32] {
        self.words
    }

    /// An entry's value, in steps of [`Entries::scale`].
    #[inline(always)]
    pub fn unscaled(&self, word: u32) -> f64 {
        let bits = word & VALUE;
        // Neither zero nor with an exponent.
        if bits.wrapping_sub(1) < SMALLEST - 1 {
            return self.other(bits);
        }
        f32::from_bits(bits).into()
    }

    #[cold]
    fn other(&self, number: u32) -> f64 {
        self.others.get(number as usize - 1).map_or(0.0, |v| f64::from(*v) / self.scale)
    }

    /// A power of two, so products with it are exact, and it can be applied to a sum at the end.
    pub fn scale(&self) -> f64 {
        self.scale
    }

    #[inline(always)]
    pub fn value(&self, word: u32) -> f32 {
        (self.unscaled(word) * self.scale) as f32
    }

    /// Increasing indices, and the values there; some are zero.
    pub fn iter(self) -> impl Iterator<Item = (usize, f32)> + 'a {
        self.words.iter().scan(0, move |index, word| {
            *index += distance(*word);
            Some((*index, self.value(*word)))
        })
    }

    /// Puts the values at their indices in `dense`. An index is out of range only if another program is overwriting the
    /// file; that value is left out.
    pub fn fill(self, dense: &mut [f32]) {
        for (index, value) in self.iter() {
            if let Some(to) = dense.get_mut(index) {
                *to = value;
            }
        }
    }

    /// The largest value; zero if all are below.
    pub fn largest(&self) -> f32 {
        // As integers they have the same order.
        let bits = self.words.iter().fold(0, |largest, word| largest.max(word & VALUE));
        let value = if bits < SMALLEST { 0.0 } else { self.value(bits) };
        self.others.iter().fold(value, |a, b| a.max(*b))
    }

    /// Whether all indices are inside the descriptor, and all values are finite.
    pub fn are_sound(&self) -> bool {
        let last: u32 = self.words.iter().map(|word| word >> VALUE_BITS).sum();
        last < DESCRIPTOR_LEN as u32 && self.others.iter().fold(true, |finite, v| finite & v.is_finite())
    }
}

/// From the previous entry; for the first one, from index 0.
#[inline(always)]
pub fn distance(word: u32) -> usize {
    (word >> VALUE_BITS) as usize
}

/// Encodes entries.
pub struct EntryEncoder {
    pub words: Vec<u32>,
    pub others: Vec<f32>,
    pub shift: u16,
    /// The distance from the last entry to the next value.
    distance: usize,
}

impl EntryEncoder {
    /// For finite values, the largest of which (by magnitude) has these `bits`, without its sign.
    pub fn new(bits: u32) -> EntryEncoder {
        let shift = ((bits >> MANTISSA_BITS) as u16).saturating_sub(15);
        EntryEncoder { words: Vec::with_capacity(4096), others: Vec::new(), shift, distance: 0 }
    }

    /// Adds the next values: a multiple of `RUN`.
    pub fn extend(&mut self, dense: &[f32]) {
        dense.chunks(RUN).for_each(|some| self.extend_run(some));
    }

    fn extend_run(&mut self, some: &[f32]) {
        if some.iter().fold(0, |bits, v| bits | v.to_bits() << 1) == 0 {
            self.distance += some.len();
            return;
        }
        // No branch per value: whether one is zero can't be predicted.
        let (mut at, mut found, mut n) = ([0u8; RUN], [0f32; RUN], 0);
        for (i, v) in some.iter().enumerate() {
            (at[n], found[n]) = (i as u8, *v);
            n += usize::from(*v != 0.0);
        }
        let mut first = self.distance + usize::from(at[0]);
        while first > FARTHEST {
            self.words.push((FARTHEST as u32) << VALUE_BITS);
            first -= FARTHEST;
        }
        let mut before = at[0];
        for (i, (at, value)) in at[..n].iter().zip(&found).enumerate() {
            let distance = if i == 0 { first as u32 } else { u32::from(at - before) };
            let value = self.encoded(*value);
            self.words.push(distance << VALUE_BITS | value);
            before = *at;
        }
        self.distance = some.len() - usize::from(before);
    }

    #[inline(always)]
    fn encoded(&mut self, value: f32) -> u32 {
        let bits = value.to_bits().wrapping_sub(u32::from(self.shift) << MANTISSA_BITS);
        if bits.wrapping_sub(SMALLEST) <= VALUE - SMALLEST {
            return bits;
        }
        self.others.push(value);
        self.others.len() as u32
    }
}
