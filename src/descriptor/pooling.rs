//! Pooled descriptors: the 7 x 7 positions of a descriptor combined, 512 values for each picture. Layout no longer
//! counts, only content, so pictures of the same things are found wherever these are, even turned ones.
//!
//! All are computed from existing descriptors, without running the network again. Each has length 1 (or 0, for an
//! all-zero descriptor), so cosine similarity and Euclidean distance rank pictures in the same order.

use super::geometry::{CHANNELS, DESCRIPTOR_LEN};
use super::region::{Region, regions};

/// How the values of a channel at all positions are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pooling {
    /// Global average pooling: the mean over all positions. Lin, Chen and Yan, 2014, arXiv:1312.4400.
    Gap,
    /// Generalized mean: (mean of x^p)^(1/p), here with p = 2. Radenović, Tolias and Chum, 2019, arXiv:1711.02512.
    Gem,
    /// Maximum activations of convolutions: the largest value over all positions. Razavian et al., 2016,
    /// arXiv:1412.6574.
    Mac,
    /// Regional maximum activations: the sum of 14 regions' maxima, each of length 1. Tolias, Sicre and Jégou, 2016,
    /// arXiv:1511.05879, section 3.2, without whitening.
    Rmac,
}

impl Pooling {
    pub const ALL: [Pooling; 4] = [Pooling::Gap, Pooling::Gem, Pooling::Mac, Pooling::Rmac];

    pub fn name(self) -> &'static str {
        match self {
            Pooling::Gap => "gap",
            Pooling::Gem => "gem",
            Pooling::Mac => "mac",
            Pooling::Rmac => "rmac",
        }
    }

    /// A few words about it.
    pub fn meaning(self) -> &'static str {
        match self {
            Pooling::Gap => "the content on average",
            Pooling::Gem => "the content, strong features counting more",
            Pooling::Mac => "the strongest features",
            Pooling::Rmac => "the strongest features of each region",
        }
    }

    /// The pooled descriptor of `dense`, `[7, 7, 512]`: 512 values of length 1, in float64 arithmetic rounded at the
    /// end.
    pub fn pooled(self, dense: &[f32]) -> Vec<f32> {
        assert_eq!(dense.len(), DESCRIPTOR_LEN);
        let values = match self {
            Pooling::Gap => Region::WHOLE.accumulated(dense, 0.0, |sum, x| sum + x),
            Pooling::Gem => Region::WHOLE.squares(dense).into_iter().map(f64::sqrt).collect(),
            Pooling::Mac => Region::WHOLE.maxima(dense),
            Pooling::Rmac => {
                let mut sum = vec![0.0; CHANNELS];
                for region in regions() {
                    let maxima = region.maxima(dense);
                    let length = length(&maxima);
                    if length > 0.0 {
                        sum.iter_mut().zip(&maxima).for_each(|(sum, x)| *sum += x / length);
                    }
                }
                sum
            }
        };
        let length = length(&values);
        let unit = |x: f64| if length > 0.0 { x / length } else { x };
        values.into_iter().map(|x| unit(x) as f32).collect()
    }

    /// The share of each position of `dense` in each channel's value, `[7, 7, 512]`. A channel's shares sum to 1, if it
    /// has a value.
    pub fn shares(self, dense: &[f32]) -> Vec<f64> {
        let mut shares: Vec<f64> = dense.iter().map(|x| f64::from(*x)).collect();
        match self {
            Pooling::Gap => {}
            Pooling::Gem => shares.iter_mut().for_each(|x| *x *= *x),
            Pooling::Mac => {
                shares.fill(0.0);
                share_maxima(Region::WHOLE, dense, 1.0, &mut shares);
            }
            Pooling::Rmac => {
                shares.fill(0.0);
                for region in regions() {
                    let length = length(&region.maxima(dense));
                    if length > 0.0 {
                        share_maxima(region, dense, length.recip(), &mut shares);
                    }
                }
            }
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

/// Adds to `shares`, at the position of each channel's maximum, that maximum times `weight`.
fn share_maxima(region: Region, dense: &[f32], weight: f64, shares: &mut [f64]) {
    for channel in 0..CHANNELS {
        let value = |at: &usize| dense[at * CHANNELS + channel];
        let largest = region.positions().max_by(|a, b| value(a).total_cmp(&value(b))).expect("no region is empty");
        shares[largest * CHANNELS + channel] += f64::from(value(&largest)) * weight;
    }
}

/// In eight independent sums, always the same ones.
fn length(values: &[f64]) -> f64 {
    let (eights, rest) = values.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for eight in eights {
        sums.iter_mut().zip(eight).for_each(|(sum, x)| *sum += x * x);
    }
    (sums.iter().sum::<f64>() + rest.iter().map(|x| x * x).sum::<f64>()).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Channel 0 is 3 at one position, channel 1 is 1 everywhere, channel 2 is 2 at two.
    fn dense() -> Vec<f32> {
        let mut dense = vec![0.0; DESCRIPTOR_LEN];
        dense[0] = 3.0;
        dense.iter_mut().skip(1).step_by(CHANNELS).for_each(|x| *x = 1.0);
        dense[24 * CHANNELS + 2] = 2.0;
        dense[48 * CHANNELS + 2] = 2.0;
        dense
    }

    fn proportional(pooling: Pooling, to: [f64; 3]) {
        let (values, length) = (pooling.pooled(&dense()), length(&to));
        for (value, expected) in values.iter().zip(to) {
            assert!((f64::from(*value) - expected / length).abs() < 1e-7, "{:?}, not {to:?}", &values[..3]);
        }
        assert!(values[3..].iter().all(|x| *x == 0.0));
    }

    #[test]
    fn each_is_what_its_formula_says() {
        proportional(Pooling::Gap, [3.0, 49.0, 4.0]);
        proportional(Pooling::Gem, [3.0, 7.0, 8f64.sqrt()]);
        proportional(Pooling::Mac, [3.0, 1.0, 2.0]);
        // By hand: the regions that hold the first, the middle and the last position.
        let has = |at: usize| -> Vec<bool> { regions().map(|r| r.positions().any(|p| p == at)).collect() };
        let (first, middle, last) = (has(0), has(24), has(48));
        let mut expected = [0.0; 3];
        for i in 0..14 {
            let maxima = [3.0 * f64::from(first[i]), 1.0, 2.0 * f64::from(middle[i] || last[i])];
            expected.iter_mut().zip(maxima).for_each(|(sum, x)| *sum += x / length(&maxima));
        }
        proportional(Pooling::Rmac, expected);
    }

    #[test]
    fn nothing_stays_nothing() {
        for pooling in Pooling::ALL {
            assert_eq!(pooling.pooled(&[0.0; DESCRIPTOR_LEN]), [0.0; CHANNELS]);
        }
    }
}
