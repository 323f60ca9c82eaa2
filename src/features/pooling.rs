//! Pooled descriptors: the 7 x 7 positions of a descriptor made one, 512 values for each picture. What is where no longer
//! counts, only what there is; so pictures of the same things are found wherever these stand, and turned ones too.
//!
//! All are made from descriptors that are there already, the network doesn't run again. Each has length 1 (or 0, of a
//! descriptor without any value): cosine similarity and Euclidean distance put pictures in the same order.

use rayon::prelude::*;

use super::sketch::CHANNELS;
use super::{FeatureMatrix, Row};
use crate::vgg16::DESCRIPTOR_LEN;

/// Positions in a row, and rows.
const SIDE: usize = 7;
pub const POSITIONS: usize = SIDE * SIDE;

/// Which descriptor pictures are compared by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pooling {
    /// All 25,088 values: what is where counts.
    #[default]
    Full,
    /// Global average pooling: the mean over all positions. Lin, Chen and Yan, 2014, arXiv:1312.4400.
    Gap,
    /// Generalized mean: (mean of x^p)^(1/p), here with p = 2. Radenović, Tolias and Chum, 2019, arXiv:1711.02512.
    Gem,
    /// Maximum activations of convolutions: the largest value of all positions. Razavian et al., 2016, arXiv:1412.6574.
    Mac,
    /// Regional maximum activations: the sum of 14 regions' maxima, each of length 1. Tolias, Sicre and Jégou, 2016,
    /// arXiv:1511.05879, section 3.2, without whitening.
    Rmac,
    /// Ours: what is strong in any of many overlapping windows, and in the whole; see [`best`]. Nowhere far behind the
    /// best of the others, which is another one on each kind of pictures.
    Best,
}

impl Pooling {
    pub const ALL: [Pooling; 6] =
        [Pooling::Full, Pooling::Gap, Pooling::Gem, Pooling::Mac, Pooling::Rmac, Pooling::Best];
    /// Those that are derived from the full one.
    pub const POOLED: [Pooling; Pooling::ALL.len() - 1] = {
        let [_, pooled @ ..] = Pooling::ALL;
        pooled
    };

    pub fn name(self) -> &'static str {
        match self {
            Pooling::Full => "full",
            Pooling::Gap => "gap",
            Pooling::Gem => "gem",
            Pooling::Mac => "mac",
            Pooling::Rmac => "rmac",
            Pooling::Best => "best",
        }
    }

    /// In a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            Pooling::Full => "what is where",
            Pooling::Gap => "mean",
            Pooling::Gem => "generalized mean",
            Pooling::Mac => "maximum",
            Pooling::Rmac => "maxima of regions",
            Pooling::Best => "strong somewhere",
        }
    }

    /// The pooled descriptor of `dense`, `[7, 7, 512]`: 512 values of length 1, float64 arithmetic rounded at the end. The
    /// full one as it is.
    pub fn of(self, dense: &[f32]) -> Vec<f32> {
        assert_eq!(dense.len(), DESCRIPTOR_LEN);
        let over_positions = |start: f64, fold: fn(f64, f64) -> f64| {
            let mut values = vec![start; CHANNELS];
            for position in dense.chunks_exact(CHANNELS) {
                values.iter_mut().zip(position).for_each(|(value, x)| *value = fold(*value, f64::from(*x)));
            }
            values
        };
        match self {
            Pooling::Full => dense.to_vec(),
            Pooling::Gap => unit(&over_positions(0.0, |sum, x| sum + x)),
            Pooling::Gem => {
                let squares = over_positions(0.0, |sum, x| sum + x * x);
                unit(&squares.into_iter().map(f64::sqrt).collect::<Vec<_>>())
            }
            Pooling::Mac => unit(&over_positions(f64::NEG_INFINITY, larger)),
            Pooling::Rmac => {
                let mut sum = vec![0.0; CHANNELS];
                for region in regions() {
                    let maxima = region.maxima(dense);
                    let length = length(&maxima);
                    if length > 0.0 {
                        sum.iter_mut().zip(&maxima).for_each(|(sum, x)| *sum += x / length);
                    }
                }
                unit(&sum)
            }
            Pooling::Best => best(dense),
        }
    }
}

