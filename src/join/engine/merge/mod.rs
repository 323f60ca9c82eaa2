//! What blocks left, joined: per key the candidates of many blocks ([`Shortlist`]), their exact values ([`exact`],
//! [`nearest`], [`refine`]), and the results of many parts ([`hits`]). In any order and grouping the outcome is the same, to the bit.

pub mod exact;
mod hits;
mod nearest;
mod refine;
mod shortlist;

pub use nearest::Nearest;
pub use refine::refine;
pub use shortlist::{Shortlist, most};
