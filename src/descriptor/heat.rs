//! Why two pictures are alike: how much each of the 7 x 7 positions of one carries of its similarity to the other.

use super::geometry::{CHANNELS, POSITIONS};
use super::pooling::Pooling;
use super::region::regions;
use super::regions::{WEIGHTS, power};
use super::sparse::Descriptor;

/// For each position, row by row, what it contributes to the inner product of the two descriptors (which are full ones,
/// compared by `pooling`): `[7, 7]`. Each channel's product is shared out among the positions of `of` as they made the
/// channel's value there.
pub fn heat(of: &Descriptor, with: &Descriptor, pooling: Pooling) -> [f64; POSITIONS] {
    if pooling == Pooling::Best {
        return of_regions(of, with);
    }
    let dense = of.to_dense();
    let shares = pooling.shares(&dense);
    let (of, with) = (of.pooled(pooling).to_dense(), with.pooled(pooling).to_dense());
    std::array::from_fn(|at| {
        let here = at * CHANNELS..(at + 1) * CHANNELS;
        match &shares {
            Some(shares) => {
                let values = of.iter().zip(&with).zip(&shares[here]);
                values.map(|((a, b), share)| share * f64::from(*a) * f64::from(*b)).sum()
            }
            // The full descriptor has values of its own at each position.
            None => of[here.clone()].iter().zip(&with[here]).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum(),
        }
    })
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
        for pooling in Pooling::ALL {
            let heat = heat(&a, &b, pooling);
            let dot = match pooling {
                Pooling::Best => a.regions().dot(b.regions()),
                _ => a.pooled(pooling).dot(b.pooled(pooling)),
            };
            assert!((heat.iter().sum::<f64>() / dot - 1.0).abs() < 1e-6, "{pooling}: {heat:?}, {dot}");
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
        for pooling in Pooling::ALL.into_iter().filter(|p| *p != Pooling::Full) {
            assert_eq!(hottest(heat(&a, &b, pooling)), 10, "{pooling}");
            assert_eq!(hottest(heat(&b, &a, pooling)), 30, "{pooling}");
        }
        assert_eq!(heat(&a, &b, Pooling::Full), [0.0; POSITIONS]);
    }
}
