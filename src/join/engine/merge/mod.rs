//! What blocks left, joined: per key the candidates of many blocks ([`Shortlist`]), their exact values ([`exact`],
//! [`refine`]), and the results of many parts ([`hits`]). In any order and grouping the outcome is the same, to the bit.

pub mod exact;
mod hits;
mod refine;
mod shortlist;

pub use refine::refine;
pub use shortlist::{Shortlist, most};
