//! Why two pictures are alike: how much each of the 7 x 7 positions of one carries of its similarity to the other.

use super::Descriptor;
use super::pooling::{POSITIONS, Pooling};
use super::sketch::CHANNELS;

/// For each position, row by row, what it contributes to the inner product of the two descriptors (which are full ones,
/// compared by `pooling`): `[7, 7]`. Each channel's product is shared out among the positions of `of` as they made the
/// channel's value there.
pub fn heat(of: &Descriptor, with: &Descriptor, pooling: Pooling) -> [f64; POSITIONS] {
    let dense = of.to_dense();
    let shares = pooling.shares(&dense);
    let (of, with) = (of.pooled(pooling).to_dense(), with.pooled(pooling).to_dense());
    let mut heat = [0.0; POSITIONS];
    for (at, (heat, shares)) in heat.iter_mut().zip(shares.chunks_exact(CHANNELS)).enumerate() {
        // The full descriptor has values of its own at each position.
        let begin = if pooling == Pooling::Full { at * CHANNELS } else { 0 };
        let values = of[begin..].iter().zip(&with[begin..]);
        *heat = shares.iter().zip(values).map(|(share, (a, b))| share * f64::from(*a) * f64::from(*b)).sum();
    }
    heat
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vgg16::DESCRIPTOR_LEN;

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
            let dot = a.pooled(pooling).dot(b.pooled(pooling));
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
        for pooling in Pooling::POOLED {
            assert_eq!(hottest(heat(&a, &b, pooling)), 10, "{pooling}");
            assert_eq!(hottest(heat(&b, &a, pooling)), 30, "{pooling}");
        }
        assert_eq!(heat(&a, &b, Pooling::Full), [0.0; POSITIONS]);
    }
}
