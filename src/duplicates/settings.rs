//! What groups depend on; and ranges by descriptor, measured on planted copies, bursts and series (docs/quality.md).

use super::keep::KeepRules;
use crate::descriptor::Pooling;
use crate::join::DescriptorKind;

/// What groups depend on that can be changed at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanSettings {
    /// The least cosine similarity.
    pub range: f64,
    pub rules: KeepRules,
    /// Whether two pictures in one folder are never duplicates, unless they are the same to the byte.
    pub across_folders: bool,
}

/// Bits of the small hash that may differ: a witness of its own, which doesn't follow the range.
pub const HASH_LIMIT: u32 = 28;

/// So many pictures are compared in half a minute.
const MANY: usize = 30_000;

/// The cosine similarity to begin with.
pub fn start(descriptor: DescriptorKind) -> f64 {
    match descriptor {
        DescriptorKind::Regions => 0.6,
        DescriptorKind::Full => 0.65,
        DescriptorKind::Pooled(Pooling::Gap | Pooling::Gem) => 0.92,
        DescriptorKind::Pooled(Pooling::Mac | Pooling::Rmac) => 0.92,
    }
}

/// No pair below this value is a copy for all that anybody could see: a range begins here.
pub fn floor(descriptor: DescriptorKind) -> f64 {
    match descriptor {
        DescriptorKind::Regions => 0.3,
        DescriptorKind::Full => 0.45,
        DescriptorKind::Pooled(_) => 0.84,
    }
}

/// From which value on pairs are looked for where the range is to be moved: of very many pictures not much further down than it
/// begins, for that takes more than twice as long.
pub fn floor_of_many(descriptor: DescriptorKind, pictures: usize) -> f64 {
    let (floor, start) = (floor(descriptor), start(descriptor));
    if pictures <= MANY { floor } else { start - (start - floor) / 3.0 }
}