impl Pooling {
    /// How much each position of `dense` made of each channel's value, `[7, 7, 512]`; each channel's sum to 1, if it has a
    /// value. In the full descriptor each position has made its own.
    pub fn shares(self, dense: &[f32]) -> Vec<f64> {
        let mut shares = vec![0.0; DESCRIPTOR_LEN];
        let power = |x: f32, p: i32| f64::from(x).powi(p);
        match self {
            Pooling::Full => return vec![1.0; DESCRIPTOR_LEN],
            Pooling::Gap => shares.iter_mut().zip(dense).for_each(|(share, x)| *share = power(*x, 1)),
            Pooling::Gem => shares.iter_mut().zip(dense).for_each(|(share, x)| *share = power(*x, 2)),
            Pooling::Mac => Region::ALL.share_maxima(dense, 1.0, &mut shares),
            Pooling::Rmac => regions().for_each(|region| {
                let length = length(&region.maxima(dense));
                if length > 0.0 {
                    region.share_maxima(dense, length.recip(), &mut shares);
                }
            }),
            Pooling::Best => windows().for_each(|(region, weight)| {
                for (channel, x) in region.above_half(dense).into_iter().enumerate().filter(|(_, x)| *x > 0.0) {
                    let squares = |at: usize| power(dense[at * CHANNELS + channel], 2);
                    let scale = weight * x * x * x / region.positions().map(squares).sum::<f64>();
                    region.positions().for_each(|at| shares[at * CHANNELS + channel] += scale * squares(at));
                }
            }),
        }
        let mut sums = vec![0.0; CHANNELS];
        for position in shares.chunks_exact(CHANNELS) {
            sums.iter_mut().zip(position).for_each(|(sum, share)| *sum += share);
        }
        for position in shares.chunks_exact_mut(CHANNELS) {
            position.iter_mut().zip(&sums).filter(|(_, sum)| **sum > 0.0).for_each(|(share, sum)| *share /= sum);
        }
        shares
    }
}

impl std::fmt::Display for Pooling {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.pad(self.name())
    }
}

/// A square of positions.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Region {
    x: usize,
    y: usize,
    side: usize,
}

impl Region {
    const ALL: Region = Region { x: 0, y: 0, side: SIDE };

    /// Adds to `shares`, where the maximum of each channel is, that maximum times `weight`.
    fn share_maxima(self, dense: &[f32], weight: f64, shares: &mut [f64]) {
        for channel in 0..CHANNELS {
            let value = |at: &usize| dense[at * CHANNELS + channel];
            let largest = self.positions().max_by(|a, b| value(a).total_cmp(&value(b))).expect("no region is empty");
            shares[largest * CHANNELS + channel] += f64::from(value(&largest)) * weight;
        }
    }

    /// Its strengths, above half of their mean, of length 1.
    fn above_half(self, dense: &[f32]) -> Vec<f64> {
        let strengths = self.strengths(dense);
        let half = sum(&strengths, |x| x) / CHANNELS as f64 / 2.0;
        scaled_to_unit(strengths.into_iter().map(|x| larger(x - half, 0.0)).collect())
    }

    /// Indices of its positions.
    fn positions(self) -> impl Iterator<Item = usize> {
        let columns = self.x..self.x + self.side;
        (self.y..self.y + self.side).flat_map(move |y| columns.clone().map(move |x| y * SIDE + x))
    }

    /// Roots of the sums of squares, of each channel, made of length 1.
    fn strengths(self, dense: &[f32]) -> Vec<f64> {
        let mut squares = vec![0.0; CHANNELS];
        for at in self.positions() {
            let values = &dense[at * CHANNELS..][..CHANNELS];
            squares.iter_mut().zip(values).for_each(|(sum, x)| *sum += f64::from(*x) * f64::from(*x));
        }
        scaled_to_unit(squares.into_iter().map(f64::sqrt).collect())
    }

    /// Of each channel.
    fn maxima(self, dense: &[f32]) -> Vec<f64> {
        let mut maxima = vec![f64::NEG_INFINITY; CHANNELS];
        for at in self.positions() {
            let values = &dense[at * CHANNELS..][..CHANNELS];
            maxima.iter_mut().zip(values).for_each(|(maximum, x)| *maximum = larger(*maximum, f64::from(*x)));
        }
        maxima
    }
}

