//! A small perceptual hash: the signs of a picture's lowest frequencies. It finds copies with other sizes, qualities
//! and brightness, and grey ones. Its eight orientations follow without decoding again, so it finds turned and mirrored
//! copies too.

use std::sync::LazyLock;

use super::averages::CELLS;

/// Frequencies along each edge.
const EDGE: usize = 16;
/// A picture whose frequencies, apart from the mean, have less energy than this is featureless: 1.5 grey levels.
const FEATURELESS: i64 = 24;
/// One, in the transform's table.
const ONE: f64 = 4096.0;

/// Bit `16 u + v` is set if the cosine of the u-th vertical and v-th horizontal frequency is positive. The mean, bit 0,
/// is always set; a featureless picture (a single colour) has no other bit.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PerceptualHash(pub [u64; 4]);

impl PerceptualHash {
    /// Bits that carry information.
    pub const BITS: u32 = 255;
    pub const BYTES: usize = 32;

    /// From the averages of 64 x 64 cells, in 1/16 grey levels.
    pub fn new(averages: &[i32]) -> PerceptualHash {
        static TABLE: LazyLock<Vec<[i64; CELLS]>> = LazyLock::new(|| {
            let cosine = |u: usize, x: usize| (u * (2 * x + 1)) as f64 * std::f64::consts::PI / (2 * CELLS) as f64;
            (0..EDGE).map(|u| std::array::from_fn(|x| (cosine(u, x).cos() * ONE).round() as i64)).collect()
        });
        let mut along = vec![[0i64; EDGE]; CELLS];
        for (row, sums) in averages.chunks_exact(CELLS).zip(&mut along) {
            for (sum, cosines) in sums.iter_mut().zip(TABLE.iter()) {
                *sum = row.iter().zip(cosines).map(|(value, cosine)| i64::from(*value) * cosine).sum();
            }
        }
        let down = |u: usize, v: usize| -> i64 { along.iter().zip(&TABLE[u]).map(|(row, c)| row[v] * c).sum() };
        // Back to amplitudes in 1/16 grey levels.
        let scale = (ONE * ONE) as i64 * (CELLS * CELLS) as i64 / 4;
        let values: Vec<i64> = (0..EDGE * EDGE).map(|at| down(at / EDGE, at % EDGE)).collect();
        let energy: i64 = values[1..].iter().map(|value| (value / scale).pow(2)).sum();
        let mut hash = PerceptualHash([1, 0, 0, 0]);
        if energy >= FEATURELESS.pow(2) {
            values.iter().enumerate().skip(1).filter(|(_, value)| **value > 0).for_each(|(at, _)| hash.set(at));
        }
        hash
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<PerceptualHash> {
        let (words, []) = bytes.as_chunks() else { return None };
        let words: [[u8; 8]; 4] = words.try_into().ok()?;
        Some(PerceptualHash(words.map(u64::from_le_bytes))).filter(|hash| hash.bit(0))
    }

    pub fn to_bytes(self) -> [u8; PerceptualHash::BYTES] {
        let words = self.0.map(u64::to_le_bytes);
        words.as_flattened().try_into().expect("four of eight bytes")
    }

    /// Whether the picture is of a single colour, or nearly, so that the hash says nothing.
    pub fn is_featureless(self) -> bool {
        self.0 == [1, 0, 0, 0]
    }

    /// The hashes of the picture in all orientations: turned by 0, 90, 180 and 270 degrees, mirrored or not.
    pub fn orientations(self) -> [PerceptualHash; 8] {
        let turned = self.transposed();
        let mirrored = |hash: PerceptualHash| [hash, hash.across(), hash.down(), hash.across().down()];
        let ([a, b, c, d], [e, f, g, h]) = (mirrored(self), mirrored(turned));
        [a, b, c, d, e, f, g, h]
    }

    /// The number of differing bits, of [`PerceptualHash::BITS`].
    #[inline(always)]
    pub fn distance(self, other: PerceptualHash) -> u32 {
        self.0.iter().zip(other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    /// The least distance over all orientations; None if either picture is featureless.
    pub fn distance_turned(self, other: PerceptualHash) -> Option<u32> {
        let sees = !self.is_featureless() && !other.is_featureless();
        sees.then(|| self.orientations().into_iter().map(|turned| turned.distance(other)).min().expect("eight"))
    }

    fn bit(self, at: usize) -> bool {
        self.0[at / 64] >> (at % 64) & 1 == 1
    }

    fn set(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    /// Mirrored left to right: changes the signs of odd horizontal frequencies.
    fn across(self) -> PerceptualHash {
        PerceptualHash(self.0.map(|word| word ^ 0xaaaa_aaaa_aaaa_aaaa))
    }

    /// Mirrored upside down: changes those of odd vertical ones.
    fn down(self) -> PerceptualHash {
        PerceptualHash(self.0.map(|word| word ^ 0xffff_0000_ffff_0000))
    }

    /// Mirrored along the diagonal.
    fn transposed(self) -> PerceptualHash {
        let mut hash = PerceptualHash([0; 4]);
        for at in (0..EDGE * EDGE).filter(|at| self.bit(*at)) {
            hash.set(at % EDGE * EDGE + at / EDGE);
        }
        hash
    }
}

impl std::fmt::Debug for PerceptualHash {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(&crate::text::hex(&self.to_bytes()))
    }
}
