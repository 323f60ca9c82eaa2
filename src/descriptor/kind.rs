//! The descriptors that pictures can be compared by, all made of the network's values.

use super::pooling::Pooling;

/// Which descriptor pictures are compared by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum DescriptorKind {
    /// All 25,088 values: what is where counts.
    #[default]
    Full,
    /// 512 values of length 1, made of all positions.
    Pooled(Pooling),
    /// All regions of one picture are compared with all of the other ([`super::RegionSet`]). Called `best`, as it finds
    /// the most.
    Regions,
}

impl DescriptorKind {
    pub const ALL: [DescriptorKind; 6] = [
        DescriptorKind::Full,
        DescriptorKind::Pooled(Pooling::Gap),
        DescriptorKind::Pooled(Pooling::Gem),
        DescriptorKind::Pooled(Pooling::Mac),
        DescriptorKind::Pooled(Pooling::Rmac),
        DescriptorKind::Regions,
    ];

    /// What it is called, on the command line and on the screens.
    pub fn name(self) -> &'static str {
        match self {
            DescriptorKind::Full => "full",
            DescriptorKind::Pooled(pooling) => pooling.name(),
            DescriptorKind::Regions => "best",
        }
    }

    /// In a few words.
    pub fn meaning(self) -> &'static str {
        match self {
            DescriptorKind::Full => "what is where",
            DescriptorKind::Pooled(pooling) => pooling.meaning(),
            DescriptorKind::Regions => "regions that match, wherever they are",
        }
    }

    /// Its place in [`DescriptorKind::ALL`].
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

    #[test]
    fn every_pooling_is_listed_once() {
        let pooled = DescriptorKind::ALL.into_iter().filter_map(|kind| match kind {
            DescriptorKind::Pooled(pooling) => Some(pooling),
            DescriptorKind::Full | DescriptorKind::Regions => None,
        });
        assert_eq!(pooled.collect::<Vec<_>>(), Pooling::ALL);
        let at: Vec<_> = DescriptorKind::ALL.into_iter().map(DescriptorKind::index).collect();
        assert_eq!(at, [0, 1, 2, 3, 4, 5]);
    }
}