/// The regions of R-MAC at three scales: squares of side 2 * 7 / (l + 1), l in each direction, spread evenly.
fn regions() -> impl Iterator<Item = Region> {
    (1..=3).flat_map(|scale| {
        let side = 2 * SIDE / (scale + 1);
        let place = move |i: usize| if scale == 1 { 0 } else { i * (SIDE - side) / (scale - 1) };
        (0..scale).flat_map(move |y| (0..scale).map(move |x| Region { x: place(x), y: place(y), side }))
    })
}

/// A window of positions, in [`best`].
const WINDOW: usize = 3;
/// How much the whole counts there, against all windows.
const WHOLE: f64 = 0.3;

/// For the whole and for each of the 25 windows of 3 x 3 positions: the generalized mean (p = 2) of each channel, of length
/// 1; from each half of the channels' mean is taken, so that what is weak everywhere doesn't add up; of length 1 again.
/// Then the generalized mean over all of these (p = 3), the whole counting three tenths: what is strong in some window
/// stays strong, wherever that is, and whatever covers the rest. The constants lie on a plateau (docs/quality.md).
fn best(dense: &[f32]) -> Vec<f32> {
    let mut cubes = vec![0.0; CHANNELS];
    for (region, weight) in windows() {
        cubes.iter_mut().zip(region.above_half(dense)).for_each(|(sum, x)| *sum += weight * x * x * x);
    }
    unit(&cubes.into_iter().map(f64::cbrt).collect::<Vec<_>>())
}

/// The whole and all windows, and how much each counts.
fn windows() -> impl Iterator<Item = (Region, f64)> {
    const PLACES: usize = SIDE - WINDOW + 1;
    let weight = (1.0 - WHOLE) / (PLACES * PLACES) as f64;
    let window = move |at: usize| (Region { x: at % PLACES, y: at / PLACES, side: WINDOW }, weight);
    std::iter::once((Region::ALL, WHOLE)).chain((0..PLACES * PLACES).map(window))
}

/// Compiled to one instruction, unlike `f64::max`.
fn larger(a: f64, b: f64) -> f64 {
    if b > a { b } else { a }
}

fn length(values: &[f64]) -> f64 {
    sum(values, |x| x * x).sqrt()
}

