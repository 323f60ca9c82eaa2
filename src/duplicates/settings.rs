//! Ranges by descriptor, measured on planted copies, bursts and series (docs/quality.md).

use crate::descriptor::Pooling;
use crate::join::DescriptorKind;

/// Bits of the small hash that may differ: a witness of its own, which doesn't follow the range.
pub const HASH_LIMIT: u32 = 28;

/// The cosine similarity to begin with.
pub fn start(descriptor: DescriptorKind) -> f64 {
    match descriptor {
        DescriptorKind::Regions => 0.6,
        DescriptorKind::Full => 0.65,
        DescriptorKind::Pooled(Pooling::Gap | Pooling::Gem) => 0.92,
        DescriptorKind::Pooled(Pooling::Mac | Pooling::Rmac) => 0.92,
    }
}

/// Pairs below this value are not looked for.
pub fn floor(descriptor: DescriptorKind) -> f64 {
    match descriptor {
        DescriptorKind::Regions => 0.3,
        DescriptorKind::Full => 0.45,
        DescriptorKind::Pooled(_) => 0.84,
    }
}
