//! Pictures compared by their regions ([`RegionSet`]): all pairs of regions, by inner products of small integers. They are
//! exact, so there is no first look, and nothing to look at again.

use pulp::NullaryFnOnce;

use crate::descriptor::{CHANNELS, REGIONS, RegionSet, WEIGHTS, cosine, power};
use crate::join::metric::Metric;
use crate::simd::{Instructions, Integers, KEYS, Kernel, Quads, Sums, WithInstructions};

/// A key's regions, and some that are empty, to begin at a vector's edge.
const LANES: usize = 16;
/// Keys that a row is compared with at a time.
pub const TOGETHER: usize = KEYS / LANES;
/// Regions of a row whose sums are computed side by side.
const SIDE_BY_SIDE: usize = 2;

/// Up to [`TOGETHER`] keys.
pub struct RegionKeys {
    /// Four channels of each region of each key: `[128, 4 * 16, 4]`.
    quads: Vec<Quads>,
    scales: [f64; KEYS],
    squared_norms: [f64; TOGETHER],
    instructions: Instructions,
}

impl RegionKeys {
    pub fn new(keys: &[&RegionSet], instructions: Instructions) -> RegionKeys {
        assert!(keys.len() <= TOGETHER && REGIONS <= LANES);
        let quads = vec![Quads([[0; 4]; KEYS]); CHANNELS / 4];
        let mut panel = RegionKeys { quads, scales: [0.0; KEYS], squared_norms: [0.0; TOGETHER], instructions };
        for (key, set) in keys.iter().enumerate() {
            panel.squared_norms[key] = set.squared_norm();
            for (region, codes) in set.regions().iter().enumerate() {
                let lane = key * LANES + region;
                panel.scales[lane] = set.scales()[region];
                panel.quads.iter_mut().zip(codes.as_chunks().0).for_each(|(lanes, quad)| lanes.0[lane] = *quad);
            }
        }
        panel
    }

    /// `metric`'s values of each row and each key (and of keys that there are not, any).
    pub fn values(&self, rows: &[&RegionSet], metric: Metric) -> Vec<[f64; TOGETHER]> {
        let dots = self.instructions.with(Dots(self, rows));
        let value = |(dots, row): ([f64; TOGETHER], &&RegionSet)| {
            let cosine = |key: usize| cosine(dots[key], self.squared_norms[key], row.squared_norm());
            std::array::from_fn(|key| metric.of_unit_vectors(cosine(key)))
        };
        dots.into_iter().zip(rows).map(value).collect()
    }
}

struct Dots<'a>(&'a RegionKeys, &'a [&'a RegionSet]);

impl WithInstructions for Dots<'_> {
    type Output = Vec<[f64; TOGETHER]>;
    fn call<K: Kernel, I: Integers>(self, _: K, integers: I) -> Self::Output {
        integers.run(Summing(integers, self))
    }
}

struct Summing<'a, I>(I, Dots<'a>);

impl<I: Integers> NullaryFnOnce for Summing<'_, I> {
    type Output = Vec<[f64; TOGETHER]>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        let Summing(integers, Dots(keys, rows)) = self;
        let mut all = Vec::with_capacity(rows.len());
        for row in rows {
            let mut parts = [0.0; KEYS];
            let (some, []) = row.regions().as_chunks::<SIDE_BY_SIDE>() else { unreachable!("a multiple") };
            for (i, regions) in some.iter().enumerate() {
                let mut sums = [Sums([0; KEYS]); SIDE_BY_SIDE];
                let mut registers = [integers.load(&sums[0]); SIDE_BY_SIDE];
                let quads: [&[[u8; 4]]; SIDE_BY_SIDE] = std::array::from_fn(|r| regions[r].as_chunks().0);
                for (at, lanes) in keys.quads.iter().enumerate() {
                    for r in 0..SIDE_BY_SIDE {
                        registers[r] = integers.add(registers[r], lanes, quads[r][at]);
                    }
                }
                for r in 0..SIDE_BY_SIDE {
                    integers.store(registers[r], &mut sums[r]);
                    let region = i * SIDE_BY_SIDE + r;
                    let (scale, weight) = (row.scales()[region], WEIGHTS[region]);
                    for ((part, sum), key) in parts.iter_mut().zip(&sums[r].0).zip(&keys.scales) {
                        *part += weight * power(f64::from(*sum), key * scale);
                    }
                }
            }
            let (lanes, []) = parts.as_chunks::<LANES>() else { unreachable!("a multiple") };
            let dot = |lanes: &[f64; LANES]| lanes.iter().zip(&WEIGHTS).map(|(part, weight)| part * weight).sum();
            all.push(std::array::from_fn(|key| dot(&lanes[key])));
        }
        all
    }
}
