//! Why two pictures are alike: how much each of the 7 x 7 positions of one carries of its similarity to the other.

use std::ops::Range;

use super::geometry::{CHANNELS, POSITIONS};
use super::kind::DescriptorKind;
use super::pooling::Pooling;
use super::region::regions;
use super::regions::{WEIGHTS, power};
use super::sparse::Descriptor;

/// For each position, row by row, what it contributes to the inner product of the two descriptors (which are full ones,
/// compared by `kind`): `[7, 7]`. Each channel's product is shared out among the positions of `of` as they made the
/// channel's value there.
pub fn heat(of: &Descriptor, with: &Descriptor, kind: DescriptorKind) -> [f64; POSITIONS] {
    match kind {
        DescriptorKind::Full => of_full(of, with),
        DescriptorKind::Pooled(pooling) => of_pooled(of, with, pooling),
        DescriptorKind::Regions => of_regions(of, with),
    }
}

/// The full descriptor has values of its own at each position.
fn of_full(of: &Descriptor, with: &Descriptor) -> [f64; POSITIONS] {
    let (of, with) = (of.to_dense(), with.to_dense());
    by_position(|here| of[here.clone()].iter().zip(&with[here]).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum())
}

fn of_pooled(of: &Descriptor, with: &Descriptor, pooling: Pooling) -> [f64; POSITIONS] {
    let shares = pooling.shares(&of.to_dense());
    let (of, with) = (of.pooled(pooling).to_dense(), with.pooled(pooling).to_dense());
    by_position(|here| {
        let values = of.iter().zip(&with).zip(&shares[here]);
        values.map(|((a, b), share)| share * f64::from(*a) * f64::from(*b)).sum()
    })
}

/// What `sum` makes of the channels of each position.
fn by_position(sum: impl Fn(Range<usize>) -> f64) -> [f64; POSITIONS] {
    std::array::from_fn(|at| sum(at * CHANNELS..(at + 1) * CHANNELS))
}

/// What a region contributes, its channels contribute as they do to its inner products; and a channel's positions as their
/// squares do to its mean.
fn of_regions(of: &Descriptor, with: &Descriptor) -> [f64; POSITIONS] {
    let (dense, sets) = (of.to_dense(), (of.regions(), with.regions()));
    let mut heat = [0.0; POSITIONS];
    for (i, (region, a)) in regions().zip(sets.0.regions()).enumerate() {
        let mut channels = [0.0; CHANNELS];
        for (j, b) in sets.1.regions().iter().enumerate() {
            let products = || a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b));
            let dot: f64 = products().sum();
            if dot > 0.0 {
                let part = WEIGHTS[i] * WEIGHTS[j] * power(dot, sets.0.scales()[i] * sets.1.scales()[j]);
                channels.iter_mut().zip(products()).for_each(|(sum, product)| *sum += part * product / dot);
            }
        }
        let squares = region.squares(&dense);
        for at in region.positions() {
            let here = dense[at * CHANNELS..].iter().zip(&channels).zip(&squares).filter(|(_, sum)| **sum > 0.0);
            heat[at] += here.map(|((x, channel), sum)| channel * f64::from(*x).powi(2) / sum).sum::<f64>();
        }
    }
    heat
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::DESCRIPTOR_LEN;

    #[test]
    fn all_positions_together_are_the_inner_product() {
        let noise = |seed: usize| -> Descriptor {
            let value = |i: usize| ((i * 2_654_435_761 + seed * 7919) % 1000) as f32 / 100.0 - 7.0;
            let dense: Vec<_> = (0..DESCRIPTOR_LEN).map(|i| value(i).max(0.0)).collect();
            Descriptor::from_dense(&dense).unwrap()
        };
        let (a, b) = (noise(1), noise(2));
        for kind in DescriptorKind::ALL {
            let heat = heat(&a, &b, kind);
            let dot = match kind {
                DescriptorKind::Full => a.dot(&b),
                DescriptorKind::Pooled(pooling) => a.pooled(pooling).dot(b.pooled(pooling)),
                DescriptorKind::Regions => a.regions().dot(b.regions()),
            };
            assert!((heat.iter().sum::<f64>() / dot - 1.0).abs() < 1e-6, "{kind}: {heat:?}, {dot}");
        }
    }

    #[test]
    fn what_both_show_is_where_it_is_in_each() {
        let with = |position: usize| {
            let mut dense = vec![0.0; DESCRIPTOR_LEN];
            dense[position * CHANNELS + 5] = 9.0;
            // Something else, somewhere else.
            dense[(48 - position) * CHANNELS + position] = 3.0;
            Descriptor::from_dense(&dense).unwrap()
        };
        let (a, b) = (with(10), with(30));
        let hottest = |heat: [f64; POSITIONS]| (0..POSITIONS).max_by(|a, b| heat[*a].total_cmp(&heat[*b])).unwrap();
        for kind in DescriptorKind::ALL.into_iter().filter(|kind| *kind != DescriptorKind::Full) {
            assert_eq!(hottest(heat(&a, &b, kind)), 10, "{kind}");
            assert_eq!(hottest(heat(&b, &a, kind)), 30, "{kind}");
        }
        assert_eq!(heat(&a, &b, DescriptorKind::Full), [0.0; POSITIONS]);
    }
}
