//! Compares pictures by their regions ([`crate::descriptor::RegionSet`]): all pairs of regions, by inner products of
//! small integers ([`products`]). These are exact, so no second comparison is needed. For most pairs, the first axes
//! already show that they are not close enough ([`bound`], [`gram`]).

mod bound;
mod bounded;
mod gram;
mod key;
mod pairs;
mod products;
mod scales;
#[cfg(test)]
mod tests;

pub use bounded::{BoundedKeys, BoundedRow};
pub use gram::TOGETHER;
pub use key::RegionKey;
pub use pairs::Compare;
