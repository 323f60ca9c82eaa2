//! Pictures compared by their regions ([`crate::descriptor::RegionSet`]): all pairs of regions, by inner products of small
//! integers ([`products`]). They are exact, so nothing is left to be looked at again; and of most pairs the first axes tell
//! that they are not close enough ([`bound`], [`gram`]).

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
