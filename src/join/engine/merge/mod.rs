//! Merges the output of blocks: collects the candidates of a key from many blocks ([`Shortlist`]), computes their exact
//! values ([`exact`], [`nearest`], [`mod@refine`]), and merges the results of many parts ([`hits`]). The outcome is
//! bit-identical in any order and grouping.

pub mod exact;
mod hits;
mod nearest;
mod refine;
mod shortlist;

pub use nearest::Nearest;
pub use refine::refine;
pub use shortlist::{Shortlist, most};