/// Sum of what `of` makes of the values, in eight sums that don't wait for each other, always the same ones.
fn sum(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let (eights, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for eight in eights {
        sums.iter_mut().zip(eight).for_each(|(sum, x)| *sum += of(*x));
    }
    sums.iter().sum::<f64>() + rest.iter().map(|x| of(*x)).sum::<f64>()
}

/// Made as long as 1; all zeros stay what they are.
fn scaled_to_unit(mut values: Vec<f64>) -> Vec<f64> {
    let length = length(&values);
    if length > 0.0 {
        values.iter_mut().for_each(|x| *x /= length);
    }
    values
}

fn unit(values: &[f64]) -> Vec<f32> {
    scaled_to_unit(values.to_vec()).into_iter().map(|x| x as f32).collect()
}

impl FeatureMatrix {
    /// The same pictures with pooled descriptors, made on rayon's threads, each once.
    pub fn pooled(&self, pooling: Pooling) -> FeatureMatrix {
        if pooling == Pooling::Full {
            return self.clone();
        }
        let pooled = |row: &std::sync::Arc<Row>| {
            let descriptor = row.descriptor.pooled(pooling).clone();
            std::sync::Arc::new(Row { name: row.name.clone(), stamp: row.stamp, descriptor })
        };
        FeatureMatrix { rows: self.rows.par_iter().map(pooled).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::Descriptor;

    /// Channel 0 is 3 at one position, channel 1 is 1 everywhere, channel 2 is 2 at two.
    fn dense() -> Vec<f32> {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        dense[0] = 3.0;
        dense.iter_mut().skip(1).step_by(CHANNELS).for_each(|x| *x = 1.0);
        dense[24 * CHANNELS + 2] = 2.0;
        dense[48 * CHANNELS + 2] = 2.0;
        dense
    }

    fn proportional(values: &[f32], to: [f64; 3]) {
        let length = length(&to);
        for (value, expected) in values.iter().zip(to) {
            assert!((f64::from(*value) - expected / length).abs() < 1e-7, "{:?}, not {to:?}", &values[..3]);
        }
        assert!(values[3..].iter().all(|x| *x == 0.0));
    }

    #[test]
    fn each_is_what_its_formula_says() {
        proportional(&Pooling::Gap.of(&dense()), [3.0, 49.0, 4.0]);
        proportional(&Pooling::Gem.of(&dense()), [3.0, 7.0, 8f64.sqrt()]);
        proportional(&Pooling::Mac.of(&dense()), [3.0, 1.0, 2.0]);
        assert_eq!(Pooling::Full.of(&dense()), dense());
    }

    #[test]
    fn regions_are_those_of_the_paper() {
        let regions: Vec<_> = regions().collect();
        assert_eq!(regions.len(), 14);
        assert_eq!(regions[0], Region { x: 0, y: 0, side: 7 });
        assert_eq!(regions[4], Region { x: 3, y: 3, side: 4 });
        assert_eq!(regions[9], Region { x: 2, y: 2, side: 3 });
        assert_eq!(regions[13], Region { x: 4, y: 4, side: 3 });
        // By hand: the regions that hold the first, the middle and the last position.
        let has = |at: usize| -> Vec<bool> { regions.iter().map(|r| r.positions().any(|p| p == at)).collect() };
        let (first, middle, last) = (has(0), has(24), has(48));
        let mut expected = [0.0; 3];
        for i in 0..14 {
            let maxima = [3.0 * f64::from(first[i]), 1.0, 2.0 * f64::from(middle[i] || last[i])];
            expected.iter_mut().zip(maxima).for_each(|(sum, x)| *sum += x / length(&maxima));
        }
        proportional(&Pooling::Rmac.of(&dense()), expected);
    }

    #[test]
    fn the_best_is_what_its_formula_says() {
        let noise = |i: usize| ((i * 2_654_435_761) % 1000) as f32 / 100.0 - 8.0;
        let dense: Vec<f32> = (0..DESCRIPTOR_LEN).map(|i| noise(i).max(0.0)).collect();
        // Written as in docs/quality.md.
        let u = |x: usize, y: usize, side: usize| -> Vec<f64> {
            let at = |c: usize| (y..y + side).flat_map(move |r| (x..x + side).map(move |q| (r * 7 + q) * 512 + c));
            let square = |i: usize| f64::from(dense[i]).powi(2);
            let means: Vec<_> =
                (0..512).map(|c| (at(c).map(square).sum::<f64>() / (side * side) as f64).sqrt()).collect();
            let g: Vec<_> = means.iter().map(|x| x / length(&means)).collect();
            let half = g.iter().sum::<f64>() / 512.0 / 2.0;
            let above: Vec<_> = g.iter().map(|x| (x - half).max(0.0)).collect();
            above.iter().map(|x| x / length(&above)).collect()
        };
        let whole = u(0, 0, 7);
        let windows: Vec<_> = (0..25).map(|i| u(i % 5, i / 5, 3)).collect();
        let value =
            |c: usize| (0.3 * whole[c].powi(3) + 0.7 / 25.0 * windows.iter().map(|w| w[c].powi(3)).sum::<f64>()).cbrt();
        let values: Vec<_> = (0..512).map(value).collect();
        for (ours, expected) in Pooling::Best.of(&dense).iter().zip(&values) {
            assert!((f64::from(*ours) - expected / length(&values)).abs() < 1e-6);
        }
    }

    #[test]
    fn nothing_stays_nothing_and_what_was_made_is_kept() {
        for pooling in Pooling::POOLED {
            assert_eq!(Pooling::of(pooling, &[0.0; DESCRIPTOR_LEN]), [0.0; CHANNELS]);
        }
        let row = Row { name: "a".into(), stamp: None, descriptor: Descriptor::from_dense(&dense()).unwrap() };
        let matrix: FeatureMatrix = [row].into_iter().collect();
        let pooled = matrix.pooled(Pooling::Gap);
        assert_eq!(pooled.rows()[0].descriptor.to_dense()[..CHANNELS], Pooling::Gap.of(&dense()));
        let again = matrix.pooled(Pooling::Gap);
        assert_eq!(pooled.rows()[0].descriptor.bytes().as_ptr(), again.rows()[0].descriptor.bytes().as_ptr());
        assert_eq!(matrix.pooled(Pooling::Full), matrix);
    }
}
