//! Near-duplicates: which pictures are copies of others, which of them is kept, and which may go.
//!
//! Input: the pictures of one or several datasets ([`Collection`]). [`SimilarPairs`] finds pairs in two ways, by a
//! descriptor and by the small perceptual hash. [`GroupPlan`] forms groups at a range, chooses the kept picture of each
//! by [`KeepRule`]s, and decides which others may be marked ([`CopyReason`] to mark, [`Doubt`] not to). Nothing here
//! deletes or moves a picture.

mod close;
mod close_window;
mod collection;
mod evidence;
mod files_at_hand;
mod fineness;
mod group;
mod hashes;
mod integral;
mod keep;
mod looking;
mod on_page;
mod pair_sums;
mod plan;
mod report;
mod retouched;
mod seen_pairs;
mod settings;
mod shared_part;
mod similar;
#[cfg(test)]
mod tests;
mod to_marks;
mod toned;
mod turn;
mod verdicts;
mod window;

pub use collection::{CollectedPicture, Collection, CollectionSource};
pub use evidence::{AS_MANY_PIXELS, CopyReason, Doubt, RECOMPRESSED, SAME_PIXELS, judge};
pub use fineness::Fineness;
pub use group::{DuplicateGroup, GroupMember, Grouping};
pub use hashes::{HashPairing, PictureHash, hashes_of, near_hashes};
pub use keep::{KeepRule, KeepRules, time_ns};
pub use on_page::on_page;
pub use plan::GroupPlan;
pub use report::{GroupFormat, likeness, likeness_between, write};
pub use seen_pairs::{CloseLook, SeenPairs};
pub use settings::{HASH_LIMIT, PlanSettings, floor, floor_of_many, start};
pub use shared_part::SharedPart;
pub use similar::{Likeness, SimilarPairs, Witnesses};
pub use to_marks::{file, to_marks};
pub use verdicts::{JudgedPair, Verdicts, VerdictsFile};
