//! The settings that groups depend on; and the ranges for each descriptor, measured on planted copies, bursts and
//! series (docs/quality.md).

use super::keep::KeepRules;
use crate::descriptor::Pooling;
use crate::join::DescriptorKind;

/// Settings of groups that can be changed instantly.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanSettings {
    /// The least cosine similarity.
    pub range: f64,
    pub rules: KeepRules,
    /// Whether two pictures in the same folder are never duplicates, unless they are byte-identical.
    pub across_folders: bool,
}

/// Bits of the small hash that may differ: independent evidence, unaffected by the range.
pub const HASH_LIMIT: u32 = 28;

/// This many pictures are compared in half a minute.
const MANY: usize = 30_000;

/// The initial cosine similarity.
pub fn start(descriptor: DescriptorKind) -> f64 {
    match descriptor {
        DescriptorKind::Regions => 0.6,
        DescriptorKind::Full => 0.65,
        DescriptorKind::Pooled(Pooling::Gap | Pooling::Gem) => 0.92,
        DescriptorKind::Pooled(Pooling::Mac | Pooling::Rmac) => 0.92,
    }
}

/// The lowest useful range: below this value, no pair found was a copy.
pub fn floor(descriptor: DescriptorKind) -> f64 {
    match descriptor {
        DescriptorKind::Regions => 0.3,
        DescriptorKind::Full => 0.45,
        DescriptorKind::Pooled(_) => 0.84,
    }
}

/// The value down to which pairs are searched if the range can be moved. For very many pictures that is little below
/// the initial range, because going further takes more than twice as long.
pub fn floor_of_many(descriptor: DescriptorKind, pictures: usize) -> f64 {
    let (floor, start) = (floor(descriptor), start(descriptor));
    if pictures <= MANY { floor } else { start - (start - floor) / 3.0 }
}
