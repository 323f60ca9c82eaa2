//! How pictures are compared by each kind of descriptor: a file for each kind, behind a common trait.
//!
//! Input: full descriptors. Output: exact values, queries, joins, and why two pictures are similar. The kinds differ in
//! the part of a descriptor that they compare, and in the engine's method.

mod comparison;
mod full;
mod pooled;
mod regions;
mod stored_vectors;
mod vectors;

use full::Full;
use pooled::Pooled;
use regions::Regions;

use crate::descriptor::Pooling;

pub use comparison::{Comparison, PreparedKey, descriptors};

/// The descriptor by which pictures are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DescriptorKind {
    /// All 25,088 values: content and layout both count. The reference system's.
    Full,
    /// 512 values of length 1, pooled over all positions.
    Pooled(Pooling),
    /// Compares all regions of one picture with all of the other ([`crate::descriptor::RegionSet`]). Called `best`,
    /// because it finds the most.
    #[default]
    Regions,
}

impl DescriptorKind {
    pub const ALL: [DescriptorKind; Pooling::ALL.len() + 2] = {
        let mut all = [DescriptorKind::Full; Pooling::ALL.len() + 2];
        let mut pooling = 0;
        while pooling < Pooling::ALL.len() {
            all[1 + pooling] = DescriptorKind::Pooled(Pooling::ALL[pooling]);
            pooling += 1;
        }
        all[1 + pooling] = DescriptorKind::Regions;
        all
    };

    /// How it compares pictures.
    pub fn comparison(self) -> Box<dyn Comparison> {
        match self {
            DescriptorKind::Full => Box::new(Full),
            DescriptorKind::Pooled(pooling) => Box::new(Pooled(pooling)),
            DescriptorKind::Regions => Box::new(Regions),
        }
    }

    /// Its name, on the command line and on the screens.
    pub fn name(self) -> &'static str {
        match self {
            DescriptorKind::Full => "full",
            DescriptorKind::Pooled(pooling) => pooling.name(),
            DescriptorKind::Regions => "best",
        }
    }

    /// A few words about it.
    pub fn meaning(self) -> &'static str {
        match self {
            DescriptorKind::Full => "content and layout: the same composition",
            DescriptorKind::Pooled(pooling) => pooling.meaning(),
            DescriptorKind::Regions => "matching regions, wherever they are; finds the most",
        }
    }

    /// All of them, for the help.
    pub fn all_in_words() -> String {
        let pooled = Pooling::ALL.map(Pooling::name).join(", ");
        format!(
            "best (matching regions, wherever they are; finds the most), full (content and layout: the same \
             composition), or the content alone, in 512 numbers: {pooled}"
        )
    }

    /// Its index in [`DescriptorKind::ALL`].
    pub fn index(self) -> usize {
        DescriptorKind::ALL.iter().position(|kind| *kind == self).expect("all are listed")
    }
}

impl std::fmt::Display for DescriptorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::descriptor::{CHANNELS, DESCRIPTOR_LEN, Descriptor, POSITIONS};
    use crate::join::metric::Metric;

    #[test]
    fn each_is_listed_once_and_called_by_one_name() {
        let places: Vec<_> = DescriptorKind::ALL.into_iter().map(DescriptorKind::index).collect();
        assert_eq!(places, (0..DescriptorKind::ALL.len()).collect::<Vec<_>>());
        let pooled = DescriptorKind::ALL.into_iter().filter_map(|kind| match kind {
            DescriptorKind::Pooled(pooling) => Some(pooling),
            _ => None,
        });
        assert_eq!(pooled.collect::<Vec<_>>(), Pooling::ALL);
        let mut names = DescriptorKind::ALL.map(DescriptorKind::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), DescriptorKind::ALL.len());
    }

    #[test]
    fn all_positions_together_are_the_inner_product() {
        let noise = |seed: usize| -> Descriptor {
            let value = |i: usize| ((i * 2_654_435_761 + seed * 7919) % 1000) as f32 / 100.0 - 7.0;
            let dense: Vec<_> = (0..DESCRIPTOR_LEN).map(|i| value(i).max(0.0)).collect();
            Descriptor::from_dense(&dense).unwrap()
        };
        let (a, b) = (noise(1), noise(2));
        for kind in DescriptorKind::ALL {
            let comparison = kind.comparison();
            let heat = comparison.heat(&a, &b);
            let dot = match kind {
                DescriptorKind::Full => a.dot(&b),
                DescriptorKind::Pooled(pooling) => a.pooled(pooling).dot(b.pooled(pooling)),
                DescriptorKind::Regions => a.regions().dot(b.regions()),
            };
            assert!((heat.iter().sum::<f64>() / dot - 1.0).abs() < 1e-6, "{kind}: {heat:?}, {dot}");
            let sum = |of, with| comparison.heat(of, with).iter().sum::<f64>();
            let cosine = sum(&a, &b) / (sum(&a, &a) * sum(&b, &b)).sqrt();
            assert!((cosine - comparison.value(&a, &b, Metric::Cosine)).abs() < 1e-6, "{kind}: {cosine}");
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
            assert_eq!(hottest(kind.comparison().heat(&a, &b)), 10, "{kind}");
            assert_eq!(hottest(kind.comparison().heat(&b, &a)), 30, "{kind}");
        }
        assert_eq!(DescriptorKind::Full.comparison().heat(&a, &b), [0.0; POSITIONS]);
    }
}
